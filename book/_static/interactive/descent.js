// Descent explorer: an optimizer walks on a loss surface of two parameters. The reader chooses the
// surface, the optimizer, the learning rate and the start, and takes one step or fifty.
"use strict";

(() => {
  const { element, shape, choice, button } = globalThis.figureParts;

  const LIMIT = 3; // the plot shows both parameters from -LIMIT to LIMIT
  const SIDE = 420; // of the plot, in SVG units
  const MARGIN = 34;
  const CELLS = 90; // of the contour grid, along each side
  const LEVELS = 14;
  const LOST = 1e6; // a parameter beyond this counts as diverged

  const SURFACES = {
    ravine: {
      name: "ravine",
      f: ([a, b]) => 0.5 * (a * a + 25 * b * b),
      gradient: ([a, b]) => [a, 25 * b],
      start: [-2.6, 1.4],
      lowest: "curvatures 1 and 25, lowest at (0, 0); SGD is stable below a rate of 2/25 = 0.08",
    },
    bowl: {
      name: "round bowl",
      f: ([a, b]) => 0.5 * (a * a + b * b),
      gradient: ([a, b]) => [a, b],
      start: [-2.4, 1.6],
      lowest: "curvature 1, lowest at (0, 0); SGD is stable below a rate of 2",
    },
    saddle: {
      name: "saddle",
      f: ([a, b]) => 0.5 * a * a - 0.5 * b * b + b ** 4 / 16,
      gradient: ([a, b]) => [a, -b + b ** 3 / 4],
      start: [-2.4, 0.05],
      lowest: "saddle at (0, 0), two basins with their lowest places at (0, 2) and (0, −2)",
    },
    valley: {
      name: "curved valley",
      f: ([a, b]) => 0.1 * (a - 1.5) ** 2 + (b - 0.5 * a * a + 1) ** 2,
      gradient: ([a, b]) => {
        const off = b - 0.5 * a * a + 1;
        return [0.2 * (a - 1.5) - 2 * a * off, 2 * off];
      },
      start: [-2.2, 2.4],
      lowest: "lowest at (1.5, 0.125)",
    },
  };

  // Each makes a function of the gradient and the rate that returns the step, with its own memory.
  const OPTIMIZERS = {
    sgd: { name: "SGD", make: () => (g, rate) => g.map((gi) => -rate * gi) },
    momentum: {
      name: "momentum (0.9)",
      make: () => {
        let v = [0, 0];
        return (g, rate) => (v = v.map((vi, i) => 0.9 * vi - rate * g[i]));
      },
    },
    rmsprop: {
      name: "RMSprop (0.9)",
      make: () => {
        let s = [0, 0];
        return (g, rate) => {
          s = s.map((si, i) => 0.9 * si + 0.1 * g[i] ** 2);
          return g.map((gi, i) => (-rate * gi) / Math.sqrt(s[i] + 1e-7));
        };
      },
    },
    adam: {
      name: "Adam (0.9, 0.999)",
      make: () => {
        let [m, s, t] = [[0, 0], [0, 0], 0];
        return (g, rate) => {
          t += 1;
          m = m.map((mi, i) => 0.9 * mi + 0.1 * g[i]);
          s = s.map((si, i) => 0.999 * si + 0.001 * g[i] ** 2);
          return m.map((mi, i) => (-rate * (mi / (1 - 0.9 ** t))) / (Math.sqrt(s[i] / (1 - 0.999 ** t)) + 1e-8));
        };
      },
    },
  };

  // --- drawing -----------------------------------------------------------------------------------
  const toX = (a) => ((a + LIMIT) / (2 * LIMIT)) * SIDE;
  const toY = (b) => ((LIMIT - b) / (2 * LIMIT)) * SIDE;

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
      shape("text", { x: SIDE - 4, y: SIDE + 19, "text-anchor": "end" }, "θ₁"),
      shape("text", { x: -9, y: 14, "text-anchor": "end" }, "θ₂"),
    );
    return group;
  }

  // Marching squares: in each cell, the line between the edges that the level crosses.
  function contour(values, level) {
    const at = (i, j) => values[j][i] - level;
    const place = (index) => -LIMIT + (2 * LIMIT * index) / CELLS;
    const parts = [];
    for (let j = 0; j < CELLS; j += 1) {
      for (let i = 0; i < CELLS; i += 1) {
        const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
        const points = [];
        corners.forEach(([ci, cj], k) => {
          const [ni, nj] = corners[(k + 1) % 4];
          const [here, there] = [at(ci, cj), at(ni, nj)];
          if (here > 0 === there > 0) return;
          const share = here / (here - there);
          points.push([toX(place(ci + share * (ni - ci))), toY(place(cj + share * (nj - cj)))]);
        });
        for (let k = 0; k + 1 < points.length; k += 2) {
          const [[x1, y1], [x2, y2]] = [points[k], points[k + 1]];
          parts.push(`M${x1.toFixed(1)} ${y1.toFixed(1)}L${x2.toFixed(1)} ${y2.toFixed(1)}`);
        }
      }
    }
    return parts.join("");
  }

  function contours(surface) {
    const place = (index) => -LIMIT + (2 * LIMIT * index) / CELLS;
    const values = Array.from({ length: CELLS + 1 }, (_, j) =>
      Array.from({ length: CELLS + 1 }, (_, i) => surface.f([place(i), place(j)])));
    const flat = values.flat();
    const [low, high] = [Math.min(...flat), Math.max(...flat)];
    // Levels lie closer together near the lowest place, where the walk ends.
    return Array.from({ length: LEVELS }, (_, k) => {
      const level = low + (high - low) * ((k + 0.5) / LEVELS) ** 3;
      return shape("path", { d: contour(values, level), class: "contour" });
    });
  }

  // --- controls ----------------------------------------------------------------------------------
  const minus = (text) => text.replace("-", "−");
  const number = (value) => {
    if (Math.abs(value) < 0.005) return "0.00"; // not −0.00
    return minus(Math.abs(value) < 1e4 ? value.toFixed(2) : value.toExponential(1));
  };
  const rateText = (rate) => String(Number(rate.toPrecision(2)));
  const lossText = (loss) => minus(Math.abs(loss) >= 1e-3 && Math.abs(loss) < 1e5 ? loss.toFixed(4) : loss.toExponential(1));

  function slider(id, label, range, show, onInput) {
    const input = element("input", { type: "range", id, ...range });
    // Not an <output>: screen readers would read the value twice, from the slider and from here.
    const output = element("span", { class: "value", "aria-hidden": "true" });
    input.addEventListener("input", () => onInput(Number(input.value)));
    const row = element("div", { class: "control" }, element("label", { for: id }, label), input, output);
    const set = (value) => {
      input.value = value;
      input.setAttribute("aria-valuetext", show(value));
      output.textContent = show(value);
    };
    return { row, set };
  }

  function explore(stage, serial) {
    const id = (name) => `descent-${serial}-${name}`;
    let surface = SURFACES.ravine;
    let optimizer = OPTIMIZERS.sgd;
    let power = -1.3; // the rate is 10 ** power
    let start = [...surface.start];
    let path = [start];
    let step = optimizer.make();

    const clip = shape("clipPath", { id: id("clip") }, shape("rect", { width: SIDE, height: SIDE }));
    const lines = shape("g");
    const trail = shape("path", { class: "trail" });
    const dots = shape("g", { class: "dots" });
    const inside = shape("g", { "clip-path": `url(#${id("clip")})` }, lines, trail, dots);
    const picture = shape("svg", {
      viewBox: `${-MARGIN} -6 ${SIDE + MARGIN + 8} ${SIDE + MARGIN + 4}`,
      role: "img",
      "aria-label": "Contours of a loss over two parameters, and the path of an optimizer from its start, a square, to its last place, a large circle. The text beside it says the place and the loss.",
    }, shape("defs", {}, clip), inside, axes());
    const facts = element("p", { class: "legend" });
    const status = element("p", { role: "status" });

    const last = () => path[path.length - 1];
    const isLost = () => last().some((value) => !(Math.abs(value) < LOST));

    function draw() {
      // A place far outside would make a path that browsers cannot draw.
      const near = path.map((place) => place.map((value) => Math.max(-99, Math.min(99, Number.isNaN(value) ? 99 : value))));
      trail.setAttribute("d", near.map(([a, b], i) => `${i ? "L" : "M"}${toX(a).toFixed(1)} ${toY(b).toFixed(1)}`).join(""));
      dots.replaceChildren(
        ...near.slice(1).map(([a, b]) => shape("circle", { cx: toX(a), cy: toY(b), r: 2.5 })),
        shape("rect", { x: toX(near[0][0]) - 6, y: toY(near[0][1]) - 6, width: 12, height: 12 }),
        shape("circle", { cx: toX(near[near.length - 1][0]), cy: toY(near[near.length - 1][1]), r: 7, class: "here" }),
      );
      rateSlider.set(power);
      first.set(start[0]);
      second.set(start[1]);
      facts.textContent = `Surface: ${surface.lowest}. Square: start. Large circle: last place.`;
      const [a, b] = last();
      const count = path.length - 1;
      const steps = `${count} ${count === 1 ? "step" : "steps"} of ${optimizer.name} at rate ${rateText(10 ** power)}`;
      if (isLost()) {
        status.textContent = `${steps}: diverged. Choose a smaller rate.`;
        return;
      }
      const away = [a, b].some((value) => Math.abs(value) > LIMIT) ? " Outside the picture." : "";
      status.textContent = `${steps}: at (${number(a)}, ${number(b)}), loss ${lossText(surface.f([a, b]))}, gradient ${lossText(Math.hypot(...surface.gradient([a, b])))}.${away}`;
    }

    function restart() {
      path = [[...start]];
      step = optimizer.make();
      draw();
    }

    function walk(count) {
      for (let k = 0; k < count && !isLost(); k += 1) {
        const here = last();
        const move = step(surface.gradient(here), 10 ** power);
        path.push(here.map((value, i) => value + move[i]));
      }
      draw();
    }

    const chooseSurface = choice(id("surface"), "surface", SURFACES, (key) => {
      surface = SURFACES[key];
      start = [...surface.start];
      lines.replaceChildren(...contours(surface));
      restart();
    });
    const chooseOptimizer = choice(id("optimizer"), "optimizer", OPTIMIZERS, (key) => {
      optimizer = OPTIMIZERS[key];
      restart();
    });
    const rateSlider = slider(id("rate"), "rate η", { min: -3, max: 0.5, step: 0.05 }, (p) => rateText(10 ** p), (p) => {
      power = p;
      restart();
    });
    const place = (index) => (value) => {
      start[index] = value;
      restart();
    };
    const range = { min: -2.8, max: 2.8, step: 0.05 };
    const first = slider(id("first"), "start θ₁", range, number, place(0));
    const second = slider(id("second"), "start θ₂", range, number, place(1));
    const buttons = element("div", { class: "buttons" },
      button("One step", () => walk(1)), button("Fifty steps", () => walk(50)), button("Start again", restart));
    const controls = element("div", { class: "controls" },
      chooseSurface, chooseOptimizer, rateSlider.row, first.row, second.row, buttons, status, facts);
    stage.replaceChildren(element("div", { class: "explorer" }, element("div", { class: "plot" }, picture), controls));
    lines.replaceChildren(...contours(surface));
    walk(20);
  }

  document.querySelectorAll('[data-interactive="descent"]').forEach(explore);
})();
