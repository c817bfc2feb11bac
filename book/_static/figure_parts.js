// What the interactive figures are made of. Loaded before each of them.
"use strict";

globalThis.figureParts = (() => {
  // Makes elements with attributes and children.
  const maker = (create) => (name, attributes = {}, ...children) => {
    const made = create(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };
  const element = maker((name) => document.createElement(name));
  const shape = maker((name) => document.createElementNS("http://www.w3.org/2000/svg", name));

  // A labelled list of options, each an object with a name.
  function choice(id, label, options, onChange) {
    const select = element("select", { id });
    for (const [key, { name }] of Object.entries(options)) select.append(element("option", { value: key }, name));
    select.addEventListener("change", () => onChange(select.value));
    return element("div", { class: "control" }, element("label", { for: id }, label), select);
  }

  return { element, shape, choice };
})();
