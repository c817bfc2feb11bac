"""The class report: one HTML page for instructors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autograder.assignment.source import Assignment
from autograder.grading.results import Graded
from dlcourse.check import Thresholds


def write_class_report(
    assignment: Assignment,
    graded: Sequence[Graded],
    out: Path,
    *,
    thresholds: Thresholds | None = None,
) -> Path:
    """Write ``out/class-report.html``."""
    raise NotImplementedError("the class report")
