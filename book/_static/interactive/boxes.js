// Boxes explorer: four boxes with scores, moved by pointer or arrow keys. A table shows the IoU of
// each pair; non-maximum suppression follows the boxes and the threshold.
"use strict";

(() => {
  const { element, shape, choice } = globalThis.figureParts;

  const WIDTH = 420; // of the picture, in SVG units
  const HEIGHT = 340;
  const LEAST = 20; // side of a box
  const STEP = 5; // an arrow key moves a box by so much
  const NAMES = ["A", "B", "C", "D"];
  const SCORES = [0.95, 0.85, 0.75, 0.6];

  // Each box is [left, top, right, bottom].
  const ARRANGEMENTS = {
    chain: { name: "a chain", boxes: [[40, 100, 160, 220], [75, 115, 195, 235], [110, 130, 230, 250], [280, 60, 380, 160]] },
    doubles: { name: "doubles on two objects", boxes: [[50, 60, 170, 180], [60, 70, 185, 190], [240, 140, 360, 270], [250, 130, 365, 280]] },
    inside: { name: "one inside the other", boxes: [[60, 40, 340, 300], [150, 110, 250, 210], [90, 70, 310, 270], [110, 90, 290, 250]] },
    apart: { name: "apart and touching", boxes: [[40, 60, 140, 160], [140, 60, 240, 160], [240, 160, 340, 260], [60, 220, 160, 300]] },
  };
  const CLASSES = {
    one: { name: "all of one class", labels: [0, 0, 0, 0] },
    two: { name: "A and C of one class, B and D of another", labels: [0, 1, 0, 1] },
  };

  const area = ([left, top, right, bottom]) => (right - left) * (bottom - top);

  function common(a, b) {
    const box = [Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])];
    return box[2] > box[0] && box[3] > box[1] ? box : null;
  }

  function iou(a, b) {
    const shared = common(a, b);
    const both = shared ? area(shared) : 0;
    const union = area(a) + area(b) - both;
    return union > 0 ? both / union : 0;
  }

  // For each box the index of the one that suppressed it, or null if it is kept.
  function suppressors(boxes, scores, threshold, labels) {
    const order = boxes.map((_, index) => index).sort((i, j) => scores[j] - scores[i] || i - j);
    const by = boxes.map(() => null);
    order.forEach((best, place) => {
      if (by[best] !== null) return; // a suppressed box suppresses nothing
      for (const other of order.slice(place + 1)) {
        const rival = labels[other] === labels[best] && iou(boxes[best], boxes[other]) > threshold;
        if (by[other] === null && rival) by[other] = best;
      }
    });
    return by;
  }

  globalThis.boxFunctions = { iou, suppressors };

  // --- drawing -----------------------------------------------------------------------------------
  const place = (rect, [left, top, right, bottom]) => {
    const sides = { x: left, y: top, width: right - left, height: bottom - top };
    for (const [key, value] of Object.entries(sides)) rect.setAttribute(key, value);
  };
  const percent = (value) => value.toFixed(2);
  const inside = (value, low, high) => Math.max(low, Math.min(high, value));

  function explore(stage, serial) {
    const id = (name) => `boxes-${serial}-${name}`;
    let boxes = ARRANGEMENTS.chain.boxes.map((box) => [...box]);
    let labels = CLASSES.one.labels;
    let threshold = 0.4;
    let active = 1;
    let drag = null;

    const shared = shape("rect", { class: "common" });
    const parts = NAMES.map((name, index) => {
      const rect = shape("rect", { class: "box" });
      const corner = shape("rect", { class: "corner", width: 14, height: 14 });
      const text = shape("text", { class: "name" });
      const group = shape("g", { tabindex: 0, role: "button", "data-box": name }, rect, text, corner);
      group.addEventListener("focus", () => { active = index; draw(); });
      group.addEventListener("keydown", (event) => onKey(event, index));
      group.addEventListener("pointerdown", (event) => grab(event, index, event.target === corner));
      return { group, rect, corner, text };
    });
    const picture = shape("svg", {
      viewBox: `-2 -2 ${WIDTH + 4} ${HEIGHT + 4}`, role: "group",
      "aria-label": "Four boxes on an empty picture. Tab chooses a box; arrow keys move it, with Shift they change its size.",
    }, shape("rect", { class: "frame", width: WIDTH, height: HEIGHT }), shared, ...parts.map(({ group }) => group));
    const table = element("table", { class: "overlaps" });
    const formula = element("p", { class: "formula" });
    const status = element("p", { role: "status" });

    function toPicture(event) {
      const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(picture.getScreenCTM().inverse());
      return [point.x, point.y];
    }

    function grab(event, index, resizes) {
      const [x, y] = toPicture(event);
      drag = { index, resizes, x, y, from: [...boxes[index]] };
      parts[index].group.focus({ preventScroll: true });
      picture.setPointerCapture(event.pointerId);
      event.preventDefault();
    }

    picture.addEventListener("pointermove", (event) => {
      if (!drag) return;
      const [x, y] = toPicture(event);
      boxes[drag.index] = moved(drag.from, Math.round(x - drag.x), Math.round(y - drag.y), drag.resizes);
      draw();
    });
    for (const kind of ["pointerup", "pointercancel"]) picture.addEventListener(kind, () => { drag = null; });

    function moved([left, top, right, bottom], dx, dy, resizes) {
      if (resizes) {
        return [left, top, inside(right + dx, left + LEAST, WIDTH), inside(bottom + dy, top + LEAST, HEIGHT)];
      }
      const [x, y] = [inside(dx, -left, WIDTH - right), inside(dy, -top, HEIGHT - bottom)];
      return [left + x, top + y, right + x, bottom + y];
    }

    function onKey(event, index) {
      const steps = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
      const step = steps[event.key];
      if (!step) return;
      event.preventDefault();
      boxes[index] = moved(boxes[index], ...step, event.shiftKey);
      draw();
    }

    function nearest() {
      const others = NAMES.map((_, index) => index).filter((index) => index !== active);
      return others.reduce((best, index) => (iou(boxes[active], boxes[index]) > iou(boxes[active], boxes[best]) ? index : best));
    }

    function drawBoxes(by) {
      parts.forEach(({ group, rect, corner, text }, index) => {
        const box = boxes[index];
        place(rect, box);
        corner.setAttribute("x", box[2] - 14);
        corner.setAttribute("y", box[3] - 14);
        text.setAttribute("x", box[0] + 6);
        text.setAttribute("y", box[1] + 18);
        text.textContent = `${NAMES[index]} ${percent(SCORES[index])}`;
        const lost = by[index] !== null;
        group.setAttribute("class", `${lost ? "suppressed" : "kept"} class-${labels[index]}${index === active ? " active" : ""}`);
        const fate = lost ? `suppressed by ${NAMES[by[index]]}` : "kept";
        group.setAttribute("aria-label",
          `Box ${NAMES[index]}, score ${percent(SCORES[index])}, left ${box[0]}, top ${box[1]}, right ${box[2]}, bottom ${box[3]}, ${fate}. Arrow keys move it, with Shift they change its size.`);
      });
    }

    function drawTable() {
      const head = element("tr", {}, element("th", { scope: "col" }, "IoU"), ...NAMES.map((name) => element("th", { scope: "col" }, name)));
      const rows = NAMES.map((name, i) => element("tr", {}, element("th", { scope: "row" }, name),
        ...NAMES.map((_, j) => {
          const value = iou(boxes[i], boxes[j]);
          const over = i !== j && value > threshold && labels[i] === labels[j];
          return element("td", { class: over ? "over" : "" }, i === j ? "–" : percent(value));
        })));
      table.replaceChildren(element("caption", {}, "IoU of each pair; bold: above the threshold"), element("thead", {}, head), element("tbody", {}, ...rows));
    }

    function draw() {
      const by = suppressors(boxes, SCORES, threshold, labels);
      drawBoxes(by);
      drawTable();
      const other = nearest();
      const both = common(boxes[active], boxes[other]);
      shared.style.display = both ? "" : "none";
      if (both) place(shared, both);
      const overlap = both ? area(both) : 0;
      const union = area(boxes[active]) + area(boxes[other]) - overlap;
      formula.textContent = `${NAMES[active]} and ${NAMES[other]}: common area ${overlap}, union ${union}, IoU ${percent(overlap / union)}`;
      slider.setAttribute("aria-valuetext", percent(threshold));
      shown.textContent = percent(threshold);
      const kept = NAMES.filter((_, index) => by[index] === null).join(", ");
      const lost = NAMES.map((name, index) => (by[index] === null ? "" : `${name} is suppressed by ${NAMES[by[index]]}. `)).join("");
      status.textContent = `Kept: ${kept}. ${lost}`.trim();
    }

    const slider = element("input", { type: "range", id: id("threshold"), min: 0, max: 1, step: 0.05, value: threshold });
    const shown = element("span", { class: "value", "aria-hidden": "true" });
    slider.addEventListener("input", () => { threshold = Number(slider.value); draw(); });
    const chooseBoxes = choice(id("arrangement"), "boxes", ARRANGEMENTS, (key) => {
      boxes = ARRANGEMENTS[key].boxes.map((box) => [...box]);
      draw();
    });
    const chooseClasses = choice(id("classes"), "classes", CLASSES, (key) => { labels = CLASSES[key].labels; draw(); });
    const controls = element("div", { class: "controls" }, chooseBoxes, chooseClasses,
      element("div", { class: "control" }, element("label", { for: id("threshold") }, "threshold"), slider, shown),
      table, formula, status,
      element("p", { class: "legend" }, "Drag a box, or its lower right corner. Dashed: suppressed. Shaded: what the chosen box shares with the one that overlaps it most."));
    stage.replaceChildren(element("div", { class: "explorer boxes" }, element("div", { class: "plot" }, picture), controls));
    draw();
  }

  document.querySelectorAll('[data-interactive="boxes"]').forEach(explore);
})();
