"""nbgrader's half of a release: the source notebook of its own pipeline.

nbgrader makes from it, by ``nbgrader generate_assignment``, the very notebook that learners get
from us; autograding puts the hidden tests back into the learner's copy by ``grade_id``.
"""

from __future__ import annotations

from autograder.assignment.source import Answer, Assignment, CheckSource, Manual
from autograder.assignment.thresholds import Thresholds
from autograder.release.grade_calls import grade_call
from autograder.release.learner import (
    Notebook,
    body_cells,
    check_source,
)

BEGIN_HIDDEN = "### BEGIN HIDDEN TESTS"
END_HIDDEN = "### END HIDDEN TESTS"


class _Instructor:
    """Answers with their solutions, and hidden checks with their code."""

    def __init__(self, assignment: Assignment, thresholds: Thresholds, secret: str) -> None:
        self._assignment = assignment
        self._thresholds = thresholds
        self._secret = secret

    def answer(self, answer: Answer) -> str:
        return answer.solution

    def manual(self, manual: Manual) -> str:
        return manual.solution

    def hidden(self, check: CheckSource) -> str:
        call = grade_call(self._assignment, check, self._thresholds, self._secret, "globals()")
        return "\n".join(
            [
                check_source(check),
                BEGIN_HIDDEN,
                "from dlcourse.check import grade",
                "",
                call,
                END_HIDDEN,
            ]
        )


def source_notebook(
    assignment: Assignment, learner: Notebook, thresholds: Thresholds, secret: str
) -> Notebook:
    """The learner's notebook with solutions and hidden tests in their places."""
    instructor = _Instructor(assignment, thresholds, secret)
    made = {c["id"]: c for c in body_cells(assignment, thresholds, instructor=instructor)}
    cells = [made.get(cell["id"], cell) for cell in learner["cells"]]
    return {**learner, "cells": cells}
