// Positions (week 8): how the product of two positions depends on them, for sinusoidal, rotary and
// learned positions. The reader moves the query along the text. The curve is its product with each
// key; the dots are the curve of a query at position 0, moved to the query. Where both coincide the
// product depends on the distance alone.
"use strict";

(() => {
  const { element, shape, choice, slider } = globalThis.figureParts;

  const PLACES = 64; // positions 0 to 63
  const WIDTH = 640; // of the picture, in SVG units
  const HEIGHT = 330;
  const LEFT = 46;
  const TOP = 12;
  const BOTTOM = 290; // where the axis of positions lies

  // --- vectors -----------------------------------------------------------------------------------
  // The same pseudo-random numbers in every browser: a linear congruential generator, and the sum
  // of twelve uniform numbers for a normal one.
  function normals(count, seed) {
    let state = seed;
    const uniform = () => {
      state = (1664525 * state + 1013904223) % 4294967296;
      return state / 4294967296;
    };
    return Array.from({ length: count }, () => Array.from({ length: 12 }, uniform).reduce((a, b) => a + b) - 6);
  }

  const dot = (a, b) => a.reduce((sum, value, place) => sum + value * b[place], 0);

  // Scaled to squared length `width`, so that no product divided by the width leaves -1 to 1.
  function scaled(vector) {
    const factor = Math.sqrt(vector.length / dot(vector, vector));
    return vector.map((value) => value * factor);
  }

  const rates = (width, base) => Array.from({ length: width / 2 }, (_, pair) => base ** (-2 * pair / width));

  function sinusoidal(position, width, base) {
    return rates(width, base).flatMap((rate) => [Math.sin(position * rate), Math.cos(position * rate)].map((value) => Math.SQRT2 * value));
  }

  // Coordinates 2m and 2m + 1 are turned by the angle position * rate of pair m.
  function rotated(vector, position, base) {
    return rates(vector.length, base).flatMap((rate, pair) => {
      const [first, second] = [vector[2 * pair], vector[2 * pair + 1]];
      const [cosine, sine] = [Math.cos(position * rate), Math.sin(position * rate)];
      return [first * cosine - second * sine, first * sine + second * cosine];
    });
  }

  const query = (width) => scaled(normals(width, 1));
  // A key that meets its query best when it stands BACK positions before it.
  const BACK = 6;
  const key = (width, base) => rotated(query(width), BACK, base);

  const KINDS = {
    sinusoidal: {
      name: "sinusoidal", query: sinusoidal, key: sinusoidal,
      says: "Two sinusoidal vectors: the product depends on the distance alone, and is the same on both sides.",
    },
    same: {
      name: "rotary, query = key",
      query: (position, width, base) => rotated(query(width), position, base),
      key: (position, width, base) => rotated(query(width), position, base),
      says: "One vector, turned at both places: largest where the angles agree, at distance 0.",
    },
    rotary: {
      name: `rotary, looks ${BACK} back`,
      query: (position, width, base) => rotated(query(width), position, base),
      key: (position, width, base) => rotated(key(width, base), position, base),
      says: `Another vector for keys: still the distance alone, but largest ${BACK} positions before the query. Queries and keys are trained, so a head can learn which distance it looks at.`,
    },
    learned: {
      name: "learned, before training",
      query: (position, width) => scaled(normals(width, 3 + position)),
      key: (position, width) => scaled(normals(width, 3 + position)),
      says: "A random vector for each position: nothing ties equal distances together. Training has to, for each position by itself.",
    },
  };

  // The products of a query at one position with keys at all, divided by the width.
  function products(kind, width, base, position) {
    const asked = KINDS[kind].query(position, width, base);
    return Array.from({ length: PLACES }, (_, place) => dot(asked, KINDS[kind].key(place, width, base)) / width);
  }

  globalThis.positionsFunctions = { PLACES, query, key, products };

  // --- drawing -----------------------------------------------------------------------------------
  const across = (place) => LEFT + (WIDTH - LEFT - 12) * place / (PLACES - 1);
  const up = (value) => BOTTOM - (BOTTOM - TOP) * (value + 1.05) / 2.1;

  function axes(position) {
    const group = shape("g", { class: "scale" });
    for (const value of [-1, -0.5, 0, 0.5, 1]) {
      group.append(
        shape("path", { d: `M${LEFT} ${up(value)}H${WIDTH - 12}`, class: value === 0 ? "zero" : "" }),
        shape("text", { x: LEFT - 6, y: up(value) + 5, "text-anchor": "end" }, String(value).replace("-", "−")),
      );
    }
    for (let place = 0; place < PLACES; place += 8) {
      group.append(shape("text", { x: across(place), y: BOTTOM + 18, "text-anchor": "middle" }, String(place)));
    }
    group.append(
      shape("text", { x: (LEFT + WIDTH) / 2, y: BOTTOM + 36, "text-anchor": "middle" }, "position of the key"),
      shape("path", { d: `M${across(position)} ${TOP}V${BOTTOM}`, class: "query" }),
    );
    return group;
  }

  function curve(values) {
    const path = values.map((value, place) => `${place ? "L" : "M"}${across(place).toFixed(1)} ${up(value).toFixed(1)}`).join("");
    return shape("path", { d: path, class: "curve" });
  }

  function dots(first, position) {
    const group = shape("g", { class: "moved" });
    for (let distance = 0; position + distance < PLACES; distance += 1) {
      group.append(shape("circle", { cx: across(position + distance), cy: up(first[distance]), r: 3.5 }));
    }
    return group;
  }

  function explore(stage, serial) {
    const id = (part) => `positions-${serial}-${part}`;
    const settings = { kind: "sinusoidal", position: 16, width: 64, base: 10000 };

    const picture = shape("svg", {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img",
      "aria-label": "A curve: the product of the query with the key at each position, divided by the width. Dots: the curve of a query at position 0, moved to the query. The text beside it says by how much they differ.",
    });
    const status = element("p", { role: "status" });
    const says = element("p", { class: "legend" });

    const signed = (value) => value.toFixed(3).replace("-", "−");

    function draw() {
      const { kind, width, base, position } = settings;
      const first = products(kind, width, base, 0);
      const values = products(kind, width, base, position);
      const after = values.slice(position);
      const differences = after.map((value, distance) => Math.abs(value - first[distance]));
      picture.replaceChildren(axes(position), curve(values), dots(first, position));
      const at = (place) => (place >= 0 && place < PLACES ? signed(values[place]) : "outside");
      status.textContent = `Query at ${position}. Product at distance 0: ${at(position)}; 4 before: ${at(position - 4)}; 4 after: ${at(position + 4)}. Largest difference to the query at 0, at equal distances: ${Math.max(...differences).toFixed(3)}.`;
      says.textContent = KINDS[kind].says;
    }

    const setting = (name, label, range) =>
      slider(id(name), label, { ...range, value: settings[name] }, String, (value) => {
        settings[name] = value;
        draw();
      });

    const options = (values) => Object.fromEntries(values.map((value) => [value, { name: String(value) }]));
    const controls = element("div", { class: "controls" },
      choice(id("kind"), "positions", KINDS, (kind) => {
        settings.kind = kind;
        draw();
      }),
      setting("position", "query at", { min: 0, max: PLACES - 1, step: 1 }),
      setting("width", "width", { min: 4, max: 64, step: 4 }),
      choice(id("base"), "base", options([100, 10000]), (base) => {
        settings.base = Number(base);
        draw();
      }),
      status, says,
      element("p", { class: "legend" }, "Line: this query. Dots: the query at 0, moved here."));
    controls.querySelector(`#${id("base")}`).value = String(settings.base);
    stage.replaceChildren(element("div", { class: "explorer positions" }, element("div", { class: "plot" }, picture), controls));
    draw();
  }

  document.querySelectorAll('[data-interactive="positions"]').forEach(explore);
})();
