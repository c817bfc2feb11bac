// Window explorer: a window of inputs, gap and targets slides over a short series that is split into
// a training and a test part. The reader sets its parts, the rule by which windows are divided and
// what the inputs are made of; marked is what the test would know beforehand.
"use strict";

(() => {
  const { element, shape, choice } = globalThis.figureParts;

  const LENGTH = 48; // of the series
  const BORDER = 32; // the first index of the test part
  const REACH = 2; // a centred mean of 5 takes two values on each side
  const [LEFT, RIGHT, TOP, BOTTOM] = [16, 724, 34, 216]; // of the plot, in SVG units
  const LANE = 256; // height at which every window has its mark

  // Two days and a cold front, rounded so that the numbers are the same everywhere.
  const SERIES = Array.from({ length: LENGTH }, (_, i) =>
    Math.round(10 * (14 - 5 * Math.cos((2 * Math.PI * (i - 3)) / 24) - (i > 34 ? 4 : 0) + 0.9 * Math.sin(1.7 * i))) / 10);

  const RULES = {
    within: { name: "the whole window" },
    start: { name: "its first input" },
    random: { name: "a random draw" },
  };
  const INPUTS = {
    values: { name: "the values" },
    centred: { name: "centred means" },
  };

  const range = (from, to) => Array.from({ length: Math.max(to - from, 0) }, (_, i) => from + i);

  // The indices of a window's inputs and targets.
  function parts({ past, gap, horizon }, start) {
    const first = start + past + gap;
    return { inputs: range(start, start + past), targets: range(first, first + horizon) };
  }

  // The group of each window, by its start: "train", "test" or "none".
  function groups(settings) {
    const { past, gap, horizon, rule } = settings;
    const total = past + gap + horizon;
    return range(0, LENGTH - total + 1).map((start) => {
      if (rule === "random") return (start * 7 + 3) % 4 === 0 ? "test" : "train";
      if (rule === "start") return start < BORDER ? "train" : "test";
      if (start + total <= BORDER) return "train";
      return start >= BORDER ? "test" : "none";
    });
  }

  // The indices that the inputs of a window have been computed from.
  function sources(settings, start) {
    const { inputs } = parts(settings, start);
    if (settings.input === "values" || inputs.length === 0) return inputs;
    return range(Math.max(inputs[0] - REACH, 0), Math.min(inputs.at(-1) + REACH + 1, LENGTH));
  }

  // For each window, by its start, the indices that should not be known. For a test window: its
  // targets that a training window holds or that its own inputs were computed from. For a training
  // window: what it holds of the test part, and the targets that its own inputs were computed from.
  function leaks(settings) {
    const member = groups(settings);
    const seen = new Set();
    member.forEach((group, start) => {
      if (group !== "train") return;
      for (const index of [...sources(settings, start), ...parts(settings, start).targets]) seen.add(index);
    });
    return member.map((group, start) => {
      const { targets } = parts(settings, start);
      const used = new Set(sources(settings, start));
      const own = targets.filter((index) => used.has(index));
      if (group === "none") return own;
      if (group === "test") return targets.filter((index) => seen.has(index) || used.has(index));
      const beyond = settings.rule === "random" ? [] : [...used, ...targets].filter((index) => index >= BORDER);
      return [...new Set([...own, ...beyond])].sort((a, b) => a - b);
    });
  }

  globalThis.windowFunctions = { parts, groups, leaks };

  // --- drawing -----------------------------------------------------------------------------------
  const low = Math.min(...SERIES);
  const high = Math.max(...SERIES);
  const across = (index) => LEFT + ((RIGHT - LEFT) * (index + 0.5)) / LENGTH;
  const up = (value) => BOTTOM - ((BOTTOM - TOP) * (value - low)) / (high - low);
  const STEP = (RIGHT - LEFT) / LENGTH;

  function ground(rule) {
    const border = LEFT + STEP * BORDER;
    const line = shape("polyline", { class: "series", points: SERIES.map((value, i) => `${across(i)},${up(value)}`).join(" ") });
    if (rule === "random") return shape("g", {}, line);
    return shape("g", {}, line,
      shape("line", { class: "border", x1: border, x2: border, y1: 6, y2: LANE + 12 }),
      shape("text", { class: "part", x: border - 8, y: 18, "text-anchor": "end" }, "training part"),
      shape("text", { class: "part", x: border + 8, y: 18 }, "test part"));
  }

  function band(from, count, kind, text) {
    const box = shape("rect", { class: `band ${kind}`, x: LEFT + STEP * from, y: TOP - 8, width: STEP * count, height: BOTTOM - TOP + 16 });
    const label = shape("text", { class: "bandname", x: LEFT + STEP * (from + count / 2), y: BOTTOM + 22, "text-anchor": "middle" }, text);
    return count > 0 ? [box, ...(STEP * count > 8 * text.length ? [label] : [])] : [];
  }

  function dot(index, kind) {
    const [x, y] = [across(index), up(SERIES[index])];
    if (kind === "target") return shape("rect", { class: kind, x: x - 4.5, y: y - 4.5, width: 9, height: 9 });
    return shape("circle", { class: kind, cx: x, cy: y, r: kind === "input" ? 4.5 : 2 });
  }

  function leakMark(index) {
    const [x, y] = [across(index), up(SERIES[index])];
    return shape("g", { class: "leak" },
      shape("circle", { cx: x, cy: y, r: 9 }),
      shape("line", { x1: x - 6, y1: y + 6, x2: x + 6, y2: y - 6 }));
  }

  function lane(member, start) {
    const group = shape("g", { class: "lane" });
    member.forEach((name, index) => {
      const x = LEFT + STEP * (index + 0.5);
      const mark = name === "test"
        ? shape("rect", { class: "test", x: x - 4, y: LANE - 4, width: 8, height: 8 })
        : shape("circle", { class: name, cx: x, cy: LANE, r: name === "none" ? 3 : 4 });
      group.append(mark);
    });
    group.append(shape("rect", { class: "here", x: LEFT + STEP * start, y: LANE - 9, width: STEP, height: 18 }));
    return group;
  }

  const span = (list) => (list.length === 1 ? `${list[0]}` : `${list[0]} to ${list.at(-1)}`);
  const several = (count, one, many) => `${count} ${count === 1 ? one : many}`;

  function explore(stage, serial) {
    const id = (name) => `window-${serial}-${name}`;
    const settings = { past: 8, gap: 0, horizon: 4, rule: "start", input: "values" };
    let start = 22;

    const picture = shape("svg", { viewBox: `0 0 740 ${LANE + 16}`, role: "img", "aria-label": "The series with the window on it; below, a mark for each window: circle training, square test, small ring left out." });
    const plot = element("div", {
      class: "plot", tabindex: 0, role: "application",
      "aria-label": "Window on the series. The left and right arrow keys move it.",
      "aria-describedby": id("status"),
    }, picture);
    const status = element("p", { role: "status", id: id("status") });
    const summary = element("p", { class: "formula" });
    const sliders = {};

    function draw() {
      const member = groups(settings);
      start = Math.max(0, Math.min(start, member.length - 1));
      const { inputs, targets } = parts(settings, start);
      const found = leaks(settings);
      const bad = found[start];
      picture.replaceChildren(ground(settings.rule),
        ...band(start, settings.past, "inputs", "inputs"),
        ...band(start + settings.past, settings.gap, "gap", "gap"),
        ...band(start + settings.past + settings.gap, settings.horizon, "targets", "targets"),
        ...range(0, LENGTH).map((i) => dot(i, inputs.includes(i) ? "input" : targets.includes(i) ? "target" : "other")),
        ...bad.map(leakMark), lane(member, start));
      showSliders(member.length - 1);
      status.textContent = describe(member[start], inputs, targets, bad);
      const tested = member.flatMap((group, index) => (group === "test" ? [index] : []));
      const known = tested.reduce((sum, index) => sum + found[index].length, 0);
      const count = (name) => member.filter((group) => group === name).length;
      const train = member.reduce((sum, group, index) => sum + (group === "train" && found[index].length > 0 ? 1 : 0), 0);
      const total = tested.length * settings.horizon;
      summary.textContent = `${count("train")} training, ${count("test")} test, ${count("none")} left out. `
        + `Test targets known beforehand: ${known} of ${total}. Training windows with a leak: ${train}.`;
    }

    function describe(group, inputs, targets, bad) {
      const role = { train: "Training window", test: "Test window", none: "Left out" }[group];
      const where = `${role}: inputs ${span(inputs)}, targets ${span(targets)}.`;
      if (bad.length === 0) return `${where} No leak.`;
      const inside = bad.every((index) => targets.includes(index));
      return `${where} Leak: ${several(bad.length, inside ? "target" : "value", inside ? "targets" : "values")} (${span(bad)}).`;
    }

    function showSliders(last) {
      sliders.start.input.max = last;
      for (const [name, { input, value }] of Object.entries(sliders)) {
        const shown = name === "start" ? start : settings[name];
        input.value = shown;
        value.textContent = shown;
      }
    }

    function slider(name, label, min, max, onInput) {
      const input = element("input", { type: "range", id: id(name), min, max, step: 1 });
      const value = element("span", { class: "value", "aria-hidden": "true" });
      input.addEventListener("input", () => { onInput(Number(input.value)); draw(); });
      sliders[name] = { input, value };
      return element("div", { class: "control" }, element("label", { for: id(name) }, label), input, value);
    }

    plot.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!step) return;
      event.preventDefault();
      start += step;
      draw();
    });

    const set = (name) => (value) => { settings[name] = value; };
    const chooseRule = choice(id("rule"), "divided by", RULES, (key) => { settings.rule = key; draw(); });
    const chooseInput = choice(id("input"), "inputs are", INPUTS, (key) => { settings.input = key; draw(); });
    chooseRule.querySelector("select").value = settings.rule;
    const controls = element("div", { class: "controls" },
      slider("start", "window", 0, LENGTH, (value) => { start = value; }),
      slider("past", "past", 2, 12, set("past")),
      slider("gap", "gap", 0, 6, set("gap")),
      slider("horizon", "horizon", 1, 8, set("horizon")),
      chooseRule, chooseInput);
    const words = element("div", { class: "words" }, status, summary,
      element("p", { class: "legend" }, "Circles: inputs. Squares: targets. Ringed and crossed out: known where it should not be. Below: every window by its first index, circle for training, square for test, small ring for left out."));
    stage.replaceChildren(element("div", { class: "explorer series-window" }, plot, controls, words));
    draw();
  }

  document.querySelectorAll('[data-interactive="window"]').forEach(explore);
})();
