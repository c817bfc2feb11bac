// The roofline (week 11): how fast a layer can run on a machine, by its FLOPs for each byte that it
// moves. The reader sets the machine's peak and bandwidth, and chooses a layer, a batch and the
// bytes of a number; the layer's point moves along the roof.
"use strict";

(() => {
  const { element, shape, choice, slider } = globalThis.figureParts;

  // Numbers read for each image, weights, numbers written for each image, multiply-adds of an image.
  const dense = (from, to) => ({ name: `dense, ${from} to ${to}`, read: from, weights: from * to, written: to, macs: from * to });
  const LAYERS = {
    dense_1: dense(3136, 128),
    dense_4096: dense(4096, 4096),
    conv_1: { name: "conv 3x3, 1 to 32, 28x28", read: 784, weights: 288, written: 25088, macs: 225792 },
    conv_2: { name: "conv 3x3, 32 to 64, 14x14", read: 6272, weights: 18432, written: 12544, macs: 3612672 },
    depthwise: { name: "depthwise 3x3, 512, 28x28", read: 401408, weights: 4608, written: 401408, macs: 3612672 },
  };
  const FORMATS = {
    4: { name: "32 bits" },
    2: { name: "16 bits" },
    1: { name: "8 bits" },
  };
  const X = [-1, 3.5]; // powers of ten on the axis of FLOPs a byte
  const Y = [8.5, 15]; // and of FLOPs a second
  const WIDTH = 440; // of the plot, in SVG units
  const HEIGHT = 330;
  const MARGIN = { left: 62, top: 14, bottom: 46 };
  const BLUE = "#0072b2"; // the roof
  const ORANGE = "#d55e00"; // the layer

  // FLOPs and bytes of a layer for a batch, each array moved once. Biases are left out.
  function layerCost(layer, batch, bytes) {
    const { read, weights, written, macs } = LAYERS[layer];
    return { flops: 2 * batch * macs, bytes: bytes * (batch * (read + written) + weights) };
  }

  // The best that a machine can do: FLOPs a second, and what limits them.
  function attainable({ flops, bytes }, peak, bandwidth) {
    const intensity = flops / bytes;
    const ridge = peak / bandwidth;
    const rate = Math.min(peak, bandwidth * intensity);
    return { intensity, ridge, rate, seconds: flops / rate, bound: intensity < ridge ? "memory" : "compute" };
  }

  globalThis.rooflineFunctions = { layers: Object.keys(LAYERS), layerCost, attainable };

  // Three digits and a prefix, as in 33.6 M.
  function prefixed(value, unit) {
    const prefixes = [[1e15, "P"], [1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"], [1, ""], [1e-3, "m"], [1e-6, "µ"], [1e-9, "n"]];
    const digits = Number(value.toPrecision(3));
    const [size, prefix] = prefixes.find(([each]) => digits >= each) ?? prefixes.at(-1);
    return `${Number((digits / size).toPrecision(3))} ${prefix}${unit}`;
  }

  // A power of ten that a slider stands for, to two digits.
  const rounded = (power) => Number((10 ** power).toPrecision(2));
  const toX = (intensity) => ((Math.log10(intensity) - X[0]) / (X[1] - X[0])) * WIDTH;
  const toY = (rate) => ((Y[1] - Math.log10(rate)) / (Y[1] - Y[0])) * HEIGHT;

  function axes() {
    const group = shape("g", { class: "axes" });
    for (let power = X[0]; power <= X[1]; power += 1) {
      const x = toX(10 ** power);
      group.append(
        shape("path", { d: `M${x} 0 v${HEIGHT}`, "stroke-opacity": 0.2 }),
        shape("text", { x, y: HEIGHT + 19, "text-anchor": "middle" }, power < 0 ? "0.1" : String(10 ** power)),
      );
    }
    for (let power = Math.ceil(Y[0]); power <= Y[1]; power += 1) {
      const y = toY(10 ** power);
      group.append(
        shape("path", { d: `M0 ${y} h${WIDTH}`, "stroke-opacity": 0.2 }),
        shape("text", { x: -6, y: y + 5, "text-anchor": "end" }, prefixed(10 ** power, "").trim()),
      );
    }
    group.append(
      shape("text", { x: WIDTH / 2, y: HEIGHT + 40, "text-anchor": "middle" }, "FLOPs a byte"),
      shape("text", { transform: `translate(${12 - MARGIN.left} ${HEIGHT / 2}) rotate(-90)`, "text-anchor": "middle" }, "FLOPs a second"),
    );
    return group;
  }

  // The roof from the left edge over the ridge to the right edge.
  function roof(peak, bandwidth) {
    const [left, right] = X.map((power) => 10 ** power);
    const corners = [left, Math.min(Math.max(peak / bandwidth, left), right), right];
    const points = corners.map((x) => `${toX(x).toFixed(1)} ${toY(Math.min(peak, bandwidth * x)).toFixed(1)}`);
    return shape("path", { class: "roof", d: `M${points.join(" L")}`, fill: "none", stroke: BLUE, "stroke-width": 4 });
  }

  // The layer's point on the roof, and how far below the peak it is.
  function point({ intensity, rate }, peak) {
    const [x, y] = [toX(intensity), toY(rate)];
    return [
      shape("path", { d: `M${x} ${HEIGHT} V${toY(peak)}`, stroke: ORANGE, "stroke-width": 1.5, "stroke-dasharray": "5 5" }),
      shape("circle", { class: "layer", cx: x, cy: y, r: 8, fill: ORANGE, stroke: "#fff", "stroke-width": 1.5 }),
    ];
  }

  function meaning({ bound, intensity, ridge, rate, seconds }, peak, batch) {
    const place = bound === "memory" ? "left" : "right";
    const waits = bound === "memory" ? "arithmetic waits for bytes" : "bytes arrive faster than they are used";
    const share = Math.round((100 * rate) / peak);
    return `${intensity.toPrecision(3)} FLOPs a byte is ${place} of the ridge at ${ridge.toPrecision(3)}: ${bound}-bound, ${waits}. ` +
      `At best ${prefixed(rate, "FLOPs")} a second (${share < 1 ? "under 1" : share}\u00a0% of the peak), ` +
      `${prefixed(seconds, "s")} a call, ${prefixed(seconds / batch, "s")} an image.`;
  }

  function explore(stage, serial) {
    const id = (name) => `roofline-${serial}-${name}`;
    const chosen = { peak: 11, bandwidth: 10.3, batch: 0, layer: "dense_4096", format: "4" };
    const change = (name) => (value) => {
      chosen[name] = value;
      draw();
    };
    const control = (name, label, range, text) =>
      slider(id(name), label, { ...range, value: chosen[name] }, text, change(name));
    const numbers = element("p", { class: "formula", style: "min-height: 3em" });
    const status = element("p", { role: "status", style: "min-height: 8em" });
    const drawing = shape("g");
    const picture = shape("svg", {
      viewBox: `${-MARGIN.left} ${-MARGIN.top} ${WIDTH + MARGIN.left + 10} ${HEIGHT + MARGIN.top + MARGIN.bottom}`, role: "img",
      "aria-label": "A roofline on logarithmic axes with the point of a layer. The text beside it says the layer's counts, what limits it and how long it takes at best.",
    }, drawing);

    function draw() {
      const [peak, bandwidth, batch] = [rounded(chosen.peak), rounded(chosen.bandwidth), 2 ** chosen.batch];
      const cost = layerCost(chosen.layer, batch, Number(chosen.format));
      const best = attainable(cost, peak, bandwidth);
      drawing.replaceChildren(axes(), roof(peak, bandwidth), ...point(best, peak));
      numbers.textContent = `${prefixed(cost.flops, "FLOPs")} on ${prefixed(cost.bytes, "B")}.`;
      status.textContent = meaning(best, peak, batch);
    }

    const layer = choice(id("layer"), "layer", LAYERS, change("layer"));
    layer.querySelector("select").value = chosen.layer;
    const format = choice(id("format"), "a number has", FORMATS, change("format"));
    format.querySelector("select").value = chosen.format;
    const controls = element("div", { class: "controls" },
      control("peak", "peak, FLOPs/s", { min: 10, max: 15, step: 0.1 }, (power) => prefixed(rounded(power), "")),
      control("bandwidth", "bandwidth, B/s", { min: 9.5, max: 13, step: 0.1 }, (power) => prefixed(rounded(power), "")),
      layer,
      control("batch", "batch", { min: 0, max: 12, step: 1 }, (power) => String(2 ** power)),
      format, numbers, status);
    stage.replaceChildren(element("div", { class: "explorer" }, element("div", { class: "plot" }, picture), controls));
    draw();
  }

  document.querySelectorAll('[data-interactive="roofline"]').forEach(explore);
})();
