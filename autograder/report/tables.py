"""Marks as tables: CSV files for people, Canvas and Moodle, and a table for the terminal."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.assignment.source import Assignment
from autograder.grading.regrade import Change
from autograder.grading.results import GradedSubmission, Status
from autograder.report.files import write_whole
from autograder.report.wording import (
    STATUS_SYMBOLS,
    STATUS_WORDS,
    WITHOUT_MARK,
    best_of_each,
    clean,
    count,
    in_order,
    number,
    one_line,
)

MARKS = ("submission", "status", "marks", "max_marks", "seconds", "reason")
CHECKS = (
    "submission", "question", "check", "hidden", "points", "earned", "outcome", "message",
)  # fmt: skip
REGRADED = ("submission", "question", "check", "was", "earned", "is", "earns")
# The importer of Canvas (lib/gradebook_importer.rb) wants "Student" first, "ID" second, and
# "Section" right before the assignments; it finds a learner by ID, SIS user id, SIS login id, name.
CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_STYLES = {
    Status.GRADED: "green",
    Status.STOPPED: "yellow",
    Status.UNREADABLE: "red",
    Status.SUPERSEDED: "dim",
    Status.LOST: "magenta",
}


def write_tables(
    assignment: Assignment, graded: Sequence[GradedSubmission], out: Path
) -> list[Path]:
    """Write ``marks.csv``, ``checks.csv``, ``canvas.csv`` and ``moodle.csv`` into ``out``.

    All are UTF-8 with a header row, in the order of submissions' ids. A cell that a spreadsheet
    would take for a formula begins with an apostrophe (OWASP, "CSV injection"). A superseded or
    lost submission has no marks, and no row in the two files for import. ``checks.csv`` holds what
    hidden checks measured: it is for instructors.

    ``audits.csv`` is there when submissions that came with weights were trained again.

    Returns:
        The files written.

    Raises:
        OSError: when ``out`` cannot be written.
    """
    audits = [(guarded(g.submission), guarded(g.audit)) for g in in_order(graded) if g.audit]
    return [
        *([_write(out / "audits.csv", ("submission", "audit"), audits)] if audits else []),
        _write(out / "marks.csv", MARKS, _marks(assignment, graded)),
        _write(out / "checks.csv", *_checks(graded)),
        _write(out / "canvas.csv", (*CANVAS, assignment.title), _canvas(assignment, graded)),
        _write(out / "moodle.csv", _moodle_header(assignment), _moodle(graded)),
    ]


def write_changes(changes: Sequence[Change], out: Path) -> Path:
    """Write ``regraded.csv`` into ``out``: each check whose outcome grading again has changed.

    Raises:
        OSError: when ``out`` cannot be written.
    """
    rows = [
        (
            guarded(c.submission),
            guarded(c.after.question),
            guarded(c.after.name),
            c.before.outcome.value,
            number(c.before.earned),
            c.after.outcome.value,
            number(c.after.earned),
        )
        for c in sorted(changes, key=lambda c: (c.submission, c.after.question, c.after.name))
    ]
    return _write(out / "regraded.csv", REGRADED, rows)


def print_table(
    console: Console, assignment: Assignment, graded: Sequence[GradedSubmission]
) -> None:
    """Print the marks of each submission with the reason, where there is one."""
    table = Table(title=f"{assignment.name}: {assignment.title}", title_justify="left")
    table.add_column("submission", overflow="fold")
    table.add_column("status", no_wrap=True)
    table.add_column("marks", justify="right", no_wrap=True)
    table.add_column("seconds", justify="right", no_wrap=True)
    table.add_column("reason", overflow="fold")
    for one in in_order(graded):
        status = f"{STATUS_SYMBOLS[one.status]} {STATUS_WORDS[one.status]}"
        table.add_row(
            Text(one_line(one.submission, 80)),
            Text(status, style=_STYLES[one.status]),
            _shown_marks(assignment, one),
            f"{one.seconds:.1f}",
            Text(one_line(one.reason, 300)),
        )
    console.print(table)
    console.print(Text(_closing(graded)))


def _shown_marks(assignment: Assignment, one: GradedSubmission) -> str:
    if one.status in WITHOUT_MARK:
        return "none"
    return f"{number(one.marks)}/{number(possible(assignment, one))}"


def possible(assignment: Assignment, one: GradedSubmission) -> float:
    """Points that a submission could earn, also where it came to no check."""
    return one.max_marks if one.checks else assignment.points


def _closing(graded: Sequence[GradedSubmission]) -> str:
    if not graded:
        return "No submissions."
    numbers = {status: sum(g.status is status for g in graded) for status in Status}
    parts = [f"{n} {STATUS_WORDS[status].lower()}" for status, n in numbers.items() if n]
    again = " Grade the lost ones again." if numbers[Status.LOST] else ""
    audited = [g for g in graded if g.audit]
    differ = sum(g.audit.startswith("DISAGREES") for g in audited)
    audit = f" {len(audited)} trained again as an audit, {differ} disagree." if audited else ""
    return f"{count(len(graded), 'submission')}: {', '.join(parts)}.{again}{audit}"


def guarded(text: str) -> str:
    """A learner's text as a CSV cell: harmless characters, and no formula for a spreadsheet."""
    cell = clean(text)
    return f"'{cell}" if cell.lstrip(" \ufeff").startswith(_FORMULA) else cell


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> Path:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([guarded(name) for name in header])
    writer.writerows(rows)
    return write_whole(path, text.getvalue())


def _marks(assignment: Assignment, graded: Sequence[GradedSubmission]) -> Iterable[Sequence[str]]:
    for one in in_order(graded):
        yield (
            guarded(one.submission),
            one.status.value,
            "" if one.status in WITHOUT_MARK else number(one.marks),
            number(possible(assignment, one)),
            f"{one.seconds:.3f}",
            guarded(one.reason),
        )


def _checks(graded: Sequence[GradedSubmission]) -> tuple[Sequence[str], Iterable[Sequence[str]]]:
    """Header and rows; each measured quantity has a column of its own."""
    quantities = sorted({name for g in graded for c in g.checks for name in c.measured})
    rows = (
        (
            guarded(one.submission),
            guarded(result.question),
            guarded(result.name),
            "yes" if result.hidden else "no",
            number(result.points),
            "" if one.status in WITHOUT_MARK else number(result.earned),
            result.outcome.value,
            guarded(result.message),
            *(repr(result.measured[q]) if q in result.measured else "" for q in quantities),
        )
        for one in in_order(graded)
        for result in one.checks
    )
    return (*CHECKS, *(f"measured {name}" for name in quantities)), rows


def _canvas(assignment: Assignment, graded: Sequence[GradedSubmission]) -> Iterable[Sequence[str]]:
    yield ("    Points Possible", "", "", "", "", number(assignment.points))
    for one in best_of_each(graded):
        learner = guarded(one.submission)
        yield (learner, "", "", learner, "", number(one.marks))


def _moodle_header(assignment: Assignment) -> Sequence[str]:
    # As Moodle's own export names them; its import asks which column is which.
    item = f"Assignment: {assignment.title}"
    return ("Username", f"{item} (Real)", f"{item} (Feedback)")


def _moodle(graded: Sequence[GradedSubmission]) -> Iterable[Sequence[str]]:
    for one in best_of_each(graded):
        yield (guarded(one.submission), number(one.marks), guarded(one.reason))
