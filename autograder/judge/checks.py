"""An assignment's checks, ready to run: the trusted half of its source, executed once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from autograder.assignment.source import Assignment, Role
from autograder.assignment.thresholds import Thresholds
from autograder.judge.secret import entropy
from dlcourse.check import Check, Reference, collecting, run_source


@dataclass(frozen=True)
class Checks:
    """The checks of an assignment by question, and what they are given.

    Not for several threads at once: the reference solution is executed on demand.
    """

    assignment: Assignment
    by_question: dict[str, list[Check]]
    references: dict[str, Reference]
    thresholds: Thresholds
    tier: str
    secret: str

    def rng(self, check: Check) -> np.random.Generator:
        """A fresh generator of the check's hidden inputs: the same for every submission."""
        return np.random.default_rng(entropy(self.secret, self.assignment.name, check.name))


def load_checks(assignment: Assignment, thresholds: Thresholds, tier: str, secret: str) -> Checks:
    """Execute the set-up cells and the checks of a source in a namespace of their own.

    Raises:
        Exception: whatever the author's set-up raises; its traceback quotes the cell.
    """
    by_question: dict[str, list[Check]] = {q.name: [] for q in assignment.questions}
    scope: dict[str, object] = {"__name__": "checks"}
    with collecting() as found:
        for role in (Role.SETUP, Role.HIDDEN_SETUP):
            for number, source in enumerate(assignment.code(role)):
                run_source(source, f"<{assignment.name} {role} {number}>", scope)
        for check in assignment.checks:
            run_source(check.source, f"<{assignment.name} check {check.name}>", scope)
    for made in found:
        by_question[made.question].append(made)
    references = {
        q.name: Reference(assignment.solution_before(q.name)) for q in assignment.questions
    }
    return Checks(assignment, by_question, references, thresholds, tier, secret)
