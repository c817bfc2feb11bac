"""The learner's answer at the other end of a channel, as a check sees it.

It has the interface of :class:`dlcourse.check.answer.LocalAnswer`, so that a check cannot tell them
apart. What comes back is data of the channel: nothing of the learner's runs here.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from autograder.sandbox.channel import Handle
from autograder.sandbox.outputs import CellRecord
from autograder.workers.questions import Questions
from autograder.workers.worker import Snapshot
from dlcourse.check.allowance import CALLS
from dlcourse.check.answer import AnswerError, NotAttempted, Status, to_plain


class Worker(Questions, Protocol):
    """What the judge needs of a worker: see :class:`autograder.workers.pool.Worker`.

    Every method raises ``WorkerDied`` when the process at the other end is gone or was killed.
    """

    def run_cell(self, source: str, seconds: float, watch: Sequence[str] = ()) -> CellRecord:
        """Run a cell of the notebook, and say which of the names to watch it has bound."""

    def look(self, names: Sequence[str], moment: int) -> dict[str, Snapshot]:
        """What some names are now; all names are kept as they are at this moment."""

    def settle(self, scopes: Mapping[str, int], chosen: Mapping[str, Mapping[str, int]]) -> None:
        """Say at which moment each question is asked, and when its names were what is graded."""

    @property
    def starved(self) -> bool:
        """Whether it had too little of the machine's processors."""

    def weights(self) -> dict[str, str]:
        """What became of the submitted weights, by name: why they were not used, or nothing."""


@dataclass
class Allowance:
    """Seconds that are left for a submission's answers to all checks together.

    Attributes:
        seconds: at the beginning.
        left: now.
        late: whether an answer has taken longer than it might.
    """

    seconds: float
    left: float = field(init=False)
    late: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self.left = self.seconds


@dataclass
class Budget:
    """What one check may ask of a worker: so many questions, and so many seconds in all.

    With exact feedback and unlimited calls a learner's process could search for hidden labels. Only
    the worker's time counts: what a check and the reference compute is not the learner's.

    Attributes:
        calls: questions that are left.
        seconds: that the answers to this check may take.
        allowance: what all checks of the submission share; none where it is not bounded.
    """

    calls: int = CALLS
    seconds: float = 60.0
    allowance: Allowance | None = None
    _spent: float = field(default=0.0, init=False)

    @contextmanager
    def spend(self) -> Iterator[float]:
        """Pay for one question; gives the seconds that it may take.

        Raises:
            AnswerError: when the time is up, or so many questions were not enough.
        """
        self.calls -= 1
        if self.calls < 0:
            raise AnswerError("RuntimeError", "it had to be asked more often than a check may ask")
        left = self.seconds - self._spent
        if left <= 0:
            raise self._late(f"it took longer than {self.seconds:g} s")
        if self.allowance:
            left = min(left, self.allowance.left)
            if left <= 0:
                raise self._late(f"all answers took longer than {self.allowance.seconds:g} s")
        began = time.monotonic()
        try:
            yield left
        except AnswerError as error:
            raise self._late(error.message) if error.kind == "TimeoutError" else error from None
        finally:
            self._pay(time.monotonic() - began)

    def _late(self, told: str) -> AnswerError:
        if self.allowance:
            self.allowance.late = True
        return AnswerError("TimeoutError", told)

    def _pay(self, seconds: float) -> None:
        self._spent += seconds
        if self.allowance:
            self.allowance.left -= seconds


class RemoteHandle:
    """An object of the learner's that stays in the worker: its attributes and calls are asked."""

    __slots__ = ("_budget", "_handle", "_path", "_scope", "_taken", "_worker")

    def __init__(
        self,
        worker: Questions,
        handle: Handle,
        path: str,
        budget: Budget,
        scope: str = "",
        taken: Mapping[str, Any] | None = None,
    ) -> None:
        self._worker = worker
        self._handle = handle
        self._path = path
        self._budget = budget
        self._scope = scope
        self._taken = taken or {}

    @property
    def _type(self) -> str:
        return self._handle.type

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        path = f"{self._path}.{name}"
        if name in self._taken:
            return partial(self._as_taken, name, f"{path}(...)")
        try:
            with self._budget.spend() as seconds:
                value = self._worker.get(self._handle, name, scope=self._scope, seconds=seconds)
        except AnswerError as error:
            raise _about(error, path) from None
        return _received(value, self._worker, path, self._budget, self._scope)

    def _as_taken(self, method: str, path: str) -> Any:
        value = self._taken[method]
        if isinstance(value, AnswerError):
            raise _about(value, path)
        # A check may write into what it gets; the next one shall see what was taken.
        return _received(deepcopy(value), self._worker, path, self._budget, self._scope)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What the learner's function returns for these arguments."""
        path = f"{self._path}(...)"
        given = [to_plain(a, _handle_of) for a in args]
        named = {k: to_plain(v, _handle_of) for k, v in kwargs.items()}
        try:
            with self._budget.spend() as seconds:
                value = self._worker.call(
                    self._handle, given, named, scope=self._scope, seconds=seconds
                )
        except AnswerError as error:
            raise _about(error, path) from None
        return _received(value, self._worker, path, self._budget, self._scope)

    def __repr__(self) -> str:
        return f"<{self._handle.type} {self._path}>"


def _about(error: AnswerError, path: str) -> AnswerError:
    """The same error, naming what the check used and not the worker's handle."""
    return AnswerError(error.kind, error.message, error.where, path)


def _handle_of(value: object) -> object:
    if isinstance(value, RemoteHandle):
        return value._handle
    raise TypeError(f"a check cannot hand a {type(value).__name__} to the learner's code")


def _received(value: Any, worker: Questions, path: str, budget: Budget, scope: str) -> Any:
    """What came over the channel, with its handles made usable."""
    if isinstance(value, Handle):
        return RemoteHandle(worker, value, path, budget, scope)
    if isinstance(value, list):
        return [_received(v, worker, path, budget, scope) for v in value]
    if isinstance(value, tuple):
        return tuple(_received(v, worker, path, budget, scope) for v in value)
    if isinstance(value, dict):
        return {k: _received(v, worker, path, budget, scope) for k, v in value.items()}
    return value


class RemoteAnswer:
    """The learner's namespace in a worker, for one check of the question ``scope``."""

    def __init__(
        self,
        worker: Questions,
        snapshots: Mapping[str, Snapshot],
        budget: Budget,
        scope: str = "",
    ) -> None:
        self._worker = worker
        self._snapshots = snapshots
        self._budget = budget
        self._scope = scope
        self._touched: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        self._touched.add(name)
        snapshot = self._snapshots.get(name)
        if snapshot is None:
            with self._budget.spend() as seconds:
                value = self._worker.get(name, scope=self._scope, seconds=seconds)
        elif snapshot.status in (Status.MISSING, Status.UNTOUCHED):
            raise NotAttempted(name, snapshot.status)
        elif isinstance(snapshot.value, AnswerError):
            raise snapshot.value
        else:
            value = snapshot.value
        scope = snapshot.scope if snapshot else self._scope
        if isinstance(value, Handle) and snapshot:
            return RemoteHandle(
                self._worker, value, name, self._budget, scope, dict(snapshot.taken)
            )
        return _received(value, self._worker, name, self._budget, scope)

    def _unfinished(self) -> NotAttempted | None:
        for name in sorted(self._touched & self._snapshots.keys()):
            if self._snapshots[name].status is Status.PARTIAL:
                return NotAttempted(name, Status.PARTIAL)
        return None
