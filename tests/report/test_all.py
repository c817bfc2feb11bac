"""All reports together."""

from __future__ import annotations

import csv
import sqlite3
from pathlib import Path

import pytest

from autograder.assignment.source import Assignment
from autograder.grading.results import GradedSubmission, Status
from autograder.report import prepare, write_all
from autograder.report.gradebook import GradebookError, write_gradebook
from dlcourse.check import Outcome

from .conftest import Make
from .test_feedback import notebook

REPORTS = {"marks.csv", "checks.csv", "canvas.csv", "moodle.csv", "class-report.html"}


@pytest.fixture
def class_(make: Make) -> list[GradedSubmission]:
    return [make("ada", notebook=notebook()), make("bob", Outcome.ERROR, status=Status.STOPPED)]


def test_every_report_is_written(
    assignment: Assignment, class_: list[GradedSubmission], tmp_path: Path
) -> None:
    assert write_all(assignment, class_, tmp_path) == {}
    names = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")}
    assert names == {*REPORTS, "gradebook.db", "feedback/ada.html", "feedback/bob.html"}


def test_an_empty_class_has_reports_too(assignment: Assignment, tmp_path: Path) -> None:
    assert write_all(assignment, [], tmp_path) == {}


def test_what_is_prepared_is_an_empty_gradebook(
    assignment: Assignment, class_: list[GradedSubmission], tmp_path: Path
) -> None:
    prepare(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["gradebook.db"]
    before = (tmp_path / "gradebook.db").stat().st_ino
    assert write_all(assignment, class_, tmp_path) == {}
    assert (tmp_path / "gradebook.db").stat().st_ino == before


def test_what_cannot_be_prepared_is_left_to_the_reports(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    prepare(tmp_path / "file")
    assert (tmp_path / "file").read_text() == ""


def test_a_locked_gradebook_stops_no_other_report(
    assignment: Assignment,
    class_: list[GradedSubmission],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write_gradebook(assignment, class_, tmp_path)
    monkeypatch.setattr("autograder.report.gradebook.PATIENCE", 0.2)
    holder = sqlite3.connect(tmp_path / "gradebook.db")
    holder.execute("BEGIN EXCLUSIVE")
    failures = write_all(assignment, class_, tmp_path)
    holder.close()
    assert list(failures) == ["gradebook", "marks by hand in the tables"]
    assert isinstance(failures["gradebook"], GradebookError)
    assert {path.name for path in tmp_path.iterdir()} >= REPORTS


def test_each_failure_is_told_with_its_report(
    assignment: Assignment, class_: list[GradedSubmission], tmp_path: Path
) -> None:
    (tmp_path / "feedback").write_text("a file where a folder should be")
    (tmp_path / "class-report.html").mkdir()
    failures = write_all(assignment, class_, tmp_path)
    assert set(failures) == {"feedback", "class report"}
    assert (tmp_path / "marks.csv").is_file()
    assert (tmp_path / "gradebook.db").is_file()


def test_a_superseded_submission_has_a_row_and_no_mark(
    assignment: Assignment, make: Make, tmp_path: Path
) -> None:
    older = make(
        "ada", status=Status.SUPERSEDED, reason="A later file counts.", path=Path("a.ipynb")
    )
    newer = make("ada", Outcome.ERROR, path=Path("b.ipynb"))
    assert write_all(assignment, [older, newer], tmp_path) == {}
    with (tmp_path / "marks.csv").open(encoding="utf-8", newline="") as file:
        marks = [(row["status"], row["marks"]) for row in csv.DictReader(file)]
    assert marks == [("graded", "4"), ("superseded", "")]
    assert (tmp_path / "canvas.csv").read_text(encoding="utf-8").endswith("ada,,,ada,,4\n")
    assert "4 of 5 points" in (tmp_path / "feedback" / "ada.html").read_text(encoding="utf-8")
    other = (tmp_path / "feedback" / "ada-2.html").read_text(encoding="utf-8")
    assert "No marks: another file counts" in other
    report = (tmp_path / "class-report.html").read_text(encoding="utf-8")
    assert "The one submission has 4 of 5 points." in report
