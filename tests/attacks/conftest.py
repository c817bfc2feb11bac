"""The grading machine that is attacked: things on it that no attack may reach, and its workers."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from autograder.assignment.source import Assignment, Role, TierLimits, read_assignment
from autograder.assignment.thresholds import read_thresholds
from autograder.collect.submissions import find_submissions
from autograder.grading.batch import grade_one
from autograder.grading.results import GradedSubmission
from autograder.judge import remote, run
from autograder.judge.checks import Checks, load_checks
from autograder.release.learner import answer_id, check_id, check_source, code, role_of
from autograder.workers import pool as pools
from autograder.workers import worker as process
from autograder.workers.launch import SandboxError
from autograder.workers.pool import WorkerPool
from tests.attacks.attack import LINGERING, REACHED, SEEN, Attack
from tests.waiting import LOST

SECRET = "a secret for tests"
# The other question of each submission, answered rightly: it must not suffer.
REST = "dense_forward"
# Seconds: short, so that an attack that wins time loses little of the test's.
CELL, CALLS, GRACE = 3.0, 3.0, 2.0


@dataclass
class Machine:
    """What is on the machine beside the grader, and what has been done to it."""

    folder: Path
    port: int
    host_process: subprocess.Popen[bytes]
    server: socket.socket
    sockets: list[socket.socket]
    connections: list[object] = field(default_factory=list)

    @property
    def canary(self) -> Path:
        return self.folder / "canary"

    def names(self, repository: Path) -> dict[str, str]:
        """What the attacks call these things."""
        return {
            "@REPOSITORY@": str(repository),
            "@SECRET_FILE@": str(self.folder / "course-secret"),
            "@CANARY@": str(self.canary),
            "@PORT@": str(self.port),
            "@SOCKET@": f"attacks-{self.port}",
            "@PID@": str(self.host_process.pid),
        }

    def harm(self) -> list[str]:
        """Everything on the machine that is not as it was."""
        found = []
        if self.connections:
            found.append(f"{len(self.connections)} connections came out of the sandbox")
        if self.host_process.poll() is not None:
            found.append("a process of the host was ended")
        there = {p.name: p.read_text() for p in self.folder.iterdir() if p.is_file()}
        if there != {"canary": "alive", "course-secret": SECRET}:
            found.append(f"the host's files are {there}")
        return found + [f"still running: {line}" for line in lingering()]


def lingering(patience: float = LOST) -> list[str]:
    """Command lines of what attacks have left running, once they have had time to end.

    They are told by a word in the line, or by a worker's folder that has been removed since.
    """
    deadline = time.monotonic() + patience
    while True:
        found = [
            line for line, place in _processes() if LINGERING in line or _REMOVED.search(place)
        ]
        if not found or time.monotonic() > deadline:
            return found
        time.sleep(0.05)


_REMOVED = re.compile(r"/worker-[^/]+/worker-[^/]+ \(deleted\)$")


def _processes() -> Iterator[tuple[str, str]]:
    """Each process's command line and working folder."""
    for path in Path("/proc").glob("[0-9]*"):
        try:
            line = (path / "cmdline").read_bytes().decode("utf-8", "replace")
            yield line, str((path / "cwd").readlink())
        except OSError:
            continue


@contextmanager
def some_machine() -> Iterator[Machine]:
    """Things that everybody on this machine may read, write and reach, but no sandbox."""
    folder = Path(tempfile.mkdtemp(prefix="attacked-"))
    folder.chmod(0o777)
    for name, text in (("canary", "alive"), ("course-secret", SECRET)):
        (folder / name).write_text(text)
        (folder / name).chmod(0o666)
    server = socket.create_server(("127.0.0.1", 0))
    port = server.getsockname()[1]
    sockets = []
    for address in (f"\0attacks-{port}", str(folder / "canary.socket")):
        one = socket.socket(socket.AF_UNIX)
        one.bind(address)
        one.listen()
        sockets.append(one)
    (folder / "canary.socket").chmod(0o777)
    host_process = subprocess.Popen(["sleep", "3600"])
    made = Machine(folder, port, host_process, server, sockets)
    for one in (server, *sockets):
        threading.Thread(target=_accept, args=(one, made.connections), daemon=True).start()
    try:
        yield made
    finally:
        for one in (server, *sockets):
            one.close()
        host_process.kill()
        host_process.wait()
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def machine() -> Iterator[Machine]:
    """The machine that all attacks of the corpus are graded on."""
    with some_machine() as made:
        yield made


def _accept(listening: socket.socket, connections: list[object]) -> None:
    while True:
        try:
            connections.append(listening.accept())
        except OSError:
            return


@pytest.fixture(autouse=True)
def _short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    # For each test anew: what a whole run shared would also shorten the tests that come after.
    monkeypatch.setenv("AUTOGRADER_SECRET", SECRET)
    monkeypatch.setattr(process, "GRACE", GRACE)
    monkeypatch.setattr(process, "PATIENCE", GRACE)
    monkeypatch.setattr(run, "Budget", partial(remote.Budget, seconds=CALLS))


@pytest.fixture(scope="session")
def attacked(root: Path) -> Assignment:
    """Week 1, with limits that are short."""
    assignment = read_assignment(root / "solutions" / "week01" / "week01.md")
    return replace(assignment, limits={"cpu": TierLimits(cell=CELL, notebook=60, memory=2)})


@pytest.fixture(scope="session")
def checks(attacked: Assignment) -> Checks:
    """Its checks, with the thresholds that learners are graded by."""
    return load_checks(attacked, read_thresholds(attacked), "cpu", SECRET)


def _pool(level: str) -> WorkerPool:
    limits = pools.Limits(memory=2 * 2**30, scratch=64 * 2**20, processes=160, open_files=512)
    return WorkerPool(limits, level)


@pytest.fixture(scope="session")
def strict() -> Iterator[WorkerPool]:
    """Workers behind every wall."""
    with _pool("strict") as pool:
        yield pool


@pytest.fixture(scope="session")
def contained() -> Iterator[WorkerPool]:
    """Workers without namespaces, as in a container that forbids them."""
    try:
        pool = _pool("contained")
    except SandboxError as error:
        pytest.skip(f"no contained workers here: {error}")
    with pool:
        yield pool


@dataclass
class Grader:
    """Grades attacks on one level."""

    checks: Checks
    pool: WorkerPool
    machine: Machine
    repository: Path

    def grade(self, attack: Attack) -> GradedSubmission:
        """Hand the attack in, and grade what was handed in."""
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / attack.name
            folder.mkdir()
            (folder / "week01.ipynb").write_text(json.dumps(self._notebook(attack)))
            for name, content in attack.weights.items():
                (folder / name).write_bytes(
                    self._named(content.decode("latin-1")).encode("latin-1")
                )
            (submission,) = find_submissions([folder], "week01", Path(scratch))
            assert set(submission.weights) == set(attack.weights)
            return grade_one(self.checks, submission, self.pool)

    def _named(self, source: str) -> str:
        # In two halves, so that a traceback that quotes the source does not hold the mark itself.
        for mark in (REACHED, SEEN):
            source = source.replace(mark, f'{mark[:3]}" "{mark[3:]}')
        for placeholder, name in self.machine.names(self.repository).items():
            source = source.replace(placeholder, name)
        return source

    def _notebook(self, attack: Attack) -> dict[str, Any]:
        assignment = self.checks.assignment
        cells = [code("start", 'from dlcourse.check import start\nstart("week01")')]
        cells += [
            code(f"setup-{n}", source) for n, source in enumerate(assignment.code(Role.SETUP))
        ]
        rest = assignment.question(REST).answer
        assert rest is not None
        for name, source in ((attack.question, self._named(attack.source)), (REST, rest.solution)):
            identity = answer_id(name)
            cells.append(code(identity, source, role_of(identity, solution=True)))
            for check in assignment.question(name).checks:
                identity = check_id(check)
                cells.append(code(identity, check_source(check), role_of(identity, points=1)))
        return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


@pytest.fixture(scope="session")
def on_strict(checks: Checks, strict: WorkerPool, machine: Machine, root: Path) -> Grader:
    """A grader of attacks at the strict level."""
    return Grader(checks, strict, machine, root)


@pytest.fixture(scope="session")
def on_contained(checks: Checks, contained: WorkerPool, machine: Machine, root: Path) -> Grader:
    """A grader of attacks at the contained level."""
    return Grader(checks, contained, machine, root)


def open_descriptors() -> int:
    """How many file descriptors this process keeps open.

    The pool's watch opens a file for a moment now and then: the least of several counts is taken.
    """
    counts = []
    for _ in range(20):
        counts.append(len(os.listdir("/proc/self/fd")))  # noqa: PTH208
        time.sleep(0.01)
    return min(counts)
