"""Tries out what a worker can reach on this machine, for ``autograder doctor``.

Whether a kernel, a container or a security module lets a wall stand cannot be read from settings:
each wall is run against, from a worker of the level in question.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.sandbox.isolate import Level
from autograder.workers import launch as sandbox
from autograder.workers import memory
from autograder.workers.launch import SandboxError
from autograder.workers.pool import Limits, WorkerPool
from autograder.workers.worker import Worker, WorkerDied

# Small, so that running into them takes no time.
_LIMITS = Limits(memory=2**30, processes=48, scratch=32 * 2**20)
_SECONDS = 30.0

_BOTH = frozenset({Level.STRICT, Level.CONTAINED})
_STRICT = frozenset({Level.STRICT})

# Each expression must raise OSError or MemoryError, or be false, in a worker that is shut in.
_ATTEMPTS: dict[str, tuple[frozenset[Level], str]] = {
    "connects to a server on this machine": (
        _BOTH,
        "socket.create_connection(('127.0.0.1', {port}), 2)",
    ),
    "connects to an abstract socket of this machine": (
        _BOTH,
        "socket.socket(socket.AF_UNIX).connect('\\0' + {abstract!r})",
    ),
    "reads a file of the grader's": (_BOTH, "open({secret!r}).read()"),
    "reads the judge's source": (_BOTH, "os.listdir({judge!r})"),
    "reads the solutions": (_BOTH, "os.listdir({solutions!r})"),
    "inherits the grader's environment": (_BOTH, "{variable!r} in os.environ"),
    "reads the grader's environment": (
        _BOTH,
        "open('/proc/{judge_pid}/environ', 'rb').read() if {judge_pid} not in family() else 0",
    ),
    "sees the grader's processes": (_STRICT, "set(processes()) - family()"),
    "signals the grader": (_BOTH, "os.kill({judge_pid}, 0) if {judge_pid} not in family() else 0"),
    "changes the grader's limits": (
        _BOTH,
        "resource.prlimit({judge_pid}, resource.RLIMIT_NOFILE)"
        " if {judge_pid} not in family() else 0",
    ),
    "writes into Python's installation": (_BOTH, "open({prefix!r} + '/written', 'w')"),
    "writes into the course's package": (_BOTH, "open(dlcourse.__file__, 'a')"),
    "has a capability": (_BOTH, "int(field('CapPrm'), 16) or int(field('CapEff'), 16)"),
    "can gain privileges": (_BOTH, "field('NoNewPrivs') != '1'"),
    "runs without a system-call filter": (_BOTH, "field('Seccomp') != '2'"),
    "runs as root": (_BOTH, "os.getuid() == 0"),
    "makes a user namespace": (_BOTH, "call('unshare', 0x10000000) == 0"),
    "traces a process": (_BOTH, "call('ptrace', 0, 0, 0, 0) == 0"),
    "makes a file in memory that no limit counts": (_BOTH, "call('memfd_create', b'x', 0) >= 0"),
    "fills the disk": (_STRICT, "fill({scratch})"),
    "takes more memory than its limit": (_BOTH, "len(bytearray({memory}))"),
    # Twice, because outside of a namespace other processes of the user may end meanwhile.
    "starts twice as many processes as it may": (_BOTH, "bomb() > 2 * {processes}"),
}

_TOOLS = """
import ctypes, os, resource, socket, time
import dlcourse

def field(name):
    for line in open('/proc/self/status'):
        if line.startswith(name + ':'):
            return line.split()[1]

def call(name, *arguments):
    return getattr(ctypes.CDLL(None), name)(*arguments)

def processes():
    return [int(n) for n in os.listdir('/proc') if n.isdigit()]

def family():
    return {os.getpid()}

def fill(size):
    with open('filled', 'wb') as a, open('filled too', 'wb') as b:
        for file in (a, b):
            file.write(bytes(size - 2**20))

def bomb():
    started = []
    try:
        while len(started) < 200:
            started.append(os.fork())
            if not started[-1]:
                time.sleep(60)
                os._exit(0)
    except OSError:
        pass
    for pid in started:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
    return len(started)

def attempt(expression):
    try:
        reached = eval(expression)
    except (OSError, MemoryError) as error:
        return [False, f'{type(error).__name__}: {error}']
    return [reached is None or bool(reached) or not isinstance(reached, (int, set)), repr(reached)]
"""

_DAEMON = """
import os, time
if os.fork() == 0:
    os.setpgrp()
    if os.fork() == 0:
        time.sleep(600)
    os._exit(0)
"""


@dataclass(frozen=True)
class Probe:
    """One wall that was run against.

    Attributes:
        attempt: what the worker tried.
        promised: whether the level promises that it fails.
        held: whether it failed.
        found: what the worker met.
    """

    attempt: str
    promised: bool
    held: bool
    found: str


@dataclass(frozen=True)
class Report:
    """What one level is worth on this machine.

    Attributes:
        level: the level.
        probes: what was tried; empty when the level could not be started.
        problem: why it could not be started.
        seconds: how long all of it took.
    """

    level: Level
    probes: tuple[Probe, ...]
    problem: str
    seconds: float

    @property
    def usable(self) -> bool:
        """Whether the level keeps every promise that it makes."""
        return not self.problem and all(p.held for p in self.probes if p.promised)


def probe(level: Level) -> Report:
    """Run against every wall of ``level``. Takes a few seconds."""
    begun = time.monotonic()
    if level is Level.NONE:
        return Report(level, (), "there are no walls at this level", 0.0)
    try:
        with WorkerPool(_LIMITS, level, warm=False) as pool:
            probes = (*_tried(pool, level), _survivor(pool))
        return Report(level, probes, "", time.monotonic() - begun)
    except SandboxError as error:
        return Report(level, (), str(error), time.monotonic() - begun)
    except WorkerDied as error:
        problem = f"{error.reason} {error.detail}".strip()
        return Report(level, (), problem, time.monotonic() - begun)


def _tried(pool: WorkerPool, level: Level) -> list[Probe]:
    with _bait() as places, contextlib.ExitStack() as stack:
        worker = stack.enter_context(_attacker(pool))
        probes = []
        for name, (levels, expression) in _ATTEMPTS.items():
            attempt = expression.format(**places)
            try:
                probes.append(_attempted(worker, name, attempt, level in levels))
            except WorkerDied as death:
                if death.retry:
                    raise
                probes.append(Probe(name, level in levels, True, death.reason))
                worker = stack.enter_context(_attacker(pool))
        return probes


def _attacker(pool: WorkerPool) -> Worker:
    worker = pool.worker()
    worker.run_cell(_TOOLS, _SECONDS)
    return worker


def _attempted(worker: Worker, name: str, expression: str, promised: bool) -> Probe:
    """Let the worker try; raises :class:`WorkerDied` when it is killed for it."""
    reached, found = worker.call("attempt", [expression], seconds=_SECONDS)
    return Probe(name, promised, not reached, str(found)[:200])


@contextlib.contextmanager
def _bait() -> Iterator[dict[str, Any]]:
    """Things on this machine that a worker must not reach."""
    name = f"dlcourse-{secrets.token_hex(8)}"
    root = sandbox.package_root()
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_UNIX) as abstract,
        tempfile.NamedTemporaryFile("w") as secret,
        _variable(name),
    ):
        abstract.bind("\0" + name)
        abstract.listen()
        secret.write(name)
        secret.flush()
        Path(secret.name).chmod(0o644)
        yield {
            "port": server.getsockname()[1],
            "abstract": name,
            "secret": secret.name,
            "variable": name,
            "judge_pid": os.getpid(),
            "judge": str(root / "autograder" / "judge"),
            "solutions": str(root / "solutions"),
            "prefix": str(Path(os.__file__).parent),
            "scratch": _LIMITS.scratch,
            "memory": 4 * _LIMITS.memory,
            "processes": _LIMITS.processes,
        }


@contextlib.contextmanager
def _variable(name: str) -> Iterator[None]:
    os.environ[name] = "1"
    try:
        yield
    finally:
        del os.environ[name]


def _survivor(pool: WorkerPool) -> Probe:
    """Whether a daemon of a worker outlives it."""
    worker = pool.worker()
    with worker:
        worker.run_cell(_DAEMON, _SECONDS)
        started = memory.descendants(worker.process)
    left = [pid for pid in started if Path(f"/proc/{pid}").exists()]
    held = len(started) > 1 and not left
    return Probe("leaves a daemon behind", True, held, f"{len(started)} started, {len(left)} left")
