// Activation explorer: one activation with its slope. The reader chooses the function and moves its
// input z, by the slider or by dragging in the plot; shown are the value, the slope and the tangent
// at z, and shaded the stretches in which the slope is nearly zero.
"use strict";

(() => {
  const { element, shape } = globalThis.figureParts;

  const REACH = 6; // z goes from -REACH to REACH
  const FLAT_SLOPE = 0.05; // the chapter calls a unit saturated below this slope
  const LEAK = 0.2; // what keras.activations.leaky_relu takes unless told otherwise
  const WIDTH = 440; // of the plot, in SVG units
  const HEIGHT = 320;
  const MARGIN = { left: 42, top: 30, bottom: 40 };
  const BLUE = "#0072b2"; // value
  const ORANGE = "#d55e00"; // slope
  const DASHES = "9 5";
  const START = 1;

  // Maclaurin series of the error function (DLMF 7.6.1); |x| stays below 4.3 here, where it is
  // exact to nine decimals.
  function erf(x) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-17; n += 1) {
      term *= (-x * x) / n;
      sum += term / (2 * n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  }

  const sigmoid = (z) => 1 / (1 + Math.exp(-z)); // |z| is small here
  const normalShare = (z) => 0.5 * (1 + erf(z / Math.SQRT2)); // of the standard normal, below z
  const normalDensity = (z) => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);

  // f: value, slope: derivative. At a kink, slope follows the libraries, and atZero says so.
  // low, high: values that the plot shows.
  const FUNCTIONS = {
    identity: {
      name: "none (identity)", formula: "φ(z) = z", low: -4, high: 4, f: (z) => z, slope: () => 1,
    },
    step: {
      name: "step", formula: "φ(z) = 1 if z > 0, else 0", low: -0.5, high: 1.5, jumps: true,
      f: (z) => (z > 0 ? 1 : 0), slope: () => 0, atZero: "The step jumps at 0 and has no slope there.",
    },
    sigmoid: {
      name: "sigmoid", formula: "φ(z) = 1 / (1 + e⁻ᶻ)", low: -0.5, high: 1.5,
      f: sigmoid, slope: (z) => sigmoid(z) * (1 - sigmoid(z)),
    },
    tanh: {
      name: "tanh", formula: "φ(z) = (eᶻ − e⁻ᶻ) / (eᶻ + e⁻ᶻ)", low: -1.5, high: 1.5,
      f: Math.tanh, slope: (z) => 1 - Math.tanh(z) ** 2,
    },
    relu: {
      name: "ReLU", formula: "φ(z) = max(0, z)", low: -1, high: 4, slopeJumps: true,
      f: (z) => Math.max(0, z), slope: (z) => (z > 0 ? 1 : 0),
      atZero: "ReLU has a kink at 0, where libraries take the slope 0.",
    },
    leaky_relu: {
      name: "leaky ReLU", formula: `φ(z) = z if z > 0, else ${LEAK} z`, low: -1.5, high: 4, slopeJumps: true,
      f: (z) => (z > 0 ? z : LEAK * z), slope: (z) => (z > 0 ? 1 : LEAK),
      atZero: `Leaky ReLU has a kink at 0; ${LEAK} is the slope left of it.`,
    },
    elu: {
      name: "ELU", formula: "φ(z) = z if z > 0, else eᶻ − 1", low: -1.5, high: 4,
      f: (z) => (z > 0 ? z : Math.expm1(z)), slope: (z) => (z > 0 ? 1 : Math.exp(z)),
    },
    gelu: {
      name: "GELU", formula: "φ(z) = z F(z), F: normal distribution function", low: -1, high: 4,
      f: (z) => z * normalShare(z), slope: (z) => normalShare(z) + z * normalDensity(z),
    },
    silu: {
      name: "SiLU (swish)", formula: "φ(z) = z σ(z)", low: -1, high: 4,
      f: (z) => z * sigmoid(z), slope: (z) => sigmoid(z) * (1 + z * (1 - sigmoid(z))),
    },
  };

  // --- drawing -----------------------------------------------------------------------------------
  const toX = (z) => ((z + REACH) / (2 * REACH)) * WIDTH;
  const toZ = (x) => (x / WIDTH) * 2 * REACH - REACH;
  const toY = ({ low, high }, value) => ((high - value) / (high - low)) * HEIGHT;
  const SAMPLES = Array.from({ length: 481 }, (_, index) => -REACH + index / 40);

  const number = (value, decimals) => {
    const text = value.toFixed(decimals);
    return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
  };

  function axes(chosen) {
    const group = shape("g", { class: "axes" });
    const faint = { "stroke-opacity": 0.2 };
    for (let z = -REACH; z <= REACH; z += 2) {
      group.append(
        shape("path", { d: `M${toX(z)} 0 v${HEIGHT}`, ...(z === 0 ? {} : faint) }),
        shape("text", { x: toX(z), y: HEIGHT + 19, "text-anchor": "middle" }, number(z, 0)),
      );
    }
    const spacing = chosen.high - chosen.low > 4 ? 2 : chosen.high - chosen.low > 3.5 ? 1 : 0.5;
    for (let value = Math.ceil(chosen.low / spacing) * spacing; value <= chosen.high; value += spacing) {
      const y = toY(chosen, value);
      group.append(
        shape("path", { d: `M0 ${y} h${WIDTH}`, ...(value === 0 ? {} : faint) }),
        shape("text", { x: -6, y: y + 5, "text-anchor": "end" }, number(value, spacing < 1 ? 1 : 0)),
      );
    }
    group.append(shape("text", { x: WIDTH / 2, y: HEIGHT + 37, "text-anchor": "middle" }, "input z"));
    return group;
  }

  function curve(chosen, g, broken, attributes) {
    const points = SAMPLES.map((z, index) => {
      const starts = index === 0 || (broken && g(z) !== g(SAMPLES[index - 1]));
      return `${starts ? "M" : "L"}${toX(z).toFixed(1)} ${toY(chosen, g(z)).toFixed(1)}`;
    });
    return shape("path", { d: points.join(" "), fill: "none", ...attributes });
  }

  function flatStretches(chosen) {
    const flat = SAMPLES.map((z) => Math.abs(chosen.slope(z)) < FLAT_SLOPE);
    const rectangles = [];
    for (let start = 0; start < SAMPLES.length; start += 1) {
      if (!flat[start]) continue;
      let end = start;
      while (flat[end + 1]) end += 1;
      const [left, right] = [toX(SAMPLES[start]), toX(SAMPLES[end])];
      rectangles.push(shape("rect", { x: left, width: right - left, height: HEIGHT, fill: "currentColor", "fill-opacity": 0.1 }));
      start = end;
    }
    return rectangles;
  }

  function pointer(chosen, z) {
    const [value, slope] = [chosen.f(z), chosen.slope(z)];
    const at = (where) => `${toX(where)} ${toY(chosen, value + slope * (where - z))}`;
    const group = shape("g", {}, shape("path", { d: `M${toX(z)} 0 v${HEIGHT}`, stroke: "currentColor", "stroke-dasharray": "2 4" }));
    if (!(chosen.jumps && z === 0)) {
      group.append(shape("path", { d: `M${at(z - 2)} L${at(z + 2)}`, stroke: "currentColor", "stroke-width": 1.5 }));
    }
    const disc = { cx: toX(z), r: 6.5, stroke: "#fff", "stroke-width": 1.5 };
    group.append(
      shape("circle", { ...disc, cy: toY(chosen, slope), fill: ORANGE }),
      shape("circle", { ...disc, cy: toY(chosen, value), fill: BLUE }),
    );
    return group;
  }

  function legend() {
    const entries = [
      ["value", { stroke: BLUE, "stroke-width": 3 }],
      ["slope", { stroke: ORANGE, "stroke-width": 3, "stroke-dasharray": DASHES }],
      ["tangent", { stroke: "currentColor", "stroke-width": 1.5 }],
      [`|slope| < ${FLAT_SLOPE}`, { stroke: "currentColor", "stroke-width": 16, "stroke-opacity": 0.15 }],
    ];
    const group = shape("g", { class: "axes" });
    entries.forEach(([name, line], index) => {
      const [x, y] = [index * 100, -15];
      const swatch = shape("line", { x1: x, x2: x + 24, y1: y, y2: y, ...line });
      group.append(swatch, shape("text", { x: x + 29, y: y + 5 }, name));
    });
    return group;
  }

  // --- controls ----------------------------------------------------------------------------------
  function describe(chosen, z) {
    const slope = chosen.slope(z);
    const text = `z = ${number(z, 1)}: value ${number(chosen.f(z), 4)}, slope ${number(slope, 4)}.`;
    if (z === 0 && chosen.atZero) return `${text} ${chosen.atZero}`;
    return Math.abs(slope) < FLAT_SLOPE ? `${text} Flat: a small change of z does almost nothing.` : text;
  }

  function explore(stage, serial) {
    const id = (name) => `activation-${serial}-${name}`;
    const select = element("select", { id: id("function") });
    for (const [key, { name }] of Object.entries(FUNCTIONS)) select.append(element("option", { value: key }, name));
    select.value = "sigmoid";
    const range = element("input", { type: "range", id: id("z"), min: -REACH, max: REACH, step: 0.1, value: START });
    const shown = element("output", { for: id("z") });
    const formula = element("p", { class: "formula" });
    const reading = element("p", { class: "formula", style: "min-height: 4.5em" });
    const hint = element("p", { class: "legend" }, "Move z with the slider, or drag in the plot.");
    const clip = shape("clipPath", { id: id("clip") }, shape("rect", { width: WIDTH, height: HEIGHT }));
    const inside = shape("g", { "clip-path": `url(#${id("clip")})` });
    const scale = shape("g");
    const picture = shape("svg", {
      viewBox: `${-MARGIN.left} ${-MARGIN.top} ${WIDTH + MARGIN.left + 10} ${HEIGHT + MARGIN.top + MARGIN.bottom}`,
      role: "img",
      style: "touch-action: pan-y; cursor: ew-resize",
    }, shape("defs", {}, clip), scale, inside, legend());

    function draw() {
      const chosen = FUNCTIONS[select.value];
      const z = Number(range.value);
      scale.replaceChildren(axes(chosen));
      inside.replaceChildren(
        ...flatStretches(chosen),
        curve(chosen, chosen.slope, chosen.slopeJumps, { stroke: ORANGE, "stroke-width": 3, "stroke-dasharray": DASHES }),
        curve(chosen, chosen.f, chosen.jumps, { stroke: BLUE, "stroke-width": 3.5 }),
        pointer(chosen, z),
      );
      picture.setAttribute("aria-label", `${chosen.name} and its slope for z from −6 to 6, with the tangent at z = ${number(z, 1)}`);
      range.setAttribute("aria-valuetext", describe(chosen, z));
      shown.textContent = number(z, 1);
      formula.textContent = chosen.formula;
      reading.textContent = describe(chosen, z);
    }

    function drag(event) {
      if (event.type === "pointerdown") picture.setPointerCapture(event.pointerId);
      if (!picture.hasPointerCapture(event.pointerId)) return;
      const place = new DOMPoint(event.clientX, event.clientY).matrixTransform(picture.getScreenCTM().inverse());
      range.value = toZ(place.x); // the input itself keeps to its limits and steps
      draw();
    }
    picture.addEventListener("pointerdown", drag);
    picture.addEventListener("pointermove", drag);
    select.addEventListener("change", draw);
    range.addEventListener("input", draw);

    const choose = element("div", { class: "control" }, element("label", { for: id("function") }, "function"), select);
    const move = element("div", { class: "control" }, element("label", { for: id("z") }, "input z"), range, shown);
    const controls = element("div", { class: "controls" }, choose, move, formula, reading, hint);
    stage.replaceChildren(element("div", { class: "explorer" }, element("div", { class: "plot" }, picture), controls));
    draw();
  }

  document.querySelectorAll('[data-interactive="activation"]').forEach(explore);
  window.activationFunctions = FUNCTIONS; // the browser test compares them with Keras
})();
