"""What people said in formgrader, read back: marks, extra credit and comments.

They lie in nbgrader's gradebook and nowhere else. Reports are written with them, so whoever has
marked gives the command that grades once more: nothing runs again, and tables and feedback follow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from autograder.assignment.source import Assignment
from autograder.grading.results import GradedSubmission, HandMark
from autograder.release.learner import answer_id, check_id, manual_id
from autograder.report.gradebook import opened, student_id
from autograder.report.nbgrader_database import Grade, MissingEntry
from autograder.report.wording import best_of_each

NOTHING_WRITTEN = "Nothing was written here."


def with_marks_by_hand(
    assignment: Assignment,
    graded: Sequence[GradedSubmission],
    out: Path,
    *,
    database: str | None = None,
) -> list[GradedSubmission]:
    """The submissions with what people said of them; of several of one learner, of the best.

    Args:
        assignment: what was graded.
        graded: the submissions.
        out: the folder that holds ``gradebook.db``, unless ``database`` names another.
        database: URL of the gradebook.

    Raises:
        GradebookError: when it stays locked or cannot be read.
    """
    best = {id(one) for one in best_of_each(graded)}
    with opened(out, database) as (gradebook, wait):

        def said_of(one: GradedSubmission) -> tuple[HandMark, ...]:
            names = (assignment.name, assignment.name, student_id(one.learner))
            try:
                submitted = gradebook.find_submission_notebook(*names)
            except MissingEntry:
                return tuple(_marks(assignment, {}, {}))
            grades = {grade.name: grade for grade in submitted.grades}
            comments = {c.name: c.comment for c in submitted.comments if c.comment}
            return tuple(_marks(assignment, grades, comments))

        return [
            replace(one, by_hand=wait.until_free(partial(said_of, one), gradebook))
            if id(one) in best
            else one
            for one in graded
        ]


def _marks(
    assignment: Assignment, grades: Mapping[str, Grade], comments: Mapping[str, str]
) -> Iterator[HandMark]:
    """What was said of each cell that counts, by question; a comment on an answer has no name."""
    for question in assignment.questions:
        if said := comments.get(answer_id(question.name)):
            yield HandMark(question.name, "", 0.0, comment=said)
        for check in question.checks:
            blank = HandMark(question.name, check.name, check.points)
            mark = _filled(blank, grades.get(check_id(check)), comments.get(check_id(check), ""))
            if mark.given is not None or mark.extra or mark.comment:
                yield mark
        for manual in question.manual:
            blank = HandMark(question.name, manual.name, manual.points, manual=True)
            name = manual_id(manual)
            yield _filled(blank, grades.get(name), comments.get(name, ""))


def _filled(blank: HandMark, grade: Grade | None, comment: str) -> HandMark:
    if grade is None:
        return replace(blank, comment=comment)
    given = grade.manual_score
    if blank.manual and given is None and not grade.needs_manual_grade:
        given, comment = grade.auto_score, comment or NOTHING_WRITTEN
    return replace(blank, given=given, extra=grade.extra_credit or 0.0, comment=comment)
