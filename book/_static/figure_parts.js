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

  function softmax(logits, temperature = 1) {
    const greatest = Math.max(...logits);
    const powers = logits.map((logit) => Math.exp((logit - greatest) / temperature));
    const total = powers.reduce((sum, power) => sum + power, 0);
    return powers.map((power) => power / total);
  }

  // Places of some numbers, the greatest first; of equal ones the first.
  function ranked(values) {
    return values.map((_, place) => place).sort((a, b) => values[b] - values[a] || a - b);
  }

  // What sampling leaves of a distribution: temperature first, then the k most probable, then of
  // these, summing to 1 again, the smallest number whose sum reaches p.
  function reshaped(logits, { temperature, k, p }) {
    const probabilities = softmax(logits, temperature);
    const candidates = ranked(probabilities).slice(0, k);
    const mass = candidates.reduce((sum, place) => sum + probabilities[place], 0);
    const kept = [];
    let sum = 0;
    for (const place of candidates) {
      if (p < 1 && sum >= p * mass - 1e-12) break;
      kept.push(place);
      sum += probabilities[place];
    }
    const result = logits.map(() => 0);
    for (const place of kept) result[place] = probabilities[place] / sum;
    return result;
  }

  return { element, shape, choice, softmax, ranked, reshaped };
})();
