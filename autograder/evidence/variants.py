"""Submissions made from the source itself: the solution, the stub and every wrong answer."""

from __future__ import annotations

import copy
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from autograder.assignment.source import Assignment, Code, Role, WrongAnswer
from autograder.release.learner import Notebook, NotebookCell, answer_id, code, fill, solve
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


NBGRADER, OTTER = "nbgrader", "otter-grader"


@dataclass(frozen=True)
class DisturbedNotebook:
    """Right answers in a notebook that something has happened to, as it does in classrooms.

    Attributes:
        name: what has happened to it.
        notebook: the submission.
        differs: the graders that may give other marks than we, for reasons that the guide for
            instructors names.
    """

    name: str
    notebook: Notebook
    differs: frozenset[str]


def disturbed_notebooks(assignment: Assignment, learner: Notebook) -> list[DisturbedNotebook]:
    """Notebooks in which the learner's later work, or a lost cell, could cost a right answer.

    What trains a network stays a stub: it costs time and shows nothing more.
    """
    light = {
        q.name: q.answer
        for q in assignment.questions
        if q.answer and not any(c.thresholds for c in q.checks)
    }
    solved = fill(learner, {name: answer.solution for name, answer in light.items()})
    setups = [
        f"cell-{i}"
        for i, c in enumerate(assignment.cells)
        if isinstance(c, Code) and c.role is Role.SETUP
    ]
    if not (light and setups):
        return []
    (first, answer), setup = next(iter(light.items())), setups[0]
    broken = "import a_module_that_is_not_there\n"
    here, lost = frozenset[str](), frozenset({NBGRADER, OTTER})
    below = textwrap.indent(answer.solution, "    ")
    return [
        DisturbedNotebook(
            "name-used-again",
            _with_cell(solved, f"loss, {answer.names[0]} = 0.5, 0.5"),
            frozenset({OTTER}),
        ),
        DisturbedNotebook(
            "python-name-hidden", _with_cell(solved, "sum = range = len = 0"), frozenset({OTTER})
        ),
        DisturbedNotebook("import-deleted", _with_cell(solved, "del np"), frozenset({OTTER})),
        DisturbedNotebook(
            "given-cell-changed",
            _changed(solved, setup, lambda c: c | {"source": broken + c["source"]}),
            frozenset({OTTER}),
        ),
        DisturbedNotebook(
            "given-cell-as-text", _changed(solved, setup, _as_text), frozenset({OTTER})
        ),
        DisturbedNotebook("given-cell-deleted", _changed(solved, setup, None), lost),
        DisturbedNotebook(
            "answer-below",
            _with_cell(fill(solved, {first: answer.stub}), f"if True:\n{below}"),
            frozenset({NBGRADER}),
        ),
        DisturbedNotebook(
            "answer-as-text",
            _changed(solved, answer_id(first), _as_text),
            frozenset({NBGRADER}),
        ),
        DisturbedNotebook("answer-copied", _with_cell(solved, answer.solution), here),
    ]


def _with_cell(notebook: Notebook, source: str) -> Notebook:
    """The same with one more code cell, before the last one."""
    *cells, last = notebook["cells"]
    return {**notebook, "cells": [*cells, code("own-cell", source), last]}


def _changed(
    notebook: Notebook, grade_id: str, change: Callable[[NotebookCell], NotebookCell] | None
) -> Notebook:
    """The same with one cell changed, or without it."""
    cells = []
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") != grade_id:
            cells.append(cell)
        elif change is not None:
            cells.append(change(copy.deepcopy(cell)))
    return {**notebook, "cells": cells}


def _as_text(cell: NotebookCell) -> NotebookCell:
    kept = {key: value for key, value in cell.items() if key in ("id", "metadata", "source")}
    return {**kept, "cell_type": "markdown"}


def mismatch(expected: bool | None, outcome: Outcome) -> str:
    """What is wrong with an outcome, or nothing: True is correct, None is not attempted."""
    if expected is True and outcome is not Outcome.CORRECT:
        return f"should be correct but is {outcome}"
    if expected is None and outcome is not Outcome.NOT_ATTEMPTED:
        return f"should be not attempted but is {outcome}"
    if expected is False and outcome not in (Outcome.NOT_YET, Outcome.ERROR):
        return f"should catch this answer but is {outcome}"
    return ""
