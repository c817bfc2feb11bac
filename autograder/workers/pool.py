"""Where workers come from: a pool keeps one zygote and forks a worker of it for each submission."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import stat
import subprocess
import tempfile
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from autograder.sandbox.channel import FrameLimits
from autograder.sandbox.forkserver import MAX_FILES, receive_packet, send_packet
from autograder.sandbox.isolate import FOLDER, Level, SandboxPolicy
from autograder.sandbox.outputs import OutputLimits
from autograder.sandbox.preload import preload
from autograder.workers import launch as sandbox
from autograder.workers import memory
from autograder.workers.launch import SandboxError, Setting
from autograder.workers.worker import GRACE, Connection, Death, Worker, WorkerDied, checked_name

__all__ = ["Death", "Level", "Limits", "SandboxError", "Worker", "WorkerDied", "WorkerPool"]

# Seconds. The imports take 4 s on two idle cores, a fork 0.05 s; a machine may be very busy.
ZYGOTE_START = 120.0
WORKER_START = 60.0
WATCH_EVERY = 0.1
# The share of the machine's memory that all workers may use together.
MOST_OF_MACHINE = 0.85


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
        self.users = 0
        self.retired = False
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
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
            raise SandboxError(f"the sandbox was not ready after {ZYGOTE_START:g} s") from None
        except OSError:
            received = None
        if received is None or "ready" not in received[0]:
            problem = received[0].get("failed", "") if received else ""
            raise SandboxError(f"the sandbox did not start: {problem or self.tail()}")
        return received[0]

    def tail(self) -> str:
        """The end of what the zygote and its forks wrote to their first standard error."""
        size = os.fstat(self.log.fileno()).st_size
        return os.pread(self.log.fileno(), 4000, max(0, size - 4000)).decode("utf-8", "replace")

    def fork(self, request: Mapping[str, Any], descriptors: Sequence[int]) -> str:
        """Ask for a fork; an empty text, or why there was none.

        Raises:
            WorkerDied: the zygote ended while it was asked. There may be a fork all the same, which
                holds the descriptors: another one must not get them too.
        """
        try:
            self.control.settimeout(WORKER_START)
            send_packet(self.control, request, descriptors)
        except OSError as error:
            return f"the zygote could not be asked: {error}"
        try:
            received = receive_packet(self.control)
        except ConnectionResetError as error:
            # Linux resets a connection only when what was sent lay unread as the other end closed
            # (unix_release_sock in net/unix/af_unix.c): no fork can hold the descriptors.
            return f"the zygote ended before it read the request: {error}"
        except OSError as error:
            raise WorkerDied(Death.LOST, f"the zygote did not answer: {error}") from None
        if received is None:
            raise WorkerDied(Death.LOST, "the zygote ended while it was asked for a worker")
        return "" if received[0].get("forked") else str(received[0].get("refused", "no reason"))

    def close(self) -> None:
        """End the zygote. Its workers end with it."""
        self.control.close()  # it takes that for the end
        try:
            self.process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


class WorkerPool:
    """Workers of one kind, forked from one zygote. Safe to use from several threads.

    Args:
        limits: what each worker may use.
        isolation: the level; workers never run at a lower one.
        backend: Keras's backend: tensorflow, torch or jax.
        gpus: device files of GPUs that the workers may use.
        data: a folder with data sets that the workers may read; DLCOURSE_DATA names it there.
        warm: whether the zygote imports libraries. A cold one starts in a fraction of a second, and
            each notebook pays for its own imports.
        imports: the modules that the notebooks are expected to import; a warm zygote leaves out
            what they do not need. None where nothing is known of them: then it has all.
        before_forks: statements that the zygote runs after its imports. Tests break it with them.

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
        data: Path | None = None,
        warm: bool = True,
        imports: Collection[str] | None = None,
        before_forks: Sequence[str] = (),
    ) -> None:
        self.limits = limits or Limits()
        self.isolation = Level(isolation)
        self.setting = Setting(
            level=self.isolation,
            backend=backend,
            threads=self.limits.threads,
            gpus=tuple(gpus),
            data=data.resolve() if data else None,
            preload=preload(backend, imports) if warm else (),
            before_forks=tuple(before_forks),
        )
        self.respawned = 0
        self.peak_memory = 0  # of any worker that has ended, in bytes
        self._lock = threading.Lock()
        self._workers: dict[Worker, _Zygote] = {}
        self._closed = threading.Event()
        self._folder = None if self.isolation is Level.STRICT else _private_folder()
        try:
            self._zygote = self._new_zygote()
        except BaseException:
            self._remove_folder()
            raise
        self._watcher = threading.Thread(target=self._watch, name="memory watch", daemon=True)
        self._watcher.start()
        self._try_once()

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
    def gpus(self) -> tuple[str, ...]:
        """Device files of the GPUs that the workers share."""
        return self.setting.gpus

    @property
    def versions(self) -> dict[str, str]:
        """The versions of Python and of the libraries that the workers use."""
        return dict(self._zygote.about["versions"])

    @property
    def start_seconds(self) -> float:
        """How long the zygote took for its imports."""
        return float(self._zygote.about["ready"])

    def close(self) -> None:
        """End every worker and the zygote."""
        self._closed.set()
        self._watcher.join()
        for worker in list(self._workers):
            worker.close()
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
            WorkerDied: it could not be started; :attr:`WorkerDied.retry` is true.
            ValueError: for a file's name that leads out of the folder.
        """
        folder = _private_folder(self._folder) if self._folder else None
        variables = {**self._environment(folder), "DLCOURSE_TIER": tier, **(environment or {})}
        try:
            return self._start(files or {}, variables, folder)
        except BaseException:
            if folder:
                shutil.rmtree(folder, ignore_errors=True)
            raise

    def _try_once(self) -> None:
        """Start and end a worker: whether it can shut itself in is known only then."""
        try:
            self.worker().close()
        except WorkerDied as error:
            self.close()
            raise SandboxError(f"{error.reason}: {error.detail}".rstrip(": \n")) from None

    def _new_zygote(self) -> _Zygote:
        home = _private_folder(self._folder) if self._folder else None
        return _Zygote(self.setting, home)

    def _start(
        self, files: Mapping[str, Path | bytes], environment: Mapping[str, str], folder: Path | None
    ) -> Worker:
        ours, theirs = socket.socketpair()
        status, their_status = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        zygote = None
        try:
            with theirs, their_status, contextlib.ExitStack() as stack:
                opened = [stack.enter_context(_opened(content)) for content in files.values()]
                descriptors = [theirs.fileno(), their_status.fileno(), *opened]
                names = [checked_name(n) for n in files]
                zygote = self._forked(names, descriptors, environment, folder)
            process, pidfd = _started(status, zygote)
        except BaseException:
            ours.close()
            status.close()
            if zygote:
                self._leave(zygote)
            raise
        place = Connection(
            self.isolation,
            ours,
            status,
            process,
            pidfd,
            folder,
            self.limits.memory,
            self.limits.frame,
            self.limits.output,
        )
        made = Worker(place, zygote.tail, self._gone)
        self._workers[made] = zygote
        made.wait_until_ready(WORKER_START)
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
        request = {
            "files": names,
            "environment": environment,
            "output": asdict(self.limits.output),
            "frame": asdict(self.limits.frame),
        }
        reason = ""
        with self._lock:
            for _ in range(2):
                policy = asdict(self._policy(folder))
                try:
                    reason = self._zygote.fork({**request, "policy": policy}, descriptors)
                except WorkerDied as died:
                    self._replace_zygote(died.reason)
                    raise
                if not reason:
                    self._zygote.users += 1
                    return self._zygote
                self._replace_zygote(reason)
        raise WorkerDied(Death.LOST, f"the worker could not be started: {reason}")

    def _replace_zygote(self, reason: str) -> None:
        old = self._zygote
        try:
            self._zygote = self._new_zygote()
        except SandboxError as error:
            raise WorkerDied(Death.LOST, f"no worker could be started: {reason}; {error}") from None
        self.respawned += 1
        old.retired = True
        if not old.users:
            old.close()

    def _leave(self, zygote: _Zygote) -> None:
        """One worker of ``zygote`` has ended; a retired zygote ends with its last worker."""
        with self._lock:
            zygote.users -= 1
            if zygote.retired and not zygote.users:
                zygote.close()

    def _gone(self, worker: Worker) -> None:
        self.peak_memory = max(self.peak_memory, worker.peak_memory)
        zygote = self._workers.pop(worker, None)
        if zygote:
            self._leave(zygote)

    def _policy(self, folder: Path | None) -> SandboxPolicy:
        gpu = bool(self.setting.gpus)
        # Outside of a user namespace the kernel counts every process of the user.
        user = os.getuid() or sandbox.NOBODY
        return SandboxPolicy(
            level=self.isolation,
            folder=str(folder) if folder else FOLDER,
            scratch=self.limits.scratch,
            file_size=self.limits.scratch,
            # CUDA reserves address space far beyond what it uses.
            address_space=0 if gpu else self.limits.memory + int(self._zygote.about["size"]),
            processes=self.limits.processes + (memory.tasks_of_user(user) if folder else 0),
            open_files=self.limits.open_files,
            readable=sandbox.readable_folders(self.setting) if folder else (),
            below_tmp=() if folder else sandbox.below_tmp(self.setting),
            gpu=gpu,
        )

    def _watch(self) -> None:
        """Kill each worker whose processes together use more memory than they may.

        Limits may add up to more than the machine has. Before it is used up, the worker that uses
        most is lost to the machine, and so is graded again with nothing beside it.
        """
        most = MOST_OF_MACHINE * memory.of_machine()
        while not self._closed.wait(WATCH_EVERY):
            used = {
                worker: worker.watch_memory(int(zygote.about["anonymous"]))
                for worker, zygote in list(self._workers.items())
            }
            if len(used) > 1 and sum(used.values()) > most:
                max(used, key=lambda worker: used[worker]).kill("the machine ran short of memory")

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
        descriptor = sandbox.in_memory(content)
    else:
        # A submission's own file: no link to elsewhere, and no pipe to wait for.
        descriptor = os.open(content, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError(f"{content!r} is not a regular file")
        yield descriptor
    finally:
        os.close(descriptor)


def _started(status: socket.socket, zygote: _Zygote) -> tuple[int, int]:
    """The host's process number of the notebook's process, and a pidfd for it."""
    status.settimeout(WORKER_START)
    try:
        received = receive_packet(status)
    except OSError:
        received = None
    if received is None or not received[1]:
        problem = received[0].get("failed", "") if received else "it did not answer"
        raise WorkerDied(Death.LOST, "the worker could not be started", problem + zygote.tail())
    pidfd = received[1][0]
    for line in Path(f"/proc/self/fdinfo/{pidfd}").read_text().splitlines():
        if line.startswith("Pid:"):
            return int(line.split()[1]), pidfd
    os.close(pidfd)
    raise WorkerDied(Death.LOST, "the worker ended while it was being started")
