"""An assignment's checks, ready to run: the trusted half of its source, executed once."""

from __future__ import annotations

import ast
import hashlib
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from autograder.assignment.source import Assignment, Role
from autograder.assignment.thresholds import Thresholds
from autograder.course.secret import entropy
from autograder.judge.drawn import draw_once
from dlcourse.check import (
    Check,
    Reference,
    Result,
    collecting,
    run_check,
    run_source,
    using_thresholds,
)
from dlcourse.check.answer import AnswerError, parse


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

    def ask(
        self, check: Check, answer: Any, on_stumble: Callable[[Exception], None] | None = None
    ) -> Result:
        """Run one check on an answer, with all that it may ask for; see :func:`run_check`."""
        with using_thresholds(self.thresholds, self.tier):
            return run_check(
                check,
                answer,
                reference=self.references[check.question],
                rng=self.rng(check),
                on_stumble=on_stumble,
            )

    def fault_of(self, check: Check, fault: Exception) -> str:
        """What arose in a check and where: ``TypeError at week01.md:12``.

        Empty where the grader raised it.
        """
        place = self._place_of(check, fault)
        kind = type(fault).__name__
        if isinstance(fault, AnswerError):
            kind = f"{fault.kind} in the reference solution"
        return f"{kind} at {place}" if place else ""

    def _place_of(self, check: Check, fault: Exception) -> str:
        """File and line of the check; empty where the grader raised it."""
        frames = traceback.extract_tb(fault.__traceback__)
        if _TRANSPORT.intersection(Path(frames[-1].filename).parts[-2:-1]):
            return ""
        (source,) = [c for c in self.assignment.checks if c.name == check.name]
        own = _check_file(self.assignment, check.name)
        lines = [f.lineno or 1 for f in frames if f.filename == own]
        if not lines:
            return ""
        return f"{self.assignment.path.name}:{source.line + lines[-1] - 1}"

    def warm_up(self) -> None:
        """Run as much of the solution as the checks compare with, which they else do when asked.

        What fails here fails again, and is told, when a check asks for it.
        """
        for source in self.assignment.checks:
            for name in _reference_names(source.source):
                try:
                    getattr(self.references[source.question], name)
                except Exception:
                    before = self.assignment.solution_before(source.question)
                    self.references[source.question] = Reference(before)

    @cached_property
    def looked_at(self) -> dict[str, tuple[str, ...]]:
        """Of which names the checks read configuration or weights, and by which methods."""
        found: dict[str, list[str]] = {}
        for question in self.assignment.questions:
            for name in question.answer.names if question.answer else ():
                asking = [c.source for c in question.checks if f"answer.{name}" in c.source]
                methods = [m for m in _METHODS if any(f".{m}(" in source for source in asking)]
                if methods:
                    found[name] = methods
        return {name: tuple(methods) for name, methods in found.items()}

    def of(self, question: str) -> Checks:
        """The same, with no checks but those of one question."""
        questions = (
            q if q.name == question else replace(q, checks=[]) for q in self.assignment.questions
        )
        only = {name: found if name == question else [] for name, found in self.by_question.items()}
        assignment = replace(self.assignment, questions=tuple(questions))
        return replace(self, assignment=assignment, by_question=only)

    def fingerprint(self, check: Check) -> str:
        """A digest of all that decides what a check finds, besides the answer that it is given."""
        (source,) = [c for c in self.assignment.checks if c.name == check.name]
        parts = [source.source, self.tier, self.secret]
        for role in (Role.SETUP, Role.HIDDEN_SETUP):
            parts += self.assignment.code(role)
        if "reference" in check.parameters:
            parts += self.assignment.solution_before(check.question)
        parts += [repr(self.thresholds.get(name, {})) for name in source.thresholds]
        digest = hashlib.sha256()
        for part in parts:
            digest.update(f"{len(part)}:{part}".encode())
        return digest.hexdigest()[:32]


# What a network is, as plain data.
_METHODS = ("get_config", "get_weights")


def _reference_names(source: str) -> list[str]:
    """The names of the solution that a check's source asks for."""
    return [
        node.attr
        for node in ast.walk(parse(source))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "reference"
    ]


# The folders of what carries a check's questions: a fault there is none of the check's.
_TRANSPORT = frozenset({"workers", "sandbox"})


def _check_file(assignment: Assignment, name: str) -> str:
    return f"<{assignment.name} check {name}>"


def load_checks(assignment: Assignment, thresholds: Thresholds, tier: str, secret: str) -> Checks:
    """Execute the set-up cells and the checks of a source in a namespace of their own.

    Raises:
        Exception: whatever the author's set-up raises; its traceback quotes the cell.
    """
    by_question: dict[str, list[Check]] = {q.name: [] for q in assignment.questions}
    scope: dict[str, object] = {"__name__": "checks"}
    with collecting() as found:
        for role in (Role.SETUP, Role.HIDDEN_SETUP):
            before = dict(scope)
            for number, source in enumerate(assignment.code(role)):
                run_source(source, f"<{assignment.name} {role} {number}>", scope)
            if role is Role.HIDDEN_SETUP:
                draw_once(scope, before)
        for check in assignment.checks:
            run_source(check.source, _check_file(assignment, check.name), scope)
    for made in found:
        by_question[made.question].append(made)
    references = {
        q.name: Reference(assignment.solution_before(q.name)) for q in assignment.questions
    }
    return Checks(assignment, by_question, references, thresholds, tier, secret)
