"""However a worker ends, the judge learns why, and nothing of it is left."""

from __future__ import annotations

import math
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from autograder.sandbox.channel import Channel, FrameLimits
from autograder.sandbox.isolate import Level
from autograder.sandbox.outputs import CellRecord
from autograder.workers import memory
from autograder.workers import worker as process
from autograder.workers.pool import Limits, WorkerPool
from autograder.workers.worker import Connection, Death, Worker, WorkerDied
from dlcourse.check.answer import AnswerError, NotAttempted
from tests.sandbox.conftest import result_of, run
from tests.waiting import wait_until

# Finds the worker's end of the channel, as an attacker would.
CHANNEL = """
import os, socket, stat, struct
channel = next(
    fd for fd in range(3, 100)
    if os.path.exists(f'/proc/self/fd/{fd}') and stat.S_ISSOCK(os.fstat(fd).st_mode)
    and socket.socket(fileno=os.dup(fd)).type == socket.SOCK_STREAM
)
def frame(text, extra=b''):
    return struct.pack('>I', len(text)) + text + extra
"""


def death_of(worker: Worker, source: str, seconds: float = 20) -> WorkerDied:
    with pytest.raises(WorkerDied) as caught:
        run(worker, source, seconds)
    return caught.value


@pytest.mark.parametrize("code", [0, 1, 3])
def test_an_exit_is_told_with_its_code(worker: Worker, code: int) -> None:
    death = death_of(worker, f"import os\nos._exit({code})")
    assert death.kind is Death.EXIT
    assert f"exit code {code}" in death.reason
    assert not death.retry


@pytest.mark.parametrize("source", ["import ctypes\nctypes.string_at(0)", "import os\nos.abort()"])
def test_a_crash_is_told_with_its_signal(worker: Worker, source: str) -> None:
    death = death_of(worker, source)
    assert death.kind is Death.CRASH
    assert "SIG" in death.reason


def test_a_cell_that_cannot_be_interrupted_is_killed(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "PATIENCE", 2.0)
    left: list[float] = []

    def receive(channel: Channel, deadline: float | None = None) -> Any:
        left.append((deadline or math.inf) - time.monotonic())
        return received(channel, deadline)

    received = Channel.receive
    monkeypatch.setattr(Channel, "receive", receive)
    source = "import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nwhile True: pass"
    death = death_of(worker, source, seconds=0.5)
    assert death.kind is Death.TIMEOUT
    assert "longer than 0.5 s" in death.reason
    assert max(left) <= 0.5 + 2.0


@pytest.mark.exhaustive
def test_a_machine_that_stalls_after_the_interrupt_is_waited_for(worker: Worker) -> None:
    """Where memory or the disk is short a process may stand still for seconds."""
    pid = worker.process
    stop = threading.Timer(0.3, os.kill, (pid, signal.SIGSTOP))
    go_on = threading.Timer(7.0, os.kill, (pid, signal.SIGCONT))
    stop.start()
    go_on.start()
    record = run(worker, "while True: pass", seconds=0.5)
    go_on.join()
    assert record.status == "timeout"
    assert result_of(run(worker, "6 * 7")) == "42"


def test_a_dead_worker_stays_dead(worker: Worker) -> None:
    first = death_of(worker, "import os\nos._exit(0)")
    with pytest.raises(WorkerDied) as caught:
        worker.get("x")
    assert caught.value is first


def test_more_memory_than_allowed_is_a_memory_error(worker: Worker) -> None:
    assert run(worker, "x = bytearray(4 * 2**30)").ename == "MemoryError"


def test_a_tree_of_processes_shares_one_memory_limit(worker: Worker) -> None:
    source = (
        "import os, time\n"
        "for _ in range(4):\n"
        "    if os.fork() == 0:\n"
        "        kept = b'x' * (400 * 2**20)\n        time.sleep(60)\n        os._exit(0)\n"
        "time.sleep(60)"
    )
    death = death_of(worker, source)
    assert death.kind is Death.MEMORY
    assert "1 GiB" in death.reason


def test_shared_pages_count_once(worker: Worker) -> None:
    source = (
        "import os, time\nkept = b'x' * (600 * 2**20)\npids = []\n"
        "for _ in range(6):\n"
        "    pids.append(os.fork())\n"
        "    if not pids[-1]:\n        time.sleep(1)\n        os._exit(0)\n"
        "for pid in pids: os.waitpid(pid, 0)\nlen(pids)"
    )
    assert result_of(run(worker, source)) == "6"


def test_a_fork_bomb_stops_at_the_limit(strict_pool: WorkerPool) -> None:
    source = (
        "import os, time\nstarted = []\n"
        "try:\n"
        "    while True:\n"
        "        started.append(os.fork())\n"
        "        if not started[-1]:\n            time.sleep(60)\n            os._exit(0)\n"
        "except BlockingIOError: pass\n"
        "len(started)"
    )
    with strict_pool.worker() as first, strict_pool.worker() as second:
        assert 80 < int(result_of(run(first, source))) <= 100
        # The limit is each worker's own.
        assert 80 < int(result_of(run(second, source))) <= 100


def test_nothing_that_a_worker_started_outlives_it(pool: WorkerPool) -> None:
    source = (
        "import os, time\n"
        "if os.fork() == 0:\n    os.setpgrp()\n"
        "    if os.fork() == 0: time.sleep(600)\n    os._exit(0)\n"
        "os.wait();"
    )
    with pool.worker() as worker:
        run(worker, source)
        started = memory.descendants(worker.process)
        assert len(started) == 2
    assert not [pid for pid in started if Path(f"/proc/{pid}").exists()]


def test_a_daemon_ends_with_a_worker_that_exits(pool: WorkerPool) -> None:
    source = "import os, time\nif os.fork() == 0:\n    os.setpgrp()\n    time.sleep(600)"
    with pool.worker() as worker:
        run(worker, source)
        found = memory.descendants(worker.process)
        assert len(found) == 2
        assert death_of(worker, "os._exit(0)").kind is Death.EXIT
        assert not [p for p in found if Path(f"/proc/{p}").exists()]


def test_kill_from_another_thread_ends_the_wait(worker: Worker) -> None:
    threading.Timer(0.3, worker.kill).start()
    death = death_of(worker, "import time\ntime.sleep(60)", seconds=60)
    assert death.kind is Death.LOST


def saying(value: str, arrays: str = "") -> str:
    """The source of a cell that writes a frame with this JSON to the channel."""
    text = f'{{"value": {value}, "arrays": [{arrays}]}}'
    return f"os.write(channel, frame({text.encode()!r}))"


def answer(number: int, value: str) -> str:
    return f'{{"dict": [["id", {number}], ["value", {value}]]}}'


FORGED = {
    "garbage": "os.write(channel, b'\\xff' * 100)",
    "a frame that is no answer": saying("1"),
    "an answer to a later question": saying(answer(999, "1")),
    "10 GB": saying('{"array": 0}', '["int8", [10000000000]]'),
    "a pickle": "import pickle; os.write(channel, frame(pickle.dumps(print)))",
    "a verdict": saying(answer(2, '{"dict": [["verdict", "correct"]]}')),
}


@pytest.mark.parametrize("attack", FORGED.values(), ids=FORGED.keys())
def test_a_forged_message_is_the_end_of_the_worker(worker: Worker, attack: str) -> None:
    assert run(worker, CHANNEL).status == "ok"
    assert death_of(worker, attack).kind is Death.PROTOCOL


def test_a_forged_record_is_only_what_the_learner_could_have_had(worker: Worker) -> None:
    """It may lie about its own cell, and is out of step from then on."""
    run(worker, CHANNEL)
    pairs = (
        '[["status", "ok"], ["outputs", []], ["seconds", 0.5], ["execution_count", 2],'
        ' ["ename", ""], ["evalue", ""], ["bound", {"tuple": []}]]'
    )
    forged = saying(answer(2, f'{{"dict": {pairs}}}'))
    assert run(worker, f"{forged}\n1 / 0") == CellRecord("ok", [], 0.5, 2)
    with pytest.raises(WorkerDied) as caught:
        worker.get("x")
    assert caught.value.kind is Death.PROTOCOL


def test_what_is_not_attempted_is_called_by_the_judges_name(worker: Worker) -> None:
    """A name that the process chooses could be text that it made of a hidden input."""
    run(worker, CHANNEL)
    record = (
        '[["status", "ok"], ["outputs", []], ["seconds", 0.5], ["execution_count", 2],'
        ' ["ename", ""], ["evalue", ""], ["bound", {"tuple": []}]]'
    )
    error = '{"dict": [["kind", "not_attempted"], ["name", "SEEN"], ["status", "missing"]]}'
    lie = f'{{"dict": [["id", 3], ["error", {error}]]}}'
    run(worker, "\n".join([saying(answer(2, f'{{"dict": {record}}}')), saying(lie)]))
    with pytest.raises(NotAttempted) as caught:
        worker.get("softmax")
    assert "SEEN" not in str(caught.value)
    assert "softmax" in str(caught.value)


def test_half_a_message_meets_the_deadline(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "PATIENCE", 2.0)
    run(worker, CHANNEL)
    source = "os.write(channel, b'\\0\\0')\nimport time\ntime.sleep(60)"
    with pytest.raises(WorkerDied) as caught:
        run(worker, source, seconds=0.3)
    assert caught.value.kind in (Death.TIMEOUT, Death.PROTOCOL)


def test_a_closed_channel_is_the_end_of_the_worker(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "GRACE", 0.2)
    run(worker, CHANNEL)
    death = death_of(worker, "os.close(channel)\nimport time\ntime.sleep(60)", seconds=60)
    assert death.kind is Death.PROTOCOL


@pytest.mark.parametrize(
    "patch",
    [
        "import autograder.sandbox.serve as s\n"
        "s._RequestHandler.answer = lambda *a: {'value': {'x': 1}}",
        "import autograder.sandbox.channel as c\nc.Channel.send = lambda *a, **k: None",
        "import autograder.sandbox.serve as s\ns._described = lambda e: {'kind': 'verdict'}",
        "import dlcourse.check.answer as a\na.LocalAnswer.__getattr__ = lambda *a: 1 / 0",
    ],
)
def test_patched_worker_code_does_no_harm(
    pool: WorkerPool, patch: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as short:
        short.setattr(process, "PATIENCE", 2.0)
        spoil(pool, patch)
    with pool.worker() as worker:
        assert result_of(run(worker, "6 * 7")) == "42"


def spoil(pool: WorkerPool, patch: str) -> None:
    """Patch a worker's code, and ask it something."""
    with pool.worker() as worker, suppress(WorkerDied, AnswerError, NotAttempted):
        run(worker, patch, seconds=1)
        worker.call("nosuch", seconds=0.2)


def test_a_full_scratch_file_system_is_an_error_of_the_cell(strict_pool: WorkerPool) -> None:
    source = "with open('/tmp/x', 'wb') as a, open('/tmp/y', 'wb') as b:\n"
    source += "    for f in (a, b): f.write(bytes(20 * 2**20))"
    with strict_pool.worker() as worker:
        record = run(worker, source)
        assert (record.ename, "No space left" in record.evalue) == ("OSError", True)


def test_a_file_larger_than_allowed_is_an_error_of_the_cell(worker: Worker) -> None:
    source = "with open('x', 'wb') as f: f.write(bytes(40 * 2**20))"
    assert run(worker, source).ename == "OSError"


def test_open_files_are_bounded(worker: Worker) -> None:
    assert run(worker, "kept = [open('/dev/null') for _ in range(5000)]").ename == "OSError"


def test_workers_share_no_files(strict_pool: WorkerPool) -> None:
    with strict_pool.worker() as first, strict_pool.worker() as second:
        for place in ("/tmp", "/dev/shm", "."):
            run(first, f"open('{place}/mine', 'w').write('x');")
            source = f"import os\nos.path.exists('{place}/mine')"
            assert result_of(run(second, source)) == "False"


def test_a_worker_runs_below_the_judge(pool: WorkerPool) -> None:
    with pool.worker() as worker:
        assert result_of(run(worker, "import os\nos.getuid() == 0")) == "False"
        assert worker.isolation in (Level.STRICT, Level.CONTAINED)


def test_the_peak_of_memory_is_seen(pool: WorkerPool) -> None:
    with pool.worker() as worker:
        run(worker, "x = b'x' * (200 * 2**20)")
        wait_until(lambda: worker.peak_memory > 150 * 2**20, "the memory that a cell took is seen")
        assert worker.peak_memory < 400 * 2**20


def test_a_pool_with_less_memory_is_stricter(level: Level) -> None:
    with WorkerPool(Limits(memory=2**28), level, warm=False) as pool, pool.worker() as worker:
        assert run(worker, "x = bytearray(2**29)").ename == "MemoryError"


def test_a_late_report_of_an_end_is_no_fault_of_the_notebook(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A machine may be slow to say how a process ended, which has ended all the same."""
    monkeypatch.setattr(process, "GRACE", 0.02)
    ours, theirs = socket.socketpair()
    status, never = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with subprocess.Popen([sys.executable, "-c", ""]) as ended, never, theirs:
        pidfd = os.pidfd_open(ended.pid)
        select.select([pidfd], [], [], 60)
        place = Connection(Level.STRICT, ours, status, ended.pid, pidfd, None, 2**30, FrameLimits())
        worker = Worker(place, lambda: "", lambda _: None)
        theirs.shutdown(socket.SHUT_RDWR)
        with pytest.raises(WorkerDied) as error:
            worker.get("x")
        worker.close()
    assert error.value.kind is Death.LOST
