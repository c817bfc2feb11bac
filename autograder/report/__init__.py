"""Reports on graded submissions: tables, gradebook, feedback and the class report."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from autograder.assignment.source import Assignment
from autograder.grading.results import GradedSubmission
from dlcourse.check import Thresholds

BY_HAND = "marks by hand in the tables"


def prepare(out: Path, database: str | None = None) -> None:
    """Do what costs reports seconds and needs no marks: imports, and an empty gradebook.

    For a thread, while submissions are graded. What fails here fails again, and is reported, when
    the reports are written.

    Args:
        out: the folder of the reports; made where it is missing.
        database: URL of a gradebook elsewhere; where there is one, none is made in ``out``.
    """
    with suppress(Exception):
        from autograder.report.gradebook import make_empty

        if database is None:
            make_empty(out)
        for name in ("tables", "feedback", "classreport", "autograded"):
            importlib.import_module(f"autograder.report.{name}")


def write_all(
    assignment: Assignment,
    graded: Sequence[GradedSubmission],
    out: Path,
    *,
    thresholds: Thresholds | None = None,
    database: str | None = None,
    source: dict[str, Any] | None = None,
) -> dict[str, Exception]:
    """Write every report into ``out``; the failure of one does not stop the others.

    Args:
        assignment: what was graded.
        graded: the submissions, in any order.
        out: the folder; made where it is missing.
        thresholds: the assignment's thresholds by name and tier, for the class report.
        database: URL of nbgrader's gradebook; ``out/gradebook.db`` by default.
        source: nbgrader's source notebook, for an assignment that the gradebook does not hold yet.

    Returns:
        The reports that could not be written, by name, and why. Empty when all were.
    """

    failures: dict[str, Exception] = {}

    def gradebook() -> object:
        from autograder.report.gradebook import write_gradebook

        return write_gradebook(assignment, graded, out, database=database, source=source)

    def by_hand() -> object:
        nonlocal graded
        if "gradebook" in failures:
            raise failures["gradebook"]
        from autograder.report.by_hand import with_marks_by_hand

        graded = with_marks_by_hand(assignment, graded, out, database=database)
        return graded

    def tables() -> object:
        from autograder.report.tables import write_tables

        if assignment.manual and BY_HAND in failures:
            raise failures[BY_HAND]  # a part of a mark must not look like all of it
        return write_tables(assignment, graded, out)

    def autograded() -> object:
        from autograder.report.autograded import write_autograded

        return write_autograded(assignment, graded, out, source) if source else []

    def feedback() -> object:
        from autograder.report.feedback import write_feedback

        return write_feedback(assignment, graded, out)

    def class_report() -> object:
        from autograder.report.classreport import write_class_report

        return write_class_report(assignment, graded, out, thresholds=thresholds)

    reports: dict[str, Callable[[], object]] = {
        "gradebook": gradebook,
        BY_HAND: by_hand,  # after it, since it knows what is still to be marked
        "tables": tables,
        "feedback": feedback,
        "class report": class_report,
        "autograded notebooks": autograded,
    }
    for name, write in reports.items():
        try:
            write()
        except Exception as error:  # whatever it is, the other reports are still worth having
            failures[name] = error
    return failures
