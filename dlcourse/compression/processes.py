"""One function in several fresh processes that talk to each other, as machines of a cluster do.

Each process is a new Python: it inherits no library's threads or devices, so that a function can
choose them anew by its environment. The function and its arguments go to the process by a file,
its result comes back by one. Between each two processes there is a socket.
"""

from __future__ import annotations

import os
import pickle
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from itertools import combinations
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

__all__ = ["PeerLost", "Peers", "ProcessFailed", "run_in_processes"]

_LOST = 3  # exit status of a process whose neighbour ended; not the first cause
_PATIENCE = 3.0  # seconds in which the first cause of a failure may show


class PeerLost(ConnectionError):
    """The process at the other end has ended."""


class ProcessFailed(RuntimeError):
    """A process raised an error, or ended without a result."""


class Peers:
    """What a process knows of the others: its own number, how many there are, and a way to each.

    Attributes:
        rank: the number of this process, from 0.
        size: how many processes there are.
        sent_bytes: how many bytes this process has sent, pickled.
    """

    def __init__(self, rank: int, size: int, connections: Mapping[int, Connection]) -> None:
        self.rank, self.size, self.sent_bytes = rank, size, 0
        self._connections = connections

    def send(self, value: object, to: int) -> None:
        """Send a value to another process. It may wait until that process receives.

        Raises:
            PeerLost: if that process has ended.
            ValueError: if there is no other process of that number.
        """
        self._put(self._message(value), to)

    def receive(self, source: int) -> Any:
        """Wait for the next value from another process, and return it.

        Raises:
            PeerLost: if that process has ended.
            ValueError: if there is no other process of that number.
        """
        try:
            return pickle.loads(self._way_to(source).recv_bytes())
        except (EOFError, OSError) as error:
            raise PeerLost(f"process {source} has ended: nothing comes from it.") from error

    def exchange(self, value: object, to: int, source: int) -> Any:
        """Send to one process while receiving from another, which may be the same.

        If all processes sent first and received then, all could wait for each other.

        Raises:
            PeerLost: if one of the two has ended.
            ValueError: if there is no other process of one of these numbers.
        """
        message, failed = self._message(value), list[PeerLost]()

        def put() -> None:
            try:
                self._put(message, to)
            except PeerLost as error:
                failed.append(error)

        self._way_to(to)
        sender = threading.Thread(target=put, daemon=True)
        sender.start()
        received = self.receive(source)
        sender.join()
        if failed:
            raise failed[0]
        return received

    def _message(self, value: object) -> bytes:
        return pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)

    def _put(self, message: bytes, to: int) -> None:
        try:
            self._way_to(to).send_bytes(message)
        except OSError as error:
            raise PeerLost(f"process {to} has ended: nothing can be sent to it.") from error
        self.sent_bytes += len(message)

    def _way_to(self, rank: int) -> Connection:
        if rank not in self._connections:
            raise ValueError(
                f"process {self.rank} of {self.size} has no way to {rank!r}: others are "
                f"{sorted(self._connections)}."
            )
        return self._connections[rank]


def run_in_processes(
    function: Callable[..., Any],
    arguments: Sequence[Sequence[Any]],
    *,
    environment: Mapping[str, str] | None = None,
    seconds: float = 120.0,
) -> list[Any]:
    """Call a function in several fresh processes at once, and return what each call returned.

    The function may stand in a notebook's cell; what it uses of other cells goes with it. What it
    prints is not shown unless it fails. Needs Linux or macOS.

    Args:
        function: called as `function(peers, *arguments[rank])` with its :class:`Peers`. It and its
            result must be such that cloudpickle can store them.
        arguments: one sequence for each process; their number is that of the processes.
        environment: variables that the processes have besides this one's.
        seconds: how long all of them may take together.

    Returns:
        The results in the order of `arguments`.

    Raises:
        ProcessFailed: if a process raises an error, is killed or ends early. All are ended then.
        TimeoutError: if the time is over. All are ended then, too.
        ValueError: if there is no process to run, or no time.
    """
    import cloudpickle  # of gymnasium's requirements; not needed before

    if not arguments or seconds <= 0:
        raise ValueError(
            "run_in_processes needs arguments for one process or more and some time, got "
            f"{len(arguments)} and {seconds} s."
        )
    if os.name != "posix":
        raise OSError("run_in_processes hands sockets to new processes: Linux and macOS can.")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="processes-")))
        for rank, row in enumerate(arguments):
            job = cloudpickle.dumps((function, tuple(row)))
            (folder / f"job-{rank}").write_bytes(job)
        processes = _started(folder, len(arguments), environment or {}, stack)
        _wait(processes, folder, seconds)
        return [cloudpickle.loads((folder / f"result-{r}").read_bytes())
                for r in range(len(arguments))]  # fmt: skip


def _started(
    folder: Path, size: int, environment: Mapping[str, str], stack: ExitStack
) -> list[subprocess.Popen[bytes]]:
    """Start the processes, each with its ends of the sockets; the stack ends them at the latest."""
    ends: list[dict[int, socket.socket]] = [{} for _ in range(size)]
    with ExitStack() as here:  # the ends are the children's: closed here, an end shows as such
        for a, b in combinations(range(size), 2):
            first, second = socket.socketpair()
            ends[a][b], ends[b][a] = here.enter_context(first), here.enter_context(second)
        processes = []
        for rank in range(size):
            places = {other: end.fileno() for other, end in ends[rank].items()}
            program = (
                f"import sys; sys.path[:] = {sys.path!r}; "
                "from dlcourse.compression.processes import _work; "
                f"_work({str(folder)!r}, {rank}, {size}, {places!r})"
            )
            log = stack.enter_context((folder / f"log-{rank}").open("wb"))
            process = subprocess.Popen(
                [sys.executable, "-c", program],
                stdin=subprocess.PIPE,  # carries nothing: its end tells that this process is gone
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=list(places.values()),
                env={**os.environ, **environment},
            )
            stack.callback(_end, process)
            processes.append(process)
    return processes


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    if process.stdin is not None:
        process.stdin.close()


def _wait(processes: Sequence[subprocess.Popen[bytes]], folder: Path, seconds: float) -> None:
    """Return when all have ended well.

    Raises:
        ProcessFailed: if one has not.
        TimeoutError: if the time is over.
    """
    deadline, patience = time.monotonic() + seconds, float("inf")
    while True:
        ended = [process.poll() for process in processes]
        bad = [
            rank
            for rank, status in enumerate(ended)
            if status or (status == 0 and not (folder / f"result-{rank}").exists())
        ]
        causes = [rank for rank in bad if ended[rank] != _LOST]
        if bad and patience == float("inf"):
            patience = time.monotonic() + _PATIENCE
        if causes or (bad and (None not in ended or time.monotonic() > patience)):
            first = (causes or bad)[0]
            raise ProcessFailed(_report(first, len(processes), ended[first] or 0, folder))
        if None not in ended:
            return
        if time.monotonic() > deadline:
            late = [rank for rank, status in enumerate(ended) if status is None]
            raise TimeoutError(
                f"after {seconds:g} s, processes {late} of {len(processes)} had not ended. Does "
                "one wait for a value that none sends?"
            )
        time.sleep(0.01)


def _report(rank: int, size: int, status: int, folder: Path) -> str:
    """What happened to a process, with its traceback or the last that it printed."""
    story = folder / f"error-{rank}"
    if story.exists():
        return f"process {rank} of {size} failed.\n{story.read_text()}".rstrip()
    said = (folder / f"log-{rank}").read_text(errors="replace")[-2000:]
    how = (
        f"was ended by {signal.Signals(-status).name}"
        if status < 0
        else (f"ended with status {status} and left no result")
    )
    return f"process {rank} of {size} {how}.\n{said}".rstrip()


def _work(folder: str, rank: int, size: int, places: Mapping[int, int]) -> None:
    """What a fresh process does: read its job, do it, write the result or the error."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    here = Path(folder)
    try:
        function, arguments = pickle.loads((here / f"job-{rank}").read_bytes())
        connections = {other: Connection(place) for other, place in places.items()}
        result = function(Peers(rank, size, connections), *arguments)
        import cloudpickle

        (here / f"result-{rank}").write_bytes(cloudpickle.dumps(result))
    except BaseException as error:
        (here / f"error-{rank}").write_text(traceback.format_exc())
        _leave(_LOST if isinstance(error, PeerLost) else 1)
    _leave(0)


def _leave(status: int) -> None:
    """End at once: what libraries do at exit may wait for threads that wait for nobody."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _end_with_parent() -> None:
    """Wait for the end of the process that started this one, then end, too."""
    sys.stdin.buffer.read()
    os._exit(1)
