"""The line ``@check`` above a check: run it here, or only collect it for a grader."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from dlcourse.check.answer import LocalAnswer
from dlcourse.check.assignment import keep_result, show_result
from dlcourse.check.result import Check, CheckFunction, raise_unless_correct
from dlcourse.check.run import run_check

_collected: ContextVar[list[Check] | None] = ContextVar("collected", default=None)


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


CHECKS_MODE = "DLCOURSE_CHECKS"
"""Environment variable: "judge" where a grader asks the checks itself, from another process."""


def _run_here(made: Check) -> None:
    """Run a check against the notebook that defines it."""
    if os.environ.get(CHECKS_MODE) == "judge":
        return
    result = run_check(made, LocalAnswer(made.function.__globals__))
    keep_result(result)
    if "NBGRADER_EXECUTION" in os.environ:
        raise_unless_correct(result)
    show_result(result)
