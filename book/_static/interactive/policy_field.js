// A policy's arrows over a field (week 10): boats cross a river, and REINFORCE trains their Gaussian
// policy in the page. Its mean and its baseline are linear in 49 bumps, as in
// dlcourse/agents/river.py. The reader chooses the baseline, the noise and the current, moves the
// landing, and takes updates.
"use strict";

(() => {
  const { element, shape, choice, button, slider, randomNumbers } = globalThis.figureParts;

  const GRID = 7; // bumps along each side
  const BUMPS = GRID * GRID;
  const WIDTH = 0.7 / (GRID - 1); // of a bump
  const STEP = 0.06; // time of a step
  const RADIUS = 0.08; // of the landing
  const ACROSS = 0.92; // where the landing lies between the banks, 0 to 1
  const BOATS = 40;
  const STEPS = 40; // after which an episode is cut
  const RATE = 0.05; // of Adam
  const RIDGE = 0.1; // of the value's regression
  const SIDE = 400; // of the picture, in SVG units
  const ARROWS = 9; // along each side
  const TILES = 20;

  const CURRENTS = {
    down: { name: "downwards", speed: 0.7 },
    none: { name: "none", speed: 0 },
    up: { name: "upwards", speed: -0.7 },
  };
  const BASELINES = { value: { name: "value" }, mean: { name: "mean" }, none: { name: "none" } };
  const NOISES = {
    trained: { name: "σ trained, from 0.6", sigma: 0.6, trained: true },
    large: { name: "σ stays 0.6", sigma: 0.6, trained: false },
    small: { name: "σ stays 0.05", sigma: 0.05, trained: false },
  };

  // --- the river ---------------------------------------------------------------------------------
  const clip = (value, low, high) => Math.min(high, Math.max(low, value));
  const flow = (x, speed) => -4 * speed * x * (1 - x);

  function move([x, y], [across, along], speed) {
    return [
      clip(x + STEP * clip(across, -1, 1), 0, 1),
      clip(y + STEP * (clip(along, -1, 1) + flow(x, speed)), 0, 1),
    ];
  }

  // Of the two factors of a Gaussian bump, one for each coordinate.
  const heights = (value) => Array.from({ length: GRID }, (_, k) => Math.exp(-((value - k / (GRID - 1)) ** 2) / (2 * WIDTH ** 2)));

  function bumps([x, y]) {
    const [across, along] = [heights(x), heights(y)];
    const total = across.reduce((a, b) => a + b) * along.reduce((a, b) => a + b);
    return along.flatMap((up) => across.map((right) => (up * right) / total));
  }

  const dot = (features, weights) => features.reduce((sum, value, k) => sum + value * weights[k], 0);

  // --- random numbers: the same in every browser (Box and Muller) ----------------------------------
  function generator(seed) {
    const uniform = randomNumbers(seed);
    const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
    return { uniform, normal };
  }

  // --- REINFORCE -----------------------------------------------------------------------------------
  const zeros = (count) => new Array(count).fill(0);

  function beginning(noise, seed = 1) {
    const logSigma = Math.log(NOISES[noise].sigma);
    return {
      // Parameters in one row: weights for the velocity across, those along, two log sigma.
      parameters: [...zeros(2 * BUMPS), logSigma, logSigma],
      first: zeros(2 * BUMPS + 2), second: zeros(2 * BUMPS + 2),
      value: zeros(BUMPS), known: false, updates: 0, history: [], paths: [], random: generator(seed),
    };
  }

  const means = ({ parameters }, features) => [dot(features, parameters), dot(features, parameters.slice(BUMPS))];
  const sigmas = ({ parameters }) => [Math.exp(parameters[2 * BUMPS]), Math.exp(parameters[2 * BUMPS + 1])];

  function voyage(agent, world) {
    const { uniform, normal } = agent.random;
    const arrived = ([x, y]) => Math.hypot(x - ACROSS, y - world.landing) < RADIUS;
    let place = [uniform(), uniform()];
    while (arrived(place)) place = [uniform(), uniform()];
    const sigma = sigmas(agent);
    const steps = [];
    while (steps.length < STEPS && !arrived(place)) {
      const features = bumps(place);
      const mean = means(agent, features);
      const action = mean.map((middle, k) => middle + sigma[k] * normal());
      steps.push({ place, features, mean, action });
      place = move(place, action, world.speed);
    }
    steps.forEach((step, t) => {
      step.toGo = -(steps.length - t);
    });
    return { steps, end: place };
  }

  // The mean over the steps of weight times score, in the order of the parameters.
  function gradient(steps, weights, sigma) {
    const sums = zeros(2 * BUMPS + 2);
    steps.forEach(({ features, mean, action }, index) => {
      for (const k of [0, 1]) {
        const off = (action[k] - mean[k]) / sigma[k];
        const scaled = (weights[index] * off) / sigma[k];
        for (let j = 0; j < BUMPS; j += 1) sums[k * BUMPS + j] += scaled * features[j];
        sums[2 * BUMPS + k] += weights[index] * (off * off - 1);
      }
    });
    return sums.map((sum) => sum / steps.length);
  }

  // Ridge regression of the rewards-to-go on the bumps, by elimination.
  function fitted(steps) {
    const rows = Array.from({ length: BUMPS }, (_, j) => {
      const row = zeros(BUMPS + 1);
      row[j] = RIDGE;
      return row;
    });
    for (const { features, toGo } of steps) {
      for (let j = 0; j < BUMPS; j += 1) {
        if (features[j] < 1e-12) continue;
        for (let k = 0; k < BUMPS; k += 1) rows[j][k] += features[j] * features[k];
        rows[j][BUMPS] += features[j] * toGo;
      }
    }
    for (let j = 0; j < BUMPS; j += 1) {
      for (let i = j + 1; i < BUMPS; i += 1) {
        const factor = rows[i][j] / rows[j][j];
        if (factor !== 0) for (let k = j; k <= BUMPS; k += 1) rows[i][k] -= factor * rows[j][k];
      }
    }
    const solution = zeros(BUMPS);
    for (let j = BUMPS - 1; j >= 0; j -= 1) {
      let rest = rows[j][BUMPS];
      for (let k = j + 1; k < BUMPS; k += 1) rest -= rows[j][k] * solution[k];
      solution[j] = rest / rows[j][j];
    }
    return solution;
  }

  function adam(agent, direction, trainSigma) {
    const k = agent.updates + 1;
    const last = trainSigma ? direction.length : 2 * BUMPS;
    for (let j = 0; j < last; j += 1) {
      agent.first[j] = 0.9 * agent.first[j] + 0.1 * direction[j];
      agent.second[j] = 0.999 * agent.second[j] + 0.001 * direction[j] ** 2;
      const speed = Math.sqrt(agent.second[j] / (1 - 0.999 ** k)) + 1e-7;
      agent.parameters[j] += (RATE * agent.first[j]) / (1 - 0.9 ** k) / speed;
    }
  }

  function update(agent, world) {
    const boats = Array.from({ length: BOATS }, () => voyage(agent, world));
    const steps = boats.flatMap((boat) => boat.steps);
    const mean = steps.reduce((sum, { toGo }) => sum + toGo, 0) / steps.length;
    const baseline = {
      none: () => 0,
      mean: () => mean,
      value: ({ features }) => (agent.known ? dot(features, agent.value) : 0),
    }[world.baseline];
    const weights = steps.map((step) => step.toGo - baseline(step));
    adam(agent, gradient(steps, weights, sigmas(agent)), NOISES[world.noise].trained);
    agent.value = fitted(steps);
    agent.known = true;
    agent.updates += 1;
    agent.history.push(steps.length / BOATS);
    agent.paths = boats.slice(0, 8).map(({ steps: taken, end }) => [...taken.map(({ place }) => place), end]);
  }

  globalThis.policyFieldFunctions = { bumps, move, gradient, fitted, beginning, update, means };

  // --- drawing -------------------------------------------------------------------------------------
  const toX = (x) => x * SIDE;
  const toY = (y) => (1 - y) * SIDE;

  function tiles(agent) {
    const group = shape("g", { class: "value" });
    if (!agent.known) return group;
    const size = SIDE / TILES;
    for (let row = 0; row < TILES; row += 1) {
      for (let column = 0; column < TILES; column += 1) {
        const needed = -dot(bumps([(column + 0.5) / TILES, (row + 0.5) / TILES]), agent.value);
        group.append(shape("rect", {
          x: column * size, y: SIDE - (row + 1) * size, width: size, height: size,
          "fill-opacity": (0.75 * clip(needed / STEPS, 0, 1)).toFixed(3),
        }));
      }
    }
    return group;
  }

  function arrow(x, y, [across, along], length) {
    const [dx, dy] = [length * across, -length * along];
    const size = Math.hypot(dx, dy);
    if (size < 0.5) return shape("circle", { cx: x, cy: y, r: 1.5 });
    const [ux, uy, head] = [dx / size, dy / size, Math.min(7, size / 2)];
    const [ex, ey] = [x + dx / 2, y + dy / 2];
    const barb = (side) => `${(ex - head * (ux + side * 0.6 * uy)).toFixed(1)} ${(ey - head * (uy - side * 0.6 * ux)).toFixed(1)}`;
    return shape("path", {
      d: `M${(x - dx / 2).toFixed(1)} ${(y - dy / 2).toFixed(1)}L${ex.toFixed(1)} ${ey.toFixed(1)}M${barb(1)}L${ex.toFixed(1)} ${ey.toFixed(1)}L${barb(-1)}`,
    });
  }

  function arrows(agent) {
    const group = shape("g", { class: "policy" });
    for (let row = 0; row < ARROWS; row += 1) {
      for (let column = 0; column < ARROWS; column += 1) {
        const place = [(column + 0.5) / ARROWS, (row + 0.5) / ARROWS];
        const action = means(agent, bumps(place)).map((value) => clip(value, -1, 1));
        group.append(arrow(toX(place[0]), toY(place[1]), action, (0.75 * SIDE) / ARROWS));
      }
    }
    return group;
  }

  // Below the square: how fast the current is at each place between the banks.
  function currents(speed) {
    const group = shape("g", { class: "current" });
    for (let k = 2; k < 10; k += 1) group.append(arrow(toX(k / 10), SIDE + 26, [0, flow(k / 10, speed)], 38));
    group.append(shape("text", { x: 0, y: SIDE + 31 }, "current"));
    return group;
  }

  function curve(history) {
    const group = shape("g", { class: "history" });
    const shown = Math.max(100, history.length);
    const place = (value, index) => `${((SIDE * index) / (shown - 1)).toFixed(1)} ${(90 - (80 * value) / STEPS).toFixed(1)}`;
    group.append(
      shape("path", { class: "axis", d: `M0 90H${SIDE}M0 10H${SIDE}` }),
      shape("text", { x: SIDE, y: 24, "text-anchor": "end" }, `${STEPS} steps`),
      shape("text", { x: SIDE, y: 106, "text-anchor": "end" }, `update ${shown}`));
    if (history.length) {
      group.append(shape("path", { class: "curve", d: history.map((value, index) => `${index ? "L" : "M"}${place(value, index)}`).join("") }));
    }
    return group;
  }

  // --- controls ------------------------------------------------------------------------------------
  function explore(stage, serial) {
    const id = (part) => `policy-field-${serial}-${part}`;
    const world = { baseline: "value", noise: "trained", speed: CURRENTS.down.speed, landing: 0.5 };
    let seed = 1;
    let agent = beginning(world.noise, seed);

    const picture = shape("svg", {
      viewBox: `-2 -2 ${SIDE + 4} ${SIDE + 52}`, role: "img",
      "aria-label": "A river from bank to bank with arrows for the mean action at each place, colours for the steps still needed, the paths of eight boats, and a circle for the landing. Arrows below it show the current. The text beside it says how long the boats need.",
    });
    const history = shape("svg", {
      viewBox: `-2 0 ${SIDE + 4} 112`, role: "img",
      "aria-label": "Mean number of steps of each batch, over the updates.",
    });
    const status = element("p", { role: "status" });

    function draw() {
      const paths = shape("g", { class: "paths" }, ...agent.paths.map((path) =>
        shape("path", { d: path.map(([x, y], k) => `${k ? "L" : "M"}${toX(x).toFixed(1)} ${toY(y).toFixed(1)}`).join("") })));
      picture.replaceChildren(
        tiles(agent), paths, arrows(agent),
        shape("circle", { class: "landing", cx: toX(ACROSS), cy: toY(world.landing), r: RADIUS * SIDE }),
        shape("rect", { class: "frame", width: SIDE, height: SIDE }), currents(world.speed));
      history.replaceChildren(curve(agent.history));
      const [across, along] = sigmas(agent).map((value) => value.toFixed(2));
      const sigma = `σ is ${across} across and ${along} along the river.`;
      const count = `Seed ${seed}, ${agent.updates} ${agent.updates === 1 ? "update" : "updates"}`;
      status.textContent = agent.updates
        ? `${count}. The boats of the last batch took ${agent.history[agent.updates - 1].toFixed(1)} steps on average (${STEPS} at most); ${sigma}`
        : `Seed ${seed}, no update yet: the mean action is 0 everywhere; ${sigma}`;
    }

    function train(count) {
      for (let k = 0; k < count; k += 1) update(agent, world);
      draw();
    }

    function restart() {
      agent = beginning(world.noise, seed);
      draw();
    }

    const range = { min: 0.1, max: 0.9, step: 0.05, value: world.landing };
    const landing = slider(id("landing"), "landing at", range, (value) => value.toFixed(2), (value) => {
      world.landing = value;
      draw();
    });
    picture.addEventListener("click", (event) => {
      const box = picture.getBoundingClientRect();
      const input = landing.querySelector("input");
      input.value = 1 - (((event.clientY - box.top) / box.height) * (SIDE + 52) - 2) / SIDE;
      input.dispatchEvent(new Event("input"));
    });

    const controls = element("div", { class: "controls" },
      choice(id("baseline"), "baseline", BASELINES, (key) => {
        world.baseline = key;
        restart();
      }),
      choice(id("noise"), "noise", NOISES, (key) => {
        world.noise = key;
        restart();
      }),
      choice(id("current"), "current", CURRENTS, (key) => {
        world.speed = CURRENTS[key].speed;
        draw();
      }),
      landing,
      element("div", { class: "buttons" },
        button("One update", () => train(1)), button("Ten updates", () => train(10)),
        button("Next seed", () => {
          seed += 1;
          restart();
        })),
      status, history,
      element("p", { class: "legend" }, "Darker: more steps still needed. Another baseline or noise starts again with the same seed; a new current or landing goes on."));
    stage.replaceChildren(element("div", { class: "explorer policy-field" }, element("div", { class: "plot" }, picture), controls));
    draw();
  }

  document.querySelectorAll('[data-interactive="policy_field"]').forEach(explore);
})();
