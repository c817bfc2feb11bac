"""One worker, as the judge holds it: what can be asked of it, and how it can end.

A worker is the learner's: what it says is checked, how long and how much it takes is bounded from
here, and when it ends for whatever reason the one who was asking gets :class:`WorkerDied` with a
reason that a learner can act on.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any, Self

import numpy as np

from autograder.errors import AutograderError
from autograder.sandbox.channel import (
    Channel,
    ChannelClosed,
    ChannelError,
    ChannelTimeout,
    FrameLimits,
)
from autograder.sandbox.forkserver import receive_packet
from autograder.sandbox.isolate import OWN_FILES, Level
from autograder.sandbox.outputs import (
    ERRORS_IN_FULL,
    MAX_ERROR,
    MAX_ERRORS,
    MAX_NOTE,
    CellRecord,
    OutputLimits,
    shown_bytes,
)
from autograder.workers import memory
from autograder.workers.questions import Inquiry, Questions
from dlcourse.check.answer import AnswerError, NotAttempted, Status

# Seconds that a worker has to answer once its time is up. It needs milliseconds; but a machine that
# is short of memory or disk may hold it for seconds, which is no fault of the learner's.
PATIENCE = 15.0
# Seconds that it has to end once it is killed.
GRACE = 5.0
# Seconds between two exact measurements of memory far from the limit; one takes 4 ms.
MEASURE_EVERY = 1.0


class Death(StrEnum):
    """Why a worker ended."""

    EXIT = "exit"
    CRASH = "crash"
    MEMORY = "memory"
    TIMEOUT = "timeout"
    PROTOCOL = "protocol"
    LOST = "lost"


class WorkerDied(AutograderError):
    """A worker has ended before it was told to.

    Attributes:
        kind: the class of reasons.
        reason: one sentence for the learner.
        detail: what an operator may want to read, for instance the end of a log.
        place: what the notebook was doing, a cell or a check; empty where it had not begun.
    """

    def __init__(self, kind: Death, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason
        self.detail = detail
        self.place = ""

    @property
    def retry(self) -> bool:
        """Whether the machine is to blame, not the notebook."""
        return self.kind is Death.LOST


@dataclass(frozen=True)
class Snapshot:
    """A learner's name as it stood at some moment, by what the notebook's process says.

    A cell further down may use the name for something else, or end the process: the object that a
    handle stands for stays as it was.

    Attributes:
        status: how far the learner has come with it.
        value: plain data or a handle, or the error that reading it raised; else None.
        kind: ``"function"`` for what can be called, ``"class"``, ``"value"``, or nothing.
        scope: the question in whose surroundings it is used.
        taken: what methods of it returned before any check was asked, by their names, or the error
            that one raised. A check gets that and does not ask again.
    """

    status: Status
    value: Any = None
    kind: str = ""
    scope: str = ""
    taken: Mapping[str, Any] = field(default_factory=dict)


def checked_name(name: str) -> str:
    """A path relative to a worker's folder, as it was given.

    Raises:
        ValueError: where it leads out of the folder, or nowhere.
    """
    path = PurePosixPath(name)
    if path.is_absolute() or not path.parts or ".." in path.parts or "\0" in name:
        raise ValueError(f"{name!r} is no path inside a worker's folder")
    return str(path)


@dataclass(frozen=True)
class Connection:
    """Where a worker runs and how it is reached.

    Attributes:
        isolation: the level at which it runs.
        connection: the judge's end of the channel.
        status: a packet socket on which the supervising process says how the worker ended.
        process: the worker's process number here.
        pidfd: a file descriptor that stands for the process and for no later one of its number.
        folder: the worker's folder, where it is one of this machine's.
        memory: bytes that its processes may use together.
        frame: how large a message may be.
        output: how much of what cells show is kept.
    """

    isolation: Level
    connection: socket.socket
    status: socket.socket
    process: int
    pidfd: int
    folder: Path | None
    memory: int
    frame: FrameLimits
    output: OutputLimits = field(default_factory=OutputLimits)


class Worker(Questions):
    """One notebook's process, as the judge holds it. For one thread; :meth:`kill` from any.

    Every method that asks raises :class:`WorkerDied` when there is no answer.

    Attributes:
        isolation: the level at which it runs.
        peak_memory: the most bytes that its processes were seen to use together, looked at once a
            second and more often near the limit; what is shared is divided among those who share.
    """

    def __init__(
        self, place: Connection, log: Callable[[], str], forget: Callable[[Worker], None]
    ) -> None:
        self.isolation = place.isolation
        self.peak_memory = 0
        self._connection = place
        self._log = log
        self._forget = forget
        self._channel = Channel(place.connection, place.frame)
        self._death: WorkerDied | None = None
        self._sent = 0
        # Outside of strict its files lie on the machine's disks.
        self._places = OWN_FILES if place.isolation is Level.STRICT else ()
        self._starved = False
        self._cells = self._content = self._errors = 0
        self._measured = self._measuring = 0.0
        self._lock = threading.Lock()
        self._closed = False

    @property
    def process(self) -> int:
        """The number of its first process on this machine."""
        return self._connection.process

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def run_cell(self, source: str, seconds: float, watch: Sequence[str] = ()) -> CellRecord:
        """Run one cell.

        Args:
            source: the cell's source, magics and all.
            seconds: wall time; the cell is interrupted then, and killed soon after.
            watch: names; the record says which of them the cell has bound to another object.

        Returns:
            The cell's record, checked.
        """
        answer = self._ask(seconds, "the cell", do="run_cell", source=source, watch=list(watch))
        try:
            record = CellRecord.read(answer, watch)
            self._count(record)
        except (ValueError, TypeError) as error:
            raise self._die(Death.PROTOCOL, f"the notebook's process sent {error}") from None
        return record

    def _count(self, record: CellRecord) -> None:
        """Add up what a notebook has shown; ValueError where no recorder would have kept it."""
        limits = self._connection.output
        content, errors = shown_bytes(record.outputs)
        self._cells += 1
        self._content += content
        self._errors += errors
        many = self._content > limits.notebook + self._cells * MAX_NOTE
        short = self._cells * MAX_ERRORS * 1000
        if self._errors > ERRORS_IN_FULL + MAX_ERROR + short or many:
            raise ValueError("records of cells that show more than is kept of a notebook")
        if content > limits.cell + MAX_NOTE or errors > MAX_ERRORS * (MAX_ERROR + 4000):
            raise ValueError("a record of a cell that shows more than is kept of one")

    def ask(self, inquiry: Inquiry, seconds: float) -> Any:
        """The answer to a question: see :class:`autograder.workers.questions.Questions`."""
        request: dict[str, Any] = {
            "target": inquiry.target,
            "path": list(inquiry.path),
            "scope": inquiry.scope,
        }
        if inquiry.call is None:
            return self._ask(seconds, inquiry.subject, do="get", **request)
        args, kwargs = list(inquiry.call.args), dict(inquiry.call.kwargs or {})
        return self._ask(seconds, inquiry.subject, do="call", **request, args=args, kwargs=kwargs)

    def look(self, names: Sequence[str], moment: int) -> dict[str, Snapshot]:
        """What some names are now. The names around them are kept as they are at this moment.

        Raises:
            AnswerError: it took too long to read them.
        """
        answer = self._ask(30.0, "reading your answer", do="look", names=list(names), moment=moment)
        try:
            return {name: self._snapshot(answer[name]) for name in names}
        except (ValueError, TypeError, KeyError):
            raise self._die(Death.PROTOCOL, "the worker did not say what a name is") from None

    def _snapshot(self, looked: Any) -> Snapshot:
        match looked:
            case {"status": str(status), "kind": "" | "class" | "function" | "value" as kind}:
                value = looked.get("value")
                if "error" in looked:
                    value = self._learners(looked["error"], None)
                if isinstance(value, WorkerDied):
                    raise value
                return Snapshot(Status(status), value, str(kind))
        raise ValueError("no snapshot of a name")

    def settle(self, scopes: Mapping[str, int], chosen: Mapping[str, Mapping[str, int]]) -> None:
        """Say in the surroundings of which moment each question is answered from now on.

        Args:
            scopes: by question a moment at which :meth:`look` was called.
            chosen: by question its names, each with the moment at which it is what is graded.

        Raises:
            WorkerDied: also where the notebook keeps it from being done in time.
        """
        given = {question: dict(names) for question, names in chosen.items()}
        self._order(10.0, do="settle", scopes=dict(scopes), chosen=given)

    def weights(self) -> dict[str, str]:
        """By name, why submitted weights were not used; an empty text where they were.

        The notebook's process says so: good for telling a learner what happened, and no evidence.
        """
        answer = self._order(10.0, do="weights")
        match answer:
            case dict() if all(type(w) is str and type(n) is str for n, w in answer.items()):
                return {name[:100]: why[:300] for name, why in list(answer.items())[:100]}
        raise self._die(Death.PROTOCOL, "the worker did not say what became of the weights")

    def read_file(self, name: str, most: int = 128 * 2**20) -> bytes:
        """The bytes of a regular file in the notebook's folder, ``most`` at most.

        Raises:
            AnswerError: there is no such file, or it is larger.
        """
        answer = self._ask(30.0, name, do="read_file", name=checked_name(name), most=most)
        if not _is_bytes(answer, most):
            raise self._die(Death.PROTOCOL, "the worker sent no bytes of a file")
        return bytes(answer.tobytes())

    def _order(self, seconds: float, **request: Any) -> Any:
        """Send a request that runs no answer. What the notebook does against it ends the worker."""
        try:
            return self._ask(seconds, "", **request)
        except AnswerError as error:
            said = f"the notebook kept its process from answering: {error.kind}"
            raise self._die(Death.TIMEOUT, said) from None

    def _ask(self, seconds: float, subject: str, **request: Any) -> Any:
        """Send a request that may take so many seconds, and wait for its value."""
        if self._death:
            raise self._death
        if self._closed:
            raise RuntimeError("this worker has been closed")
        self._sent += 1
        request = {**request, "seconds": seconds, "id": self._sent, "subject": subject}
        deadline = time.monotonic() + seconds + PATIENCE
        try:
            self._channel.send(request, deadline)
        except ChannelClosed:
            raise self._ended() from None
        except ChannelTimeout:
            raise self._overdue(request) from None
        return self._value(self._reply(deadline, request), request)

    def _reply(self, deadline: float, request: Mapping[str, Any]) -> Any:
        try:
            return self._channel.receive(deadline)
        except ChannelClosed:
            raise self._ended() from None
        except ChannelTimeout:
            raise self._overdue(request) from None
        except ChannelError as error:
            raise self._die(
                Death.PROTOCOL, f"the notebook's process sent a message that is none: {error}"
            ) from None

    def _value(self, reply: Any, request: Mapping[str, Any]) -> Any:
        match reply:
            case {"id": self._sent, "value": value} if len(reply) == 2:
                return value
            case {"id": self._sent, "error": dict(error)} if len(reply) == 2:
                raise self._learners(error, request.get("target"))
        raise self._die(
            Death.PROTOCOL, "the notebook's process answered something it was not asked"
        )

    def _learners(self, error: dict[str, Any], target: object) -> Exception:
        match error:
            case {"kind": "not_attempted", "name": str(), "status": str(status)}:
                # The name is the one that was asked for: what the process calls it could be text
                # that it made of a hidden input.
                with contextlib.suppress(ValueError):
                    if isinstance(target, str):
                        return NotAttempted(target, Status(status))
            case {
                "kind": "learner",
                "type": str(kind),
                "message": str(message),
                "where": str(where),
                "subject": str(subject),
            }:
                return AnswerError(kind[:200], message[:2000], where[:500], subject[:200])
        return self._die(Death.PROTOCOL, "the notebook's process sent an error that is none")

    def wait_until_ready(self, seconds: float) -> None:
        """Wait for the worker to have shut itself in; close it and raise when it has not."""
        try:
            ready = self._channel.receive(time.monotonic() + seconds)
        except ChannelError:
            ready = None
        if ready != {"ready": True}:
            self.close()
            raise WorkerDied(Death.LOST, "the worker could not be started", self._log())

    @property
    def starved(self) -> bool:
        """Whether its threads have waited for a processor for longer than half of the time that
        they ran: others have used the machine, or it has too many threads of its own."""
        if self._death is None and not self._closed:
            ran, waited = memory.processor(self._connection.process)
            self._starved = waited > ran / 2
        return self._starved

    def _overdue(self, request: Mapping[str, Any]) -> WorkerDied:
        self._starved = self.starved
        allowed, subject = float(request["seconds"]), request["subject"] or "an answer"
        return self._die(
            Death.TIMEOUT, f"{subject} took longer than {allowed:g} s and could not be interrupted"
        )

    def _die(self, kind: Death, reason: str) -> WorkerDied:
        """Kill the worker, if it still lives, and say why; the first reason stands."""
        with self._lock:
            if self._death is None:
                self._death = WorkerDied(kind, reason)
            self._kill_tree()
            return self._death

    def _ended(self) -> WorkerDied:
        """Find out how a worker ended that closed its channel."""
        code = self._exit_code()
        if code is None or (code == -signal.SIGKILL and self.isolation is Level.STRICT):
            # At strict it is the first process of its namespace, which nothing inside can kill.
            return self._die(Death.LOST, "the worker was killed from outside, or its machine died")
        if code < 0:
            return self._die(Death.CRASH, f"the notebook's process crashed: {_signal(-code)}")
        return self._die(
            Death.EXIT, f"the notebook ended its own process with exit code {code} (os._exit)"
        )

    def _exit_code(self) -> int | None:
        """The worker's exit code, or minus its signal; None when it is not known."""
        status = self._connection.status
        for patience in (3 * GRACE, 12 * GRACE):
            status.settimeout(patience)
            try:
                received = receive_packet(status)
            except TimeoutError:
                if not self._has_ended():
                    # It has closed its channel and lives on, which nobody does by accident.
                    self._die(Death.PROTOCOL, "the notebook's process closed the grader's channel")
                continue  # otherwise the machine is slow to say how it ended
            except OSError:
                return None
            code = received[0].get("ended") if received else None
            return code if isinstance(code, int) else None
        return None

    def _has_ended(self) -> bool:
        poll = select.poll()
        poll.register(self._connection.pidfd, select.POLLIN)
        return bool(poll.poll(0))

    def _kill_tree(self) -> None:
        if not self._closed:
            with contextlib.suppress(OSError):
                signal.pidfd_send_signal(self._connection.pidfd, signal.SIGKILL)

    def watch_memory(self, shared: int) -> int:
        """Kill the worker when its processes use more than they may; to be called often.

        Args:
            shared: bytes that a fork of the zygote has in common with it.

        Returns:
            About how many bytes they use.
        """
        limit = self._connection.memory
        guess = memory.estimate(self._connection.process, shared, self._places)
        used = guess.least
        begun = time.monotonic()
        near = guess.least <= limit < guess.most
        if begun >= self._measured + (4 * self._measuring if near else MEASURE_EVERY):
            used = memory.exact(self._connection.process, self._places) or guess.likely
            self._measured = time.monotonic()
            # For hundreds of forks the exact sum takes a second: no more than a fifth of the time.
            self._measuring = self._measured - begun
            self.peak_memory = max(self.peak_memory, used)
        if used > limit:
            size = f"{limit / 2**30:.3g} GiB"
            self._die(Death.MEMORY, f"the notebook used more than its memory limit of {size}")
        return used

    def kill(self, reason: str = "the worker was stopped") -> None:
        """End the worker at once, from any thread; who waits for it gets :class:`WorkerDied`."""
        self._die(Death.LOST, reason)

    def close(self) -> None:
        """End the worker, and everything that it started, and forget it."""
        with self._lock:
            if self._closed:
                return
            self._kill_tree()
            self._closed = True
        # The process that waits for it reports, and ends, when the last descendant has gone.
        poll = select.poll()
        poll.register(self._connection.status, select.POLLIN)
        poll.poll(GRACE * 1000)
        self._channel.close()
        self._connection.status.close()
        os.close(self._connection.pidfd)
        if self._connection.folder:
            shutil.rmtree(self._connection.folder, ignore_errors=True)
        self._forget(self)


def _signal(number: int) -> str:
    try:
        return f"{signal.strsignal(number)} ({signal.Signals(number).name})"
    except ValueError:
        return f"signal {number}"


def _is_bytes(value: Any, most: int) -> bool:
    if not isinstance(value, np.ndarray):
        return False
    return value.dtype.name == "uint8" and value.ndim == 1 and value.nbytes <= most
