"""One question's part of a submission."""

from __future__ import annotations

from dataclasses import replace

from autograder.grading.results import GradedSubmission


def of_question(one: GradedSubmission, question: str) -> GradedSubmission:
    """The submission with this question's checks and marks by hand alone."""
    return replace(
        one,
        checks=tuple(r for r in one.checks if r.question == question),
        by_hand=tuple(h for h in one.by_hand if h.question == question),
    )
