"""The tables for import, read by the rules of each LMS's importer."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograder.assignment.source import Assignment
from autograder.collect.identity import Identity
from autograder.grading.regrade import Change
from autograder.grading.results import GradedSubmission
from autograder.report.feedback import feedback_page
from autograder.report.tables import left_out, write_changes, write_tables
from dlcourse.check import Outcome

from .conftest import Make


def table(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def canvas_number(cell: str) -> str:
    """A cell of digits, dots and commas as Canvas rewrites it: the last one is the point."""
    if not re.fullmatch(r"[\d.,]*\d[\d.,]*%?", cell) or not re.search(r"[.,]", cell):
        return cell
    *whole, last = re.split(r"[.,]", cell)
    return f"{''.join(whole)}.{last}"


def canvas_import(path: Path, students: list[dict[str, str]]) -> dict[str, float]:
    """Canvas's gradebook_importer.rb: the marks by user id; a row for nobody is an error."""
    header, *rows = [[canvas_number(c) for c in r] for r in table(path)]
    assert "Student" in header[0]
    assert "ID" in header[1]
    assert header[2:5] == ["SIS User ID", "SIS Login ID", "Section"]
    assert not re.fullmatch(r"(.*)\s\((\d+)\)", header[5]), "taken for another assignment's number"
    marks = {}
    for cells in rows:
        if "Points Possible" in cells[0]:
            continue
        keys = zip(("id", "sis_id", "login", "name"), [*cells[1:4], cells[0]], strict=True)
        found = next((s for key, cell in keys if cell for s in students if s[key] == cell), None)
        assert found is not None, f"missing student {cells}"
        assert found["id"] not in marks, "two rows for one student"
        marks[found["id"]] = float(cells[5])
    return marks


def moodle_worksheet(path: Path, participants: dict[str, str]) -> dict[str, float]:
    """Moodle's offline grading worksheet: the marks by user."""
    header, *rows = table(path)
    assert {"Identifier", "Grade", "Last modified (grade)"} <= set(header)
    marks = {}
    for cells in rows:
        said = dict(zip(header, cells, strict=True))
        user = participants[said["Identifier"][len("Participant ") :]]
        marks[user] = float(said["Grade"])
    return marks


def moodle_grades(path: Path, key: str) -> dict[str, str]:
    """Moodle's grade import: an empty identity gives its mark to the row before."""
    header, *rows = table(path)
    assert all(row[header.index(key)] for row in rows)
    return {row[header.index(key)]: row[1] for row in rows}


def canvas_class(make: Make) -> list[GradedSubmission]:
    def one(name: str, number: str, *outcomes: Outcome, **said: bool) -> GradedSubmission:
        who = Identity("canvas", name=name, number=number, **said)  # type: ignore[arg-type]
        return replace(make(f"{name}_{number}", *outcomes), identity=who)

    return [
        one("doejane", "12345"),
        one("weili", "12346", Outcome.ERROR),
        one("weili", "12347", late=True),
    ]


def students(*numbers: str) -> list[dict[str, str]]:
    return [{"id": n, "sis_id": f"s{n}", "login": f"l{n}", "name": "Wei Li"} for n in numbers]


def test_canvas_finds_every_learner_of_its_own_download(
    assignment: Assignment, make: Make, tmp_path: Path
) -> None:
    class_ = canvas_class(make)
    write_tables(assignment, class_, tmp_path)
    assert canvas_import(tmp_path / "canvas.csv", students("12345", "12346", "12347")) == {
        "12345": 5, "12346": 4, "12347": 5
    }  # fmt: skip
    assert left_out(class_) == []


@pytest.mark.parametrize("title", ["Loops (2)", "2026.11.29", "Week 1"])
def test_canvas_takes_the_title_for_a_title(
    assignment: Assignment, make: Make, tmp_path: Path, title: str
) -> None:
    write_tables(replace(assignment, title=title), canvas_class(make), tmp_path)
    canvas_import(tmp_path / "canvas.csv", students("12345", "12346", "12347"))
    header = table(tmp_path / "canvas.csv")[0][5]
    assert canvas_number(header) == header


def test_whom_canvas_could_not_find_has_no_row_and_is_named(
    assignment: Assignment, make: Make, tmp_path: Path
) -> None:
    class_ = canvas_class(make)
    class_.append(replace(make("anon_a"), identity=Identity("canvas", anonymous=True)))
    class_.append(make("10.0.0.1"))
    write_tables(assignment, class_, tmp_path)
    assert len(table(tmp_path / "canvas.csv")) == 2 + 3
    (sentence,) = [s for s in left_out(class_) if s.startswith("canvas.csv")]
    assert "leaves out 2 learners" in sentence
    assert "anon_a" in sentence


def test_other_layouts_reach_canvas_by_login_or_student_number(
    assignment: Assignment, make: Make, tmp_path: Path
) -> None:
    login = replace(make("l1"), identity=Identity("blackboard", login="l1"))
    number = replace(make("s2"), identity=Identity("gradescope", name="Wei Li", student_id="s2"))
    write_tables(assignment, [login, number], tmp_path)
    assert canvas_import(tmp_path / "canvas.csv", students("1", "2")) == {"1": 5, "2": 5}


def test_moodles_worksheet_finds_every_learner_by_number(
    assignment: Assignment, make: Make, tmp_path: Path
) -> None:
    class_ = [
        replace(
            make(f"Li Wei_{n}", *outcomes),
            identity=Identity("moodle", name="Li Wei", participant=n),
        )
        for n, outcomes in {"123": (), "124": (Outcome.ERROR,)}.items()
    ]
    write_tables(assignment, class_, tmp_path)
    found = moodle_worksheet(tmp_path / "moodle.csv", {"123": "u1", "124": "u2"})
    assert found == {"u1": 5, "u2": 4}
    assert table(tmp_path / "moodle.csv")[1][1] == "Li Wei"
    assert left_out(class_) == []


def test_moodles_grade_import_gets_no_row_without_a_learner(
    assignment: Assignment, make: Make, tmp_path: Path
) -> None:
    known = replace(make("a"), identity=Identity("ilias", login="jdoe"))
    unknown = replace(make("b"), identity=Identity("brightspace", name="Li Wei", number="7"))
    write_tables(assignment, [known, unknown], tmp_path)
    assert moodle_grades(tmp_path / "moodle.csv", "Username") == {"jdoe": "5"}
    assert any("moodle.csv leaves out 1 learner" in s for s in left_out([known, unknown]))


def test_who_it_was_and_that_it_came_late_stand_in_marks_and_feedback(
    assignment: Assignment, make: Make, tmp_path: Path
) -> None:
    class_ = canvas_class(make)
    write_tables(assignment, class_, tmp_path)
    header, *rows = table(tmp_path / "marks.csv")
    late = dict(zip(header, rows[-1], strict=True))
    assert (late["name"], late["number"], late["late"]) == ("weili", "12347", "late")
    page = feedback_page(assignment, class_[-1])
    assert "weili (weili_12347)" in page
    assert "Handed in late." in page
    assert "Handed in late." not in feedback_page(assignment, class_[0])


def test_a_second_regrade_appends_with_its_date(make: Make, tmp_path: Path) -> None:
    good, bad = make("ada").checks[0], make("ada", Outcome.ERROR).checks[0]
    first, second = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)
    write_changes([Change("ada", bad, good)], tmp_path, first)
    write_changes([Change("bob", good, bad)], tmp_path, second)
    write_changes([], tmp_path, second)
    rows = table(tmp_path / "regraded.csv")
    assert [row[:2] for row in rows] == [
        ["date", "submission"],
        ["2026-11-01T00:00:00+00:00", "ada"],
        ["2026-11-02T00:00:00+00:00", "bob"],
    ]
