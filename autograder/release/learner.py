"""The learner's notebook: one file for Colab, Jupyter, nbgrader, otter-grader and our grader."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from typing import Any

import nbformat

from autograder.assignment.source import (
    LEARNER_ROLES,
    MANUAL_STUB,
    Answer,
    Assignment,
    CheckSource,
    Code,
    Manual,
    Prose,
    Question,
    Role,
    SourceError,
)
from autograder.assignment.thresholds import Thresholds, in_words

Notebook = dict[str, Any]
NotebookCell = dict[str, Any]

_THRESHOLD = re.compile(r"\{\{\s*threshold\(\"(\w+)\"\)\s*\}\}")


def dump(notebook: Notebook) -> str:
    """A notebook as nbformat writes it: sorted keys, lines apart, a final line end."""
    return str(nbformat.writes(nbformat.from_dict(notebook))) + "\n"


def learner_notebook(
    assignment: Assignment, thresholds: Thresholds, *, colab_url: str, install: str
) -> Notebook:
    """What a learner receives: prose, stubs and public checks; hidden checks only announced.

    Args:
        assignment: the source.
        thresholds: by name and tier; their values stand in the prose and in the first code cell.
        colab_url: where the Colab badge points.
        install: the requirement that the first cell installs where ``dlcourse`` is missing.

    Returns:
        A notebook in nbformat 4.5, as plain data. The same source gives the same bytes.
    """
    cells = [badge_cell(assignment, colab_url), start_cell(assignment, thresholds, install)]
    cells += body_cells(assignment, thresholds)
    cells.append(submit_cell(assignment))
    return notebook(assignment, cells)


def notebook(assignment: Assignment, cells: list[NotebookCell]) -> Notebook:
    """Cells as a notebook that names its assignment to every grader."""
    return {
        "cells": cells,
        "metadata": {
            "colab": {"name": f"{assignment.name}.ipynb", "provenance": []},
            "dlcourse": {"assignment": assignment.name},
            "kernelspec": {
                "display_name": "Python 3",
                "language": "python",
                "name": "python3",
            },
            "language_info": {"name": "python"},
            "otter": {"assignment_name": assignment.name},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def markdown(cell_id: str, text: str, nbgrader: dict[str, Any] | None = None) -> NotebookCell:
    """A Markdown cell, with nbgrader's metadata where that concerns it."""
    metadata = {"nbgrader": nbgrader} if nbgrader else {}
    return {"cell_type": "markdown", "id": cell_id, "metadata": metadata, "source": text}


def code(cell_id: str, source: str, nbgrader: dict[str, Any] | None = None) -> NotebookCell:
    """A code cell, with nbgrader's metadata where that concerns it."""
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": cell_id,
        "metadata": {"nbgrader": nbgrader} if nbgrader else {},
        "outputs": [],
        "source": source,
    }


def role_of(
    grade_id: str, *, solution: bool = False, points: float | None = None
) -> dict[str, Any]:
    """nbgrader's metadata of a cell: an answer, a graded check, or a locked cell.

    An answer with points is one that people mark.
    """
    metadata: dict[str, Any] = {
        "grade": points is not None,
        "grade_id": grade_id,
        "locked": not solution,
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }
    if points is not None:
        metadata["points"] = points
    return metadata


def answer_id(question: str) -> str:
    """The ``grade_id`` of a question's answer cell."""
    return f"{question}__answer"


def check_id(check: CheckSource) -> str:
    """The ``grade_id`` of a check's cell."""
    return f"{check.question}__{check.name}"


def manual_id(manual: Manual) -> str:
    """The ``grade_id`` of a cell that people mark."""
    return f"{manual.question}__{manual.name}"


def badge_cell(assignment: Assignment, colab_url: str) -> NotebookCell:
    """The first cell: where else the notebook opens."""
    badge = f"[Open this assignment in Colab]({colab_url})"
    return markdown("open-in-colab", badge)


def start_cell(assignment: Assignment, thresholds: Thresholds, install: str) -> NotebookCell:
    """The cell that makes the checks ready, and installs the package where it is missing."""
    hidden = {
        q.name: (len(q.checked(hidden=True)), sum(c.points for c in q.checked(hidden=True)))
        for q in assignment.questions
    }
    used = {n: t for n, t in thresholds.items() if n in thresholds_used(assignment)}
    source = "\n".join(
        [
            "# Run this cell first. It installs the course package where it is missing.",
            "import importlib.util",
            "",
            'if importlib.util.find_spec("dlcourse") is None:',
            f'    %pip install -q "{install}"',
            "",
            "from dlcourse.check import start",
            "",
            "start(",
            f'    "{assignment.name}",',
            *_dict_lines("thresholds", used),
            *_dict_lines("hidden", hidden),
            ")",
        ]
    )
    return code("start", source, role_of("start"))


def _dict_lines(name: str, values: Mapping[str, object]) -> Iterator[str]:
    if not values:
        return
    yield f"    {name}={{"
    yield from (f'        "{key}": {value!r},' for key, value in values.items())
    yield "    },"


def submit_cell(assignment: Assignment) -> NotebookCell:
    """The last cell: how everything stands, and one file to hand in."""
    source = "\n".join(
        [
            "# Shows where you stand and packs one file to hand in.",
            "from dlcourse.check import summary",
            "from dlcourse.submit import submit",
            "",
            "summary()",
            f'submit("{assignment.name}")',
        ]
    )
    return code("submit", source, role_of("submit"))


def thresholds_used(assignment: Assignment) -> set[str]:
    """The names of the thresholds that the checks or the prose ask for."""
    texts = [c.source for c in assignment.checks]
    texts += [c.text for c in assignment.cells if isinstance(c, Prose)]
    return {name for text in texts for name in re.findall(r"threshold\(\"(\w+)\"\)", text)}


def body_cells(
    assignment: Assignment, thresholds: Thresholds, *, instructor: Any = None
) -> list[NotebookCell]:
    """The cells made from the source, in its order.

    ``instructor`` makes nbgrader's source cells instead of the learner's: an object with
    ``answer(Answer) -> str``, ``hidden(CheckSource) -> str`` and ``manual(Manual) -> str``.
    """
    cells: list[NotebookCell] = []
    seen: set[str] = set()
    for number, cell in enumerate(assignment.cells):
        if isinstance(cell, Prose):
            if cell.question and cell.question not in seen:
                seen.add(cell.question)
                cells.append(_heading(assignment.question(cell.question)))
            cells.append(markdown(f"prose-{number}", _with_numbers(assignment, cell, thresholds)))
        elif isinstance(cell, Answer):
            source = instructor.answer(cell) if instructor else cell.stub
            identity = answer_id(cell.question)
            cells.append(code(_cell_id(identity), source, role_of(identity, solution=True)))
        elif isinstance(cell, CheckSource):
            source = check_source(cell)
            if instructor and cell.hidden:
                source = instructor.hidden(cell)
            identity = check_id(cell)
            cells.append(code(_cell_id(identity), source, role_of(identity, points=cell.points)))
        elif isinstance(cell, Manual):
            text = instructor.manual(cell) if instructor else MANUAL_STUB
            cells += manual_cells(cell, text)
        elif isinstance(cell, Code) and cell.role in LEARNER_ROLES:
            locked = role_of(f"cell-{number}") if cell.role is Role.SETUP else None
            cells.append(code(f"cell-{number}", cell.source, locked))
    return cells


def manual_cells(manual: Manual, text: str) -> list[NotebookCell]:
    """What people look for, and the cell in which the learner writes.

    The comments are those between which otter-grader's export looks for what goes into the PDF.
    """
    identity = manual_id(manual)
    noun = "point" if manual.points == 1 else "points"
    head = f"**{_spoken(manual.name)}**, marked by a person: {manual.points:g} {noun}"
    lines = [f"- {c.points:g} for {c.text}" for c in manual.rubric]
    rubric = "\n".join(["<!-- BEGIN QUESTION -->", "", head, "", *lines])
    return [
        markdown(_cell_id(f"{identity}__rubric"), rubric, role_of(f"{identity}__rubric")),
        markdown(
            _cell_id(identity),
            text,
            role_of(identity, solution=True, points=manual.points),
        ),
        markdown(_cell_id(f"{identity}__end"), "<!-- END QUESTION -->"),
    ]


def _spoken(name: str) -> str:
    return name.replace("_", " ").capitalize()


def check_source(check: CheckSource) -> str:
    """What the learner's cell of a check holds."""
    if not check.hidden:
        return check.source
    return f'hidden_check("{check.question}", "{check.name}", points={check.points:g})'


def _cell_id(grade_id: str) -> str:
    """An nbformat cell id: letters, digits, ``-`` and ``_``, 64 characters at most."""
    return grade_id[:64]


def _heading(question: Question) -> NotebookCell:
    counts = []
    for hidden, word in ((False, "public"), (True, "hidden")):
        checks = question.checked(hidden=hidden)
        if checks:
            noun = "check" if len(checks) == 1 else "checks"
            points = sum(c.points for c in checks)
            counts.append(f"{len(checks)} {word} {noun} ({points:g})")
    if question.manual:
        counts.append(f"marked by a person ({question.points_by_hand:g})")
    whole = question.points + question.points_by_hand
    total = f"{whole:g} {'point' if whole == 1 else 'points'}"
    text = f"## {question.title}\n\n*{total}: {', '.join(counts)}.*"
    return markdown(_cell_id(f"{question.name}__heading"), text)


def _with_numbers(assignment: Assignment, prose: Prose, thresholds: Thresholds) -> str:
    def number(match: re.Match[str]) -> str:
        try:
            return in_words(match.group(1), thresholds)
        except KeyError:
            line = assignment.path.read_text(encoding="utf-8")
            at = line.count("\n", 0, line.find(match.group(0))) + 1
            raise SourceError(
                assignment.path,
                at,
                f"threshold {match.group(1)!r} is not calibrated; run "
                f"`autograder calibrate {assignment.name}`",
            ) from None

    return _THRESHOLD.sub(number, prose.text)


def fill(learner: Notebook, answers: Mapping[str, str]) -> Notebook:
    """A copy of a learner's notebook with the answer cells of some questions replaced.

    Raises:
        KeyError: when the notebook has no answer cell for a question.
    """
    filled = copy.deepcopy(learner)
    by_id = {_grade_id(cell): cell for cell in filled["cells"]}
    for question, source in answers.items():
        by_id[answer_id(question)]["source"] = source
    return filled


def solve(assignment: Assignment, learner: Notebook) -> Notebook:
    """A copy of a learner's notebook with every answer cell holding the solution."""
    answers = {q.name: q.answer.solution for q in assignment.questions if q.answer}
    solved = fill(learner, answers)
    written = {manual_id(m): m.solution for m in assignment.manual}
    for cell in solved["cells"]:
        cell["source"] = written.get(_grade_id(cell), cell["source"])
    return solved


def _grade_id(cell: NotebookCell) -> str:
    return str(cell["metadata"].get("nbgrader", {}).get("grade_id", ""))
