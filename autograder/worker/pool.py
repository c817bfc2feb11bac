"""The judge's side of the workers: start them, ask them, watch them, end them.

One zygote serves a pool; each worker is a fork of it. A worker is the learner's: what it says is
checked, how long and how much it takes is bounded from here, and when it ends for whatever reason
the one who was asking gets :class:`WorkerDied` with a reason that a learner can act on.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import socket
import stat
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any, Self

import numpy as np

from autograder.worker import memory, sandbox
from autograder.worker.channel import (
    Channel,
    ChannelClosed,
    ChannelError,
    ChannelTimeout,
    FrameLimits,
    Handle,
)
from autograder.worker.isolate import FOLDER, Level, Walls
from autograder.worker.outputs import CellRecord, OutputLimits
from autograder.worker.sandbox import SandboxError, Setting
from autograder.worker.zygote import MAX_FILES, receive_packet, send_packet
from dlcourse.answer import AnswerError, NotAttempted, Status

# Seconds. An import of the whole stack takes 4 s on two idle cores; a machine may be very busy.
ZYGOTE_START = 120.0
WORKER_START = 60.0
# How long a worker may take to interrupt a cell before it is killed, and to answer anything else.
GRACE = 5.0
WATCH_EVERY = 0.1


class Death(StrEnum):
    """Why a worker ended."""

    EXIT = "exit"
    CRASH = "crash"
    MEMORY = "memory"
    TIMEOUT = "timeout"
    PROTOCOL = "protocol"
    LOST = "lost"


class WorkerDied(Exception):
    """A worker has ended before it was told to.

    Attributes:
        kind: the class of reasons.
        reason: one sentence for the learner.
        detail: what an operator may want to read, for instance the end of a log.
    """

    def __init__(self, kind: Death, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason
        self.detail = detail

    @property
    def retry(self) -> bool:
        """Whether the machine is to blame, not the notebook."""
        return self.kind is Death.LOST


@dataclass(frozen=True)
class Limits:
    """What one worker may use.

    Attributes:
        memory: bytes, of all its processes together.
        processes: processes and threads together.
        open_files: file descriptors of one process.
        scratch: bytes of each of its private file systems: the folder, ``/tmp``, ``/dev/shm``.
        threads: threads of each numerical library's pool. The same on every machine, because
            results depend on it in the last digits.
        output: how much of what cells show is kept.
        frame: how large one message may be.
    """

    memory: int = 8 * 2**30
    processes: int = field(default_factory=lambda: max(256, 32 * (os.cpu_count() or 1)))
    open_files: int = 1024
    scratch: int = 2**30
    threads: int = 2
    output: OutputLimits = field(default_factory=OutputLimits)
    frame: FrameLimits = field(default_factory=FrameLimits)


class _Zygote:
    """The pool's end of one zygote process."""

    def __init__(self, setting: Setting, home: Path | None) -> None:
        self.log = tempfile.TemporaryFile()  # noqa: SIM115
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.control = ours
        with theirs:
            self.process = sandbox.start(setting, theirs, self.log, home)
        try:
            self.about = self._ready()
        except BaseException:
            self.close()
            raise

    def _ready(self) -> dict[str, Any]:
        self.control.settimeout(ZYGOTE_START)
        try:
            received = receive_packet(self.control)
        except TimeoutError:
            raise SandboxError(f"the zygote was not ready after {ZYGOTE_START:g} s") from None
        if received is None or "ready" not in received[0]:
            problem = received[0].get("failed", "") if received else ""
            raise SandboxError(f"the worker's sandbox did not start: {problem}{self.tail()}")
        return received[0]

    def tail(self) -> str:
        """The end of what the zygote and its forks wrote to their first standard error."""
        size = os.fstat(self.log.fileno()).st_size
        return os.pread(self.log.fileno(), 4000, max(0, size - 4000)).decode("utf-8", "replace")

    def fork(self, request: Mapping[str, Any], descriptors: Sequence[int]) -> str:
        """Ask for a fork; an empty text, or why there was none."""
        try:
            self.control.settimeout(WORKER_START)
            send_packet(self.control, request, descriptors)
            received = receive_packet(self.control)
        except OSError as error:
            return f"the zygote did not answer: {error}"
        if received is None:
            return "the zygote has ended"
        return "" if received[0].get("forked") else str(received[0].get("refused", "no reason"))

    def close(self) -> None:
        """End the zygote. Its workers end with it."""
        self.control.close()
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()
        self.log.close()


class WorkerPool:
    """Workers of one kind, made from one zygote. Safe to use from several threads.

    Args:
        limits: what each worker may use.
        isolation: the level; workers never run at a lower one.
        backend: Keras's backend.
        gpus: device files of GPUs that the workers may use.
        data: folders with data sets that the workers may read.

    Raises:
        SandboxError: when the level cannot be had here.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        isolation: Level | str = Level.STRICT,
        backend: str = "tensorflow",
        *,
        gpus: Sequence[str] = (),
        data: Sequence[Path] = (),
        before_forks: Sequence[str] = (),
    ) -> None:
        self.limits = limits or Limits()
        self.isolation = Level(isolation)
        self.setting = Setting(
            level=self.isolation,
            backend=backend,
            threads=self.limits.threads,
            gpus=tuple(gpus),
            data=tuple(data),
            before_forks=tuple(before_forks),
        )
        self._lock = threading.Lock()
        self._workers: set[Worker] = set()
        self._closed = threading.Event()
        self._folder: Path | None = None
        self.respawned = 0
        if self.isolation is not Level.STRICT:
            self._folder = _private_folder()
        try:
            self._zygote = self._new_zygote()
        except BaseException:
            self._remove_folder()
            raise
        self._watcher = threading.Thread(target=self._watch, name="memory watch", daemon=True)
        self._watcher.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def versions(self) -> dict[str, str]:
        """The versions of the libraries that the workers use."""
        return dict(self._zygote.about["versions"])

    @property
    def start_seconds(self) -> float:
        """How long the zygote took for its imports."""
        return float(self._zygote.about["ready"])

    def close(self) -> None:
        """End every worker and the zygote."""
        self._closed.set()
        for worker in list(self._workers):
            worker.close()
        self._watcher.join()
        self._zygote.close()
        self._remove_folder()

    def worker(
        self,
        files: Mapping[str, Path | bytes] | None = None,
        *,
        tier: str = "cpu",
        environment: Mapping[str, str] | None = None,
    ) -> Worker:
        """Start a worker: a fork of the zygote in a sandbox of its own.

        Args:
            files: what to put into its folder, by relative path.
            tier: the data tier that notebooks see, ``cpu`` or ``gpu``.
            environment: further environment variables.

        Raises:
            WorkerDied: when it could not be started, with :attr:`WorkerDied.retry`.
            ValueError: for a file's name that leads out of the folder.
        """
        folder = _private_folder(self._folder) if self._folder else None
        try:
            made = self._fork(files or {}, tier, environment or {}, folder)
        except BaseException:
            if folder:
                shutil.rmtree(folder, ignore_errors=True)
            raise
        self._workers.add(made)
        return made

    def _new_zygote(self) -> _Zygote:
        home = _private_folder(self._folder) if self._folder else None
        return _Zygote(self.setting, home)

    def _fork(
        self,
        files: Mapping[str, Path | bytes],
        tier: str,
        environment: Mapping[str, str],
        folder: Path | None,
    ) -> Worker:
        variables = {**self._environment(folder), "DLCOURSE_TIER": tier, **environment}
        ours, theirs = socket.socketpair()
        status, their_status = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with theirs, their_status, contextlib.ExitStack() as stack:
                opened = [stack.enter_context(_opened(content)) for content in files.values()]
                descriptors = [theirs.fileno(), their_status.fileno(), *opened]
                names = [_checked_name(n) for n in files]
                zygote = self._forked(names, descriptors, variables, folder)
            process, pidfd = _started(status, zygote)
        except BaseException:
            ours.close()
            status.close()
            raise
        made = Worker(self, zygote, ours, status, process, pidfd, folder)
        made._wait_until_ready()
        return made

    def _environment(self, folder: Path | None) -> dict[str, str]:
        if folder is None:
            return {}
        every = sandbox.environment(self.setting, f"{folder}/.tmp/home", str(folder))
        return {k: every[k] for k in ("HOME", "TMPDIR", "MPLCONFIGDIR", "IPYTHONDIR", "PWD")}

    def _forked(
        self,
        names: Sequence[str],
        descriptors: Sequence[int],
        environment: Mapping[str, str],
        folder: Path | None,
    ) -> _Zygote:
        """Have the zygote fork; one that refuses or has died is replaced once."""
        if len(names) > MAX_FILES:
            raise ValueError(f"{len(names)} files are too many for one worker: {MAX_FILES} at most")
        reason = ""
        with self._lock:
            for _ in range(2):
                request = {
                    "walls": asdict(self._walls(folder)),
                    "files": names,
                    "environment": environment,
                    "output": asdict(self.limits.output),
                    "frame": asdict(self.limits.frame),
                }
                reason = self._zygote.fork(request, descriptors)
                if not reason:
                    return self._zygote
                self._replace_zygote(reason)
        raise WorkerDied(Death.LOST, f"the worker could not be started: {reason}")

    def _replace_zygote(self, reason: str) -> None:
        # Workers of the old one may still run: it is closed when the last of them is.
        old = self._zygote
        if not any(w.zygote is old for w in self._workers):
            old.close()
        try:
            self._zygote = self._new_zygote()
        except SandboxError as error:
            raise WorkerDied(
                Death.LOST, f"the worker could not be started: {reason}; {error}"
            ) from None
        self.respawned += 1

    def _walls(self, folder: Path | None) -> Walls:
        about, gpu = self._zygote.about, bool(self.setting.gpus)
        return Walls(
            level=self.isolation,
            folder=str(folder) if folder else FOLDER,
            scratch=self.limits.scratch,
            file_size=self.limits.scratch,
            # CUDA reserves address space far beyond what it uses.
            address_space=0 if gpu else self.limits.memory + int(about["size"]),
            processes=self.limits.processes,
            open_files=self.limits.open_files,
            readable=sandbox.readable_folders(self.setting) if folder else (),
            gpu=gpu,
        )

    def _gone(self, worker: Worker) -> None:
        self._workers.discard(worker)
        if worker.zygote is not self._zygote and not any(
            w.zygote is worker.zygote for w in self._workers
        ):
            worker.zygote.close()

    def _watch(self) -> None:
        """Kill each worker whose processes together use more memory than they may."""
        while not self._closed.wait(WATCH_EVERY):
            for worker in list(self._workers):
                worker._watch_memory(self.limits.memory, int(self._zygote.about["anonymous"]))

    def _remove_folder(self) -> None:
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)


def _private_folder(inside: Path | None = None) -> Path:
    """A new folder for a zygote or a worker that has no file system of its own."""
    folder = Path(tempfile.mkdtemp(prefix="worker-", dir=inside))
    if os.getuid() == 0:
        os.chown(folder, sandbox.NOBODY, sandbox.NOBODY)
    if inside is None:
        folder.chmod(0o711)
    return folder


@contextlib.contextmanager
def _opened(content: Path | bytes) -> Iterator[int]:
    """A file descriptor to read ``content`` from."""
    if isinstance(content, bytes):
        descriptor = sandbox._in_memory(content)
    else:
        descriptor = os.open(content, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError(f"{content!r} is not a regular file")
        yield descriptor
    finally:
        os.close(descriptor)


def _checked_name(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or not path.parts or ".." in path.parts or "\0" in name:
        raise ValueError(f"{name!r} is no path inside a worker's folder")
    return str(path)


def _started(status: socket.socket, zygote: _Zygote) -> tuple[int, int]:
    """The host's process number of the notebook's process, and a pidfd for it."""
    status.settimeout(WORKER_START)
    try:
        received = receive_packet(status)
    except TimeoutError:
        received = None
    if received is None or not received[0].get("started") or not received[1]:
        problem = received[0].get("failed", "") if received else "no answer"
        detail = f"{problem}{zygote.tail()}"
        raise WorkerDied(Death.LOST, "the worker could not be started", detail)
    pidfd = received[1][0]
    for line in Path(f"/proc/self/fdinfo/{pidfd}").read_text().splitlines():
        if line.startswith("Pid:"):
            return int(line.split()[1]), pidfd
    raise WorkerDied(Death.LOST, "the worker ended while it was being started")


class Worker:
    """One notebook's process, as the judge holds it. For one thread; :meth:`kill` from any.

    Every method that asks raises :class:`WorkerDied` when there is no answer.
    """

    def __init__(
        self,
        pool: WorkerPool,
        zygote: _Zygote,
        connection: socket.socket,
        status: socket.socket,
        process: int,
        pidfd: int,
        folder: Path | None,
    ) -> None:
        self.pool = pool
        self.zygote = zygote
        self.isolation = pool.isolation
        self.peak_memory = 0
        self._channel = Channel(connection, pool.limits.frame)
        self._status = status
        self._process = process
        self._pidfd = pidfd
        self._folder = folder
        self._death: WorkerDied | None = None
        self._sent = 0
        self._ending = threading.Lock()
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def run_cell(self, source: str, seconds: float) -> CellRecord:
        """Run one cell.

        Args:
            source: the cell's source, magics and all.
            seconds: wall time; the cell is interrupted then, and killed soon after.

        Returns:
            The cell's record, checked.
        """
        answer = self._ask(
            seconds + GRACE, "the cell", do="run_cell", source=source, seconds=seconds
        )
        try:
            return CellRecord.read(answer)
        except (ValueError, TypeError) as error:
            raise self._die(Death.PROTOCOL, f"the notebook's process sent {error}") from None

    def get(self, target: str | Handle, *path: str, seconds: float = 10.0) -> Any:
        """The value behind a name or a handle, or behind a path of attributes of it.

        Returns:
            Plain data (see :func:`dlcourse.answer.to_plain`), with :class:`Handle` for the rest.

        Raises:
            NotAttempted: the name is missing or still holds its placeholder.
            AnswerError: the learner's code raised, or took too long.
        """
        subject = ".".join((target if isinstance(target, str) else "", *path))
        return self._ask(
            seconds + GRACE, subject, do="get", target=target, path=list(path), seconds=seconds
        )

    def call(
        self,
        target: str | Handle,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        *,
        path: Sequence[str] = (),
        seconds: float = 60.0,
    ) -> Any:
        """Call what :meth:`get` would find, with plain data and handles as arguments.

        Returns:
            As :meth:`get`.

        Raises:
            NotAttempted, AnswerError: as :meth:`get`.
            ChannelError: an argument is neither plain data nor a handle, or is too large.
        """
        subject = ".".join((target if isinstance(target, str) else "", *path))
        return self._ask(
            seconds + GRACE,
            subject,
            do="call",
            target=target,
            path=list(path),
            args=list(args),
            kwargs=dict(kwargs or {}),
            seconds=seconds,
        )

    def status(self, names: Sequence[str]) -> dict[str, Status]:
        """How far the learner has come with each name."""
        answer = self._ask(10 + GRACE, "", do="status", names=list(names), seconds=10.0)
        try:
            return {name: Status(answer[name]) for name in names}
        except (ValueError, TypeError, KeyError):
            raise self._die(Death.PROTOCOL, "the worker sent no status of a name") from None

    def names(self) -> list[str]:
        """The names that the notebook has defined."""
        answer = self._ask(10 + GRACE, "", do="names", seconds=10.0)
        if not isinstance(answer, list) or not all(isinstance(n, str) for n in answer):
            raise self._die(Death.PROTOCOL, "the worker sent no list of names")
        return answer

    def release(self, handles: Sequence[Handle]) -> None:
        """Tell the worker that these handles will not be used again."""
        self._ask(10 + GRACE, "", do="release", handles=[h.id for h in handles], seconds=10.0)

    def read_file(self, name: str, most: int = 128 * 2**20) -> bytes:
        """The bytes of a regular file in the notebook's folder, ``most`` at most.

        Raises:
            AnswerError: there is no such file, or it is larger.
        """
        answer = self._ask(
            30 + GRACE, name, do="read_file", name=_checked_name(name), most=most, seconds=30.0
        )
        if not _is_bytes(answer, most):
            raise self._die(Death.PROTOCOL, "the worker sent no bytes of a file")
        return bytes(answer.tobytes())

    def _ask(self, within: float, subject: str, **request: Any) -> Any:
        """Send a request and wait for its value."""
        if self._death:
            raise self._death
        if self._closed:
            raise RuntimeError("this worker has been closed")
        self._sent += 1
        request = {**request, "id": self._sent, "subject": subject}
        deadline = time.monotonic() + within
        try:
            self._channel.send(request, deadline)
        except ChannelClosed:
            raise self._ended() from None
        except ChannelTimeout:
            raise self._overdue(request) from None
        return self._value(self._reply(deadline, request))

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

    def _value(self, reply: Any) -> Any:
        match reply:
            case {"id": self._sent, "value": value} if len(reply) == 2:
                return value
            case {"id": self._sent, "error": dict(error)} if len(reply) == 2:
                raise self._learners(error)
        raise self._die(
            Death.PROTOCOL, "the notebook's process answered something it was not asked"
        )

    def _learners(self, error: dict[str, Any]) -> Exception:
        match error:
            case {"kind": "not_attempted", "name": str(name), "status": str(status)}:
                with contextlib.suppress(ValueError):
                    return NotAttempted(name[:200], Status(status))
            case {
                "kind": "learner",
                "type": str(kind),
                "message": str(message),
                "where": str(where),
                "subject": str(subject),
            }:
                return AnswerError(kind[:200], message[:2000], where[:500], subject[:200])
        return self._die(Death.PROTOCOL, "the notebook's process sent an error that is none")

    def _wait_until_ready(self) -> None:
        try:
            ready = self._channel.receive(time.monotonic() + WORKER_START)
        except ChannelError:
            ready = None
        if ready != {"ready": True}:
            detail = self.zygote.tail()
            self._end()
            self._forget()
            raise WorkerDied(Death.LOST, "the worker could not be started", detail)

    def _overdue(self, request: Mapping[str, Any]) -> WorkerDied:
        allowed, subject = float(request["seconds"]), request["subject"] or "an answer"
        return self._die(
            Death.TIMEOUT, f"{subject} took longer than {allowed:g} s and could not be interrupted"
        )

    def _die(self, kind: Death, reason: str) -> WorkerDied:
        """Kill the worker, if it still lives, and say why; the first reason stands."""
        with self._ending:
            if self._death is None:
                self._death = WorkerDied(kind, reason)
        self._kill_tree()
        return self._death

    def _ended(self) -> WorkerDied:
        """Find out how a worker ended that closed its channel."""
        code = self._end()
        if code is None:
            return self._die(Death.LOST, "the worker was lost")
        if code < 0:
            name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
            return self._die(
                Death.CRASH, f"the notebook's process crashed with signal {-code} ({name})"
            )
        return self._die(
            Death.EXIT,
            f"the notebook's process ended itself with exit code {code}, by os._exit for instance",
        )

    def _end(self) -> int | None:
        """Kill what is left of the worker; its exit code, or minus the signal, when it is known."""
        deadline = time.monotonic() + GRACE
        killed = False
        while True:
            self._status.settimeout(max(0.01, 0.5 if not killed else deadline - time.monotonic()))
            try:
                received = receive_packet(self._status)
            except TimeoutError:
                if killed:
                    return None
                # It has closed its channel and lives on.
                self._kill_tree()
                killed = True
                continue
            except OSError:
                return None
            if received is None:
                return None
            code = received[0].get("ended")
            if isinstance(code, int):
                return 0 if killed else code

    def _kill_tree(self) -> None:
        with contextlib.suppress(ProcessLookupError, OSError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    def _watch_memory(self, limit: int, baseline: int) -> None:
        used = memory.tree(self._process, limit, baseline)
        self.peak_memory = max(self.peak_memory, used)
        if used > limit:
            size = f"{limit / 2**30:.3g} GiB"
            self._die(Death.MEMORY, f"the notebook used more than its memory limit of {size}")

    def kill(self) -> None:
        """End the worker at once, from any thread; who waits for it gets :class:`WorkerDied`."""
        self._die(Death.LOST, "the worker was stopped")

    def close(self) -> None:
        """End the worker, and everything that it started, and forget it."""
        if self._closed:
            return
        self._kill_tree()
        # The process that waited for it reports after the last descendant has gone.
        poll = select.poll()
        poll.register(self._status, select.POLLIN)
        poll.poll(GRACE * 1000)
        self._forget()

    def _forget(self) -> None:
        self._closed = True
        self.pool._gone(self)
        self._channel.close()
        self._status.close()
        os.close(self._pidfd)
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)


def _is_bytes(value: Any, most: int) -> bool:
    if not isinstance(value, np.ndarray):
        return False
    return value.dtype.name == "uint8" and value.ndim == 1 and value.nbytes <= most
