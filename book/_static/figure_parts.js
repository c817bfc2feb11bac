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

  function button(text, onClick) {
    const made = element("button", { type: "button" }, text);
    made.addEventListener("click", onClick);
    return made;
  }

  // A label, a range input and what stands beside it.
  function sliderRow(label, input) {
    // Not an <output>: screen readers would read the value twice, from the slider and from here.
    const output = element("span", { class: "value", "aria-hidden": "true" });
    const row = element("div", { class: "control" }, element("label", { for: input.id }, label), input, output);
    return { row, output };
  }

  // A labelled slider that shows its value as a text. The range has min, max, step and value.
  function slider(id, label, range, text, onInput) {
    const input = element("input", { type: "range", id, ...range });
    const { row, output } = sliderRow(label, input);
    const show = () => {
      output.textContent = text(Number(input.value));
      input.setAttribute("aria-valuetext", output.textContent);
    };
    input.addEventListener("input", () => {
      show();
      onInput(Number(input.value));
    });
    show();
    return row;
  }

  // A slider over the frames of a recording, and a button that plays them. `draw` shows the frame of
  // an index and returns its name, short and as a screen reader says it. `load` begins a recording of
  // so many frames, so many milliseconds apart; `show` draws the frame again.
  function player(id, label, draw) {
    const input = element("input", { type: "range", id, min: 0, step: 1 });
    const { row, output } = sliderRow(label, input);
    let pause;
    let timer = null;

    function show() {
      const [short, spoken] = draw(Number(input.value));
      output.textContent = short;
      input.setAttribute("aria-valuetext", spoken);
    }

    function stop() {
      clearInterval(timer);
      timer = null;
      play.textContent = "Play";
    }

    function advance() {
      if (input.value === input.max) return stop();
      input.value = Number(input.value) + 1;
      return show();
    }

    const play = button("Play", () => {
      if (timer !== null) return stop();
      if (input.value === input.max) input.value = 0;
      play.textContent = "Stop";
      timer = setInterval(advance, pause);
      return show();
    });
    input.addEventListener("input", () => {
      stop();
      show();
    });

    function load(frames, milliseconds) {
      stop();
      pause = milliseconds;
      input.max = frames - 1;
      input.value = 0;
      show();
    }

    return { row, play, load, show };
  }

  // Numbers from 0 to 1, the same for the same seed (mulberry32).
  function randomNumbers(seed) {
    let state = seed >>> 0;
    return () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let bits = Math.imul(state ^ (state >>> 15), state | 1);
      bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
      return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
    };
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

  return { element, shape, choice, button, slider, player, randomNumbers, softmax, ranked, reshaped };
})();
