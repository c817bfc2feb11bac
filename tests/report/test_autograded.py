"""The output folder is a course folder of nbgrader's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest

from autograder.assignment.source import Assignment
from autograder.release.learner import learner_notebook
from autograder.release.nbgrader import source_notebook
from autograder.report.autograded import MISSING, as_nbgrader_autogrades, write_autograded
from autograder.report.gradebook import write_gradebook
from dlcourse.check import Outcome

from .conftest import Make
from .test_classreport import Page

FIRST = "softmax__rows_sum_to_one"


@pytest.fixture
def source(assignment: Assignment) -> dict[str, Any]:
    learner = learner_notebook(assignment, {}, colab_url="https://x.example", install="dlcourse")
    return source_notebook(assignment, learner, {}, "secret")


def executed(*grade_ids: str | None) -> dict[str, Any]:
    cells = [
        {
            "cell_type": "code",
            "id": f"cell-{number}",
            "metadata": {"grade_id": grade_id} if grade_id else {},
            "source": f"x = {number}",
            "execution_count": number,
            "outputs": [],
        }
        for number, grade_id in enumerate(grade_ids)
    ]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def test_a_copied_cell_is_graded_once(source: dict[str, Any]) -> None:
    made = as_nbgrader_autogrades(executed(FIRST, None, FIRST), source)
    about = [c["metadata"].get("nbgrader", {}).get("grade_id") for c in made["cells"][:3]]
    assert about == [FIRST, None, None]


def test_a_grade_cell_that_was_deleted_stands_at_the_end(source: dict[str, Any]) -> None:
    made = as_nbgrader_autogrades(executed(FIRST), source)
    missing = [c for c in made["cells"] if c["source"] == MISSING]
    assert len(missing) == 3
    assert all(c["metadata"]["nbgrader"]["grade"] for c in missing)


def test_nothing_of_the_source_but_metadata_is_written(source: dict[str, Any]) -> None:
    text = json.dumps(as_nbgrader_autogrades(executed(FIRST, None), source))
    assert "hidden_scores" not in text
    assert "HIDDEN TESTS" not in text


SCRIPT = "<script>alert(1)</script>"


def test_no_output_acts_in_formgrader(source: dict[str, Any]) -> None:
    notebook = executed(FIRST)
    metadata = {"image/png": {"width": "1 onload=alert(1)"}}
    notebook["cells"][0]["outputs"] = [
        {"output_type": "display_data", "metadata": metadata,
         "data": {"text/html": SCRIPT, "text/plain": "<HTML>", "image/svg+xml": SCRIPT}},
        {"output_type": "stream", "name": "stdout", "text": "printed"},
    ]  # fmt: skip
    first, second = as_nbgrader_autogrades(notebook, source)["cells"][0]["outputs"]
    assert first["data"] == {"text/plain": "<HTML>"}
    assert first["metadata"] == {}
    assert second["text"] == "printed"


@pytest.mark.parametrize(
    "text",
    [
        SCRIPT,
        "```\n" + SCRIPT,
        "`````\n```\n~~~\n</code></pre>" + SCRIPT,
        "~~~\n" + SCRIPT,
        "[x](javascript:alert(1)) ![y](http://evil.example/a.png)",
        "$$\n" + SCRIPT + "\n$$",
        "\\begin{x}" + SCRIPT + "\\end{x}",
    ],
)
@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_no_text_acts_in_formgrader(source: dict[str, Any], text: str, kind: str) -> None:
    from nbconvert.filters import markdown2html

    notebook = executed()
    notebook["cells"] = [{"cell_type": kind, "id": "x", "metadata": {}, "source": text}]
    html = markdown2html(as_nbgrader_autogrades(notebook, source)["cells"][0]["source"])
    found = Page(html)
    assert {tag for tag, _ in found.tags} <= {"div", "pre", "code", "span"}
    assert text.split("\n")[-1] in found.text


def test_the_assignments_own_markdown_is_kept(source: dict[str, Any]) -> None:
    cell = next(c for c in source["cells"] if c["source"].startswith("Turn each row"))
    notebook = {**executed(), "cells": [cell]}
    assert as_nbgrader_autogrades(notebook, source)["cells"][0]["source"] == cell["source"]


@pytest.mark.slow
def test_nbgrader_makes_its_feedback_of_what_is_written(
    assignment: Assignment, make: Make, tmp_path: Path, source: dict[str, Any]
) -> None:
    from dataclasses import replace

    bob = replace(make("bob", Outcome.NOT_YET), notebook=executed(FIRST, None))
    write_gradebook(assignment, [bob], tmp_path, source=source)
    (path,) = write_autograded(assignment, [bob], tmp_path, source)
    assert path == tmp_path / "autograded/bob/week99/week99.ipynb"
    scripts = sysconfig.get_path("scripts")
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "generate_feedback", "week99"],
        cwd=tmp_path, check=False, capture_output=True, text=True,
        env={**os.environ, "PATH": f"{scripts}:{os.environ['PATH']}"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "feedback/bob/week99/week99.html").read_text(encoding="utf-8")
    assert "week99 (Score: 4.0 / 5.0)" in page
