"""Checks: small functions that look at an answer and say what to do next.

In a notebook ``@check`` runs the check at once and shows one of four outcomes. Under nbgrader and
otter-grader the same function raises unless the outcome is *correct*. In the course's own grader
it runs in a process of its own, against an ``answer`` that lives in a sandbox.
"""

from __future__ import annotations

import builtins
import inspect
import linecache
import os
import traceback
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np

from dlcourse import data
from dlcourse.answer import AnswerError, LocalAnswer, NotAttempted
from dlcourse.display import announce, show
from dlcourse.expect import Mismatch

CheckFunction = Callable[..., None]
Thresholds = Mapping[str, Mapping[str, float]]


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


@dataclass
class _Assignment:
    """What the first cell of an assignment announces, and what its checks have found so far."""

    name: str = ""
    thresholds: Thresholds = field(default_factory=dict)
    hidden: Mapping[str, tuple[int, float]] = field(default_factory=dict)
    results: dict[tuple[str, str], Result] = field(default_factory=dict)


_assignment = _Assignment()
_collected: ContextVar[list[Check] | None] = ContextVar("collected", default=None)
_measured: ContextVar[dict[str, float] | None] = ContextVar("measured", default=None)
_thresholds_in_use: ContextVar[tuple[Thresholds, str] | None] = ContextVar("bars", default=None)


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
    announce(f"{name}: checks are ready. Data tier: {data.tier()}.")


def threshold(name: str) -> float:
    """The calibrated bar called ``name`` in the tier in use.

    Raises:
        KeyError: when the assignment has no such threshold, or none for this tier.
    """
    bars = _thresholds_in_use.get()
    thresholds, tier = bars if bars is not None else (_assignment.thresholds, data.tier())
    try:
        return thresholds[name][tier]
    except KeyError:
        known = ", ".join(f"{n} ({', '.join(t)})" for n, t in thresholds.items()) or "none"
        raise KeyError(
            f"no threshold {name!r} for the {tier} tier; known: {known}. "
            "In a notebook, run its first cell again."
        ) from None


def measure(name: str, value: float) -> float:
    """Record a quantity that a check measured, such as an accuracy, and return it.

    Calibration and the class report read what hidden checks measured; learners do not.
    """
    measured = _measured.get()
    if measured is not None:
        measured[name] = float(value)
    return float(value)


def check(
    question: str, *, points: float, hint: str = "", hidden: bool = False
) -> Callable[[CheckFunction], Check]:
    """Make a function a check of ``question``, and run it where there is an answer to look at.

    The function takes ``answer``; a hidden one may also take ``reference`` (the solution, with the
    same interface) and ``rng`` (a ``numpy.random.Generator`` seeded from the course's secret).
    """

    def decorate(function: CheckFunction) -> Check:
        made = Check(question, function.__name__, points, hidden, hint, function)
        collected = _collected.get()
        if collected is not None:
            collected.append(made)
        else:
            _run_here(made)
        return made

    return decorate


@contextmanager
def collecting() -> Iterator[list[Check]]:
    """Gather the checks that are defined inside instead of running them."""
    found: list[Check] = []
    token = _collected.set(found)
    try:
        yield found
    finally:
        _collected.reset(token)


@contextmanager
def using_thresholds(thresholds: Thresholds, tier: str) -> Iterator[None]:
    """Let :func:`threshold` answer from ``thresholds`` for ``tier`` inside."""
    token = _thresholds_in_use.set((thresholds, tier))
    try:
        yield
    finally:
        _thresholds_in_use.reset(token)


CHECKS_MODE = "DLCOURSE_CHECKS"
"""Environment variable: "judge" where a grader asks the checks itself, from another process."""


def _run_here(made: Check) -> None:
    """Run a check against the notebook that defines it."""
    if os.environ.get(CHECKS_MODE) == "judge":
        return
    result = run_check(made, LocalAnswer(made.function.__globals__))
    _assignment.results[made.question, made.name] = result
    if "NBGRADER_EXECUTION" in os.environ:
        raise_unless_correct(result)
    show(result, _waiting(made.question))


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


# What a check's own code raises when an answer is another kind of thing than it should be, or a
# number out of all bounds.
_STUMBLES = (
    TypeError,
    ValueError,
    AttributeError,
    LookupError,
    ArithmeticError,
    MemoryError,
    RecursionError,
)


def run_check(
    made: Check,
    answer: Any,
    *,
    reference: Any = None,
    rng: np.random.Generator | None = None,
) -> Result:
    """Run one check and say what it found. Never raises on account of the learner's work."""
    given = {"answer": answer, "reference": reference, "rng": rng}
    outcome, message = Outcome.CORRECT, ""
    measured: dict[str, float] = {}
    token = _measured.set(measured)
    try:
        made.function(**{name: given[name] for name in made.parameters})
    except NotAttempted as error:
        outcome, message = Outcome.NOT_ATTEMPTED, str(error)
    except AssertionError as error:
        outcome, message = Outcome.NOT_YET, _explain(made, error)
    except AnswerError as error:
        outcome, message = Outcome.ERROR, _name_error(made, error)
    except _STUMBLES as error:
        # The check's own code stumbled over what the answer returned: the wrong kind of thing.
        outcome, message = Outcome.NOT_YET, _stumbled(made, error)
    finally:
        _measured.reset(token)
    if outcome in (Outcome.NOT_YET, Outcome.ERROR) and (left := answer._unfinished()):
        outcome, message = Outcome.NOT_ATTEMPTED, str(left)
    return Result(
        question=made.question,
        name=made.name,
        points=made.points,
        hidden=made.hidden,
        hint=made.hint,
        outcome=outcome,
        message=message,
        measured=measured,
    )


def _explain(made: Check, error: AssertionError) -> str:
    if isinstance(error, Mismatch):
        return error.message if made.hidden else str(error)
    frames = traceback.extract_tb(error.__traceback__)
    own = frames[-1].name == made.name
    if own and error.args:  # the author's own words
        return str(error.args[0])
    if made.hidden:  # an assertion from a library quotes values: hidden inputs must not leave
        return "This hidden check did not pass."
    line = linecache.getline(frames[-1].filename, frames[-1].lineno or 0).strip() if own else ""
    return f"This did not hold: {line.removeprefix('assert ')}" if line else str(error).strip()


def _name_error(made: Check, error: AnswerError) -> str:
    if not made.hidden:
        return str(error)
    # The learner's code has seen hidden inputs: only a built-in exception's name may leave.
    kind = error.kind if error.kind in vars(builtins) else "an exception"
    return f"{error.subject or 'Your code'} raised {kind} on the hidden input."


def _stumbled(made: Check, error: Exception) -> str:
    text = "The check could not use what your code returned"
    return f"{text}." if made.hidden else f"{text} ({type(error).__name__}: {error})."


def raise_unless_correct(result: Result) -> None:
    """Raise :class:`CheckFailed` with the result's message unless it is correct."""
    if result.outcome is not Outcome.CORRECT:
        hint = f" Hint: {result.hint}" if result.hint else ""
        raise CheckFailed(f"{result.outcome}: {result.message}{hint}")


def grade(
    namespace: Mapping[str, Any],
    source: str,
    *,
    setup: str = "",
    solution: Sequence[str] = (),
    seed: Sequence[int] = (0,),
    thresholds: Thresholds | None = None,
) -> None:
    """Run one check, given as source text, against a namespace of this process.

    This is how nbgrader's and otter-grader's bundles carry a check: it runs in a namespace of its
    own, so that nothing in the learner's notebook changes what its names mean.

    Args:
        namespace: the learner's globals.
        source: the check's source, with its ``@check`` line.
        setup: imports and hidden data that the check needs.
        solution: the solution's cells, in order, for checks that ask for ``reference``.
        seed: entropy of the check's random generator.
        thresholds: the assignment's thresholds by tier.

    Raises:
        CheckFailed: unless the outcome is *correct*.
    """
    with collecting() as found:
        scope = run_source(setup, "<setup>")
        run_source(source, _label("check", source), scope)
    with using_thresholds(thresholds or {}, data.tier()):
        result = run_check(
            found[0],
            LocalAnswer(namespace),
            reference=Reference(solution),
            rng=np.random.default_rng(list(seed)),
        )
    raise_unless_correct(result)


def _label(kind: str, source: str) -> str:
    """A file name of its own for each source text, for tracebacks."""
    return f"<{kind} {zlib.crc32(source.encode()):08x}>"


def run_source(source: str, filename: str, scope: dict[str, Any] | None = None) -> dict[str, Any]:
    """Execute source text in a namespace, so that tracebacks and ``inspect`` can quote it."""
    scope = {"__name__": "check"} if scope is None else scope
    lines = source.splitlines(keepends=True)
    linecache.cache[filename] = (len(source), None, lines, filename)
    exec(compile(source, filename, "exec"), scope)
    return scope


class Reference:
    """The solution's namespace, filled on demand: a cell runs when a name that it defines is asked.

    Cells run in order and only as far as needed, so that asking for ``softmax`` never trains the
    network at the end of the assignment.
    """

    def __init__(self, cells: Sequence[str]) -> None:
        self._cells = list(cells)
        self._scope: dict[str, Any] = {"__name__": "reference"}
        self._answer = LocalAnswer(self._scope)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        with collecting():
            while name not in self._scope and self._cells:
                cell = self._cells.pop(0)
                run_source(cell, _label("solution", cell), self._scope)
        return getattr(self._answer, name)


def results() -> list[Result]:
    """What the checks that ran in this notebook found, in the order of their first run."""
    return list(_assignment.results.values())


def summary() -> None:
    """Show how every check that ran stands, and what the hidden ones still count."""
    from dlcourse.display import show_summary

    show_summary(_assignment.name, results(), _assignment.hidden)
