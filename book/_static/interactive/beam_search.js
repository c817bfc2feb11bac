// Beam search (week 6): a tree that grows by steps. The probabilities are those of the page's network
// for some words; dlcourse/data/datasets/derive_beam_trees.py wrote them between the two lines below.
"use strict";

(() => {
  const { element, shape, choice } = globalThis.figureParts;

  // For each word: the pronunciations that are listed, and for each prefix the most probable next
  // phonemes with their probabilities. "." ends a pronunciation.
  // --- begin of the probabilities
  const WORDS = {};
  // --- end of the probabilities

  const WIDTHS = { 1: { name: "1 (greedy)" }, 2: { name: "2" }, 3: { name: "3" }, 4: { name: "4" } };
  const ROW = 30; // height of a candidate, in SVG units
  const COLUMN = 100; // width of a step
  const BOX = 72; // width of a candidate
  const TOP = 26;

  // --- the search --------------------------------------------------------------------------------
  const ROOT = { symbol: "<", symbols: [], logp: 0, ended: false, kept: true, parent: null };

  function children(node, word, width) {
    const known = WORDS[word].next[node.symbols.join(" ")] ?? [];
    return known.slice(0, Math.max(width, 2)).map(([symbol, p]) => ({
      symbol, p, symbols: [...node.symbols, symbol], logp: node.logp + Math.log(p),
      ended: symbol === ".", parent: node,
    }));
  }

  // The next column: an ended hypothesis is carried on as it is and competes with the others.
  function grow(column, word, width) {
    const next = column.filter((node) => node.kept).flatMap((node) =>
      node.ended ? [{ ...node, parent: node, carried: true }] : children(node, word, width));
    const best = [...next].sort((a, b) => b.logp - a.logp).slice(0, width);
    for (const node of next) node.kept = best.includes(node);
    return next;
  }

  const ended = (column) => column.filter((node) => node.kept).every((node) => node.ended);

  function search(word, width) {
    const columns = [[ROOT]];
    while (!ended(columns.at(-1))) columns.push(grow(columns.at(-1), word, width));
    return columns;
  }

  const kept = (column) => column.filter((node) => node.kept).sort((a, b) => b.logp - a.logp);
  const spelled = (node) => node.symbols.filter((symbol) => symbol !== ".").join(" ");
  const number = (value) => value.toFixed(2).replace("-", "\u2212");

  // --- drawing -----------------------------------------------------------------------------------
  function tree(columns) {
    const group = shape("g");
    const places = new Map();
    columns.forEach((column, step) => {
      const x = 6 + COLUMN * step;
      group.append(shape("text", { x: x + BOX / 2, y: 14, "text-anchor": "middle", class: "legend" }, step ? `step ${step}` : "start"));
      column.forEach((node, row) => {
        const y = TOP + ROW * row;
        places.set(node, [x, y]);
        const from = node.parent && places.get(node.parent);
        const look = node.kept ? "kept" : "pruned";
        if (from) {
          const middle = (from[0] + BOX + x) / 2;
          group.append(shape("path", {
            d: `M${from[0] + BOX} ${from[1] + 12}C${middle} ${from[1] + 12} ${middle} ${y + 12} ${x} ${y + 12}`,
            class: `branch ${look}`,
          }));
        }
        group.append(box(node, x, y, look));
      });
    });
    return group;
  }

  function box(node, x, y, look) {
    const name = node.symbol === "." ? "end" : node.symbol;
    const text = node.parent ? `${name} ${number(node.logp)}` : "start";
    return shape("g", { class: `candidate ${look}${node.ended ? " ended" : ""}` },
      shape("rect", { x, y, width: BOX, height: 24, rx: node.ended ? 12 : 3 }),
      shape("text", { x: x + BOX / 2, y: y + 17, "text-anchor": "middle" }, text));
  }

  // --- controls ----------------------------------------------------------------------------------
  function explore(stage, serial) {
    const id = (name) => `beam-${serial}-${name}`;
    const options = Object.fromEntries(Object.keys(WORDS).map((word) => [word, { name: word }]));
    let word = Object.keys(WORDS)[0];
    let width = 1;
    let columns = [];

    const picture = shape("svg", {
      role: "img",
      "aria-label": "A tree that grows from left to right, a column for each step. Each box is a phoneme with the sum of logarithms of probabilities on its way; kept boxes are filled, the others are dashed. The text below says the same.",
    });
    const status = element("p", { role: "status" });
    const listed = element("p", { class: "legend" });
    const step = element("button", { type: "button" }, "Step");
    const finish = element("button", { type: "button" }, "To the end");
    const again = element("button", { type: "button" }, "Start over");

    function draw() {
      // As high as the whole search will need, so that the page does not jump.
      const whole = search(word, width);
      const rows = Math.max(...whole.map((column) => column.length));
      picture.setAttribute("viewBox", `0 0 ${COLUMN * 7 + BOX + 12} ${TOP + ROW * rows}`);
      picture.replaceChildren(tree(columns));
      const last = columns.at(-1);
      const over = ended(last);
      step.disabled = finish.disabled = over;
      const best = kept(last);
      status.textContent = over
        ? `Done after ${columns.length - 1} steps. Best: ${spelled(best[0])}, log p ${number(best[0].logp)}, p ${Math.exp(best[0].logp).toFixed(3)}. ${right(best[0])}`
        : `Step ${columns.length - 1}. Kept: ${best.map((node) => `${spelled(node) || "nothing"}${node.ended ? " (ended)" : ""} ${number(node.logp)}`).join("; ")}.`;
      listed.textContent = `In the dictionary: ${WORDS[word].listed.join(" or ")}. Drawn of each hypothesis: its ${Math.max(width, 2)} most probable continuations; no other could be kept.`;
    }

    const right = (node) => (WORDS[word].listed.includes(spelled(node)) ? "In the dictionary." : "Not in the dictionary.");

    function restart() {
      columns = [[{ ...ROOT }]];
      draw();
    }

    step.addEventListener("click", () => {
      columns.push(grow(columns.at(-1), word, width));
      draw();
    });
    finish.addEventListener("click", () => {
      while (!ended(columns.at(-1))) columns.push(grow(columns.at(-1), word, width));
      draw();
    });
    again.addEventListener("click", restart);

    const controls = element("div", { class: "controls" },
      choice(id("word"), "word", options, (chosen) => {
        word = chosen;
        restart();
      }),
      choice(id("width"), "beam width", WIDTHS, (chosen) => {
        width = Number(chosen);
        restart();
      }),
      element("div", { class: "buttons" }, step, finish, again));
    const words = element("div", { class: "words" }, status, listed);
    stage.replaceChildren(element("div", { class: "explorer beam" }, controls,
      element("div", { class: "plot", tabindex: "0", role: "group", "aria-label": "tree, scrolls sideways" }, picture), words));
    restart();
  }

  document.querySelectorAll('[data-interactive="beam_search"]').forEach(explore);
})();
