"""A check, what it found, and how a failed one is told to a grader that counts exceptions."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

CheckFunction = Callable[..., None]


class Outcome(StrEnum):
    """What a check found."""

    CORRECT = "correct"
    NOT_YET = "not yet"
    ERROR = "error"
    NOT_ATTEMPTED = "not attempted"


@dataclass(frozen=True)
class Check:
    """One check of one question, worth ``points`` when it is correct."""

    question: str
    name: str
    points: float
    hidden: bool
    hint: str
    function: CheckFunction

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of what the check function asks for: answer, reference, rng."""
        return tuple(inspect.signature(self.function).parameters)


@dataclass(frozen=True)
class Result:
    """The outcome of one check, with a message that the learner may read."""

    question: str
    name: str
    points: float
    hidden: bool
    hint: str
    outcome: Outcome
    message: str = ""
    measured: Mapping[str, float] = field(default_factory=dict)

    @property
    def earned(self) -> float:
        """Points earned: all or none."""
        return self.points if self.outcome is Outcome.CORRECT else 0.0


class CheckFailed(Exception):
    """Raised in graders that count an exception as a check that did not pass."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback, which would quote the check's cell."""
        return [f"{type(self).__name__}: {self}"]


def raise_unless_correct(result: Result) -> None:
    """Raise :class:`CheckFailed` with the result's message unless it is correct.

    The hint of a hidden check is not told.
    """
    if result.outcome is not Outcome.CORRECT:
        hint = f" Hint: {result.hint}" if result.hint and not result.hidden else ""
        raise CheckFailed(f"{result.outcome}: {result.message}{hint}")
