// Convolution explorer: a 3 by 3 kernel slides over a 9 by 9 image. The reader chooses or edits the
// kernel, sets stride and padding, and walks the kernel from place to place; the weighted sum of
// the current place is written out, and the outputs visited so far stand in the map on the right.
"use strict";

(() => {
  const { element, shape } = globalThis.figureParts;

  const CELL = 25; // of both grids, in SVG units
  const GAP = 44; // between them
  const TOP = 22; // room for their titles
  const SIZE = 9; // of the image
  const KERNEL = 3;
  const LARGEST_PADDING = 2;
  const BLUE = "#0072b2"; // positive output
  const ORANGE = "#d55e00"; // negative output

  const IMAGE = [
    "000000000",
    "099999990",
    "099999990",
    "000000990",
    "000009900",
    "000099000",
    "000990000",
    "009900000",
    "000000000",
  ].map((row) => [...row].map(Number)); // a 7: bars, a diagonal, flat ground

  const NINTH = 1 / 9;
  const KERNELS = {
    vertical: { name: "vertical edges", weights: [-1, 0, 1, -2, 0, 2, -1, 0, 1] },
    horizontal: { name: "horizontal edges", weights: [-1, -2, -1, 0, 0, 0, 1, 2, 1] },
    identity: { name: "identity", weights: [0, 0, 0, 0, 1, 0, 0, 0, 0] },
    blur: { name: "blur (mean of nine)", weights: Array(9).fill(NINTH) },
    sharpen: { name: "sharpen", weights: [0, -1, 0, -1, 5, -1, 0, -1, 0] },
    outline: { name: "outline", weights: [-1, -1, -1, -1, 8, -1, -1, -1, -1] },
    own: { name: "your own", weights: null },
  };

  // --- the layer ---------------------------------------------------------------------------------
  const outputLength = (padding, stride) => Math.floor((SIZE + 2 * padding - KERNEL) / stride) + 1;

  const pixel = (row, column) => IMAGE[row]?.[column] ?? 0; // outside is padding

  function products({ weights, stride, padding }, row, column) {
    return weights.map((weight, index) => {
      const a = Math.floor(index / KERNEL);
      const e = index % KERNEL;
      return [pixel(stride * row + a - padding, stride * column + e - padding), weight];
    });
  }

  const weightedSum = (pairs) => pairs.reduce((sum, [x, weight]) => sum + x * weight, 0);

  // --- drawing -----------------------------------------------------------------------------------
  function number(value) {
    const rounded = Math.round(value * 100) / 100;
    return String(rounded === 0 ? 0 : rounded).replace("-", "−");
  }

  function cell(x, y, text, { fill = "none", strength = 0, kind = "" } = {}) {
    const small = text.length > 3 ? "long" : "";
    return shape("g", { class: `cell ${kind}` },
      shape("rect", { x, y, width: CELL, height: CELL, fill, "fill-opacity": strength }),
      shape("text", { x: x + CELL / 2, y: y + CELL / 2 + 4.5, "text-anchor": "middle", class: small }, text));
  }

  function title(x, text) {
    return shape("text", { x, y: 12, class: "title" }, text);
  }

  function imageGrid({ stride, padding }, row, column) {
    const group = shape("g", {}, title(0, padding ? "image with padding" : "image"));
    const side = SIZE + 2 * padding;
    for (let r = 0; r < side; r += 1) {
      for (let q = 0; q < side; q += 1) {
        const value = pixel(r - padding, q - padding);
        const inside = r >= padding && q >= padding && r < side - padding && q < side - padding;
        const look = { fill: "currentColor", strength: 0.05 * value, kind: inside ? "" : "padding" };
        group.append(cell(q * CELL, TOP + r * CELL, number(value), look));
      }
    }
    const [top, left] = [stride * row, stride * column];
    const across = KERNEL * CELL;
    group.append(shape("rect", { x: left * CELL, y: TOP + top * CELL, width: across, height: across, class: "window" }));
    return group;
  }

  function outputGrid(settings, row, column, visited, x) {
    const length = outputLength(settings.padding, settings.stride);
    const group = shape("g", {}, title(x, `output, ${length} by ${length}`));
    const values = Array.from({ length: length * length }, (_, index) =>
      weightedSum(products(settings, Math.floor(index / length), index % length)));
    const most = Math.max(...values.map(Math.abs), 1e-9);
    values.forEach((value, index) => {
      const [r, q] = [Math.floor(index / length), index % length];
      const seen = visited.has(index);
      const look = { fill: value < 0 ? ORANGE : BLUE, strength: seen ? (0.5 * Math.abs(value)) / most : 0 };
      group.append(cell(x + q * CELL, TOP + r * CELL, seen ? number(value) : "", look));
    });
    group.append(shape("rect", { x: x + column * CELL, y: TOP + row * CELL, width: CELL, height: CELL, class: "window" }));
    return group;
  }

  // --- controls ----------------------------------------------------------------------------------
  function choice(id, label, options, onChange) {
    const select = element("select", { id });
    for (const [value, name] of options) select.append(element("option", { value }, name));
    select.addEventListener("change", () => onChange(select.value));
    const row = element("div", { class: "control" }, element("label", { for: id }, label), select);
    return { row, select };
  }

  function weightInputs(id, onInput) {
    const inputs = Array.from({ length: KERNEL * KERNEL }, (_, index) => {
      const [r, q] = [Math.floor(index / KERNEL) + 1, (index % KERNEL) + 1];
      const input = element("input", {
        type: "number", step: "any", id: id(`weight-${index}`), "aria-label": `kernel, row ${r}, column ${q}`,
      });
      input.addEventListener("input", onInput);
      return input;
    });
    const box = element("div", { class: "kernel", role: "group", "aria-label": "the nine weights of the kernel" }, ...inputs);
    return { inputs, box };
  }

  function explore(stage, serial) {
    const id = (name) => `convolution-${serial}-${name}`;
    const settings = { weights: [...KERNELS.vertical.weights], stride: 1, padding: 0 };
    let row = 0;
    let column = 0;
    let visited = new Set([0]);

    const width = (SIZE + 2 * LARGEST_PADDING + SIZE + 2 * LARGEST_PADDING - KERNEL + 1) * CELL + GAP;
    const height = (SIZE + 2 * LARGEST_PADDING) * CELL + TOP;
    const picture = shape("svg", { viewBox: `-2 0 ${width + 4} ${height + 2}`, role: "img", "aria-label": "The image with the kernel's window on it, and the output map." });
    const plot = element("div", {
      class: "plot", tabindex: 0, role: "application",
      "aria-label": "Kernel on the image. The arrow keys move it from place to place.",
      "aria-describedby": id("status"),
    }, picture);
    const sum = element("p", { class: "formula" });
    const status = element("p", { role: "status", id: id("status") });
    const { inputs, box } = weightInputs(id, editWeights);

    function draw() {
      const length = outputLength(settings.padding, settings.stride);
      visited.add(row * length + column);
      const outputLeft = (SIZE + 2 * settings.padding) * CELL + GAP;
      picture.setAttribute("viewBox", `-2 0 ${outputLeft + Math.max(length, 6) * CELL + 4} ${(SIZE + 2 * settings.padding) * CELL + TOP + 2}`);
      picture.replaceChildren(imageGrid(settings, row, column), outputGrid(settings, row, column, visited, outputLeft));
      const pairs = products(settings, row, column);
      const terms = pairs.filter(([, weight]) => weight !== 0)
        .map(([x, weight]) => `${number(x)}·${weight < 0 ? `(${number(weight)})` : number(weight)}`);
      sum.textContent = `${terms.join(" + ") || "0"} = ${number(weightedSum(pairs))}`;
      const used = KERNEL + settings.stride * (length - 1);
      const left = SIZE + 2 * settings.padding - used;
      const unused = left ? ` ${left === 1 ? "The last row and column are" : `The last ${left} rows and columns are`} not used.` : "";
      status.textContent = `Row ${row + 1}, column ${column + 1} of the ${length} by ${length} output is ${number(weightedSum(pairs))}.${unused}`;
    }

    function restart(change = {}) {
      Object.assign(settings, change);
      row = column = 0;
      visited = new Set();
      draw();
    }

    function move(down, right) {
      const length = outputLength(settings.padding, settings.stride);
      row = Math.max(0, Math.min(length - 1, row + down));
      column = Math.max(0, Math.min(length - 1, column + right));
      draw();
    }

    function next() {
      const length = outputLength(settings.padding, settings.stride);
      const index = (row * length + column + 1) % (length * length);
      [row, column] = [Math.floor(index / length), index % length];
      draw();
    }

    function writeAll() {
      const length = outputLength(settings.padding, settings.stride);
      for (let index = 0; index < length * length; index += 1) visited.add(index);
      draw();
    }

    function showWeights() {
      inputs.forEach((input, index) => { input.value = Math.round(settings.weights[index] * 1000) / 1000; });
    }

    function editWeights() {
      kernels.select.value = "own";
      settings.weights = inputs.map((input) => Number(input.value) || 0);
      draw();
    }

    const names = Object.entries(KERNELS).map(([key, { name }]) => [key, name]);
    const kernels = choice(id("kernel"), "kernel", names, (key) => {
      if (KERNELS[key].weights) settings.weights = [...KERNELS[key].weights];
      showWeights();
      draw();
    });
    const strides = choice(id("stride"), "stride", [[1, "1"], [2, "2"], [3, "3"]], (value) => restart({ stride: Number(value) }));
    const paddings = choice(id("padding"), "padding", [[0, "0 (“valid”)"], [1, "1 (“same” with stride 1)"], [2, "2"]], (value) => restart({ padding: Number(value) }));
    const buttons = [["Next place", next], ["Write all", writeAll], ["Start again", () => restart()]].map(([label, act]) => {
      const button = element("button", { type: "button" }, label);
      button.addEventListener("click", act);
      return button;
    });
    plot.addEventListener("keydown", (event) => {
      const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
      if (!moves[event.key]) return;
      event.preventDefault();
      move(...moves[event.key]);
    });

    const controls = element("div", { class: "controls" },
      kernels.row, box, strides.row, paddings.row, element("div", { class: "buttons" }, ...buttons));
    const words = element("div", { class: "words" }, sum, status,
      element("p", { class: "legend" }, "Framed: the pixels below the kernel, and the output that they give. Blue: positive, orange: negative."));
    stage.replaceChildren(element("div", { class: "explorer sliding" }, plot, controls, words));
    showWeights();
    draw();
  }

  document.querySelectorAll('[data-interactive="convolution"]').forEach(explore);
})();
