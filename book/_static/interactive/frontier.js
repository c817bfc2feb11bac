// The frontier of week 11: what networks of digits cost and how many digits they read, as measured by
// dlcourse/data/datasets/measure_frontier.py. The reader chooses the cost to look at and sets budgets;
// shown are the points within the budgets, those of them that no other beats, and the best one.
"use strict";

(() => {
  const { element, shape, choice, slider } = globalThis.figureParts;

  // Network, form, kind, bytes, multiply-adds, microseconds, accuracy, its standard error.
  const ROWS = [
    // measured
    ["reference", "float32", "reference", 1690680, 4241152, 308.1, 0.947, 0.0071],
    ["reference", "float16", "reference", 848712, 4241152, 320.6, 0.947, 0.0071],
    ["reference", "dynamic", "reference", 429872, 4241152, 119.7, 0.947, 0.0071],
    ["reference", "int8", "reference", 432544, 4241152, 164.2, 0.947, 0.0071],
    ["reference, longer", "float32", "reference", 1690684, 4241152, 299.8, 0.9533, 0.0065],
    ["reference, longer", "float16", "reference", 848716, 4241152, 300.0, 0.9533, 0.0065],
    ["reference, longer", "dynamic", "reference", 429872, 4241152, 119.3, 0.953, 0.0066],
    ["reference, longer", "int8", "reference", 432552, 4241152, 159.5, 0.9527, 0.0066],
    ["reference, distorted", "float32", "distorted", 1690684, 4241152, 324.1, 0.9603, 0.0057],
    ["reference, distorted", "float16", "distorted", 848716, 4241152, 318.8, 0.9603, 0.0057],
    ["reference, distorted", "dynamic", "distorted", 429872, 4241152, 119.8, 0.96, 0.0058],
    ["reference, distorted", "int8", "distorted", 432552, 4241152, 161.8, 0.9607, 0.0057],
    ["pruned to 1/2", "float32", "pruned", 427580, 1117056, 100.0, 0.9463, 0.007],
    ["pruned to 1/2", "float16", "pruned", 217164, 1117056, 105.0, 0.9463, 0.007],
    ["pruned to 1/2", "dynamic", "pruned", 113944, 1117056, 70.1, 0.9463, 0.007],
    ["pruned to 1/2", "int8", "pruned", 113752, 1117056, 111.2, 0.9453, 0.0071],
    ["pruned to 1/4", "float32", "pruned", 110908, 307648, 49.8, 0.919, 0.0085],
    ["pruned to 1/4", "float16", "pruned", 58828, 307648, 53.1, 0.919, 0.0085],
    ["pruned to 1/4", "dynamic", "pruned", 32856, 307648, 56.4, 0.92, 0.0085],
    ["pruned to 1/4", "int8", "pruned", 33072, 307648, 99.4, 0.9207, 0.0084],
    ["scratch 1/2", "float32", "from scratch", 427580, 1117056, 92.9, 0.9447, 0.0067],
    ["scratch 1/2", "float16", "from scratch", 217164, 1117056, 100.0, 0.9447, 0.0067],
    ["scratch 1/2", "dynamic", "from scratch", 113944, 1117056, 66.8, 0.9447, 0.0067],
    ["scratch 1/2", "int8", "from scratch", 113752, 1117056, 112.4, 0.9447, 0.0067],
    ["scratch 1/4", "float32", "from scratch", 110908, 307648, 45.1, 0.924, 0.0073],
    ["scratch 1/4", "float16", "from scratch", 58828, 307648, 49.0, 0.924, 0.0073],
    ["scratch 1/4", "dynamic", "from scratch", 32856, 307648, 56.3, 0.9237, 0.0073],
    ["scratch 1/4", "int8", "from scratch", 33072, 307648, 98.0, 0.924, 0.0073],
    ["scratch 1/8", "float32", "from scratch", 31292, 91104, 32.5, 0.8947, 0.0082],
    ["scratch 1/8", "float16", "from scratch", 19020, 91104, 34.8, 0.895, 0.0082],
    ["scratch 1/8", "dynamic", "from scratch", 12728, 91104, 38.9, 0.8953, 0.0082],
    ["scratch 1/8", "int8", "from scratch", 12416, 91104, 98.2, 0.8927, 0.0083],
    ["scratch 1/16", "float32", "from scratch", 11164, 29872, 30.7, 0.8123, 0.01],
    ["scratch 1/16", "float16", "from scratch", 8956, 29872, 33.5, 0.8123, 0.01],
    ["scratch 1/16", "dynamic", "from scratch", 6616, 29872, 36.0, 0.8127, 0.01],
    ["scratch 1/16", "int8", "from scratch", 7008, 29872, 93.8, 0.8143, 0.01],
    ["distorted 1/4", "float32", "distorted", 110908, 307648, 47.9, 0.9407, 0.0066],
    ["distorted 1/4", "float16", "distorted", 58828, 307648, 52.6, 0.9407, 0.0066],
    ["distorted 1/4", "dynamic", "distorted", 32856, 307648, 55.4, 0.9407, 0.0066],
    ["distorted 1/4", "int8", "distorted", 33072, 307648, 98.6, 0.9403, 0.0066],
    ["distorted 1/8", "float32", "distorted", 31292, 91104, 35.6, 0.9123, 0.0076],
    ["distorted 1/8", "float16", "distorted", 19020, 91104, 38.4, 0.9123, 0.0076],
    ["distorted 1/8", "dynamic", "distorted", 12728, 91104, 39.7, 0.9117, 0.0076],
    ["distorted 1/8", "int8", "distorted", 12416, 91104, 96.6, 0.9107, 0.0076],
    ["distilled 1/4", "float32", "distilled", 110908, 307648, 52.6, 0.933, 0.0073],
    ["distilled 1/4", "float16", "distilled", 58828, 307648, 57.8, 0.933, 0.0073],
    ["distilled 1/4", "dynamic", "distilled", 32856, 307648, 66.2, 0.933, 0.0073],
    ["distilled 1/4", "int8", "distilled", 33072, 307648, 103.1, 0.9317, 0.0073],
    ["distilled 1/8", "float32", "distilled", 31296, 91104, 35.9, 0.901, 0.0083],
    ["distilled 1/8", "float16", "distilled", 19024, 91104, 39.2, 0.901, 0.0083],
    ["distilled 1/8", "dynamic", "distilled", 12736, 91104, 41.3, 0.8997, 0.0083],
    ["distilled 1/8", "int8", "distilled", 12416, 91104, 94.7, 0.8997, 0.0083],
    // end
  ];
  const POINTS = ROWS.map(([network, form, kind, bytes, macs, time, accuracy, error]) =>
    ({ network, form, kind, bytes, macs, time, accuracy, error, name: `${network}, ${form}` }));

  const short = (value) => Number(value.toPrecision(3)).toString();
  const COSTS = {
    bytes: { name: "file size", text: (value) => `${short(value / 1000)} KB` },
    macs: { name: "multiply-adds", text: (value) => `${short(value / 1e6)} million` },
    time: { name: "latency", text: (value) => `${short(value)} µs` },
  };
  const KINDS = {
    reference: ["#0072b2", "M-5 -5 H5 V5 H-5 Z"],
    pruned: ["#d55e00", "M0 -6 L6 5 H-6 Z"],
    "from scratch": ["#009e73", "M0 -6.5 L6.5 0 L0 6.5 L-6.5 0 Z"],
    distorted: ["#b5659b", "M-2 -6 H2 V-2 H6 V2 H2 V6 H-2 V2 H-6 V-2 H-2 Z"],
    distilled: ["#c79100", "M-5.5 0 A5.5 5.5 0 1 1 5.5 0 A5.5 5.5 0 1 1 -5.5 0 Z"],
  };
  const WIDTH = 440; // of the plot, in SVG units
  const HEIGHT = 320;
  const MARGIN = { left: 48, top: 52, right: 26, bottom: 44 };

  // 1, 2, 5, 10 and so on, from the last below the least cost to the first that all meet.
  function steps(values) {
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const found = [];
    for (let power = Math.floor(Math.log10(least)); ; power += 1) {
      for (const digit of [1, 2, 5]) {
        const step = Number((digit * 10 ** power).toPrecision(1));
        if (step * 2.5 > least) found.push(step);
        if (step >= most) return found;
      }
    }
  }

  // Those that no other point beats: none is as cheap and better, or as good and cheaper.
  function front(points, cost) {
    const beats = (a, b) => a[cost] <= b[cost] && a.accuracy >= b.accuracy && (a[cost] < b[cost] || a.accuracy > b.accuracy);
    return points.filter((point) => !points.some((other) => beats(other, point)))
      .sort((a, b) => a[cost] - b[cost]);
  }

  const within = (points, budgets) =>
    points.filter((point) => Object.keys(COSTS).every((cost) => point[cost] <= budgets[cost]));
  // The most accurate; of several the one that costs least of what is looked at.
  const best = (points, cost) =>
    points.reduce((a, b) => (!a || b.accuracy > a.accuracy || (b.accuracy === a.accuracy && b[cost] < a[cost]) ? b : a), null);

  globalThis.frontierFunctions = { points: POINTS, steps, front, within, best };

  const lowest = Math.floor(20 * Math.min(...POINTS.map((point) => point.accuracy))) / 20;
  const toY = (accuracy) => ((1 - accuracy) / (1 - lowest)) * HEIGHT;

  function axes(cost, toX, marks) {
    const group = shape("g", { class: "axes" });
    const every = Math.ceil(marks.length / 7);
    marks.forEach((mark, index) => {
      if (index % every) return;
      group.append(
        shape("path", { d: `M${toX(mark)} 0 v${HEIGHT}`, "stroke-opacity": 0.2 }),
        shape("text", { x: toX(mark), y: HEIGHT + 19, "text-anchor": "middle" }, COSTS[cost].text(mark).split(" ")[0]),
      );
    });
    for (let value = lowest; value < 1.001; value += 0.05) {
      group.append(
        shape("path", { d: `M0 ${toY(value)} h${WIDTH}`, "stroke-opacity": 0.2 }),
        shape("text", { x: -6, y: toY(value) + 5, "text-anchor": "end" }, value.toFixed(2)),
      );
    }
    const unit = COSTS[cost].text(1).split(" ")[1];
    group.append(shape("text", { x: WIDTH / 2, y: HEIGHT + 38, "text-anchor": "middle" }, `${COSTS[cost].name}, ${unit}, log scale`));
    group.append(shape("text", { x: -40, y: -8 }, "accuracy"));
    return group;
  }

  function mark(point, x, y, attributes = {}) {
    const [color, d] = KINDS[point.kind];
    return shape("path", { d, transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})`, fill: color, ...attributes });
  }

  function legend() {
    const group = shape("g", { class: "axes" });
    Object.keys(KINDS).forEach((kind, index) => {
      const [x, y] = [70 + (index % 3) * 130, index < 3 ? -38 : -16];
      group.append(mark({ kind }, x, y, { stroke: "none" }), shape("text", { x: x + 12, y: y + 5 }, kind));
    });
    return group;
  }

  function explore(stage, serial) {
    const id = (name) => `frontier-${serial}-${name}`;
    const ranges = Object.fromEntries(Object.keys(COSTS).map((cost) => [cost, steps(POINTS.map((point) => point[cost]))]));
    const budgets = Object.fromEntries(Object.entries(ranges).map(([cost, range]) => [cost, range.at(-1)]));
    let cost = "bytes";
    const budget = (key) => {
      const range = ranges[key];
      return slider(id(key), `most ${COSTS[key].name}`, { min: 0, max: range.length - 1, step: 1, value: range.length - 1 },
        (place) => COSTS[key].text(range[place]), (place) => {
          budgets[key] = range[place];
          draw();
        });
    };
    const reading = element("p", { role: "status", style: "min-height: 11em" });
    const drawing = shape("g");
    const picture = shape("svg", {
      viewBox: `${-MARGIN.left} ${-MARGIN.top} ${WIDTH + MARGIN.left + MARGIN.right} ${HEIGHT + MARGIN.top + MARGIN.bottom}`, role: "img",
      "aria-label": "Networks by cost and accuracy, with the front of those within the budgets. The text beside it names the best of them.",
    }, drawing, legend());

    function draw() {
      const range = ranges[cost];
      const [from, to] = [Math.log(range[0]), Math.log(range.at(-1))];
      const toX = (value) => ((Math.log(value) - from) / (to - from)) * WIDTH;
      const fit = within(POINTS, budgets);
      const edge = front(fit, cost);
      const chosen = best(fit, cost);
      const place = (point) => [toX(point[cost]), toY(point.accuracy)];
      const stairs = edge.map((point, index) => {
        const [x, y] = place(point).map((number) => number.toFixed(1));
        return index ? `H${x} V${y}` : `M${x} ${y}`;
      });
      drawing.replaceChildren(
        axes(cost, toX, range),
        shape("path", { class: "budget", d: `M${toX(budgets[cost])} 0 V${HEIGHT}`, stroke: "currentColor", "stroke-dasharray": "6 4" }),
        shape("path", { class: "front", d: stairs.length ? `${stairs.join(" ")} H${toX(budgets[cost]).toFixed(1)}` : "", fill: "none", stroke: "currentColor", "stroke-width": 2 }),
        ...POINTS.map((point) => {
          const fits = fit.includes(point);
          const made = mark(point, ...place(point), { class: fits ? "fits" : "too-dear", "fill-opacity": fits ? 0.9 : 0.15, stroke: edge.includes(point) ? "currentColor" : "none", "stroke-width": 1.5 });
          made.append(shape("title", {}, point.name));
          return made;
        }),
        ...(chosen ? [shape("circle", { class: "best", cx: place(chosen)[0], cy: place(chosen)[1], r: 12, fill: "none", stroke: "currentColor", "stroke-width": 2.5 })] : []),
      );
      reading.textContent = chosen ? described(chosen, fit, edge) : "No network fits within these budgets.";
    }

    function described(chosen, fit, edge) {
      const price = Object.values(COSTS).map(({ text }, index) => text(chosen[Object.keys(COSTS)[index]])).join(", ");
      const close = fit.filter((point) => chosen.accuracy - point.accuracy <= chosen.error);
      const cheapest = close.reduce((a, b) => (b[cost] < a[cost] ? b : a));
      const rest = cheapest === chosen
        ? `None within one standard error of it has less ${COSTS[cost].name}.`
        : `Within one standard error of it, ${cheapest.name} has the least ${COSTS[cost].name}: ${COSTS[cost].text(cheapest[cost])}, accuracy ${cheapest.accuracy.toFixed(3)}.`;
      return `Best within the budgets: ${chosen.name}. Accuracy ${chosen.accuracy.toFixed(3)}, standard error ${chosen.error.toFixed(3)}; ${price}. ${fit.length} of ${POINTS.length} points fit, ${edge.length} of them on the front. ${rest}`;
    }

    const options = choice(id("cost"), "cost", COSTS, (key) => {
      cost = key;
      draw();
    });
    const controls = element("div", { class: "controls" }, options, ...Object.keys(COSTS).map(budget), reading,
      element("p", { class: "legend" }, "Outlined: on the front. Ringed: the best. Pale: beyond a budget. Dashed: the budget of the cost shown."));
    stage.replaceChildren(element("div", { class: "explorer" }, element("div", { class: "plot" }, picture), controls));
    draw();
  }

  document.querySelectorAll('[data-interactive="frontier"]').forEach(explore);
})();
