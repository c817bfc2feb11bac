"""Graded submissions made by hand: an ordinary class, and what no class should hold."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.assignment.source import Assignment, read_assignment
from autograder.grading.results import GradedSubmission, Status
from dlcourse.check import Outcome, Result
from tests.sample import SAMPLE

Make = Callable[..., GradedSubmission]

HOSTILE = '=HYPERLINK("http://evil.example","<script>alert(1)</script>")\n\x1b[31mred\x07\x00\u202e'


@pytest.fixture(scope="session")
def assignment(tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    """The sample assignment: two questions, four checks, five points."""
    path = tmp_path_factory.mktemp("solutions") / "week99.md"
    path.write_text(SAMPLE, encoding="utf-8")
    return read_assignment(path)


@pytest.fixture(scope="session")
def make(assignment: Assignment) -> Make:
    """Make a graded submission: the outcome of each check in turn, the rest correct."""

    def made(
        submission: str = "ada",
        *outcomes: Outcome,
        status: Status = Status.GRADED,
        messages: dict[str, str] | None = None,
        measured: dict[str, dict[str, float]] | None = None,
        **said: Any,
    ) -> GradedSubmission:
        results = []
        for i, check in enumerate(assignment.checks):
            outcome = outcomes[i] if i < len(outcomes) else Outcome.CORRECT
            message = "" if outcome is Outcome.CORRECT else f"{check.name} says so."
            results.append(
                Result(
                    question=check.question,
                    name=check.name,
                    points=check.points,
                    hidden=check.hidden,
                    hint=check.hint,
                    outcome=outcome,
                    message=(messages or {}).get(check.name, message),
                    measured=(measured or {}).get(check.name, {}),
                )
            )
        fields: dict[str, Any] = {
            "path": Path("submission.ipynb"),
            "reason": "",
            "checks": tuple(results),
            "seconds": 1.25,
            "tier": "cpu",
            "isolation": "strict",
        }
        return GradedSubmission(learner=submission, status=status, **(fields | said))

    return made
