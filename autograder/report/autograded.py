"""The executed notebooks where nbgrader's formgrader looks for them.

``autograded/STUDENT/ASSIGNMENT/ASSIGNMENT.ipynb`` beside ``gradebook.db`` is what ``nbgrader
autograde`` leaves. With it the output folder is a course folder of nbgrader's: formgrader shows
each submission with its scores and takes comments and marks by hand.

Formgrader's page can act on marks, and it runs what a notebook's outputs and Markdown hold. So
outputs are written as text and raster images, and Markdown that is not the assignment's own as the
text that it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Container, Sequence
from pathlib import Path
from typing import Any

from autograder.assignment.source import Assignment
from autograder.grading.results import GradedSubmission
from autograder.report.files import write_whole
from autograder.report.gradebook import student_id
from autograder.report.outputs import joined, safe_outputs
from autograder.report.wording import best_of_each

FOLDER = "autograded"
MISSING = "# This cell was missing from what was handed in."


def write_autograded(
    assignment: Assignment, graded: Sequence[GradedSubmission], out: Path, source: dict[str, Any]
) -> list[Path]:
    """Write each learner's executed notebook with nbgrader's metadata.

    Args:
        assignment: what was graded.
        graded: the submissions; of several by one learner the best is written, as in the gradebook.
        out: the folder that holds ``gradebook.db``.
        source: nbgrader's source notebook: its cells' metadata are taken, and nothing else.

    Returns:
        The files written.

    Raises:
        OSError: when ``out`` cannot be written.
    """
    written = []
    for one in best_of_each(graded):
        if one.notebook is None:
            continue
        name = assignment.name
        path = out / FOLDER / student_id(one.learner) / name / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        notebook = as_nbgrader_autogrades(one.notebook, source)
        written.append(write_whole(path, json.dumps(notebook, ensure_ascii=False)))
    return written


def as_nbgrader_autogrades(executed: dict[str, Any], source: dict[str, Any]) -> dict[str, Any]:
    """An executed notebook whose first cell of each grade id carries the source's metadata.

    Grade cells that were not handed in stand at the end, so that their scores are seen.
    """
    known = {
        cell["metadata"]["nbgrader"]["grade_id"]: cell["metadata"]["nbgrader"]
        for cell in source["cells"]
        if "nbgrader" in cell["metadata"]
    }
    own = {cell["source"] for cell in source["cells"] if cell["cell_type"] == "markdown"}
    cells = []
    for cell in executed["cells"]:
        about = known.pop(cell["metadata"].get("grade_id"), None)
        cells.append({**_safe(cell, own), "metadata": {"nbgrader": about} if about else {}})
    cells += [_missing(about) for about in known.values() if about["grade"]]
    metadata = {part: source["metadata"][part] for part in ("kernelspec", "language_info")}
    return {**executed, "cells": cells, "metadata": metadata}


def _safe(cell: dict[str, Any], own: Container[str]) -> dict[str, Any]:
    """A cell that runs nothing in the reader's browser; ``own`` is the assignment's Markdown."""
    if cell["cell_type"] == "code":
        return {**cell, "outputs": safe_outputs(cell["outputs"])}
    text = joined(cell["source"])
    if cell["cell_type"] == "markdown" and text in own:
        return {part: cell[part] for part in cell if part != "attachments"}
    # A fence longer than any in the text ends where we end it, whoever reads it.
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    shown = f"{fence}text\n{text}\n{fence}"
    return {"cell_type": "markdown", "id": cell["id"], "metadata": {}, "source": shown}


def _missing(about: dict[str, Any]) -> dict[str, Any]:
    cell = {
        "cell_type": "markdown" if about["solution"] else "code",
        "id": f"missing-{about['grade_id']}"[:64],
        "metadata": {"nbgrader": about},
        "source": MISSING,
    }
    return cell if about["solution"] else {**cell, "execution_count": None, "outputs": []}
