"""What one worker can tell another, take from it, or have blamed on the machine."""

from __future__ import annotations

import json

import pytest

from autograder.assignment.source import Assignment
from autograder.judge.checks import load_checks
from autograder.judge.given import PlannedCell
from autograder.judge.run import SubmissionRun
from autograder.workers import memory
from autograder.workers.pool import Limits, WorkerPool
from autograder.workers.worker import Death, WorkerDied

_TOOLS = """
import ctypes, errno, fcntl, os, resource, signal, socket, struct, time

shared = open(os.__file__)
libc = ctypes.CDLL(None, use_errno=True)

def lock(kind):
    return struct.pack("hhqqi4x", kind, 0, 0, 0, 0)

def attempt(action):
    try:
        return repr(action())
    except OSError as error:
        return errno.errorcode[error.errno]

def notices():
    return libc.inotify_add_watch(libc.inotify_init1(os.O_NONBLOCK), os.__file__.encode(), 0x20)

def heard():
    descriptor = libc.inotify_init1(os.O_NONBLOCK)
    return os.read(descriptor, 4096) if descriptor >= 0 else b""
"""

# What the one does or leaves undone, and how the other would find out.
CHANNELS = {
    "flock": (
        "attempt(lambda: fcntl.flock(shared, fcntl.LOCK_EX))",
        "attempt(lambda: fcntl.flock(shared, fcntl.LOCK_EX | fcntl.LOCK_NB))",
    ),
    "a lock that one can ask for": (
        "attempt(lambda: fcntl.lockf(shared, fcntl.LOCK_SH))",
        "attempt(lambda: fcntl.fcntl(shared, fcntl.F_GETLK, lock(1)))",
    ),
    "an open file's lock that one can ask for": (
        "attempt(lambda: fcntl.fcntl(shared, 37, lock(0)))",
        "attempt(lambda: fcntl.fcntl(shared, 36, lock(1)))",
    ),
    "a lease": (
        "opened = open(os.__file__)",
        "shared.close(); shared = open(os.__file__);"
        "attempt(lambda: fcntl.fcntl(shared, fcntl.F_SETLEASE, fcntl.F_WRLCK))",
    ),
}


def value(worker: object, expression: str) -> str:
    """What the last expression of a cell is."""
    record = worker.run_cell(expression, 20)  # type: ignore[attr-defined]
    assert record.status == "ok", record.evalue
    return json.dumps([o["data"] for o in record.outputs if o["output_type"] == "execute_result"])


@pytest.mark.parametrize("name", CHANNELS)
def test_one_worker_cannot_say_anything_to_another(name: str, strict: WorkerPool) -> None:
    does, sees = CHANNELS[name]
    with strict.worker() as one, strict.worker() as other:
        one.run_cell(_TOOLS, 20)
        other.run_cell(_TOOLS, 20)
        before = value(other, sees)
        one.run_cell(does, 20)
        assert value(other, sees) == before


def test_no_worker_hears_of_another_ones_files(strict: WorkerPool) -> None:
    with strict.worker() as one:
        one.run_cell(_TOOLS, 20)
        assert "-1" in value(one, "libc.inotify_init1(os.O_NONBLOCK)")


def test_h5py_and_sqlite_need_none_of_it(strict: WorkerPool) -> None:
    source = """
import h5py, keras, sqlite3
with h5py.File("a.h5", "w") as file:
    file["x"] = [1, 2, 3]
net = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
net.save("net.keras")
net.save_weights("net.weights.h5")
net.load_weights("net.weights.h5")
base = sqlite3.connect("base.sqlite")
base.execute("CREATE TABLE t (x)")
base.execute("INSERT INTO t VALUES (1)")
base.commit()
len(keras.models.load_model("net.keras").layers), list(base.execute("SELECT x FROM t"))
"""
    with strict.worker() as one:
        assert "(1, [(1,)])" in value(one, source)


@pytest.mark.parametrize(
    "limits",
    [
        "resource.setrlimit(resource.RLIMIT_CPU, (1, 1))",
        "resource.prlimit(0, resource.RLIMIT_CPU, (1, 1))",
        "ctypes.CDLL(None).setrlimit(0, (ctypes.c_ulong * 2)(1, 1))",
    ],
)
def test_a_notebook_sets_no_limit_by_which_the_kernel_ends_it(
    limits: str, strict: WorkerPool
) -> None:
    with strict.worker() as one:
        one.run_cell(_TOOLS, 20)
        one.run_cell(limits, 20)
        unlimited = "resource.getrlimit(resource.RLIMIT_CPU) == (-1, -1)"
        assert "True" in value(one, unlimited)


def test_a_worker_is_one_session(strict: WorkerPool) -> None:
    """The kernel shares a processor out among sessions."""
    with strict.worker() as one:
        one.run_cell(_TOOLS, 20)
        assert "EPERM" in value(one, "attempt(os.setsid)")
        assert "'own group'" in value(one, "!setsid true\n!echo own group\n'own group'")


MEMORY = {
    "socket buffers": """
kept = []
def fill(pair):
    try:
        while True:
            pair[0].send(bytes(2**16))
    except BlockingIOError:
        pass
for _ in range(8):
    if os.fork() == 0:
        for _ in range(400):
            kept.append(socket.socketpair())
            kept[-1][0].setblocking(False)
            fill(kept[-1])
        time.sleep(60)
        os._exit(0)
time.sleep(60)
""",
    "files in memory": """
for place in ("/tmp", "/dev/shm", "."):
    with open(f"{place}/large", "wb") as file:
        for _ in range(300):
            file.write(bytes(2**20))
time.sleep(60)
""",
    "files that are deleted": """
kept = []
for place in ("/tmp", "/dev/shm", "."):
    kept.append(file := open(f"{place}/large", "wb"))
    os.unlink(file.name)
    for _ in range(300):
        file.write(bytes(2**20))
time.sleep(60)
""",
}


@pytest.mark.parametrize("name", MEMORY)
def test_what_the_kernel_keeps_for_a_worker_counts_as_its_memory(name: str) -> None:
    limits = Limits(memory=2**29, scratch=2**29, processes=60)
    with WorkerPool(limits, warm=False) as pool, pool.worker() as one:
        one.run_cell(_TOOLS, 20)
        with pytest.raises(WorkerDied) as died:
            one.run_cell(MEMORY[name], 60)
        assert died.value.kind is Death.MEMORY


def test_of_two_that_use_up_the_machine_the_larger_is_lost_to_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is graded again with nothing beside it; the other one goes on."""
    monkeypatch.setattr(memory, "of_machine", lambda: 2**29)
    source = "kept = bytearray(%d); import time; time.sleep(%d)"
    limits = Limits(memory=2**30)
    with WorkerPool(limits, warm=False) as pool, pool.worker() as one, pool.worker() as other:
        other.run_cell(source % (2**27, 0), 20)
        with pytest.raises(WorkerDied) as died:
            one.run_cell(source % (2**28 + 2**27, 60), 60)
        assert died.value.retry
        assert "short of memory" in died.value.reason
        assert value(other, "len(kept)")


def test_a_worker_with_more_threads_than_processors_has_too_little(strict: WorkerPool) -> None:
    source = """
import os, time
for _ in range(4 * os.cpu_count()):
    if os.fork() == 0:
        while True:
            pass
time.sleep(1)
"""
    with strict.worker() as one:
        one.run_cell(source, 20)
        assert one.starved


# Whatever makes the kernel kill a process with SIGKILL looks, from outside, as if the machine did.
_KILLED_BY_THE_KERNEL = """
import os
with open("broken", "wb") as file:
    # An ELF file whose program is larger than any address space: exec has passed the point of no
    # return when it finds out.
    import struct
    file.write(b"\\x7fELF\\x02\\x01\\x01" + bytes(9))
    file.write(struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, 0x400000, 64, 0, 0, 64, 56, 1, 0, 0, 0))
    file.write(struct.pack("<IIQQQQQQ", 1, 5, 0, 0x400000, 0x400000, 64, 2**46, 4096))
os.chmod("broken", 0o755)
os.execv("broken", ["broken"])
"""


def test_an_end_that_looks_like_the_machines_is_final_in_the_end(
    strict: WorkerPool, sample: Assignment
) -> None:
    cells = [
        PlannedCell(source, None, i) for i, source in enumerate(("x = 1", _KILLED_BY_THE_KERNEL))
    ]
    checks = load_checks(sample, {}, "cpu", "a secret")
    first = SubmissionRun(checks, cells, sample.limits["cpu"])
    try:
        first.run(strict.worker)
    except WorkerDied as died:
        again = SubmissionRun(checks, cells, sample.limits["cpu"], lost_at=frozenset({died.place}))
        again.run(strict.worker)
        assert again.stopped
        assert "in every try" in again.complaints[0]
    else:
        assert first.stopped  # this kernel says that the process itself was at fault
