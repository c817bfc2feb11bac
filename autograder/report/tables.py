"""Marks as tables: CSV files for people, Canvas and Moodle, and a table for the terminal."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.assignment.source import Assignment
from autograder.grading.flags import all_flags
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
    listed,
    number,
    one_line,
)

MARKS = (
    "submission", "status", "marks", "max_marks", "seconds", "reason",
    "name", "number", "participant", "login", "student_id", "email", "late", "by_hand",
)  # fmt: skip
CHECKS = (
    "submission", "question", "check", "hidden", "points", "earned", "outcome", "message",
)  # fmt: skip
REGRADED = ("date", "submission", "question", "check", "was", "earned", "is", "earns")
# The importer of Canvas (lib/gradebook_importer.rb) wants "Student" first, "ID" second, and
# "Section" right before the assignments; it finds a learner by ID, SIS user id, SIS login id, name.
CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
# Moodle's offline grading worksheet (mod/assign/feedback/offline) finds a learner by "Identifier".
MOODLE_WORKSHEET = (
    "Identifier", "Full name", "Grade", "Maximum grade", "Last modified (grade)",
    "Feedback comments",
)  # fmt: skip
# Canvas takes a title such as "Week (2)" for the assignment with the number 2, and rewrites a cell
# of digits, dots, commas and per cent as a number.
_CANVAS_NUMBERED = re.compile(r"(.*)\s\((\d+)\)")
_CANVAS_NUMBER = re.compile(r"[\d.,%\s]*[.,%][\d.,%\s]*")

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
    lost submission has no marks, and no row in the two files for import, and neither has a learner
    whom the LMS could not find: :func:`left_out` names them. ``checks.csv`` holds what hidden
    checks measured: it is for instructors.

    ``audits.csv`` is there when submissions that came with weights were trained again, and
    ``flags.csv`` when there is something for a person to look at.

    Returns:
        The files written.

    Raises:
        OSError: when ``out`` cannot be written.
    """
    audits = [(guarded(g.learner), guarded(g.audit)) for g in in_order(graded) if g.audit]
    flags = [(guarded(who), guarded(flag)) for who, flag in all_flags(in_order(graded))]
    return [
        *([_write(out / "flags.csv", ("submission", "flag"), flags)] if flags else []),
        *([_write(out / "audits.csv", ("submission", "audit"), audits)] if audits else []),
        _write(out / "marks.csv", MARKS, _marks(assignment, graded)),
        _write(out / "checks.csv", *_checks(graded)),
        _write(
            out / "canvas.csv", (*CANVAS, _canvas_title(assignment)), _canvas(assignment, graded)
        ),
        _write(out / "moodle.csv", *_moodle(assignment, graded)),
    ]


def write_changes(changes: Sequence[Change], out: Path, when: datetime) -> Path:
    """Add to ``regraded.csv`` in ``out`` each check whose outcome grading again has changed.

    Args:
        changes: what grading again has changed.
        out: the folder; what an earlier command wrote into the file stays.
        when: the time that the new rows bear.

    Raises:
        OSError: when ``out`` cannot be read or written.
    """
    path = out / "regraded.csv"
    rows = [
        (
            when.isoformat(timespec="seconds"),
            guarded(c.learner),
            guarded(c.after.question),
            guarded(c.after.name),
            c.before.outcome.value,
            number(c.before.earned),
            c.after.outcome.value,
            number(c.after.earned),
        )
        for c in sorted(changes, key=lambda c: (c.learner, c.after.question, c.after.name))
    ]
    return _write(path, REGRADED, [*_changes_in(path), *rows])


def _changes_in(path: Path) -> list[Sequence[str]]:
    """The rows of an earlier ``regraded.csv``; a file of before there was a date gets none."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file) if path.stat().st_size else [[]]
    return [row if header[:1] == ["date"] else ["", *row] for row in rows]


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
            Text(one_line(one.learner, 80)),
            Text(status, style=_STYLES[one.status]),
            _shown_marks(assignment, one),
            f"{one.seconds:.1f}",
            Text(one_line(one.reason, 300)),
        )
    console.print(table)
    console.print(Text(_closing(graded)))
    for sentence in left_out(graded):
        console.print(Text(sentence))


def _shown_marks(assignment: Assignment, one: GradedSubmission) -> str:
    if one.status in WITHOUT_MARK:
        return "none"
    return f"{number(one.marks)}/{number(possible(assignment, one))}"


def possible(assignment: Assignment, one: GradedSubmission) -> float:
    """Points that a submission could earn, also where it came to no check."""
    return one.max_marks if one.checks else assignment.points + assignment.points_by_hand


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
            guarded(one.learner),
            one.status.value,
            "" if one.status in WITHOUT_MARK else number(one.marks),
            number(possible(assignment, one)),
            f"{one.seconds:.3f}",
            guarded(one.reason),
            *(guarded(getattr(one.identity, column)) for column in MARKS[6:-2]),
            "late" if one.identity.late else "",
            _by_hand(one),
        )


def _by_hand(one: GradedSubmission) -> str:
    """What people gave in place of or beside the checks' points; empty where they gave none."""
    if one.waits_for_marks:
        return "waits"
    given = [h for h in one.by_hand if h.given is not None or h.extra]
    return number(sum((h.given or 0.0) + h.extra for h in given)) if given else ""


def _checks(graded: Sequence[GradedSubmission]) -> tuple[Sequence[str], Iterable[Sequence[str]]]:
    """Header and rows; each measured quantity has a column of its own."""
    quantities = sorted({name for g in graded for c in g.checks for name in c.measured})
    rows = (
        (
            guarded(one.learner),
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


def _whole(graded: Sequence[GradedSubmission]) -> list[GradedSubmission]:
    """Whose mark is whole: a part of one must not be imported as if it were all."""
    return [one for one in best_of_each(graded) if not one.waits_for_marks]


def _exact(text: str) -> bool:
    """Whether a table can hold a text as it is: an LMS looks for no other."""
    return bool(text) and guarded(text) == text


def _namesakes(graded: Sequence[GradedSubmission]) -> set[str]:
    """The names that two learners have: by such a name alone an LMS finds either."""
    names = [one.identity.name for one in best_of_each(graded)]
    return {name for name in names if names.count(name) > 1}


def _canvas_title(assignment: Assignment) -> str:
    """The assignment's title, so written that Canvas takes it for a title."""
    title = _CANVAS_NUMBERED.sub(r"\1 [\2]", assignment.title)
    return f"Assignment {title}" if _CANVAS_NUMBER.fullmatch(title) else title


def _canvas_keys(one: GradedSubmission, namesakes: set[str]) -> tuple[str, ...] | None:
    """Student, ID, SIS User ID and SIS Login ID; None where Canvas could find nobody or another."""
    who = one.identity
    if who.anonymous:
        return None
    if who.layout == "canvas":
        keys = (who.number, "", "")
    elif who.layout == "plain":
        keys = ("", "", one.learner)
    else:
        keys = ("", who.student_id, who.login)
    if any(key and (not _exact(key) or _CANVAS_NUMBER.fullmatch(key)) for key in keys):
        return None
    name = who.name or one.learner
    if not any(keys) and (not _exact(name) or name in namesakes):
        return None
    return (guarded(name), *keys)


def _canvas(assignment: Assignment, graded: Sequence[GradedSubmission]) -> Iterable[Sequence[str]]:
    points = assignment.points + assignment.points_by_hand
    yield ("    Points Possible", "", "", "", "", number(points))
    namesakes = _namesakes(graded)
    for one in _whole(graded):
        if keys := _canvas_keys(one, namesakes):
            yield (*keys, "", number(one.marks))


def _moodle(
    assignment: Assignment, graded: Sequence[GradedSubmission]
) -> tuple[Sequence[str], Iterable[Sequence[str]]]:
    """Header and rows: a worksheet where Moodle's numbers are known, else for its grade import."""
    marked = _whole(graded)
    if any(one.identity.participant for one in marked):
        return MOODLE_WORKSHEET, _moodle_worksheet(assignment, marked)
    # As Moodle's own export names them; its import asks which column is which.
    item = f"Assignment: {assignment.title}"
    key = _moodle_key(marked)
    header = ("Email address" if key == "email" else "Username", f"{item} (Real)")
    rows = (
        (_moodle_id(one, key), number(one.marks), guarded(one.reason))
        for one in marked
        # A row without a learner would give its mark to the learner of the row before.
        if _exact(_moodle_id(one, key))
    )
    return (*header, f"{item} (Feedback)"), rows


def _moodle_worksheet(
    assignment: Assignment, marked: Sequence[GradedSubmission]
) -> Iterable[Sequence[str]]:
    for one in marked:
        if one.identity.participant:
            yield (
                f"Participant {one.identity.participant}",
                guarded(one.identity.name),
                number(one.marks),
                number(possible(assignment, one)),
                "-",
                guarded(one.reason),
            )


def _moodle_key(marked: Sequence[GradedSubmission]) -> str:
    """Which of a learner's ids Moodle's grade import is given: it looks at one column only."""
    emails = sum(bool(one.identity.email) for one in marked)
    logins = sum(bool(one.identity.login) for one in marked)
    return "email" if emails > logins else "login"


def _moodle_id(one: GradedSubmission, key: str) -> str:
    plain = one.learner if one.identity.layout == "plain" and key == "login" else ""
    return str(getattr(one.identity, key)) or plain


def left_out(graded: Sequence[GradedSubmission]) -> list[str]:
    """Sentences that name the learners with a mark who have no row in a table for import."""
    waiting = [one for one in best_of_each(graded) if one.waits_for_marks]
    marked, namesakes = _whole(graded), _namesakes(graded)
    worksheet = any(one.identity.participant for one in marked)
    key = _moodle_key(marked)
    layouts = {one.identity.layout for one in marked}
    missing = {
        "canvas.csv": [one for one in marked if not _canvas_keys(one, namesakes)],
        "moodle.csv": [
            one
            for one in marked
            if not (one.identity.participant if worksheet else _exact(_moodle_id(one, key)))
        ],
    }
    # Who grades a download of one LMS needs no word on the table of another.
    others = {"canvas.csv": layouts == {"moodle"}, "moodle.csv": layouts == {"canvas"}}
    told = [
        f"{count(len(waiting), 'submission')} must be marked by hand in formgrader, and "
        f"{'is' if len(waiting) == 1 else 'are'} not in the tables for import before that. Then "
        "give this command again."
    ]
    return (told if waiting else []) + [
        f"{table} leaves out {count(len(of), 'learner')} whom the LMS could not find by what the "
        f"submissions tell: {listed([one_line(one.learner, 60) for one in of[:5]])}"
        + (" and others." if len(of) > 5 else ".")
        for table, of in missing.items()
        if of and not others[table]
    ]
