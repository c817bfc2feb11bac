/* Activation explorer: pick an activation, move its input z, read value, slope and tangent.
 *
 * Every <div class="activation-explorer"></div> on a page becomes one figure. Optional attributes:
 *   data-function="tanh"   the function shown first (a key of FUNCTIONS)
 *   data-z="1.5"           the input shown first, between -6 and 6
 * No library and no kernel. Colours follow the page's data-theme; the range input is the keyboard's
 * way in, dragging in the plot the pointer's.
 */
(function () {
  "use strict";

  const Z_MIN = -6;
  const Z_MAX = 6;
  const FLAT_SLOPE = 0.05; // the chapter's threshold for "saturated"
  const LEAK = 0.2; // negative slope: keras.activations.leaky_relu's default
  const SVG_NS = "http://www.w3.org/2000/svg";

  // Abramowitz and Stegun 7.1.5, the Maclaurin series: exact to rounding for the |x| < 4.3 used here.
  function erf(x) {
    let term = x;
    let sum = x;
    for (let n = 1; n < 200 && Math.abs(term) > 1e-17; n += 1) {
      term *= (-x * x) / n;
      sum += term / (2 * n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  }

  const sigmoid = (z) => {
    const e = Math.exp(-Math.abs(z));
    return (z >= 0 ? 1 : e) / (1 + e);
  };
  const normalCdf = (z) => 0.5 * (1 + erf(z / Math.SQRT2));
  const normalPdf = (z) => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);

  // f: value. slope: derivative, with the libraries' convention at a kink. kink: where none exists.
  const FUNCTIONS = {
    identity: {
      label: "identity (no activation)",
      formula: "f(z) = z",
      f: (z) => z,
      slope: () => 1,
    },
    step: {
      label: "step",
      formula: "f(z) = 1 if z > 0, else 0",
      f: (z) => (z > 0 ? 1 : 0),
      slope: () => 0,
      kink: "The step jumps at 0 and has no slope there.",
      jump: true,
    },
    sigmoid: {
      label: "sigmoid",
      formula: "σ(z) = 1 / (1 + e⁻ᶻ)",
      f: sigmoid,
      slope: (z) => sigmoid(z) * (1 - sigmoid(z)),
    },
    tanh: {
      label: "tanh",
      formula: "tanh(z) = 2σ(2z) − 1",
      f: Math.tanh,
      slope: (z) => 1 - Math.tanh(z) ** 2,
    },
    relu: {
      label: "ReLU",
      formula: "f(z) = max(0, z)",
      f: (z) => Math.max(0, z),
      slope: (z) => (z > 0 ? 1 : 0),
      kink: "ReLU has a kink at 0; libraries use the slope 0 there.",
    },
    leaky_relu: {
      label: "leaky ReLU",
      formula: `f(z) = z if z > 0, else ${LEAK} z`,
      f: (z) => (z > 0 ? z : LEAK * z),
      slope: (z) => (z > 0 ? 1 : LEAK),
      kink: `Leaky ReLU has a kink at 0; shown is the slope ${LEAK} of its left branch.`,
    },
    elu: {
      label: "ELU",
      formula: "f(z) = z if z > 0, else eᶻ − 1",
      f: (z) => (z > 0 ? z : Math.expm1(z)),
      slope: (z) => (z > 0 ? 1 : Math.exp(z)),
    },
    gelu: {
      label: "GELU",
      formula: "f(z) = z Φ(z), Φ the normal distribution function",
      f: (z) => z * normalCdf(z),
      slope: (z) => normalCdf(z) + z * normalPdf(z),
    },
    silu: {
      label: "SiLU (swish)",
      formula: "f(z) = z σ(z)",
      f: (z) => z * sigmoid(z),
      slope: (z) => sigmoid(z) * (1 + z * (1 - sigmoid(z))),
    },
  };

  const STYLE = `
.activation-explorer { --ae-f: #0072b2; --ae-slope: #a84300; --ae-ink: #222832; --ae-grid: #c9ced6;
  --ae-flat: rgba(0, 0, 0, 0.08); --ae-paper: #ffffff; color: var(--ae-ink); background: var(--ae-paper);
  border: 1px solid var(--ae-grid); border-radius: 0.375rem; padding: 0.75rem; margin: 1rem 0; }
html[data-theme="dark"] .activation-explorer { --ae-f: #56b4e9; --ae-slope: #f0a33a; --ae-ink: #e6e8eb;
  --ae-grid: #4a5058; --ae-flat: rgba(255, 255, 255, 0.1); --ae-paper: #14181e; }
.activation-explorer .ae-controls { display: flex; flex-wrap: wrap; gap: 0.5rem 1.25rem; align-items: center; }
.activation-explorer label { display: flex; gap: 0.5rem; align-items: center; margin: 0; }
.activation-explorer .ae-input { flex: 1 1 14rem; }
.activation-explorer input { flex: 1 1 auto; min-width: 6rem; height: 1.75rem; accent-color: var(--ae-f); }
.activation-explorer select { color: var(--ae-ink); background: var(--ae-paper); font: inherit;
  border: 1px solid var(--ae-ink); border-radius: 0.25rem; padding: 0.2rem 0.4rem; }
.activation-explorer :is(select, input):focus-visible { outline: 3px solid var(--ae-f); outline-offset: 2px; }
.activation-explorer svg { display: block; width: 100%; touch-action: pan-y; cursor: ew-resize; }
.activation-explorer text { fill: var(--ae-ink); font-size: 13px; }
.activation-explorer .ae-formula, .activation-explorer output { display: block; margin: 0.5rem 0 0; }
.activation-explorer output { min-height: 3em; font-variant-numeric: tabular-nums; }
`;

  function svgElement(parent, tag, attributes, text) {
    const element = document.createElementNS(SVG_NS, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    if (text !== undefined) element.textContent = text;
    parent.appendChild(element);
    return element;
  }

  function element(parent, tag, properties) {
    const made = Object.assign(document.createElement(tag), properties);
    parent.appendChild(made);
    return made;
  }

  // Scales from (z, value) to pixels, remade whenever the figure changes its width.
  function makeFrame(width, fn) {
    const height = Math.round(Math.min(380, Math.max(260, 0.55 * width)));
    const margin = { left: 34, right: 10, top: 26, bottom: 34 };
    const unbounded = fn.f(Z_MAX) > 2;
    const low = unbounded ? Math.min(-1.5, Math.max(-6, fn.f(Z_MIN))) : -1.25;
    const high = unbounded ? 6 : 1.5;
    return {
      width,
      height,
      margin,
      low,
      high,
      x: (z) => margin.left + ((z - Z_MIN) / (Z_MAX - Z_MIN)) * (width - margin.left - margin.right),
      y: (v) => margin.top + ((high - v) / (high - low)) * (height - margin.top - margin.bottom),
      toZ: (px) => Z_MIN + ((px - margin.left) / (width - margin.left - margin.right)) * (Z_MAX - Z_MIN),
    };
  }

  function drawAxes(svg, frame) {
    const { x, y, low, high, height, margin } = frame;
    const grid = { stroke: "var(--ae-grid)", "stroke-width": 1 };
    for (let z = Z_MIN; z <= Z_MAX; z += 2) {
      svgElement(svg, "line", { x1: x(z), x2: x(z), y1: y(high), y2: y(low), ...grid });
      const tick = String(z).replace("-", "−");
      svgElement(svg, "text", { x: x(z), y: height - margin.bottom + 16, "text-anchor": "middle" }, tick);
    }
    const step = high - low > 4 ? 2 : 0.5;
    for (let v = Math.ceil(low / step) * step; v <= high + 1e-9; v += step) {
      svgElement(svg, "line", { x1: x(Z_MIN), x2: x(Z_MAX), y1: y(v), y2: y(v), ...grid });
      const tick = String(v).replace("-", "−");
      svgElement(svg, "text", { x: margin.left - 6, y: y(v) + 4, "text-anchor": "end" }, tick);
    }
    const axis = { stroke: "var(--ae-ink)", "stroke-width": 1 };
    svgElement(svg, "line", { x1: x(Z_MIN), x2: x(Z_MAX), y1: y(0), y2: y(0), ...axis });
    svgElement(svg, "line", { x1: x(0), x2: x(0), y1: y(high), y2: y(low), ...axis });
    svgElement(svg, "text", { x: x(0), y: height - 2, "text-anchor": "middle" }, "input z");
  }

  // Two curves, and behind them the stretches in which the slope is nearly zero.
  function drawCurves(svg, frame, fn) {
    const { x, y, low, high } = frame;
    const samples = Array.from({ length: 481 }, (_, i) => Z_MIN + ((Z_MAX - Z_MIN) * i) / 480);
    let start = null;
    samples.forEach((z, i) => {
      const flat = Math.abs(fn.slope(z)) < FLAT_SLOPE;
      if (flat && start === null) start = z;
      if (start !== null && (!flat || i === samples.length - 1)) {
        const box = { x: x(start), y: y(high), width: x(z) - x(start), height: y(low) - y(high) };
        svgElement(svg, "rect", { ...box, fill: "var(--ae-flat)" });
        start = null;
      }
    });
    drawAxes(svg, frame);
    const path = (g, jump) =>
      samples
        .map((z, i) => {
          const broken = i === 0 || (jump && samples[i - 1] <= 0 && z > 0);
          return `${broken ? "M" : "L"}${x(z).toFixed(1)},${y(g(z)).toFixed(1)}`;
        })
        .join("");
    const hasJumpingSlope = Math.abs(fn.slope(1e-9) - fn.slope(0)) > 0.5;
    const line = { fill: "none", "clip-path": `url(#${svg.dataset.clip})` };
    svgElement(svg, "path", {
      d: path(fn.slope, hasJumpingSlope), ...line,
      stroke: "var(--ae-slope)", "stroke-width": 2.5, "stroke-dasharray": "7 4",
    });
    svgElement(svg, "path", {
      d: path(fn.f, Boolean(fn.jump)), ...line, stroke: "var(--ae-f)", "stroke-width": 3,
    });
  }

  function drawLegend(svg, frame) {
    const entries = [
      ["value", { stroke: "var(--ae-f)", "stroke-width": 3 }, 62],
      ["slope", { stroke: "var(--ae-slope)", "stroke-width": 2.5, "stroke-dasharray": "7 4" }, 62],
      ["tangent", { stroke: "var(--ae-ink)", "stroke-width": 1.5 }, 74],
      [`|slope| < ${FLAT_SLOPE}`, { stroke: "var(--ae-flat)", "stroke-width": 14 }, 100],
    ];
    let left = 4;
    for (const [name, stroke, room] of entries) {
      svgElement(svg, "line", { x1: left, x2: left + 20, y1: 10, y2: 10, ...stroke });
      svgElement(svg, "text", { x: left + 24, y: 14 }, name);
      left += room + 10;
    }
  }

  function drawPoint(svg, frame, fn, z) {
    const { x, y, low, high, margin, width, height } = frame;
    const clip = svgElement(svgElement(svg, "defs", {}), "clipPath", { id: svg.dataset.clip });
    svgElement(clip, "rect", {
      x: margin.left, y: margin.top,
      width: width - margin.left - margin.right, height: height - margin.top - margin.bottom,
    });
    const value = fn.f(z);
    const slope = fn.slope(z);
    const line = { "clip-path": `url(#${svg.dataset.clip})`, stroke: "var(--ae-ink)" };
    svgElement(svg, "line", {
      x1: x(z), x2: x(z), y1: y(high), y2: y(low), ...line, "stroke-width": 1, "stroke-dasharray": "2 3",
    });
    const noTangent = fn.jump && Math.abs(z) < 1e-9;
    if (!noTangent) {
      svgElement(svg, "line", {
        x1: x(z - 2), y1: y(value - 2 * slope), x2: x(z + 2), y2: y(value + 2 * slope),
        ...line, "stroke-width": 1.5,
      });
    }
    const disc = { cx: x(z), r: 6, stroke: "var(--ae-paper)", "stroke-width": 2 };
    svgElement(svg, "circle", { ...disc, cy: y(slope), r: 5, fill: "var(--ae-slope)" });
    svgElement(svg, "circle", { ...disc, cy: y(value), fill: "var(--ae-f)" });
  }

  const number = (v, digits) => v.toFixed(digits).replace(/^-(0\.?0*)$/, "$1").replace("-", "−");

  function describe(fn, z) {
    const slope = fn.slope(z);
    let text = `z = ${number(z, 1)}: value ${number(fn.f(z), 4)}, slope ${number(slope, 4)}.`;
    if (Math.abs(z) < 1e-9 && fn.kink) text += ` ${fn.kink}`;
    else if (Math.abs(slope) < FLAT_SLOPE) text += " Flat here: a small change of z changes almost nothing.";
    return text;
  }

  let count = 0;
  function build(root) {
    count += 1;
    const id = `activation-explorer-${count}`;
    root.textContent = "";
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", "Activation explorer");
    const controls = element(root, "div", { className: "ae-controls" });
    const chooser = element(controls, "label", { htmlFor: `${id}-function`, textContent: "Function" });
    const select = element(chooser, "select", { id: `${id}-function` });
    for (const [name, fn] of Object.entries(FUNCTIONS)) {
      element(select, "option", { value: name, textContent: fn.label });
    }
    select.value = root.dataset.function in FUNCTIONS ? root.dataset.function : "sigmoid";
    const slider = element(controls, "label", {
      htmlFor: `${id}-z`, className: "ae-input", textContent: "Input z",
    });
    const range = element(slider, "input", {
      id: `${id}-z`, type: "range", min: Z_MIN, max: Z_MAX, step: 0.1, value: root.dataset.z || "1",
    });
    const formula = element(root, "p", { className: "ae-formula" });
    const svg = svgElement(root, "svg", { role: "img" });
    svg.dataset.clip = `${id}-clip`;
    const output = element(root, "output", { htmlFor: `${id}-function ${id}-z` });
    output.setAttribute("aria-live", "polite");

    let frame;
    function draw() {
      const fn = FUNCTIONS[select.value];
      const z = Number(range.value);
      frame = makeFrame(Math.max(280, svg.clientWidth), fn);
      svg.textContent = "";
      svg.setAttribute("viewBox", `0 0 ${frame.width} ${frame.height}`);
      svg.setAttribute("height", frame.height);
      const shown = `${fn.label} from z = −6 to 6 with its slope and its tangent at z = ${number(z, 1)}`;
      svg.setAttribute("aria-label", shown);
      range.setAttribute("aria-valuetext", `z = ${number(z, 1)}`);
      drawCurves(svg, frame, fn);
      drawPoint(svg, frame, fn, z);
      drawLegend(svg, frame);
      formula.textContent = fn.formula;
      output.textContent = describe(fn, z);
    }

    function follow(event) {
      const px = (event.clientX - svg.getBoundingClientRect().left) * (frame.width / svg.clientWidth);
      range.value = String(Math.min(Z_MAX, Math.max(Z_MIN, frame.toZ(px))));
      draw();
    }
    svg.addEventListener("pointerdown", (event) => {
      svg.setPointerCapture(event.pointerId);
      follow(event);
    });
    svg.addEventListener("pointermove", (event) => {
      if (svg.hasPointerCapture(event.pointerId)) follow(event);
    });
    select.addEventListener("input", draw);
    range.addEventListener("input", draw);
    new ResizeObserver(draw).observe(root);
    draw();
  }

  function start() {
    const figures = document.querySelectorAll("div.activation-explorer");
    if (figures.length === 0) return;
    element(document.head, "style", { textContent: STYLE });
    figures.forEach(build);
  }

  // For the test that compares these formulas with Keras.
  window.activationExplorer = { FUNCTIONS };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
