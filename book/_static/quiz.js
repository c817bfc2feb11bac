// Self-check questions. book/_ext/course_site/quiz.py writes the markup: inputs with labels, an
// explanation after each, a button, and a status line. What is put into the status line is
// announced by screen readers, so the verdict and the explanations of the chosen answers go there.
"use strict";

(() => {
  function verdictOn(choices) {
    const chosen = choices.filter((choice) => choice.input.checked);
    if (chosen.length === 0) return { state: "none", text: "Choose an answer first." };
    const right = choices.filter((choice) => choice.right).length;
    const found = chosen.filter((choice) => choice.right).length;
    const wrong = chosen.length - found;
    if (found === right && wrong === 0) return { state: "right", text: "Correct." };
    if (right === 1) return { state: "wrong", text: "Not yet." };
    const also = wrong > 0 ? `, and ${wrong} that ${wrong > 1 ? "are" : "is"} not right` : "";
    return { state: "wrong", text: `Not yet: you chose ${found} of ${right} right answers${also}.` };
  }

  function hideVerdict(question, choices, status) {
    delete question.dataset.state;
    for (const choice of choices) {
      choice.explanation.hidden = true;
      choice.box.after(choice.explanation);
      choice.box.classList.remove("quiz-checked");
    }
    status.replaceChildren();
  }

  function showVerdict(question, choices, status) {
    hideVerdict(question, choices, status);
    const verdict = verdictOn(choices);
    question.dataset.state = verdict.state;
    const line = document.createElement("p");
    line.className = "quiz-verdict-line";
    line.textContent = verdict.text;
    status.append(line);
    for (const choice of choices.filter((one) => one.input.checked)) {
      choice.explanation.hidden = false;
      choice.box.classList.add("quiz-checked");
      status.append(choice.explanation);
    }
  }

  for (const question of document.querySelectorAll(".quiz")) {
    const status = question.querySelector(".quiz-verdict");
    const choices = Array.from(question.querySelectorAll(".quiz-choice"), (box) => ({
      box,
      input: box.querySelector("input"),
      explanation: box.nextElementSibling,
      right: box.dataset.verdict === "right",
    }));
    hideVerdict(question, choices, status);
    question.classList.add("quiz-live");
    question.addEventListener("change", () => hideVerdict(question, choices, status));
    question
      .querySelector(".quiz-check")
      .addEventListener("click", () => showVerdict(question, choices, status));
  }
})();
