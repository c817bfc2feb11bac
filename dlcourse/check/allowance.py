"""How often a check may ask the learner's code where a grader asks it in another process."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from dlcourse.check.result import Check, CheckFunction

CALLS = 200
"""For a check that says nothing."""

_Function = TypeVar("_Function", bound=CheckFunction)


def may_ask(calls: int) -> Callable[[_Function], _Function]:
    """Say, below the line ``@check``, how often that check may ask the learner's code.

    One that plays episodes asks once for each step of the longest (see
    :func:`dlcourse.agents.episodes.play`). Elsewhere the fewer the better: with many exact answers
    a learner's process could search for what is hidden.

    Raises:
        ValueError: when it is less than one call.
    """
    if calls < 1:
        raise ValueError(f"a check that may ask {calls} times could not look at the answer")

    def mark(function: _Function) -> _Function:
        function.calls = calls  # type: ignore[attr-defined]
        return function

    return mark


def calls_of(check: Check) -> int:
    """How often a check may ask."""
    return int(getattr(check.function, "calls", CALLS))
