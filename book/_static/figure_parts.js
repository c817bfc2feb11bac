// What the interactive figures are made of. Loaded before each of them.
"use strict";

globalThis.figureParts = (() => {
  // An HTML element with attributes and children.
  function element(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  // The same of SVG.
  function shape(name, attributes = {}, ...children) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  // A labelled list of options, each an object with a name.
  function choice(id, label, options, onChange) {
    const select = element("select", { id });
    for (const [key, { name }] of Object.entries(options)) select.append(element("option", { value: key }, name));
    select.addEventListener("change", () => onChange(select.value));
    return element("div", { class: "control" }, element("label", { for: id }, label), select);
  }

  return { element, shape, choice };
})();
