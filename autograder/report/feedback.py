"""Feedback for each learner: one HTML page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autograder.assignment.source import Assignment
from autograder.grading.results import Graded


def write_feedback(assignment: Assignment, graded: Sequence[Graded], out: Path) -> list[Path]:
    """Write ``out/feedback/NAME.html`` for each submission."""
    raise NotImplementedError("feedback pages")
