"""The CSV files and the terminal's table."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

import pytest
from rich.console import Console

from autograder.assignment.source import Assignment
from autograder.grading.results import Status
from autograder.report.tables import print_table, write_tables
from dlcourse.check import Outcome

from .conftest import HOSTILE, Make


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_marks_has_a_row_for_each_submission_in_order_of_ids(
    assignment: Assignment, make: Make, tmp_path: Path
) -> None:
    zoe = make("zoë", Outcome.NOT_YET, reason="Stopped after 60 s.", status=Status.STOPPED)
    write_tables(assignment, [zoe, make("ada")], tmp_path)
    found = rows(tmp_path / "marks.csv")
    assert [list(row.values())[:6] for row in found] == [
        ["ada", "graded", "5", "5", "1.250", ""],
        ["zoë", "stopped", "4", "5", "1.250", "Stopped after 60 s."],
    ]
    assert list(found[0])[:6] == [
        "submission", "status", "marks", "max_marks", "seconds", "reason"
    ]  # fmt: skip
    assert list(found[0])[6:] == [
        "name", "number", "participant", "login", "student_id", "email", "late", "by_hand"
    ]  # fmt: skip


def test_a_lost_submission_has_no_marks_and_overwrites_none(
    assignment: Assignment, make: Make, tmp_path: Path
) -> None:
    write_tables(assignment, [make("ada", status=Status.LOST), make("bob")], tmp_path)
    assert [row["marks"] for row in rows(tmp_path / "marks.csv")] == ["", "5"]
    assert {row["earned"] for row in rows(tmp_path / "checks.csv")[:4]} == {""}
    assert [row["Student"] for row in rows(tmp_path / "canvas.csv")[1:]] == ["bob"]
    assert [row["Username"] for row in rows(tmp_path / "moodle.csv")] == ["bob"]


def test_an_unreadable_submission_without_checks_counts_none_of_the_points(
    assignment: Assignment, make: Make, tmp_path: Path
) -> None:
    write_tables(assignment, [make("ada", status=Status.UNREADABLE, checks=())], tmp_path)
    (row,) = rows(tmp_path / "marks.csv")
    assert (row["marks"], row["max_marks"]) == ("0", "5")


def test_checks_has_a_column_for_each_measured_quantity(
    assignment: Assignment, make: Make, tmp_path: Path
) -> None:
    one = make("ada", measured={"rows_sum_to_one": {"accuracy": 0.1 + 0.2, "loss": math.nan}})
    write_tables(assignment, [one, make("bob")], tmp_path)
    found = rows(tmp_path / "checks.csv")
    assert len(found) == 8
    assert float(found[0]["measured accuracy"]) == 0.1 + 0.2
    assert math.isnan(float(found[0]["measured loss"]))
    assert found[1]["measured accuracy"] == ""
    assert [row["hidden"] for row in found[:4]] == ["no", "yes", "no", "yes"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\n", " =", "\uff1d"])
def test_no_cell_is_a_formula(
    assignment: Assignment, make: Make, tmp_path: Path, start: str
) -> None:
    hostile = f'{start}cmd|"/c calc"!A0'
    one = make(hostile, Outcome.NOT_YET, reason=hostile, messages={"rows_sum_to_one": hostile})
    for path in write_tables(assignment, [one], tmp_path):
        for row in rows(path):
            text = [cell for cell in row.values() if "cmd" in cell]
            assert all(cell.startswith("'") for cell in text), path.name
    assert rows(tmp_path / "checks.csv")[0]["message"].startswith("'")


def test_hostile_text_stays_in_its_cell(assignment: Assignment, make: Make, tmp_path: Path) -> None:
    one = make(f'a,"b"\r\nc{HOSTILE}\ud800', reason=HOSTILE)
    write_tables(assignment, [one], tmp_path)
    (row,) = rows(tmp_path / "marks.csv")
    assert row["submission"].startswith('a,"b"\nc=HYPERLINK')
    assert "\x1b" not in row["submission"]
    assert None not in row


def test_the_order_of_grading_changes_no_byte(
    assignment: Assignment, make: Make, tmp_path: Path
) -> None:
    class_ = [make("b"), make("a", Outcome.ERROR), make("a"), make("c", status=Status.LOST)]
    first = {p.name: p.read_bytes() for p in write_tables(assignment, class_, tmp_path / "1")}
    second = {
        p.name: p.read_bytes() for p in write_tables(assignment, class_[::-1], tmp_path / "2")
    }
    assert first == second


def test_canvas_gets_the_header_that_its_importer_demands(
    assignment: Assignment, make: Make, tmp_path: Path
) -> None:
    write_tables(assignment, [make("ada"), make("ada", Outcome.ERROR)], tmp_path)
    with (tmp_path / "canvas.csv").open(encoding="utf-8", newline="") as file:
        header, possible, *learners = csv.reader(file)
    assert header == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "A sample"]
    assert "Points Possible" in possible[0]
    assert possible[-1] == "5"
    assert learners == [["ada", "", "", "ada", "", "5"]]  # one row a learner: the best


def test_moodle_gets_grades_and_feedback(
    assignment: Assignment, make: Make, tmp_path: Path
) -> None:
    write_tables(assignment, [make("ada", Outcome.ERROR, reason="It stopped.")], tmp_path)
    (row,) = rows(tmp_path / "moodle.csv")
    assert row == {
        "Username": "ada",
        "Assignment: A sample (Real)": "4",
        "Assignment: A sample (Feedback)": "It stopped.",
    }


def test_no_submissions_make_empty_tables(assignment: Assignment, tmp_path: Path) -> None:
    write_tables(assignment, [], tmp_path)
    assert rows(tmp_path / "marks.csv") == []
    assert len((tmp_path / "canvas.csv").read_text(encoding="utf-8").splitlines()) == 2


def test_a_failed_write_leaves_the_old_table(
    assignment: Assignment, make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tables(assignment, [make("ada")], tmp_path)
    before = (tmp_path / "marks.csv").read_bytes()

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        write_tables(assignment, [make("bob")], tmp_path)
    assert (tmp_path / "marks.csv").read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 4


def printed(assignment: Assignment, graded: list, width: int = 120) -> str:  # type: ignore[type-arg]
    console = Console(file=io.StringIO(), width=width, force_terminal=False)
    print_table(console, assignment, graded)
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]


def test_the_terminal_shows_marks_and_reasons(assignment: Assignment, make: Make) -> None:
    text = printed(
        assignment,
        [
            make("ada"),
            make("bob", Outcome.ERROR, status=Status.STOPPED, reason="A cell ran over 5 s."),
            make("eve", status=Status.LOST, reason="The worker died."),
        ],
    )
    assert "5/5" in text
    assert "■ Stopped" in text
    assert "A cell ran over 5 s." in text
    assert "none" in text
    assert "3 submissions: 1 graded, 1 stopped, 1 lost. Grade the lost ones again." in text


def test_the_terminal_obeys_no_learner(assignment: Assignment, make: Make) -> None:
    text = printed(assignment, [make(f"[bold]x[/bold]{HOSTILE}", reason="[red]\x1b]0;owned\x07")])
    assert "\x1b" not in text
    assert "owned" not in text
    assert "\u202e" not in text
    assert "[red]" in text  # shown, not obeyed


def test_the_terminal_takes_an_empty_class(assignment: Assignment) -> None:
    assert "No submissions." in printed(assignment, [])
