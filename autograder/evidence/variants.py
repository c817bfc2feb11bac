"""Submissions made from the source itself: the solution, the stub and every wrong answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from autograder.assignment.source import Assignment, WrongAnswer
from autograder.release.learner import Notebook, fill, solve
from dlcourse.check import Outcome

SOLUTION = "solution"
STUB = "stub"


@dataclass(frozen=True)
class Variant:
    """One submission and what each of its checks must find.

    ``expected`` has the outcome for each (question, check) that is asked: those of ``question``,
    or all if it is empty.
    """

    name: str
    notebook: Notebook
    expected: dict[tuple[str, str], bool | None]
    question: str = ""


def variants(assignment: Assignment, learner: Notebook) -> list[Variant]:
    """The solution, the stub, and one submission for each wrong answer."""
    made = [
        Variant(SOLUTION, solve(assignment, learner), _all(assignment, True)),
        Variant(STUB, learner, _all(assignment, None)),
    ]
    wrong = [(q.name, w) for q in assignment.questions for w in q.wrong_answers]
    return made + [_with_wrong_answer(assignment, learner, q, w) for q, w in wrong]


def names(assignment: Assignment) -> list[str]:
    """What :func:`variants` calls its submissions."""
    wrong = [f"{q.name}-{w.name}" for q in assignment.questions for w in q.wrong_answers]
    return [SOLUTION, STUB, *wrong]


def _all(assignment: Assignment, value: bool | None) -> dict[tuple[str, str], bool | None]:
    return {(c.question, c.name): value for c in assignment.checks}


def _with_wrong_answer(
    assignment: Assignment, learner: Notebook, question: str, wrong: WrongAnswer
) -> Variant:
    """Earlier questions are solved, because answers build on each other; later ones stay stubs."""
    answers: dict[str, str] = {}
    for earlier in assignment.questions:
        if earlier.name == question:
            break
        if earlier.answer is not None:
            answers[earlier.name] = earlier.answer.solution
    expected: dict[tuple[str, str], bool | None] = {
        (c.question, c.name): c.name not in wrong.caught_by
        for c in assignment.question(question).checks
    }
    name = f"{question}-{wrong.name}"
    return Variant(name, fill(learner, {**answers, question: wrong.source}), expected, question)


def combined_variants(assignment: Assignment, learner: Notebook) -> Iterator[tuple[str, Notebook]]:
    """The fewest submissions that hold the solution, the stub and every wrong answer once.

    The k-th round holds the k-th wrong answer of each question; the rest is solved. For comparing
    graders, where it does not matter that one wrong answer may disturb another question.
    """
    yield SOLUTION, solve(assignment, learner)
    yield STUB, learner
    most = max((len(q.wrong_answers) for q in assignment.questions), default=0)
    for k in range(most):
        answers = {
            q.name: q.wrong_answers[k].source
            for q in assignment.questions
            if len(q.wrong_answers) > k
        }
        yield f"wrong-answers-{k + 1}", fill(solve(assignment, learner), answers)


def mismatch(expected: bool | None, outcome: Outcome) -> str:
    """What is wrong with an outcome, or nothing: True is correct, None is not attempted."""
    if expected is True and outcome is not Outcome.CORRECT:
        return f"should be correct but is {outcome}"
    if expected is None and outcome is not Outcome.NOT_ATTEMPTED:
        return f"should be not attempted but is {outcome}"
    if expected is False and outcome not in (Outcome.NOT_YET, Outcome.ERROR):
        return f"should catch this answer but is {outcome}"
    return ""
