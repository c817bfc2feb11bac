// Neuron explorer: one neuron with two inputs on a data set of two classes. The reader sets the
// weights, the bias and the activation, or applies the perceptron rule point by point; the shading
// shows the output, the line where z = 0, and the arrow the weight vector.
"use strict";

(() => {
  const { element, shape, choice, randomNumbers } = globalThis.figureParts;

  const LIMIT = 3; // the plot shows both inputs from -LIMIT to LIMIT
  const SIDE = 420; // of the plot, in SVG units
  const MARGIN = 34;
  const BLUE = "#0072b2"; // class 1 and high output
  const ORANGE = "#d55e00"; // class 0 and low output
  const LEARNING_RATE = 0.5;
  const START = { w1: 1.2, w2: -1.6, b: 1.0 };

  // shade: output to the interval from 0 (orange) to 1 (blue)
  const ACTIVATIONS = {
    step: { name: "step", f: (z) => (z > 0 ? 1 : 0), shade: (a) => a, range: "0 to 1" },
    sigmoid: { name: "sigmoid", f: (z) => 1 / (1 + Math.exp(-z)), shade: (a) => a, range: "0 to 1" },
    tanh: { name: "tanh", f: Math.tanh, shade: (a) => (a + 1) / 2, range: "−1 to 1" },
    relu: { name: "ReLU", f: (z) => Math.max(0, z), shade: (a) => Math.min(a / 3, 1), range: "0 to 3 and above" },
  };

  const GROUPS = {
    apart: { name: "two groups apart", spread: 0.5, centres: [[1.1, 1.0, 1], [-1.1, -0.9, 0]] },
    overlap: { name: "two groups that overlap", spread: 1.0, centres: [[0.8, 0.7, 1], [-0.8, -0.7, 0]] },
    xor: {
      name: "XOR: equal signs against unequal signs",
      spread: 0.35,
      centres: [[1.3, 1.3, 0], [-1.3, -1.3, 0], [1.3, -1.3, 1], [-1.3, 1.3, 1]],
    },
  };

  function sample({ centres, spread }, count = 40) {
    const random = randomNumbers(7);
    const clamp = (value) => Math.max(-LIMIT + 0.15, Math.min(LIMIT - 0.15, value));
    return Array.from({ length: count }, (_, index) => {
      const [cx, cy, label] = centres[index % centres.length];
      const radius = spread * Math.sqrt(-2 * Math.log(1 - random()));
      const angle = 2 * Math.PI * random();
      return { x1: clamp(cx + radius * Math.cos(angle)), x2: clamp(cy + radius * Math.sin(angle)), label };
    });
  }

  const preActivation = ({ w1, w2, b }, { x1, x2 }) => w1 * x1 + w2 * x2 + b;
  const isRight = (neuron, point) => (preActivation(neuron, point) > 0 ? 1 : 0) === point.label;

  function perceptronUpdate(neuron, point) {
    const step = LEARNING_RATE * (point.label === 1 ? 1 : -1);
    return { w1: neuron.w1 + step * point.x1, w2: neuron.w2 + step * point.x2, b: neuron.b + step };
  }

  // --- drawing -----------------------------------------------------------------------------------
  const toX = (x1) => ((x1 + LIMIT) / (2 * LIMIT)) * SIDE;
  const toY = (x2) => ((LIMIT - x2) / (2 * LIMIT)) * SIDE;

  function marker(point) {
    const [x, y] = [toX(point.x1), toY(point.x2)];
    if (point.label === 1) return shape("circle", { cx: x, cy: y, r: 6, class: "class-1" });
    return shape("path", { d: `M${x} ${y - 7} l7 12 h-14 z`, class: "class-0" });
  }

  function axes() {
    const group = shape("g", { class: "axes" });
    group.append(shape("rect", { width: SIDE, height: SIDE }));
    for (const tick of [-2, -1, 0, 1, 2]) {
      const text = String(tick).replace("-", "−");
      group.append(
        shape("path", { d: `M${toX(tick)} ${SIDE} v5 M0 ${toY(tick)} h-5` }),
        shape("text", { x: toX(tick), y: SIDE + 19, "text-anchor": "middle" }, text),
        shape("text", { x: -9, y: toY(tick) + 5, "text-anchor": "end" }, text),
      );
    }
    group.append(
      shape("text", { x: SIDE - 4, y: SIDE + 19, "text-anchor": "end" }, "x₁"),
      shape("text", { x: -9, y: 14, "text-anchor": "end" }, "x₂"),
    );
    return group;
  }

  function gradientStops(gradient, neuron, activation) {
    const norm = Math.hypot(neuron.w1, neuron.w2);
    const reach = LIMIT * Math.SQRT2;
    const [u, v] = norm > 0 ? [neuron.w1 / norm, neuron.w2 / norm] : [1, 0];
    const ends = { x1: toX(-reach * u), y1: toY(-reach * v), x2: toX(reach * u), y2: toY(reach * v) };
    for (const [key, value] of Object.entries(ends)) gradient.setAttribute(key, value);
    const offsets = Array.from({ length: 81 }, (_, index) => index / 80);
    const boundary = (-neuron.b / (norm || Infinity) + reach) / (2 * reach);
    if (boundary > 0 && boundary < 1) offsets.push(boundary - 1e-6, boundary + 1e-6);
    const stops = offsets.sort((a, b) => a - b).map((offset) => {
      const z = norm * (2 * offset - 1) * reach + neuron.b;
      const level = activation.shade(activation.f(z));
      const colour = level >= 0.5 || activation.name === "ReLU" ? BLUE : ORANGE;
      const strength = activation.name === "ReLU" ? level : Math.abs(2 * level - 1);
      return shape("stop", { offset, "stop-color": colour, "stop-opacity": 0.45 * strength });
    });
    gradient.replaceChildren(...stops);
  }

  function boundaryAndArrow(line, arrow, neuron) {
    const squared = neuron.w1 ** 2 + neuron.w2 ** 2;
    line.style.display = arrow.style.display = squared > 0 ? "" : "none";
    if (squared === 0) return;
    const [fx, fy] = [(-neuron.b * neuron.w1) / squared, (-neuron.b * neuron.w2) / squared];
    const far = 20 / Math.sqrt(squared);
    const ends = [1, -1].map((sign) => [fx - sign * far * neuron.w2, fy + sign * far * neuron.w1]);
    line.setAttribute("d", `M${toX(ends[0][0])} ${toY(ends[0][1])} L${toX(ends[1][0])} ${toY(ends[1][1])}`);
    const [tx, ty] = [fx + neuron.w1 / 2, fy + neuron.w2 / 2];
    arrow.setAttribute("d", `M${toX(fx)} ${toY(fy)} L${toX(tx)} ${toY(ty)}`);
  }

  // --- controls ----------------------------------------------------------------------------------
  const number = (value) => value.toFixed(2).replace("-", "−");

  function slider(id, label, onInput) {
    const input = element("input", { type: "range", id, min: -4, max: 4, step: 0.05 });
    // Not an <output>: screen readers would read the value twice, from the slider and from here.
    const output = element("span", { class: "value", "aria-hidden": "true" });
    input.addEventListener("input", () => onInput(Number(input.value)));
    const row = element("div", { class: "control" }, element("label", { for: id }, label), input, output);
    const show = (value) => {
      input.value = value;
      input.setAttribute("aria-valuetext", number(value));
      output.textContent = number(value);
    };
    return { row, show };
  }

  function explore(stage, serial) {
    const id = (name) => `neuron-${serial}-${name}`;
    let neuron = { ...START };
    let activation = ACTIVATIONS.step;
    let points = sample(GROUPS.apart);
    let next = 0; // where the perceptron rule goes on looking for a mistake
    let updates = 0;
    let corrected = null;
    let note = "";

    const gradient = shape("linearGradient", { id: id("shade"), gradientUnits: "userSpaceOnUse" });
    const clip = shape("clipPath", { id: id("clip") }, shape("rect", { width: SIDE, height: SIDE }));
    const tip = shape("marker", { id: id("tip"), viewBox: "0 0 10 10", refX: 8, refY: 5, markerWidth: 7, markerHeight: 7, orient: "auto" },
      shape("path", { d: "M0 0 L10 5 L0 10 z", class: "tip" }));
    const shading = shape("rect", { width: SIDE, height: SIDE, fill: `url(#${id("shade")})` });
    const line = shape("path", { class: "boundary" });
    const arrow = shape("path", { class: "weights", "marker-end": `url(#${id("tip")})` });
    const inside = shape("g", { "clip-path": `url(#${id("clip")})` }, shading, line, arrow);
    const marks = shape("g");
    const picture = shape("svg", {
      viewBox: `${-MARGIN} -6 ${SIDE + MARGIN + 8} ${SIDE + MARGIN + 4}`,
      role: "img",
      "aria-label": "Forty points of two classes, circles (class 1) and triangles (class 0); the shading is the neuron's output, the line is where z is 0, the arrow is the weight vector.",
    }, shape("defs", {}, gradient, clip, tip), inside, axes(), marks);
    const formula = element("p", { class: "formula" });
    const legend = element("p", { class: "legend" });
    const status = element("p", { role: "status" });

    function draw() {
      gradientStops(gradient, neuron, activation);
      boundaryAndArrow(line, arrow, neuron);
      marks.replaceChildren(...points.map((point) => {
        const mark = marker(point);
        if (!isRight(neuron, point)) mark.classList.add("wrong");
        return mark;
      }));
      if (corrected) marks.append(shape("circle", { cx: toX(corrected.x1), cy: toY(corrected.x2), r: 13, class: "corrected" }));
      for (const key of ["w1", "w2", "b"]) sliders[key].show(neuron[key]);
      const signed = (value) => (value < 0 ? `− ${number(-value)}` : `+ ${number(value)}`);
      formula.textContent = `z = ${number(neuron.w1)} x₁ ${signed(neuron.w2)} x₂ ${signed(neuron.b)},  output = ${activation.name}(z)`;
      legend.textContent = `Shading: output ${activation.range}, ${activation.name === "ReLU" ? "none" : "orange"} to blue. Outlined: on the wrong side.`;
      const right = points.filter((point) => isRight(neuron, point)).length;
      const percent = Math.round((100 * right) / points.length);
      status.textContent = `${note}${right} of ${points.length} points on the right side: accuracy ${percent} %.`;
    }

    function set(change) {
      neuron = { ...neuron, ...change };
      corrected = null;
      note = "";
      draw();
    }

    function learn() {
      const order = points.map((_, index) => (next + index) % points.length);
      const found = order.find((index) => !isRight(neuron, points[index]));
      if (found === undefined) {
        corrected = null;
        note = `No mistake is left after ${updates} ${updates === 1 ? "update" : "updates"}: the rule changes nothing. `;
      } else {
        corrected = points[found];
        next = (found + 1) % points.length;
        updates += 1;
        neuron = perceptronUpdate(neuron, corrected);
        note = `Update ${updates}, for the point (${number(corrected.x1)}, ${number(corrected.x2)}) of class ${corrected.label}. `;
      }
      draw();
    }

    function restart(change = {}) {
      next = updates = 0;
      set({ ...START, ...change });
    }

    const sliders = {
      w1: slider(id("w1"), "weight w₁", (w1) => set({ w1 })),
      w2: slider(id("w2"), "weight w₂", (w2) => set({ w2 })),
      b: slider(id("b"), "bias b", (b) => set({ b })),
    };
    const chooseData = choice(id("data"), "data", GROUPS, (key) => {
      points = sample(GROUPS[key]);
      restart();
    });
    const chooseActivation = choice(id("activation"), "activation", ACTIVATIONS, (key) => {
      activation = ACTIVATIONS[key];
      set({});
    });
    const learnButton = element("button", { type: "button" }, "One perceptron update");
    const resetButton = element("button", { type: "button" }, "Start again");
    learnButton.addEventListener("click", learn);
    resetButton.addEventListener("click", () => restart());
    const controls = element("div", { class: "controls" },
      chooseData, sliders.w1.row, sliders.w2.row, sliders.b.row, chooseActivation,
      element("div", { class: "buttons" }, learnButton, resetButton), formula, status, legend);
    stage.replaceChildren(element("div", { class: "explorer" }, element("div", { class: "plot" }, picture), controls));
    draw();
  }

  document.querySelectorAll('[data-interactive="neuron"]').forEach(explore);
})();
