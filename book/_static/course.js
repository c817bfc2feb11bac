// A formula that is wider than the window scrolls inside itself. It becomes a tab stop then, and only
// then, so that it can be scrolled by keyboard.
"use strict";

(() => {
  function updateTabStops() {
    for (const formula of document.querySelectorAll('mjx-container[display="true"]')) {
      if (formula.scrollWidth > formula.clientWidth) {
        formula.tabIndex = 0;
        formula.setAttribute("role", "group");
        formula.setAttribute("aria-label", "Formula, scrolls sideways");
      } else {
        for (const name of ["tabindex", "role", "aria-label"]) formula.removeAttribute(name);
      }
    }
  }

  // The theme gives this button its script in an attribute, which the content policy forbids.
  for (const button of document.querySelectorAll(".btn-fullscreen-button")) {
    button.addEventListener("click", () => window.toggleFullScreen());
  }

  window.addEventListener("load", async () => {
    await window.MathJax?.startup?.promise;
    updateTabStops();
    window.addEventListener("resize", updateTabStops);
  });
})();
