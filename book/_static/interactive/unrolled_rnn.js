// Unrolled recurrent network (week 5): one unit over some steps, h_t = phi(x_t + u h_(t-1)), with
// x_1 = 1 and no input after that. Below each step stands the gradient of the last state with
// respect to the state of that step, as a bar on a logarithmic scale. The reader moves the weight.
"use strict";

(() => {
  const { element, shape, choice, slider } = globalThis.figureParts;

  const WIDTH = 640; // of the picture, in SVG units
  const BOX_TOP = 34;
  const BOX = 30; // height of a box
  const AXIS = 214; // height of the line of gradient 1
  const DECADE = 30; // height of a factor of ten
  const DECADES = 4; // shown above and below 1

  const ACTIVATIONS = {
    linear: { name: "none", phi: (z) => z, slope: () => 1 },
    tanh: { name: "tanh", phi: Math.tanh, slope: (h) => 1 - h * h },
    relu: { name: "ReLU", phi: (z) => Math.max(0, z), slope: (h) => (h > 0 ? 1 : 0) },
  };

  // --- the network -------------------------------------------------------------------------------
  function states(u, steps, { phi }) {
    const found = [];
    for (let t = 0; t < steps; t += 1) found.push(phi((t === 0 ? 1 : 0) + u * (t ? found[t - 1] : 0)));
    return found;
  }

  // Of the last state with respect to each: from the end, a factor u phi' for each step back.
  function gradients(u, h, { slope }) {
    const found = h.map(() => 1);
    for (let t = h.length - 1; t > 0; t -= 1) found[t - 1] = found[t] * slope(h[t]) * u;
    return found;
  }

  // --- drawing -----------------------------------------------------------------------------------
  function number(value) {
    const size = Math.abs(value);
    if (size === 0) return "0";
    const text = size >= 1e4 || size < 1e-3 ? value.toExponential(1) : String(Number(value.toPrecision(2)));
    return text.replaceAll("-", "−").replace("e+", "e");
  }

  function bar(x, width, gradient) {
    const decades = gradient === 0 ? -DECADES : Math.log10(Math.abs(gradient));
    const height = DECADE * Math.max(-DECADES, Math.min(DECADES, decades));
    return shape("rect", {
      x: x - width / 2, y: Math.min(AXIS, AXIS - height), width, height: Math.max(Math.abs(height), 1.5),
      class: gradient < 0 ? "bar negative" : "bar",
    });
  }

  function scale() {
    const group = shape("g", { class: "scale" });
    for (const [power, label] of [[-4, "0.0001"], [-2, "0.01"], [0, "1"], [2, "100"], [4, "10000"]]) {
      const y = AXIS - DECADE * power;
      group.append(
        shape("path", { d: `M58 ${y}H${WIDTH}`, class: power === 0 ? "one" : "" }),
        shape("text", { x: 54, y: y + 4, "text-anchor": "end" }, label),
      );
    }
    return group;
  }

  function chain(h, found) {
    const group = shape("g");
    const apart = (WIDTH - 62) / h.length;
    const width = Math.min(34, 0.62 * apart);
    h.forEach((state, index) => {
      const x = 60 + apart * (index + 0.5);
      if (index) group.append(shape("path", { d: `M${x - apart + width / 2} ${BOX_TOP + BOX / 2}H${x - width / 2 - 5}`, class: "arrow" }),
        shape("path", { d: `M${x - width / 2} ${BOX_TOP + BOX / 2}l-6 -4v8z`, class: "tip" }));
      group.append(
        shape("rect", { x: x - width / 2, y: BOX_TOP, width, height: BOX, class: "unit", "fill-opacity": Math.min(0.7, Math.abs(state)) }),
        shape("text", { x, y: BOX_TOP - 8, "text-anchor": "middle" }, String(index + 1)),
        bar(x, width, found[index]),
      );
    });
    group.append(shape("text", { x: 54, y: BOX_TOP - 8, "text-anchor": "end" }, "step"),
      shape("text", { x: 54, y: BOX_TOP + 20, "text-anchor": "end" }, "state"));
    return group;
  }

  // --- controls ----------------------------------------------------------------------------------
  function explore(stage, serial) {
    const id = (name) => `unrolled-${serial}-${name}`;
    let weight = 0.9;
    let steps = 13;
    let activation = ACTIVATIONS.linear;

    const picture = shape("svg", {
      viewBox: `0 0 ${WIDTH} ${AXIS + DECADES * DECADE + 10}`, role: "img",
      "aria-label": "A chain of boxes, one for each step, and below each a bar: the gradient of the last state with respect to the state of that step, upward if above 1, downward if below, on a logarithmic scale. The text beside it says the states and the gradient of the first step.",
    });
    const status = element("p", { role: "status" });
    const factor = element("p", { class: "legend" });

    const signed = (value) => String(value).replace("-", "−");

    function draw() {
      const h = states(weight, steps, activation);
      const found = gradients(weight, h, activation);
      picture.replaceChildren(scale(), chain(h, found));
      const back = steps - 1;
      const size = Math.abs(found[0]);
      const fate = size < 1e-2 ? " Vanished." : size > 1e2 ? " Exploded." : "";
      status.textContent = `First state ${number(h[0])}, last state ${number(h[back])}. The gradient ${back} steps back is ${number(found[0])}.${fate}`;
      factor.textContent = size === 0
        ? "A factor of 0 stops the gradient."
        : `On average each step back multiplies it by ${number(size ** (1 / back))} in size; without an activation that is |u|. Orange: negative.`;
    }

    const controls = element("div", { class: "controls" },
      slider(id("weight"), "weight u", { min: -1.5, max: 1.5, step: 0.05, value: weight }, signed, (value) => {
        weight = value;
        draw();
      }),
      slider(id("steps"), "steps", { min: 3, max: 21, step: 1, value: steps }, String, (value) => {
        steps = value;
        draw();
      }),
      choice(id("activation"), "activation", ACTIVATIONS, (key) => {
        activation = ACTIVATIONS[key];
        draw();
      }), status, factor);
    stage.replaceChildren(element("div", { class: "explorer unrolled" }, element("div", { class: "plot" }, picture), controls));
    draw();
  }

  document.querySelectorAll('[data-interactive="unrolled_rnn"]').forEach(explore);
})();
