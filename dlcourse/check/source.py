"""Checks and solutions given as source text: how other graders' bundles carry them."""

from __future__ import annotations

import linecache
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dlcourse.check.answer import REFERENCE, LocalAnswer, NotAttempted
from dlcourse.check.assignment import Thresholds, using_thresholds
from dlcourse.check.decorator import collecting
from dlcourse.check.result import raise_unless_correct
from dlcourse.check.run import run_check
from dlcourse.data.tiers import tier


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
    with using_thresholds(thresholds or {}, tier()):
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
        self._answer = LocalAnswer(self._scope, REFERENCE)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        with collecting():
            while name not in self._scope and self._cells:
                cell = self._cells.pop(0)
                run_source(cell, _label("solution", cell), self._scope)
        try:
            return getattr(self._answer, name)
        except NotAttempted:
            raise AttributeError(f"the reference solution defines no `{name}`") from None
