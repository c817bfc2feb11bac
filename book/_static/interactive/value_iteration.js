// Value iteration (week 9), sweep by sweep, on a map that the reader edits. The world is that of
// dlcourse/agents/gridworlds.py: a goal gives 1, a hole -1, and a step may slip to either side.
"use strict";

(() => {
  const { element, shape, button, slider } = globalThis.figureParts;

  const MAP = ["......G", ".##.#.H", ".#.....", "...H#..", "......."];
  const ROWS = MAP.length;
  const COLUMNS = MAP[0].length;
  const KINDS = { ".": "floor", "#": "wall", G: "goal", H: "hole" };
  const REWARDS = { G: 1, H: -1 };
  const ACTIONS = ["left", "down", "right", "up"];
  const MOVES = [[0, -1], [1, 0], [0, 1], [-1, 0]];
  const SMALL = 0.001; // the change of a sweep at which "until it stops" stops
  const CELL = 60; // of the picture, in SVG units

  // --- the method --------------------------------------------------------------------------------
  const ends = (letter) => letter === "G" || letter === "H";

  // The cell beside a cell; at the border of the map the cell itself.
  function beside(cell, action) {
    const row = Math.floor(cell / COLUMNS) + MOVES[action][0];
    const column = (cell % COLUMNS) + MOVES[action][1];
    const inside = row >= 0 && row < ROWS && column >= 0 && column < COLUMNS;
    return inside ? row * COLUMNS + column : cell;
  }

  // Where a step from a cell leads.
  function neighbour(letters, cell, action) {
    const next = beside(cell, action);
    return letters[next] === "#" ? cell : next;
  }

  // The values of the four actions in a cell, from the values of the cells.
  function actionValues(letters, values, cell, { gamma, slip }) {
    const led = ACTIONS.map((_, action) => {
      const next = neighbour(letters, cell, action);
      return (REWARDS[letters[next]] ?? 0) + gamma * values[next];
    });
    return ACTIONS.map((_, action) =>
      (1 - slip) * led[action] + (slip / 2) * (led[(action + 1) % 4] + led[(action + 3) % 4]));
  }

  const isFree = (letter) => letter === ".";

  function sweep(letters, values, settings) {
    return letters.map((letter, cell) =>
      isFree(letter) ? Math.max(...actionValues(letters, values, cell, settings)) : 0);
  }

  // Best actions of a cell; none where all four are equally good.
  function bestActions(letters, values, cell, settings) {
    if (!isFree(letters[cell])) return [];
    const q = actionValues(letters, values, cell, settings);
    const best = ACTIONS.map((_, action) => action).filter((action) => q[action] > Math.max(...q) - 1e-9);
    return best.length === 4 ? [] : best;
  }

  globalThis.valueIterationFunctions = { MAP, sweep, bestActions };

  // --- drawing -----------------------------------------------------------------------------------
  const number = (value, digits = 2) => {
    const text = value.toFixed(digits);
    return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "\u2212");
  };

  function arrow(action) {
    const turn = [180, 90, 0, 270][action];
    return shape("path", { d: "M3 0H13M8.5 -4.5L14 0L8.5 4.5", class: "arrow", transform: `translate(${CELL / 2} 22) rotate(${turn})` });
  }

  // --- controls ----------------------------------------------------------------------------------
  function explore(stage, serial) {
    const id = (name) => `value-iteration-${serial}-${name}`;
    let letters;
    let values;
    let sweeps;
    let changes;
    let turned;
    let active = 0; // the cell that the keyboard is on
    const settings = { gamma: 0.9, slip: 0.2 };

    const cells = Array.from({ length: ROWS * COLUMNS }, (_, cell) => {
      const square = shape("rect", { width: CELL, height: CELL });
      const marks = shape("g");
      const group = shape("g", {
        transform: `translate(${(cell % COLUMNS) * CELL} ${Math.floor(cell / COLUMNS) * CELL})`, role: "button",
      }, square, marks);
      group.addEventListener("click", () => {
        active = cell;
        edit(cell);
      });
      group.addEventListener("keydown", (event) => keyed(event, cell));
      return { group, square, marks };
    });
    const picture = shape("svg", {
      viewBox: `-3 -3 ${COLUMNS * CELL + 6} ${ROWS * CELL + 6}`, role: "group",
      "aria-label": "map of five rows and seven columns; arrow keys move, the space bar changes a cell",
    }, ...cells.map(({ group }) => group));
    const status = element("p", { role: "status" });
    const legend = element("p", { class: "legend" }, "G: goal, reward 1. H: hole, reward \u22121. Grey: wall. Number: value. Arrows: best actions; none where all four are equal.");

    function draw() {
      cells.forEach(({ group, square, marks }, cell) => {
        const letter = letters[cell];
        const value = values[cell];
        const best = bestActions(letters, values, cell, settings);
        square.setAttribute("class", isFree(letter) ? (value < 0 ? "floor bad" : "floor good") : KINDS[letter]);
        square.setAttribute("fill-opacity", isFree(letter) ? (0.75 * Math.min(1, Math.abs(value))).toFixed(3) : 1);
        marks.replaceChildren(...best.map(arrow));
        if (isFree(letter)) marks.append(shape("text", { x: CELL / 2, y: 53, class: "number" }, number(value)));
        if (ends(letter)) marks.append(shape("text", { x: CELL / 2, y: 40, class: "letter" }, letter));
        const place = `row ${Math.floor(cell / COLUMNS) + 1}, column ${(cell % COLUMNS) + 1}: ${KINDS[letter]}`;
        const names = best.map((action) => ACTIONS[action]).join(" or ");
        group.setAttribute("aria-label", isFree(letter) ? `${place}, value ${number(value)}${names && `, ${names}`}` : place);
        group.setAttribute("tabindex", cell === active ? "0" : "-1");
      });
      status.textContent = told();
    }

    function told() {
      if (sweeps === 0) return "No sweep yet with this map and these settings.";
      const change = changes.at(-1);
      const bound = (settings.gamma / (1 - settings.gamma)) * change;
      const shrunk = changes.length > 1 && changes.at(-2) > 0 ? `, ${number(change / changes.at(-2))} of the one before` : "";
      return `${sweeps} ${sweeps === 1 ? "sweep" : "sweeps"}. Greatest change ${number(change, 4)}${shrunk}. ` +
        `No value is further than ${number(bound, 3)} from the best one. Cells whose arrows changed: ${turned}.`;
    }

    function run(most) {
      for (let k = 0; k < most; k += 1) {
        const before = values;
        const arrows = (of) => letters.map((_, cell) => bestActions(letters, of, cell, settings).join());
        values = sweep(letters, before, settings);
        sweeps += 1;
        changes.push(Math.max(...values.map((value, cell) => Math.abs(value - before[cell]))));
        const [old, fresh] = [arrows(before), arrows(values)];
        turned = fresh.filter((text, cell) => text !== old[cell]).length;
        if (most > 1 && changes.at(-1) < SMALL) break;
      }
      draw();
    }

    // The values stay: the sweeps go on from where they are.
    function changed() {
      values = values.map((value, cell) => (isFree(letters[cell]) ? value : 0));
      sweeps = 0;
      changes = [];
      turned = 0;
      draw();
    }

    function edit(cell) {
      const order = Object.keys(KINDS);
      letters[cell] = order[(order.indexOf(letters[cell]) + 1) % order.length];
      changed();
    }

    function keyed(event, cell) {
      const action = ["ArrowLeft", "ArrowDown", "ArrowRight", "ArrowUp"].indexOf(event.key);
      if (action >= 0) {
        active = beside(cell, action);
        draw();
        cells[active].group.focus();
      } else if (event.key === " " || event.key === "Enter") {
        edit(cell);
      } else {
        return;
      }
      event.preventDefault();
    }

    function restart(map) {
      letters = Array.from(map.join(""));
      values = letters.map(() => 0);
      changed();
    }

    const setting = (name, label, range) =>
      slider(id(name), label, { ...range, value: settings[name] }, (value) => value.toFixed(2), (value) => {
        settings[name] = value;
        changed();
      });
    const controls = element("div", { class: "controls" },
      setting("gamma", "discount \u03b3", { min: 0.5, max: 0.99, step: 0.01 }),
      setting("slip", "slip", { min: 0, max: 0.8, step: 0.05 }),
      element("div", { class: "buttons" },
        button("One sweep", () => run(1)), button("Until it stops", () => run(2000)),
        button("Values to 0", () => {
          values = values.map(() => 0);
          changed();
        }),
        button("First map", () => restart(MAP))),
      status, legend);
    stage.replaceChildren(element("div", { class: "explorer value-iteration" }, element("div", { class: "plot" }, picture), controls));
    restart(MAP);
  }

  document.querySelectorAll('[data-interactive="value_iteration"]').forEach(explore);
})();
