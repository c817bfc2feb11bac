// What the first page adds to its gallery and its map: a slider between two pictures, a text that is
// written out again, and the lines of the map. Without it all of them are there and stand still.
"use strict";

(() => {
  // --- two pictures, one over the other ------------------------------------------------------------
  for (const place of document.querySelectorAll("[data-compare]")) {
    const slider = place.querySelector("input");
    const show = () => place.style.setProperty("--share", `${slider.value}%`);
    slider.hidden = false;
    slider.addEventListener("input", show);
    show();
  }

  // --- a text that a network wrote ---------------------------------------------------------------
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  for (const place of document.querySelectorAll("[data-sample]")) {
    const [written, button] = [place.querySelector(".written"), place.querySelector("button")];
    const text = written.textContent;
    let timer = 0;
    button.hidden = false;
    button.addEventListener("click", () => {
      clearInterval(timer);
      let count = still.matches ? text.length : 0;
      const step = () => {
        written.textContent = text.slice(0, count);
        if (count++ >= text.length) clearInterval(timer);
      };
      timer = setInterval(step, 30);
      step();
    });
  }

  // --- the map -------------------------------------------------------------------------------------
  // Everything that a topic needs, itself left out: directly, and through what that needs. A need may
  // be a week as a whole.
  function allNeeds(key, needs) {
    const found = new Set();
    const open = [...needs.get(key)];
    while (open.length) {
      const next = open.pop();
      if (found.has(next)) continue;
      found.add(next);
      open.push(...needs.get(next));
    }
    return found;
  }

  // By topic the topics that it needs directly; a week as a whole stands for its topics.
  function directNeeds(told) {
    const keys = told.map(({ key }) => key);
    const ofWeek = (week) => keys.filter((key) => key === week || key.startsWith(`${week}.`));
    const topics = (need) => (need.includes(".") ? [need] : ofWeek(need));
    return new Map(told.map(({ key, needs }) => [key, needs.flatMap(topics).filter((need) => keys.includes(need))]));
  }

  globalThis.courseMapFunctions = { allNeeds, directNeeds };

  function draw(map) {
    const boxes = new Map();
    const told = [];
    for (const data of map.querySelectorAll(".map-data")) {
      const { topic: key, needs, minutes } = data.dataset;
      boxes.set(key, { box: data.closest(".map-topic"), minutes: Number(minutes ?? 0) });
      told.push({ key, needs: needs.split(" ").filter(Boolean) });
    }
    const direct = directNeeds(told);
    const status = map.querySelector(".map-status");
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "map-lines");
    svg.setAttribute("aria-hidden", "true");
    map.prepend(svg);
    const lines = [];
    for (const { key, needs } of told) {
      for (const need of direct.get(key)) {
        const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
        // A need that is a whole week would be a line to each of its chapters: drawn when marked only.
        if (!needs.includes(need)) path.setAttribute("class", "of-week");
        svg.append(path);
        lines.push({ key, need, path });
      }
    }

    function place() {
      const origin = map.getBoundingClientRect();
      const box = (key) => boxes.get(key).box.getBoundingClientRect();
      for (const { key, need, path } of lines) {
        const [from, to] = [box(need), box(key)];
        const sameRow = Math.abs(from.top - to.top) < 5;
        const points = sameRow
          ? [from.right, from.top + from.height / 2, to.left, to.top + to.height / 2]
          : [from.left + from.width / 2, from.bottom, to.left + to.width / 2, to.top];
        const [x0, y0, x1, y1] = points.map((value, index) => value - (index % 2 ? origin.top : origin.left));
        const bend = sameRow ? 0 : Math.max(18, (y1 - y0) / 2.5);
        path.setAttribute("d", `M${x0} ${y0} C${x0} ${y0 + bend} ${x1} ${y1 - bend} ${x1} ${y1}`);
      }
    }

    function mark(chosen) {
      const needed = chosen ? allNeeds(chosen, direct) : new Set();
      for (const [key, { box }] of boxes) {
        box.classList.toggle("chosen", key === chosen);
        box.classList.toggle("needed", needed.has(key));
      }
      for (const { key, need, path } of lines) {
        path.classList.toggle("marked", (key === chosen || needed.has(key)) && needed.has(need));
      }
      if (!chosen) return;
      const hours = [...needed].reduce((sum, key) => sum + boxes.get(key).minutes, 0) / 60;
      const name = boxes.get(chosen).box.querySelector(".map-name").textContent;
      status.textContent = needed.size
        ? `${name} builds on ${needed.size} ${needed.size === 1 ? "chapter" : "chapters"}, ${hours.toFixed(1)} hours of reading.`
        : `${name} needs no other chapter.`;
      status.hidden = false;
    }

    for (const [key, { box }] of boxes) {
      for (const event of ["pointerenter", "focusin"]) box.addEventListener(event, () => mark(key));
    }
    map.addEventListener("pointerleave", () => mark(null));
    place();
    new ResizeObserver(place).observe(map);
  }

  document.querySelectorAll(".course-map").forEach(draw);
})();
