// The cliff (week 9): SARSA and Q-learning learn side by side, in the page, with the probability of
// exploring and the step size that the reader chooses. Nothing is stored; the two run here.
"use strict";

(() => {
  const { element, shape, button, slider, randomNumbers } = globalThis.figureParts;

  const ROWS = 4;
  const COLUMNS = 12;
  const ACTIONS = 4; // left, down, right, up
  const MOVES = [[0, -1], [1, 0], [0, 1], [-1, 0]]; // rows down, columns to the right
  const START = 36;
  const GOAL = 47;
  const LONGEST = 5000; // steps after which an episode is cut
  const SEED = 8;
  const METHODS = { sarsa: "SARSA", qLearning: "Q-learning" };

  const CELL = 40; // side of a cell in SVG units

  // --- learning ----------------------------------------------------------------------------------
  const isCliff = (state) => state > START && state < GOAL;

  // The state reached, the reward, and whether the episode is over.
  function step(state, action) {
    const [down, right] = MOVES[action];
    const row = Math.min(ROWS - 1, Math.max(0, Math.floor(state / COLUMNS) + down));
    const column = Math.min(COLUMNS - 1, Math.max(0, (state % COLUMNS) + right));
    const reached = row * COLUMNS + column;
    return isCliff(reached) ? [START, -100, false] : [reached, -1, reached === GOAL];
  }

  function learner(method, seed = SEED) {
    return {
      method,
      random: randomNumbers(seed),
      q: Array.from({ length: ROWS * COLUMNS }, () => new Array(ACTIONS).fill(0)),
      returns: [],
      last: [], // the states of the last episode
    };
  }

  const bestActions = (values) => {
    const best = Math.max(...values);
    return values.map((_, action) => action).filter((action) => values[action] === best);
  };

  function choose({ q, random }, state, epsilon) {
    if (random() < epsilon) return Math.floor(random() * ACTIONS);
    const best = bestActions(q[state]);
    return best.length === 1 ? best[0] : best[Math.floor(random() * best.length)];
  }

  // One episode: the table is moved after each step, discount 1.
  function episode(agent, epsilon, alpha) {
    const { q, method } = agent;
    let state = START;
    let action = choose(agent, state, epsilon);
    let total = 0;
    agent.last = [state];
    for (let t = 0; t < LONGEST; t += 1) {
      const [reached, reward, over] = step(state, action);
      const next = choose(agent, reached, epsilon);
      const following = method === "sarsa" ? q[reached][next] : Math.max(...q[reached]);
      q[state][action] += alpha * (reward + (over ? 0 : following) - q[state][action]);
      total += reward;
      agent.last.push(reached);
      [state, action] = [reached, next];
      if (over) break;
    }
    agent.returns.push(total);
  }

  // The states that the greedy policy visits, up to the goal or to a state that it meets again.
  function greedyPath(q) {
    const path = [START];
    while (path[path.length - 1] !== GOAL) {
      const here = path[path.length - 1];
      const [reached] = step(here, bestActions(q[here])[0]);
      const again = path.includes(reached);
      path.push(reached);
      if (again) return { path, ends: false };
    }
    return { path, ends: true };
  }

  globalThis.cliffFunctions = { step, learner, episode, greedyPath };

  // --- drawing -----------------------------------------------------------------------------------
  const middle = (state) => [CELL * ((state % COLUMNS) + 0.5), CELL * (Math.floor(state / COLUMNS) + 0.5)];

  function cell(state, q) {
    const [x, y] = middle(state);
    const corner = { x: x - CELL / 2, y: y - CELL / 2, width: CELL, height: CELL };
    if (isCliff(state)) return shape("rect", { ...corner, class: "edge" });
    if (state === GOAL) return shape("rect", { ...corner, class: "goal" });
    // The longer the way that the values promise, the paler.
    const share = Math.max(0, 1 + Math.max(...q[state]) / 25);
    const tried = q[state].some((value) => value !== 0);
    return shape("rect", { ...corner, class: "floor", "fill-opacity": tried ? 0.1 + 0.5 * share : 0 });
  }

  function arrow(state, q) {
    const best = bestActions(q[state]);
    if (isCliff(state) || state === GOAL || best.length > 1) return "";
    const [x, y] = middle(state);
    const turn = [180, 90, 0, 270][best[0]];
    return shape("path", { d: "M-9 0H5M0 -5L6 0L0 5", class: "arrow", transform: `translate(${x} ${y}) rotate(${turn})` });
  }

  // A line through states; a fall off the cliff begins a new piece.
  function line(states, kind, shift) {
    const parts = states.map((state, i) => {
      const [x, y] = middle(state);
      const falls = i > 0 && state === START && ![START, START - COLUMNS].includes(states[i - 1]);
      return `${i === 0 || falls ? "M" : "L"}${x + shift} ${y + shift}`;
    });
    return shape("path", { d: parts.join(""), class: kind });
  }

  function mapOf(agent) {
    const { path, ends } = greedyPath(agent.q);
    const states = Array.from({ length: ROWS * COLUMNS }, (_, state) => state);
    const label = (state, text) => {
      const [x, y] = middle(state);
      return shape("text", { x, y: y + 6, "text-anchor": "middle", class: "label" }, text);
    };
    return [
      ...states.map((state) => cell(state, agent.q)),
      line(path, ends ? "greedy" : "greedy endless", 0),
      line(agent.last, "walked", 5),
      ...states.map((state) => arrow(state, agent.q)),
      label(START, "S"), label(GOAL, "G"),
    ];
  }

  // --- controls ----------------------------------------------------------------------------------
  const minus = (number) => number.toFixed(1).replace("-", "−");

  function said(agent) {
    const { path, ends } = greedyPath(agent.q);
    const recent = agent.returns.slice(-100);
    const name = METHODS[agent.method];
    if (recent.length === 0) return `${name}: nothing learned yet.`;
    const mean = recent.reduce((sum, value) => sum + value, 0) / recent.length;
    const beside = path.filter((state) => Math.floor(state / COLUMNS) === ROWS - 2).length;
    const route = ends
      ? `greedy path ${path.length - 1} steps, ${beside} of its places beside the cliff`
      : "the greedy path goes round for ever";
    return `${name}: mean return ${minus(mean)} in the last ${recent.length} episodes; ${route}.`;
  }

  function explore(stage, serial) {
    const id = (name) => `cliff-${serial}-${name}`;
    const settings = { epsilon: 0.1, alpha: 0.5 };
    let seed = SEED;
    let agents = [];

    const pictures = Object.fromEntries(Object.entries(METHODS).map(([method, name]) => [method, shape("svg", {
      viewBox: `-1 -1 ${CELL * COLUMNS + 2} ${CELL * ROWS + 2}`,
      role: "img",
      "aria-label": `The cliff, 4 by 12 cells, as ${name} has learned it: an arrow for the greedy action of each cell, a thick line for the greedy path, a thin line for the last episode. The text below it says the returns and the length of the path.`,
    })]));
    const status = element("div", { role: "status" });
    const count = element("p", { class: "formula" });

    function show() {
      for (const agent of agents) pictures[agent.method].replaceChildren(...mapOf(agent));
      const episodes = agents[0].returns.length;
      count.textContent = `${episodes} ${episodes === 1 ? "episode" : "episodes"} so far.`;
      status.replaceChildren(...agents.map((agent) => element("p", {}, said(agent))));
    }

    function learn(episodes) {
      for (const agent of agents) {
        for (let k = 0; k < episodes; k += 1) episode(agent, settings.epsilon, settings.alpha);
      }
      show();
    }

    function begin(chosen) {
      seed = chosen;
      agents = Object.keys(METHODS).map((method) => learner(method, seed));
      show();
    }

    const setting = (name, label, range) =>
      slider(id(name), label, { ...range, value: settings[name] }, (value) => value.toFixed(2), (value) => {
        settings[name] = value;
      });
    const plot = element("div", { class: "plot" }, ...Object.entries(METHODS).map(([method, name]) =>
      element("div", {}, element("p", { class: "name" }, name), pictures[method])));
    const controls = element("div", { class: "controls" },
      setting("epsilon", "explore ε", { min: 0, max: 0.5, step: 0.01 }),
      setting("alpha", "step size α", { min: 0.05, max: 1, step: 0.05 }),
      element("div", { class: "buttons" },
        button("One episode", () => learn(1)), button("Ten", () => learn(10)), button("Hundred", () => learn(100)),
        button("Start again", () => begin(seed)), button("Other random numbers", () => begin(seed + 1))),
      count, status,
      element("p", { class: "legend" }, "Both go on with what they have learned when you change ε or α. Thick line: greedy path, dashed where it never ends. Thin line: last episode. Grey: the cliff."));
    stage.replaceChildren(element("div", { class: "explorer cliff" }, plot, controls));
    begin(SEED);
    learn(10);
  }

  document.querySelectorAll('[data-interactive="cliff"]').forEach(explore);
})();
