// The clip objective of PPO (week 10): what one step adds to the objective, as a function of the
// ratio of the action's probabilities now and when it was taken. The reader moves the ratio and the
// clip's epsilon, and chooses the advantage's sign; shown are the objective with and without the
// clip, its gradient with respect to the ratio, and what a step of gradient ascent would do.
"use strict";

(() => {
  const { element, shape, slider } = globalThis.figureParts;

  const WIDEST = 2; // the ratio goes from 0 to this
  const REACH = 2.2; // the objective's axis goes from -REACH to REACH
  const WIDTH = 440; // of the plot, in SVG units
  const HEIGHT = 320;
  const MARGIN = { left: 42, top: 30, bottom: 42 };
  const BLUE = "#0072b2"; // objective
  const ORANGE = "#d55e00"; // without the clip
  const EDGE = 1e-9; // slider positions are decimal fractions, which binary numbers miss by this

  const bounded = (ratio, epsilon) => Math.min(Math.max(ratio, 1 - epsilon), 1 + epsilon);
  const objective = (ratio, advantage, epsilon) =>
    Math.min(ratio * advantage, bounded(ratio, epsilon) * advantage);

  // With respect to the ratio. At the bound itself the step has not gone too far yet.
  function gradient(ratio, advantage, epsilon) {
    const beyond = advantage > 0 ? ratio > 1 + epsilon + EDGE : ratio < 1 - epsilon - EDGE;
    return beyond ? 0 : advantage;
  }

  globalThis.clipFunctions = { objective, gradient };

  const toX = (ratio) => (ratio / WIDEST) * WIDTH;
  const toY = (value) => ((REACH - value) / (2 * REACH)) * HEIGHT;
  const minus = (value, decimals) => value.toFixed(decimals).replace("-", "−");

  function axes() {
    const group = shape("g", { class: "axes" });
    for (let ratio = 0; ratio <= WIDEST; ratio += 0.5) {
      group.append(
        shape("path", { d: `M${toX(ratio)} 0 v${HEIGHT}`, "stroke-opacity": ratio === 1 ? 0.8 : 0.2 }),
        shape("text", { x: toX(ratio), y: HEIGHT + 19, "text-anchor": "middle" }, ratio.toFixed(1)),
      );
    }
    for (let value = -2; value <= 2; value += 1) {
      group.append(
        shape("path", { d: `M0 ${toY(value)} h${WIDTH}`, "stroke-opacity": value === 0 ? 0.8 : 0.2 }),
        shape("text", { x: -6, y: toY(value) + 5, "text-anchor": "end" }, minus(value, 0)),
      );
    }
    group.append(shape("text", { x: WIDTH / 2, y: HEIGHT + 38, "text-anchor": "middle" }, "ratio of probabilities, now / then"));
    return group;
  }

  function line(corners, attributes) {
    const points = corners.map(([ratio, value]) => `${toX(ratio).toFixed(1)} ${toY(value).toFixed(1)}`);
    return shape("path", { d: `M${points.join(" L")}`, fill: "none", ...attributes });
  }

  // An arrow at the current point along the ratio's axis: where gradient ascent moves it.
  function arrow(ratio, value, slope) {
    const direction = Math.sign(slope);
    const [x, y] = [toX(ratio), toY(value)];
    const tip = x + 60 * direction;
    return shape("path", {
      class: "ascent", d: `M${x} ${y} H${tip} M${tip - 9 * direction} ${y - 6} L${tip} ${y} L${tip - 9 * direction} ${y + 6}`,
      fill: "none", stroke: "currentColor", "stroke-width": 3,
    });
  }

  function legend() {
    const group = shape("g", { class: "axes" });
    [["objective", { stroke: BLUE, "stroke-width": 4 }],
      ["without clip", { stroke: ORANGE, "stroke-width": 2.5, "stroke-dasharray": "8 5" }],
      ["inside the clip", { stroke: "currentColor", "stroke-width": 16, "stroke-opacity": 0.15 }],
    ].forEach(([name, look], index) => {
      const x = index * 145;
      group.append(shape("line", { x1: x, x2: x + 24, y1: -15, y2: -15, ...look }), shape("text", { x: x + 30, y: -10 }, name));
    });
    return group;
  }

  function meaning(ratio, advantage, slope) {
    if (slope === 0) {
      const [quality, moved] = advantage > 0 ? ["better", "more"] : ["worse", "less"];
      return `The action was ${quality} than expected and is ${moved} probable already than the clip allows: nothing pushes it further.`;
    }
    const [quality, wanted] = advantage > 0 ? ["better", "more"] : ["worse", "less"];
    const wrong = advantage > 0 ? ratio < 1 - EDGE : ratio > 1 + EDGE;
    const remark = wrong ? " It has moved the wrong way so far, and no clip keeps it there." : "";
    return `The action was ${quality} than expected: ascent makes it ${wanted} probable.${remark}`;
  }

  function explore(stage, serial) {
    const id = (name) => `clip-${serial}-${name}`;
    const chosen = { ratio: 1, advantage: 1, epsilon: 0.2 };
    const control = (name, label, range) =>
      slider(id(name), label, { ...range, value: chosen[name] }, (value) => minus(value, 2), (value) => {
        chosen[name] = value;
        draw();
      });
    const numbers = element("p", { class: "formula", style: "min-height: 3em" });
    const status = element("p", { role: "status", style: "min-height: 6.4em" });
    const drawing = shape("g");
    const picture = shape("svg", {
      viewBox: `${-MARGIN.left} ${-MARGIN.top} ${WIDTH + MARGIN.left + 10} ${HEIGHT + MARGIN.top + MARGIN.bottom}`, role: "img",
      "aria-label": "The clipped objective of one step against the ratio of probabilities. The text beside it says its value, its gradient and what ascent does.",
    }, drawing, legend());

    function draw() {
      const { ratio: r, epsilon: e, advantage } = chosen;
      const at = (x) => [x, objective(x, advantage, e)];
      const [value, slope] = [objective(r, advantage, e), gradient(r, advantage, e)];
      drawing.replaceChildren(
        shape("rect", { x: toX(1 - e), width: toX(2 * e), height: HEIGHT, fill: "currentColor", "fill-opacity": 0.1 }),
        axes(),
        line([[0, 0], [WIDEST, WIDEST * advantage]], { stroke: ORANGE, "stroke-width": 2.5, "stroke-dasharray": "8 5" }),
        line([0, 1 - e, 1 + e, WIDEST].map(at), { class: "objective", stroke: BLUE, "stroke-width": 4 }),
        ...(slope === 0 ? [] : [arrow(r, value, slope)]),
        shape("circle", { cx: toX(r), cy: toY(value), r: 7, fill: BLUE, stroke: "#fff", "stroke-width": 1.5 }),
      );
      numbers.textContent = `Objective ${minus(value, 3)}, gradient with respect to the ratio ${minus(slope, 2)}.`;
      status.textContent = advantage === 0
        ? "The action was as good as expected: no gradient at any ratio."
        : meaning(r, advantage, slope);
    }

    const controls = element("div", { class: "controls" },
      control("ratio", "ratio", { min: 0, max: WIDEST, step: 0.05 }),
      control("advantage", "advantage", { min: -1, max: 1, step: 0.25 }),
      control("epsilon", "clip ε", { min: 0.05, max: 0.5, step: 0.05 }),
      numbers, status,
      element("p", { class: "legend" }, "The arrow shows where gradient ascent moves the ratio; there is none where the gradient is 0."));
    stage.replaceChildren(element("div", { class: "explorer" }, element("div", { class: "plot" }, picture), controls));
    draw();
  }

  document.querySelectorAll('[data-interactive="clip_objective"]').forEach(explore);
})();
