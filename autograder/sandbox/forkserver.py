"""A warm process: it has imported the libraries and run none of their operations.

Every notebook runs in a fork of it, so none waits for an import. That is safe only as long as no
library has started: a forked TensorFlow that had run one operation in its parent hangs. So before
each fork the zygote looks at itself, and gives up when it finds a thread, an initialised context or
a GPU driver that was not there after the imports; the pool then starts another.

The pool speaks to it over a socket of packets: a JSON request with file descriptors, a JSON answer.
This module runs inside the sandbox and holds nothing but libraries.
"""

from __future__ import annotations

import array
import ctypes
import gc
import importlib
import json
import os
import random
import signal
import socket
import sys
import tempfile
import time
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from autograder.sandbox import isolate
from autograder.sandbox.isolate import Level, SandboxPolicy
from autograder.sandbox.preload import NEEDED

MAX_PACKET = 128 * 1024
MAX_FILES = 200


def receive_packet(connection: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """One JSON object and the file descriptors sent with it; None at the end."""
    size = array.array("i").itemsize
    data, ancillary, _, _ = connection.recvmsg(
        MAX_PACKET, socket.CMSG_SPACE((MAX_FILES + 2) * size), socket.MSG_CMSG_CLOEXEC
    )
    descriptors = array.array("i")
    for level, kind, content in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            descriptors.frombytes(content[: len(content) - len(content) % size])
    if not data:
        return None
    packet = json.loads(data)
    if not isinstance(packet, dict):
        raise ValueError("the packet is not a JSON object")
    return packet, descriptors.tolist()


def send_packet(
    connection: socket.socket, packet: Mapping[str, Any], descriptors: Sequence[int] = ()
) -> None:
    """Send one JSON object, and file descriptors with it."""
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))]
    connection.sendmsg([json.dumps(packet).encode()], rights if descriptors else [])


def main(arguments: Sequence[str]) -> None:
    """Run a zygote. The one argument is a JSON object; see :func:`autograder.workers.launch`."""
    options = json.loads(arguments[0])
    control = socket.socket(fileno=options["control"])
    try:
        _settle(options)
        zygote = _Zygote(control, options)
    except BaseException:
        send_packet(control, {"failed": traceback.format_exc()[-4000:]})
        raise
    zygote.serve()


def _settle(options: Mapping[str, Any]) -> None:
    """Become the unprivileged process that the sandbox's options ask for."""
    if options["mount_proc"]:
        isolate.mount_proc()
    if options["uid"] is not None:
        isolate.set_user(options["uid"], options["gid"])
    if options["level"] != Level.NONE:
        isolate.drop_capabilities()
        isolate.undumpable()
    os.environ.clear()
    os.environ.update(options["environment"])
    for folder in ("HOME", "MPLCONFIGDIR", "IPYTHONDIR"):
        Path(os.environ[folder]).mkdir(parents=True, exist_ok=True)


class _Zygote:
    """The libraries, a shell that is ready to run, and what the process looked like then."""

    def __init__(self, control: socket.socket, options: Mapping[str, Any]) -> None:
        self.control = control
        begun = time.monotonic()
        _import(options["backend"], options["preload"])
        from autograder.sandbox import serve
        from autograder.sandbox.runner import Runner

        self.serve_notebook = serve.serve
        self.runner = Runner()
        _fork_once()
        self.threads = _thread_count()
        for statement in options["before_forks"]:  # tests break the guard on purpose with it
            exec(statement, {})
        gc.collect()
        gc.freeze()
        status = Path("/proc/self/status").read_text()
        size = int(status.split("VmSize:")[1].split()[0]) * 1024
        anonymous = int(status.split("RssAnon:")[1].split()[0]) * 1024
        self.size = size
        send_packet(
            control,
            {
                "ready": time.monotonic() - begun,
                "size": size,
                "anonymous": anonymous,
                "threads": self.threads,
                "versions": _versions(),
            },
        )

    def serve(self) -> None:
        """Fork for each request until the pool hangs up."""
        while (received := receive_packet(self.control)) is not None:
            request, descriptors = received
            _reap()
            reason = self.why_unsafe_to_fork()
            if reason:
                send_packet(self.control, {"refused": reason})
                return
            if os.fork() == 0:
                _supervise(self, request, descriptors)
            for descriptor in descriptors:
                os.close(descriptor)
            send_packet(self.control, {"forked": True})

    def why_unsafe_to_fork(self) -> str:
        """Why no fork of this process may run TensorFlow, or an empty text."""
        count = _thread_count()
        if count != self.threads:
            return f"it has {count} threads and had {self.threads} after the imports"
        if _context_started():
            return "TensorFlow has run an operation in it"
        if _is_loaded("libcuda.so.1"):
            return "the GPU driver is loaded in it"
        return ""


def _import(backend: str, names: Sequence[str]) -> None:
    for name in (*NEEDED, *names):
        try:
            importlib.import_module(name)
        except ModuleNotFoundError:
            if name in (*NEEDED, backend, "keras"):
                raise
    if "dlcourse.data" in names:
        _warm_up_data()


def _warm_up_data() -> None:
    """Read the digits once for all forks, which else each read and distort them anew."""
    from dlcourse import data

    with suppress(data.DataError):
        data.warm_up()


def _fork_once() -> None:
    """Let libraries do what they do at a first fork: OpenBLAS ends its threads then."""
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


def _thread_count() -> int:
    return len(os.listdir("/proc/self/task"))  # noqa: PTH208


def _is_loaded(library: str) -> bool:
    """Whether a shared library is in this process already; asking does not load it."""
    try:
        ctypes.CDLL(library, mode=os.RTLD_NOLOAD)
    except OSError:
        return False
    return True


def _context_started() -> bool:
    context = sys.modules.get("tensorflow.python.eager.context")
    return context is not None and bool(context.context()._initialized)


def _versions() -> dict[str, str]:
    names = ("numpy", "keras", "tensorflow", "torch", "jax", "IPython")
    found = {n: str(getattr(sys.modules.get(n), "__version__", "")) for n in names}
    return {n: v for n, v in found.items() if v} | {"python": sys.version.split()[0]}


def _reap() -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _supervise(zygote: _Zygote, request: dict[str, Any], descriptors: list[int]) -> NoReturn:
    """The first fork: makes the namespaces, starts the notebook's process, tells how it ended."""
    code = 1
    status = socket.socket(fileno=descriptors[1])
    try:
        zygote.control.close()
        policy = SandboxPolicy(**{**request["policy"], "level": Level(request["policy"]["level"])})
        isolate.become_subreaper()
        isolate.set_parent_death_signal(signal.SIGTERM)
        signal.signal(signal.SIGTERM, _stop)
        os.setsid()
        if policy.level is Level.STRICT:
            isolate.new_namespaces()
        supervisor = os.getpid()
        highest = _highest()  # the notebook's process soon mounts a /proc that has no self for us
        child = os.fork()
        if child == 0:
            _run_notebook(zygote, request, policy, descriptors, supervisor)
        pidfd = os.pidfd_open(child)
        send_packet(status, {"started": True}, [pidfd])
        _close_all_but(status.fileno(), highest=highest + 1)
        try:
            os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
        finally:
            ended = os.waitstatus_to_exitcode(_end_all(child, policy.level))
        send_packet(status, {"ended": ended})
        code = 0
    except BaseException:
        with suppress(OSError):
            send_packet(status, {"failed": traceback.format_exc()[-4000:]})
    finally:
        os._exit(code)


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit("the zygote has ended")


def _end_all(notebook: int, level: Level) -> int:
    """End a notebook's process and whatever it left running; its wait status."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the zygote's end is no reason to leave them
    os.kill(notebook, signal.SIGKILL)
    if level is Level.STRICT:
        return os.waitpid(notebook, 0)[1]  # its pid namespace ends with it
    return _end_descendants(notebook)


def _end_descendants(notebook: int) -> int:
    """End what no pid namespace ends, even what forks without end.

    The notebook's group is killed at one stroke, so that nothing in it can run away. What has left
    the group is killed as often as it takes: the children of the dead become ours. The dead are not
    buried while one seems alive: they count against the limit on processes, so that there is no
    room for more.
    """
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(notebook, signal.SIGKILL)
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    statuses: dict[int, int] = {}
    while True:
        left = children.read_text().split()  # some may be missing while others come and go
        for pid in left:
            os.kill(int(pid), signal.SIGKILL)
        try:
            while all(map(_is_dead, left)) and (buried := os.waitpid(-1, os.WNOHANG))[0]:
                statuses.update([buried])
                left = []
        except ChildProcessError:
            return statuses[notebook]
        time.sleep(0.001)  # the dying need the processor too


def _is_dead(child: str) -> bool:
    """Whether a child has ended and waits to be buried."""
    stat = Path(f"/proc/{child}/stat").read_text(encoding="utf-8", errors="replace")
    return stat.rpartition(")")[2].split()[0] in "ZX"


def _close_all_but(*kept: int, highest: int | None = None) -> None:
    """Close every file descriptor from 3 to ``highest``, except ``kept``."""
    edges = [2, *sorted(kept), (_highest() if highest is None else highest) + 1]
    for low, high in pairwise(edges):
        os.closerange(low + 1, high)


def _highest() -> int:
    return max(map(int, os.listdir("/proc/self/fd")))  # noqa: PTH208


def _run_notebook(
    zygote: _Zygote,
    request: dict[str, Any],
    policy: SandboxPolicy,
    descriptors: list[int],
    supervisor: int,
) -> NoReturn:
    """The second fork: shuts itself in and answers the judge."""
    try:
        isolate.set_parent_death_signal(signal.SIGKILL)
        os.setpgid(0, 0)
        channel_fd, _, *files = descriptors
        if policy.level is Level.STRICT:
            isolate.mount_private_tmpfs(policy)
            socket.sethostname("worker")
        elif os.getppid() != supervisor:
            raise RuntimeError("the supervising process has ended")
        os.environ.update(request["environment"])
        _prepare_folder(policy, request["files"], files)
        _close_all_but(channel_fd)
        random.seed()
        sys.modules["numpy"].random.seed(None)
        _answer(zygote, request, policy, channel_fd)
    except BaseException:
        os.write(2, traceback.format_exc()[-4000:].encode())
    os._exit(70)


def _prepare_folder(policy: SandboxPolicy, names: Sequence[str], files: Sequence[int]) -> None:
    for variable in ("HOME", "MPLCONFIGDIR", "IPYTHONDIR", "TMPDIR"):
        Path(os.environ[variable]).mkdir(parents=True, exist_ok=True)
    tempfile.tempdir = None  # an import may have looked for it outside
    os.chdir(policy.folder)
    for name, source in zip(names, files, strict=True):
        target = Path(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(source, "rb") as reading, target.open("wb") as writing:
            while chunk := reading.read(2**20):
                writing.write(chunk)


def _answer(
    zygote: _Zygote, request: dict[str, Any], policy: SandboxPolicy, channel_fd: int
) -> None:
    from autograder.sandbox.channel import Channel, FrameLimits
    from autograder.sandbox.outputs import OutputLimits

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    channel = Channel(socket.socket(fileno=channel_fd), FrameLimits(**request["frame"]))
    runner = zygote.runner
    runner.set_limits(OutputLimits(**request["output"]))
    isolate.confine(policy)
    runner.start()
    channel.send({"ready": True})
    zygote.serve_notebook(channel, runner)
    os._exit(0)


def run() -> NoReturn:
    """Enter here: ``python -I -c "...; zygote.run()" OPTIONS``."""
    main(sys.argv[1:])
    os._exit(0)  # a thread that should not be there must not keep it alive
