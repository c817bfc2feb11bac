// What is wider than its column scrolls inside itself: a formula, a cell's code, what it printed, a
// table. It becomes a tab stop then, and only then, so that it can be scrolled by keyboard. The theme
// looks after all but formulas too, but a third of a second after the window has changed, and not at
// all when a sidebar slides in.
"use strict";

(() => {
  const FORMULAS = 'mjx-container[display="true"]';
  const OTHERS = "pre, .cell_output > .output, .pst-scrollable-table-container";

  function updateTabStops() {
    for (const formula of document.querySelectorAll(FORMULAS)) {
      if (formula.scrollWidth > formula.clientWidth) {
        formula.tabIndex = 0;
        formula.setAttribute("role", "group");
        formula.setAttribute("aria-label", "Formula, scrolls sideways");
      } else {
        for (const name of ["tabindex", "role", "aria-label"]) formula.removeAttribute(name);
      }
    }
    for (const other of document.querySelectorAll(OTHERS)) {
      const scrolls = other.scrollWidth > other.clientWidth || other.scrollHeight > other.clientHeight;
      other.tabIndex = scrolls ? 0 : -1;
    }
  }

  // The theme gives this button its script in an attribute, which the content policy forbids.
  for (const button of document.querySelectorAll(".btn-fullscreen-button")) {
    button.addEventListener("click", () => window.toggleFullScreen());
  }

  window.addEventListener("load", async () => {
    await Promise.all([window.MathJax?.startup?.promise, document.fonts.ready]);
    updateTabStops();
    // Of each box and of what is in it: a sidebar that slides and a font that comes late change the
    // one or the other after the window has its size.
    const watch = new ResizeObserver(updateTabStops);
    for (const box of document.querySelectorAll(`${FORMULAS}, ${FORMULAS} > mjx-math, ${OTHERS}`)) {
      watch.observe(box);
    }
  });
})();
