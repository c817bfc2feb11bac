"""The assignment that this notebook is: its thresholds, and what its checks found."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from dlcourse.check.display import announce, show, show_summary
from dlcourse.check.result import Result
from dlcourse.data import tiers

Thresholds = Mapping[str, Mapping[str, float]]


@dataclass
class _Assignment:
    """What the first cell of an assignment announces, and what its checks have found so far."""

    name: str = ""
    thresholds: Thresholds = field(default_factory=dict)
    hidden: Mapping[str, tuple[int, float]] = field(default_factory=dict)
    results: dict[tuple[str, str], Result] = field(default_factory=dict)


_assignment = _Assignment()
_measured: ContextVar[dict[str, float] | None] = ContextVar("measured", default=None)
_thresholds_in_use: ContextVar[tuple[Thresholds, str] | None] = ContextVar(
    "thresholds_in_use", default=None
)


def start(
    name: str,
    *,
    thresholds: Thresholds | None = None,
    hidden: Mapping[str, tuple[int, float]] | None = None,
) -> None:
    """Begin an assignment: the first cell of each learner's notebook calls this.

    Args:
        name: the assignment, for instance ``"week01"``.
        thresholds: for each calibrated threshold, its value in each tier.
        hidden: for each question, how many hidden checks it has and what they count together.
    """
    global _assignment
    # TensorFlow greets with a dozen lines about processors and drivers, which look like errors.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    _assignment = _Assignment(name, thresholds or {}, hidden or {})
    announce(f"{name}: checks are ready. Data tier: {tiers.tier()}.")


def threshold(name: str) -> float:
    """The calibrated threshold called ``name`` in the tier in use.

    Raises:
        KeyError: when the assignment has no such threshold, or none for this tier.
    """
    thresholds, tier = _thresholds_in_use.get() or (_assignment.thresholds, tiers.tier())
    try:
        return thresholds[name][tier]
    except KeyError:
        known = ", ".join(f"{n} ({', '.join(t)})" for n, t in thresholds.items()) or "none"
        raise KeyError(
            f"no threshold {name!r} for the {tier} tier; known: {known}. "
            "In a notebook, run its first cell again."
        ) from None


@contextmanager
def using_thresholds(thresholds: Thresholds, tier: str) -> Iterator[None]:
    """Let :func:`threshold` answer from ``thresholds`` for ``tier`` inside."""
    token = _thresholds_in_use.set((thresholds, tier))
    try:
        yield
    finally:
        _thresholds_in_use.reset(token)


def measure(name: str, value: float) -> float:
    """Record a quantity that a check measured, such as an accuracy, and return it.

    Calibration and the class report read what hidden checks measured; learners do not.
    """
    measured = _measured.get()
    if measured is not None:
        measured[name] = float(value)
    return float(value)


@contextmanager
def measuring() -> Iterator[dict[str, float]]:
    """Gather what :func:`measure` records inside."""
    measured: dict[str, float] = {}
    token = _measured.set(measured)
    try:
        yield measured
    finally:
        _measured.reset(token)


def keep_result(result: Result) -> None:
    """Keep what a check found, for the summary."""
    _assignment.results[result.question, result.name] = result


def show_result(result: Result) -> None:
    """Show what a check found and measured, and what is still to come for its question."""
    show(result, " ".join(filter(None, (_measurements(result), _waiting(result.question)))))


def _measurements(result: Result) -> str:
    """What a check measured beside what it asks for: by how much an answer passed."""
    thresholds, tier = _thresholds_in_use.get() or (_assignment.thresholds, tiers.tier())
    return " ".join(
        f"Measured: {value:.3f}; the bar is {thresholds[name][tier]:.3f}."
        for name, value in result.measured.items()
        if tier in thresholds.get(name, {})
    )


def _waiting(question: str) -> str:
    """Say what is still to come for a question: its hidden checks."""
    number, points = _assignment.hidden.get(question, (0, 0))
    if not number:
        return ""
    checks = "check counts" if number == 1 else "checks count"
    return f"{number} hidden {checks} {_points(points)} more."


def _points(points: float) -> str:
    return "1 point" if points == 1 else f"{points:g} points"


def hidden_check(question: str, name: str, *, points: float) -> None:
    """Announce a hidden check: its name and its points. It runs when the notebook is graded."""
    announce(
        f"Hidden check of {question}: {name.replace('_', ' ')} ({_points(points)}). "
        "It runs when your notebook is graded."
    )


def results() -> list[Result]:
    """What the checks that ran in this notebook found, in the order of their first run."""
    return list(_assignment.results.values())


def summary() -> None:
    """Show how every check that ran stands, and what the hidden ones still count."""
    show_summary(_assignment.name, results(), _assignment.hidden)
