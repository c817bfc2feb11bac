"""A submission looked at closely: cells, checks with tracebacks, and the row."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.assignment.source import Assignment
from autograder.collect.submissions import find_submissions
from autograder.judge.checks import load_checks
from autograder.release.learner import dump, fill, solve
from autograder.release.release import make_learner
from autograder.report.inspection import ENDED, Inspection, inspect_submission
from dlcourse.check import Outcome
from tests.conftest import SECRET
from tests.judge.fake_worker import FakePool


def inspected(
    sample: Assignment, course: Path, tmp_path: Path, answers: dict[str, str], drop: str = ""
) -> Inspection:
    learner = make_learner(sample, {}, course)
    for cell in learner["cells"]:
        if cell["id"] == "start":
            cell["source"] = "pass"  # the fake worker knows no magics
    notebook = fill(solve(sample, learner), answers)
    notebook["cells"] = [c for c in notebook["cells"] if not drop or drop not in c["source"]]
    path = tmp_path / "ada.ipynb"
    path.write_text(dump(notebook), encoding="utf-8")
    (submission,) = find_submissions([path], sample.name, tmp_path)
    return inspect_submission(load_checks(sample, {}, "cpu", SECRET), submission, FakePool())


def test_a_failed_check_has_the_traceback_of_its_own_function(
    sample: Assignment, course: Path, tmp_path: Path
) -> None:
    made = inspected(sample, course, tmp_path, {"parameter_count": "dense_parameters = 12"})
    traces = {c.result.name: c.trace for c in made.checks}
    assert "assert answer.dense_parameters == 16" in traces["counts_weights_and_biases"]
    assert "inspection.py" not in traces["counts_weights_and_biases"]
    assert traces["is_a_whole_number"] == ""


def test_inspecting_changes_no_result(sample: Assignment, course: Path, tmp_path: Path) -> None:
    made = inspected(sample, course, tmp_path, {"parameter_count": "dense_parameters = 12"})
    outcomes = {c.result.name: c.result.outcome for c in made.checks}
    assert outcomes.pop("counts_weights_and_biases") is Outcome.NOT_YET
    assert set(outcomes.values()) == {Outcome.CORRECT}
    assert tuple(c.result for c in made.checks) == made.graded.checks


@pytest.mark.parametrize(
    ("answer", "outcome", "message"),
    [
        ("dense_parameters = 1 / 0", "error", "ZeroDivisionError: division by zero"),
        ("DIE()", ENDED, "the notebook's process ended itself"),
        ("dense_parameters = 16", "ok", ""),
    ],
)
def test_a_cell_says_what_became_of_it(
    sample: Assignment, course: Path, tmp_path: Path, answer: str, outcome: str, message: str
) -> None:
    made = inspected(sample, course, tmp_path, {"parameter_count": answer})
    (cell,) = [c for c in made.cells if "parameter_count" in c.grade_id and "answer" in c.grade_id]
    assert (cell.outcome, cell.message) == (outcome, message)
    others = {c.outcome for c in made.cells if c is not cell}
    assert others == {"ok"}


def test_a_given_cell_that_was_put_back_is_told(
    sample: Assignment, course: Path, tmp_path: Path
) -> None:
    made = inspected(sample, course, tmp_path, {}, drop="import numpy as np")
    assert None in [c.number for c in made.cells]
    assert made.notes


def test_a_file_that_is_no_notebook_has_a_status_and_no_cells(
    sample: Assignment, tmp_path: Path
) -> None:
    path = tmp_path / "ada.ipynb"
    path.write_text("<html>", encoding="utf-8")
    (submission,) = find_submissions([path], sample.name, tmp_path)
    made = inspect_submission(load_checks(sample, {}, "cpu", SECRET), submission, FakePool())
    assert made.cells == ()
    assert made.graded.status == "unreadable"
