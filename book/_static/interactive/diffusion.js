// Diffusion (week 7): points in the plane walk from noise to eight Gaussians on a ring. The noise is
// guessed by the best possible guess, which is known for a mixture of Gaussians. The reader chooses
// the way and the number of steps and moves through them.
"use strict";

(() => {
  const { element, shape, choice, randomNumbers } = globalThis.figureParts;

  const T = 200;
  const SPREAD = 0.15; // standard deviation of each Gaussian
  const RADIUS = 1.4; // of the ring
  const POINTS = 300;
  const SCALE = 62; // SVG units for 1
  const HALF = 205; // half the picture's side, in SVG units
  const SHARE = 0.02; // of the points that makes a Gaussian count as found

  // kept[t]: the share of the variance that is still signal after t steps.
  const kept = [1];
  for (let t = 1; t <= T; t += 1) kept.push(kept[t - 1] * (1 - (0.0005 + (0.0995 * (t - 1)) / (T - 1))));

  const CENTRES = Array.from({ length: 8 }, (_, k) => {
    const angle = (2 * Math.PI * k) / 8;
    return [RADIUS * Math.cos(angle), RADIUS * Math.sin(angle)];
  });

  // --- the diffusion -----------------------------------------------------------------------------
  // E[noise | x_t] for one point: the noise that each Gaussian explains, weighted by its share.
  function bestNoise([x, y], t) {
    const root = Math.sqrt(kept[t]);
    const variance = kept[t] * SPREAD ** 2 + 1 - kept[t];
    const off = CENTRES.map(([a, b]) => [x - root * a, y - root * b]);
    const logs = off.map(([a, b]) => -(a * a + b * b) / (2 * variance));
    const greatest = Math.max(...logs);
    const powers = logs.map((log) => Math.exp(log - greatest));
    const total = powers.reduce((sum, power) => sum + power, 0);
    const factor = Math.sqrt(1 - kept[t]) / variance / total;
    return [0, 1].map((axis) => factor * off.reduce((sum, place, k) => sum + powers[k] * place[axis], 0));
  }

  function cleaned(point, noise, t) {
    return point.map((value, axis) => (value - Math.sqrt(1 - kept[t]) * noise[axis]) / Math.sqrt(kept[t]));
  }

  const timesOf = (steps) => Array.from({ length: steps + 1 }, (_, k) => Math.round((T * (steps - k)) / steps));

  // One stride of DDIM (eta 0) or DDPM (eta 1) from t to s; normal() draws a standard normal number.
  function stride(point, t, s, eta, normal) {
    const noise = bestNoise(point, t);
    const clean = cleaned(point, noise, t);
    const variance = eta ** 2 * ((1 - kept[s]) / (1 - kept[t])) * (1 - kept[t] / kept[s]);
    const old = Math.sqrt(Math.max(1 - kept[s] - variance, 0));
    const fresh = Math.sqrt(variance);
    return point.map((_, axis) =>
      Math.sqrt(kept[s]) * clean[axis] + old * noise[axis] + (fresh > 0 ? fresh * normal() : 0));
  }

  // All points at all times, the first being T.
  function walk(start, steps, eta, normal) {
    const times = timesOf(steps);
    const path = [start];
    for (let k = 0; k < steps; k += 1) {
      path.push(path[k].map((point) => stride(point, times[k], times[k + 1], eta, normal)));
    }
    return path;
  }

  // The forward process seen backwards: the same data and noise at each time.
  function forward(data, noise, steps) {
    return timesOf(steps).map((t) => data.map((point, row) => point.map((value, axis) =>
      Math.sqrt(kept[t]) * value + Math.sqrt(1 - kept[t]) * noise[row][axis])));
  }

  // Share of points within three spreads of a centre, and the Gaussians that have enough of them.
  function hits(points) {
    const counts = CENTRES.map(() => 0);
    let near = 0;
    for (const [x, y] of points) {
      const distances = CENTRES.map(([a, b]) => Math.hypot(x - a, y - b));
      const least = Math.min(...distances);
      if (least < 3 * SPREAD) {
        near += 1;
        counts[distances.indexOf(least)] += 1;
      }
    }
    return { near: near / points.length, found: counts.filter((count) => count > SHARE * points.length).length };
  }

  // Uniform numbers from a seed, made normal by Box and Muller.
  function normalFrom(seed) {
    const uniform = randomNumbers(seed);
    return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  }

  globalThis.diffusionFunctions = { kept, CENTRES, SPREAD, bestNoise, timesOf, walk, forward, hits, normalFrom };

  // --- drawing -----------------------------------------------------------------------------------
  const WAYS = { ddim: { name: "DDIM" }, ddpm: { name: "DDPM" }, forward: { name: "forward, backwards" } };
  const STEPS = Object.fromEntries([5, 10, 20, 50, 200].map((steps) => [steps, { name: String(steps) }]));
  const place = ([x, y]) => [HALF + SCALE * x, HALF - SCALE * y];
  const percent = (share) => `${Math.round(100 * share)} %`;

  function marks(points, guesses) {
    const group = shape("g");
    for (const centre of CENTRES) {
      const [cx, cy] = place(centre);
      group.append(shape("circle", { cx, cy, r: 3 * SPREAD * SCALE, class: "centre" }));
    }
    for (const guess of guesses) {
      const [x, y] = place(guess);
      group.append(shape("path", { d: `M${x - 3} ${y}h6M${x} ${y - 3}v6`, class: "guess" }));
    }
    for (const point of points) {
      const [cx, cy] = place(point);
      group.append(shape("circle", { cx, cy, r: 2.6, class: "point" }));
    }
    return group;
  }

  function explore(stage, serial) {
    const id = (name) => `diffusion-${serial}-${name}`;
    const settings = { way: "ddim", steps: 20, done: 0, seed: 1 };
    let path = [];

    const picture = shape("svg", {
      viewBox: `0 0 ${2 * HALF} ${2 * HALF}`, role: "img",
      "aria-label": "Points in the plane at one step of a diffusion, eight circles around the centres of the data, and a small cross where each point would land if all noise were removed at once. The text beside it says how many points have arrived.",
    });
    const status = element("p", { role: "status" });
    const slider = element("input", { type: "range", id: id("done"), min: 0, step: 1 });
    const value = element("span", { class: "value", "aria-hidden": "true" });
    const again = element("button", { type: "button" }, "Draw anew");

    function prepare() {
      const normal = normalFrom(settings.seed);
      const start = Array.from({ length: POINTS }, () => [normal(), normal()]);
      if (settings.way === "forward") {
        const data = start.map((_, row) => CENTRES[row % 8].map((centre) => centre + SPREAD * normal()));
        path = forward(data, start, settings.steps);
      } else {
        path = walk(start, settings.steps, settings.way === "ddpm" ? 1 : 0, normal);
      }
      settings.done = Math.min(settings.done, settings.steps);
      slider.max = String(settings.steps);
      slider.value = String(settings.done);
      draw();
    }

    function draw() {
      const t = timesOf(settings.steps)[settings.done];
      const points = path[settings.done];
      const guesses = t > 0 ? points.map((point) => cleaned(point, bestNoise(point, t), t)) : [];
      picture.replaceChildren(marks(points, guesses));
      const { near, found } = hits(points);
      const ratio = t > 0 ? `signal to noise ${(10 * Math.log10(kept[t] / (1 - kept[t]))).toFixed(1).replace("-", "\u2212")} dB` : "no noise left";
      status.textContent = `t = ${t}, ${ratio}. ${percent(near)} of the points are within three standard deviations of a centre; ${found} of 8 Gaussians found.`;
      value.textContent = `${settings.done} of ${settings.steps}`;
      slider.setAttribute("aria-valuetext", `${settings.done} of ${settings.steps}, t = ${t}`);
    }

    slider.addEventListener("input", () => {
      settings.done = Number(slider.value);
      draw();
    });
    again.addEventListener("click", () => {
      settings.seed += 1;
      prepare();
    });

    const steps = choice(id("steps"), "steps", STEPS, (key) => {
      settings.done = Math.round((settings.done / settings.steps) * Number(key));
      settings.steps = Number(key);
      prepare();
    });
    steps.querySelector("select").value = String(settings.steps);
    const controls = element("div", { class: "controls" },
      choice(id("way"), "way", WAYS, (key) => {
        settings.way = key;
        prepare();
      }),
      steps,
      element("div", { class: "control" }, element("label", { for: id("done") }, "steps done"), slider, value),
      status, element("div", { class: "buttons" }, again),
      element("p", { class: "legend" }, "Dots: the points. Crosses: the guess of the data, all noise removed at once. Circles: three standard deviations around the centres of the data."));
    stage.replaceChildren(element("div", { class: "explorer diffusion" }, element("div", { class: "plot" }, picture), controls));
    prepare();
  }

  document.querySelectorAll('[data-interactive="diffusion"]').forEach(explore);
})();
