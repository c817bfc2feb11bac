// A queue before a network (week 12): requests arrive at random and are run in batches. The reader
// chooses the rate of arrivals, how long one row takes, the largest batch and how long a batch waits
// for company; shown are the requests in the system over time, percentiles of the time to the
// answer, the utilization, and the mean that the formula of M/D/1 gives without batches.
"use strict";

(() => {
  const { element, shape, slider, randomNumbers } = globalThis.figureParts;

  const SECONDS = 20; // of arrivals
  const SEED = 1;
  const ANOTHER_ROW = 0.1; // of the first row's time
  const WIDTH = 440; // of the plot, in SVG units
  const HEIGHT = 250;
  const MARGIN = { left: 46, top: 12, bottom: 44 };
  const BLUE = "#0072b2";
  const ORANGE = "#d55e00";

  // Milliseconds that a batch of so many rows takes.
  const duration = (service, rows) => service * (1 + ANOTHER_ROW * (rows - 1));

  // Arrival times in ms, in order: gaps are exponential with mean 1000 / rate.
  function arrivals(rate, seconds = SECONDS, seed = SEED) {
    const random = randomNumbers(seed);
    const times = [];
    for (let t = 0; ;) {
      t -= (Math.log(1 - random()) * 1000) / rate;
      if (t >= seconds * 1000) return times;
      times.push(t);
    }
  }

  // Batches of requests, each { first, size, start, end }. A batch opens when the thread is free and
  // a request is there; it starts when it is full, or the wait is over.
  function batches(times, { service, most, wait }) {
    const made = [];
    let free = 0;
    for (let first = 0; first < times.length;) {
      const opened = Math.max(free, times[first]);
      let size = 1;
      while (size < most && first + size < times.length && times[first + size] <= opened + wait) size += 1;
      const start = size === most ? Math.max(opened, times[first + size - 1]) : opened + wait;
      free = start + duration(service, size);
      made.push({ first, size, start, end: free });
      first += size;
    }
    return made;
  }

  const percentile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];

  // Mean time to the answer in ms of M/D/1; infinite where more comes than can be served.
  function formula(rate, service) {
    const rho = (rate * service) / 1000;
    return rho < 1 ? service * (1 + rho / (2 * (1 - rho))) : Infinity;
  }

  function simulate(settings, seconds = SECONDS) {
    const times = arrivals(settings.rate, seconds);
    const made = batches(times, settings);
    const ends = made.flatMap(({ size, end }) => Array(size).fill(end));
    const took = times.map((time, i) => ends[i] - time);
    const sorted = [...took].sort((a, b) => a - b);
    const busy = made.reduce((sum, { start, end }) => sum + end - start, 0);
    return {
      times, ends, took,
      mean: took.reduce((sum, t) => sum + t, 0) / took.length,
      p50: percentile(sorted, 0.5),
      p99: percentile(sorted, 0.99),
      rows: times.length / made.length,
      utilization: busy / Math.max(seconds * 1000, ends.at(-1)),
    };
  }

  globalThis.queueFunctions = { arrivals, batches, duration, formula, simulate };

  // Requests in the system at equal distances: the largest number in each of so many intervals.
  function lengths({ times, ends }, places = WIDTH) {
    const largest = Array(places).fill(0);
    const place = (t) => Math.min(places - 1, Math.floor((t / (SECONDS * 1000)) * places));
    let [came, went, here, last] = [0, 0, 0, 0];
    const raise = (now) => {
      for (let k = last; k <= now; k += 1) largest[k] = Math.max(largest[k], here);
      last = now;
    };
    while (came < times.length) {
      const arrives = times[came] < ends[went];
      raise(place(arrives ? times[came] : ends[went]));
      here += arrives ? 1 : -1;
      if (arrives) came += 1;
      else went += 1;
      largest[last] = Math.max(largest[last], here);
    }
    return largest;
  }

  // A round number of at least so much, for the end of the axis.
  function roundUp(value) {
    const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
    return [1, 2, 5, 10].map((k) => k * power).find((bound) => bound >= value);
  }

  function axes(top) {
    const group = shape("g", { class: "axes" });
    for (let t = 0; t <= SECONDS; t += 5) {
      const x = (t / SECONDS) * WIDTH;
      group.append(
        shape("path", { d: `M${x} 0 v${HEIGHT}`, "stroke-opacity": 0.2 }),
        shape("text", { x, y: HEIGHT + 19, "text-anchor": "middle" }, String(t)),
      );
    }
    for (const share of [0, 0.5, 1]) {
      const y = HEIGHT * (1 - share);
      group.append(
        shape("path", { d: `M0 ${y} h${WIDTH}`, "stroke-opacity": share === 0 ? 0.8 : 0.2 }),
        shape("text", { x: -6, y: y + 5, "text-anchor": "end" }, String(share * top)),
      );
    }
    group.append(shape("text", { x: WIDTH / 2, y: HEIGHT + 39, "text-anchor": "middle" }, "time, s (height: requests in the system)"));
    return group;
  }

  const ms = (value) => `${value.toFixed(value < 100 ? 1 : 0)} ms`;

  function meaning({ most, wait, rate, service }, found) {
    const possible = (1000 * most) / duration(service, most);
    if (rate > possible) {
      return `Overload: ${rate} requests per second come, and at most ${possible.toFixed(0)} can be served. The queue grows as long as they come.`;
    }
    if (most === 1) return "Without batches. The simulation is one draw of 20 s; near utilization 1 it can be far from the mean of all draws.";
    if (found.rows < 1.5 && wait > 0) return "Batches of one, for the most part: the wait costs time and brings little company.";
    return "Rows that arrive while a batch runs make up the next one: the more come, the larger the batches.";
  }

  function explore(stage, serial) {
    const id = (name) => `queue-${serial}-${name}`;
    const chosen = { rate: 80, service: 10, most: 1, wait: 0 };
    const control = (name, label, range, text) =>
      slider(id(name), label, { ...range, value: chosen[name] }, text, (value) => {
        chosen[name] = value;
        draw();
      });
    const numbers = element("p", { class: "formula", style: "min-height: 6em" });
    const status = element("p", { role: "status", style: "min-height: 6.4em" });
    const drawing = shape("g");
    const picture = shape("svg", {
      viewBox: `${-MARGIN.left} ${-MARGIN.top} ${WIDTH + MARGIN.left + 10} ${HEIGHT + MARGIN.top + MARGIN.bottom}`, role: "img",
      "aria-label": "Requests in the system over 20 seconds. The text beside it says the percentiles, the utilization and the formula's mean.",
    }, drawing);

    function draw() {
      const found = simulate(chosen);
      const line = lengths(found);
      const top = roundUp(Math.max(10, ...line));
      const points = line.map((length, x) => `${x} ${(HEIGHT * (1 - length / top)).toFixed(1)}`);
      const overload = found.utilization > 0.97;
      drawing.replaceChildren(axes(top), shape("path", {
        class: "lengths", d: `M${points.join(" L")}`, fill: "none", stroke: overload ? ORANGE : BLUE, "stroke-width": 2,
      }));
      const mean = formula(chosen.rate, chosen.service);
      numbers.textContent = `p50 ${ms(found.p50)}, p99 ${ms(found.p99)}, mean ${ms(found.mean)}; utilization ${found.utilization.toFixed(2)}, mean batch ${found.rows.toFixed(1)}. `
        + (Number.isFinite(mean) ? `M/D/1 without batches: mean ${ms(mean)}.` : "Without batches there is no steady state.");
      status.textContent = meaning(chosen, found);
    }

    const controls = element("div", { class: "controls" },
      control("rate", "arrivals", { min: 10, max: 400, step: 5 }, (value) => `${value}/s`),
      control("service", "one row", { min: 2, max: 20, step: 1 }, (value) => `${value} ms`),
      control("most", "largest batch", { min: 1, max: 32, step: 1 }, (value) => String(value)),
      control("wait", "wait", { min: 0, max: 40, step: 1 }, (value) => `${value} ms`),
      numbers, status,
      element("p", { class: "legend" }, "Each further row of a batch takes a tenth of the first one's time. Arrivals are random, and the same each time."));
    stage.replaceChildren(element("div", { class: "explorer" }, element("div", { class: "plot" }, picture), controls));
    draw();
  }

  document.querySelectorAll('[data-interactive="queue"]').forEach(explore);
})();
