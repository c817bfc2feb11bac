"""Results as Gradescope reads them."""

from __future__ import annotations

import json
from pathlib import Path

from autograder.assignment.source import Assignment
from autograder.grading.results import Status
from autograder.report.gradescope import write_gradescope
from dlcourse.check import Outcome

from .conftest import HOSTILE, Make


def test_one_submission_becomes_results_json(
    assignment: Assignment, make: Make, tmp_path: Path
) -> None:
    one = make("ada", Outcome.NOT_YET, Outcome.NOT_YET, reason="")
    assert write_gradescope(assignment, [one], tmp_path) == [tmp_path / "results.json"]
    said = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    public, hidden = said["tests"][:2]
    assert public == {
        "name": "Softmax: rows sum to one",
        "name_format": "text",
        "score": 0.0,
        "max_score": 1.0,
        "status": "failed",
        "visibility": "visible",
        "output": "✗ Not yet\nrows_sum_to_one says so.\nHint: Each row must add up to one.",
        "output_format": "text",
    }
    assert hidden["visibility"] == "after_published"
    assert "Hint" not in hidden["output"]
    assert sum(test["score"] for test in said["tests"]) == 2
    assert sum(test["max_score"] for test in said["tests"]) == 5
    assert said["stdout_visibility"] == "hidden"


def test_several_submissions_get_a_folder_each(
    assignment: Assignment, make: Make, tmp_path: Path
) -> None:
    paths = write_gradescope(assignment, [make("ada"), make("../../ada")], tmp_path)
    assert len(set(paths)) == 2
    assert all(path.resolve().is_relative_to(tmp_path.resolve()) for path in paths)


def test_a_lost_submission_gets_no_mark(assignment: Assignment, make: Make, tmp_path: Path) -> None:
    assert write_gradescope(assignment, [make("ada", status=Status.LOST)], tmp_path) == []


def test_a_submission_without_checks_still_has_a_score(
    assignment: Assignment, make: Make, tmp_path: Path
) -> None:
    one = make("ada", status=Status.UNREADABLE, checks=(), reason=HOSTILE)
    (path,) = write_gradescope(assignment, [one], tmp_path)
    said = json.loads(path.read_text(encoding="utf-8"))
    assert said["score"] == 0
    assert "\x1b" not in said["output"]
