"""A worker without a sandbox or a process, to test what the judge makes of one."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from autograder.sandbox.channel import Handle
from autograder.sandbox.outputs import CellRecord
from autograder.sandbox.surroundings import Surroundings
from autograder.workers.questions import Inquiry, Questions
from autograder.workers.worker import Death, Snapshot, WorkerDied
from dlcourse.check.answer import LocalAnswer, LocalHandle, Status, status_of


class FakeWorker(Questions):
    """Runs cells in a namespace of this process. A cell or a call that says DIE ends it.

    MACHINE() is where the machine fails each time; of MACHINE(0), MACHINE(1) ... it fails at one
    after the other. LINGER(n) leaves something behind that ends it: in the next cell the first n
    times, at once in every later try.
    """

    starved = False

    def __init__(
        self,
        log: list[str],
        failed: list[int] | None = None,
        lingered: list[int] | None = None,
    ) -> None:
        self.failed = [] if failed is None else failed
        self.lingered = [0] if lingered is None else lingered
        self.namespace: dict[str, Any] = {
            "DIE": self.die,
            "MACHINE": self.fail,
            "LINGER": self.linger,
        }
        self.surroundings = Surroundings(self.namespace)
        self.handles: dict[int, LocalHandle] = {}
        self.dead = self.lost = self.lingering = False
        self.log = log

    def die(self) -> None:
        self.dead = True

    def linger(self, times: int = 1) -> None:
        self.dead = self.lingered[0] >= times
        self.lingered[0] += 1
        self.lingering = True

    def fail(self, turn: int | None = None) -> None:
        if turn in (None, len(self.failed)):
            self.failed.append(turn or 0)
            self.lost = True
            self._live()

    def run_cell(self, source: str, seconds: float, watch: Sequence[str] = ()) -> CellRecord:
        self.log.append(source)
        self.dead = self.dead or self.lingering
        self.surroundings.watch(watch)
        status, name, text = "ok", "", ""
        try:
            exec(source, self.namespace)
        except WorkerDied:
            raise
        except Exception as error:
            status, name, text = "error", type(error).__name__, str(error)
        self._live()
        return CellRecord(status, [], 0.0, 1, name, text, tuple(self.surroundings.bound()))

    def look(self, names: Sequence[str], moment: int) -> dict[str, Snapshot]:
        self._live()
        self.surroundings.keep(moment)
        return {name: self._look(name) for name in names}

    def _look(self, name: str) -> Snapshot:
        status = status_of(self.namespace, name)
        if status in (Status.MISSING, Status.UNTOUCHED):
            return Snapshot(status)
        value = self.namespace[name]
        kind = "class" if isinstance(value, type) else "function" if callable(value) else "value"
        return Snapshot(status, self.get(name), kind)

    def settle(self, scopes: Mapping[str, int], chosen: Mapping[str, Mapping[str, int]]) -> None:
        self._live()
        self.surroundings.settle(scopes, chosen)

    def ask(self, inquiry: Inquiry, seconds: float) -> Any:
        self._live()
        self.surroundings.enter(inquiry.scope)
        value = self._target(inquiry.target)
        for name in inquiry.path:
            value = getattr(value, name)
        if inquiry.call is not None:
            given = [self._target(a) if isinstance(a, Handle) else a for a in inquiry.call.args]
            try:
                value = value(*given, **dict(inquiry.call.kwargs or {}))
            finally:
                self._live()
        return self._out(value)

    def _target(self, target: str | Handle) -> Any:
        if isinstance(target, Handle):
            return self.handles[target.id]
        return getattr(LocalAnswer(self.namespace), target)

    def _out(self, value: Any) -> Any:
        if isinstance(value, LocalHandle):
            self.handles[len(self.handles)] = value
            return Handle(len(self.handles) - 1, "object")
        return value

    def _live(self) -> None:
        if self.lost:
            raise WorkerDied(Death.LOST, "the machine failed")
        if self.dead:
            raise WorkerDied(Death.EXIT, "the notebook's process ended itself")


class FakePool:
    """Makes fake workers, and remembers what each of them ran."""

    isolation = "none"
    gpus: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.logs: list[list[str]] = []
        self.failed: list[int] = []
        self.lingered = [0]

    @contextlib.contextmanager
    def worker(self, **_: Any) -> Iterator[Any]:
        self.logs.append([])
        yield FakeWorker(self.logs[-1], self.failed, self.lingered)
