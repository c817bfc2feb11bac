"""A pool gives workers, and replaces a zygote that cannot give any."""

from __future__ import annotations

import os
import signal
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from autograder.sandbox import forkserver
from autograder.sandbox.isolate import Level, SandboxPolicy
from autograder.workers import launch as sandbox
from autograder.workers import memory
from autograder.workers import pool as pools
from autograder.workers.pool import Limits, SandboxError, WorkerPool
from autograder.workers.worker import Death, Worker, WorkerDied
from tests.sandbox.conftest import SMALL, result_of, run, text_of
from tests.sandbox.ordinary import USER, python_as
from tests.waiting import LONG, LOST, wait_until

START_A_THREAD = "import threading, time; threading.Thread(target=time.sleep, args=(600,)).start()"


def test_a_worker_has_the_files_it_was_given(pool: WorkerPool, tmp_path: Path) -> None:
    weights = tmp_path / "w.h5"
    weights.write_bytes(b"weights")
    with pool.worker(files={"w.h5": weights, "data/x.csv": b"1,2"}) as worker:
        assert result_of(run(worker, "open('w.h5').read(), open('data/x.csv').read()")) == (
            "('weights', '1,2')"
        )
        run(worker, "open('w.h5', 'w').write('changed')")
    assert weights.read_bytes() == b"weights"


@pytest.mark.parametrize("name", ["/etc/passwd", "../x", "a/../../x", "", "."])
def test_a_files_name_cannot_lead_out_of_the_folder(pool: WorkerPool, name: str) -> None:
    with pytest.raises(ValueError, match="no path inside"):
        pool.worker(files={name: b""})


def test_a_link_or_a_pipe_is_no_file_to_give(pool: WorkerPool, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe"):
        with pytest.raises((ValueError, OSError)):
            pool.worker(files={"x": tmp_path / name})


def test_a_worker_sees_its_tier_and_nothing_of_our_environment(
    pool: WorkerPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSE_SECRET", "sesame")
    with pool.worker(tier="gpu", environment={"EXTRA": "1"}) as worker:
        names = "DLCOURSE_TIER", "EXTRA", "COURSE_SECRET"
        source = f"import os\n[os.environ.get(n) for n in {names}]"
        assert result_of(run(worker, source)) == "['gpu', '1', None]"


def test_workers_have_different_random_numbers(pool: WorkerPool) -> None:
    source = "import random, numpy as np\n(random.random(), np.random.rand())"
    found = set()
    for _ in range(2):
        with pool.worker() as worker:
            found.add(result_of(run(worker, source)))
    assert len(found) == 2


# A cell that ends when the process which it has started is killed.
WAITS_FOR_A_CHILD = """
import os, signal
child = os.fork()
if not child:
    signal.pause()
os.waitpid(child, 0);
"""


def test_workers_of_several_threads_run_at_once(pool: WorkerPool) -> None:
    workers: list[Worker] = []

    def one(number: int) -> str:
        with pool.worker() as worker:
            workers.append(worker)
            run(worker, WAITS_FOR_A_CHILD, seconds=LOST)
            return result_of(run(worker, f"{number}"))

    def trees() -> list[list[int]]:
        return [memory.descendants(worker.process) for worker in workers]

    with ThreadPoolExecutor(4) as threads:
        values = threads.map(one, range(4))
        wait_until(lambda: [len(t) for t in trees()] == [2] * 4, "four cells run at once")
        for _, child in trees():
            os.kill(child, signal.SIGKILL)
        assert list(values) == ["0", "1", "2", "3"]


def test_a_zygote_with_a_thread_is_refused(level: Level) -> None:
    with pytest.raises(SandboxError, match=r"threads and had . after the imports"):
        WorkerPool(SMALL, level, warm=False, before_forks=[START_A_THREAD])


@pytest.mark.slow
def test_a_zygote_that_ran_an_operation_is_refused(level: Level) -> None:
    statement = "import tensorflow as tf; tf.constant(1)"
    with pytest.raises(SandboxError, match=r"threads and had|operation"):
        WorkerPool(isolation=level, before_forks=[statement])


def test_a_spoiled_zygote_is_replaced(level: Level) -> None:
    """A thread that starts after the first fork stands for a library that does so."""
    statement = (
        "import os, threading, time\n"
        "start = lambda: threading.Thread(target=time.sleep, args=(600,)).start()\n"
        "os.register_at_fork(after_in_parent=start)"
    )
    with WorkerPool(SMALL, level, warm=False, before_forks=[statement]) as pool:
        for _ in range(2):
            with pool.worker() as worker:
                assert result_of(run(worker, "6 * 7")) == "42"
        assert pool.respawned == 2


def test_a_worker_that_cannot_shut_itself_in_is_none(
    level: Level, monkeypatch: pytest.MonkeyPatch
) -> None:
    def policy(*arguments: object) -> SandboxPolicy:
        return SandboxPolicy(level, folder="/nosuch")

    monkeypatch.setattr(WorkerPool, "_policy", policy)
    with pytest.raises(SandboxError, match=r"could not be started(.|\n)*/nosuch"):
        WorkerPool(SMALL, level, warm=False)


def test_a_killed_zygote_is_replaced(level: Level) -> None:
    with WorkerPool(SMALL, level, warm=False) as pool:
        first = pool.worker()
        zygote = memory.descendants(pool._zygote.process.pid)
        for pid in zygote:
            os.kill(pid, signal.SIGKILL)
        pool._zygote.process.wait(LOST)  # a dying one may still take what it is asked
        with pytest.raises(WorkerDied) as caught:
            run(first, "1")
        assert caught.value.kind is Death.LOST
        assert caught.value.retry
        first.close()
        with pool.worker() as second:
            assert result_of(run(second, "6 * 7")) == "42"
        assert pool.respawned == 1


def _wait_until_stopped(pids: list[int]) -> None:
    wait_until(
        lambda: {_state(pid) for pid in pids} <= {"T", "Z"}, "the zygote's processes stand still"
    )


def _state(pid: int) -> str:
    """R, S, D, T or Z, as proc(5) has them."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0]


def test_a_zygote_killed_before_it_read_what_it_was_asked_is_replaced(
    level: Level, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It cannot have forked, so the same channel may go to another one at once."""
    with WorkerPool(SMALL, level, warm=False) as pool:
        lost, send = pool._zygote.control, forkserver.send_packet
        zygote = memory.descendants(pool._zygote.process.pid)
        for pid in zygote:
            os.kill(pid, signal.SIGSTOP)
        _wait_until_stopped(zygote)

        def killed_after(control: socket.socket, *request: Any) -> None:
            send(control, *request)
            if control is lost:
                for pid in zygote:
                    os.kill(pid, signal.SIGKILL)

        monkeypatch.setattr(pools, "send_packet", killed_after)
        with pool.worker() as worker:
            assert result_of(run(worker, "6 * 7")) == "42"
        assert pool.respawned == 1


def test_a_zygote_lost_while_it_was_asked_has_no_second_fork_on_the_same_channel(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its fork may live for a moment; what it says must not reach another one's judge."""
    with WorkerPool(SMALL, warm=False) as pool:
        lost, receive = pool._zygote.control, forkserver.receive_packet
        monkeypatch.setattr(pools, "receive_packet", lambda s: None if s is lost else receive(s))
        with pytest.raises(WorkerDied) as caught:
            pool.worker()
        assert caught.value.retry
        with pool.worker() as second:
            assert result_of(run(second, "6 * 7")) == "42"
        assert pool.respawned == 1


def test_a_closed_pool_leaves_no_process(level: Level) -> None:
    with WorkerPool(SMALL, level, warm=False) as pool:
        pool.worker()
        pids = memory.descendants(pool._zygote.process.pid)
        assert len(pids) >= 3
    wait_until(
        lambda: not any(Path(f"/proc/{p}").exists() for p in pids), "the pool's processes end"
    )


def test_workers_leave_no_handles_behind(pool: WorkerPool) -> None:
    def used() -> int:
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208

    with pool.worker(files={"x": b"1"}) as worker:
        run(worker, "1")
    handles, threads = used(), threading.active_count()
    for _ in range(5):
        with pool.worker(files={"x": b"1"}) as worker:
            run(worker, "1")
    assert used() == handles
    # Other tests' threads may be there, and may end meanwhile; none may have come.
    assert threading.active_count() <= threads


def test_strict_without_bubblewrap_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "bwrap", lambda: None)
    with pytest.raises(SandboxError, match="bubblewrap is missing"):
        WorkerPool(SMALL, Level.STRICT, warm=False)


def test_strict_where_bubblewrap_fails_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho No permissions to create new namespace >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setattr(sandbox, "bwrap", lambda: str(fake))
    with pytest.raises(SandboxError, match="No permissions to create new namespace"):
        WorkerPool(SMALL, Level.STRICT, warm=False)


def test_no_isolation_as_root_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 0)
    with pytest.raises(SandboxError, match="not run without isolation as root"):
        WorkerPool(SMALL, Level.NONE, warm=False)


PROGRAM = """
from autograder.workers.pool import Limits, WorkerPool
limits = Limits(memory=2**30, processes=100, scratch=2**25)
with WorkerPool(limits, {level!r}, warm=False) as pool:
    with pool.worker(files={{"x": b"given"}}) as worker:
        record = worker.run_cell("import os\\nprint(open('x').read(), os.getuid())", 20)
        print(record.outputs[0]["text"])
"""


@pytest.mark.parametrize("level", ["strict", "none"])
def test_an_ordinary_user_can_grade(level: str) -> None:
    assert python_as(USER, PROGRAM.format(level=level)).split() == ["given", str(USER)]


@pytest.mark.parametrize("user", [0, USER])
def test_a_contained_worker_has_a_user_that_is_not_root(user: int) -> None:
    given, uid = python_as(user, PROGRAM.format(level="contained")).split()
    assert given == "given"
    assert int(uid) == (user or sandbox.NOBODY)


def test_a_contained_workers_folder_is_removed() -> None:
    beginning = "import os, tempfile\ntempfile.tempdir = tempfile.mkdtemp()\n"
    end = "print(os.listdir(tempfile.tempdir))\nos.rmdir(tempfile.tempdir)"
    program = PROGRAM.format(level="contained")
    assert python_as(USER, beginning + program + end).splitlines()[-1] == "[]"


@pytest.mark.slow
class TestWarm:
    """With TensorFlow imported before the fork."""

    def test_a_network_trains(self, warm_pool: WorkerPool) -> None:
        with warm_pool.worker() as worker:
            record = run(worker, TRAIN, seconds=LONG)
            assert record.status == "ok", record
            assert text_of(record).splitlines()[0] == "3 epochs"

    def test_every_fork_trains_alike(self, warm_pool: WorkerPool) -> None:
        found = set()
        for _ in range(3):
            with warm_pool.worker() as worker:
                run(worker, TRAIN, seconds=LONG)
                found.add(worker.get("losses")[-1])
        assert len(found) == 1

    def test_what_courses_do_works(self, warm_pool: WorkerPool) -> None:
        with warm_pool.worker() as worker:
            record = run(worker, LIBRARIES, seconds=LONG)
            assert record.status == "ok", record
            assert worker.get("found") == [[0, 1, 4], True, 6, "sub\n"]
            assert worker.read_file("model.keras").startswith(b"PK")

    def test_numerical_threads_are_bounded(self, level: Level) -> None:
        with WorkerPool(Limits(threads=1), level) as pool, pool.worker() as worker:
            run(worker, TRAIN, seconds=LONG)
            count = result_of(run(worker, "import os\nlen(os.listdir('/proc/self/task'))"))
            assert int(count) <= 12

    def test_what_courses_import_is_there_before_they_do(self, warm_pool: WorkerPool) -> None:
        source = "import sys\n{'tensorflow', 'keras', 'sklearn', 'pandas'} - sys.modules.keys()"
        with warm_pool.worker() as worker:
            assert result_of(run(worker, source)) == "set()"


TRAIN = """
import keras, numpy as np
keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)
x, y = rng.normal(size=(400, 8)), rng.integers(0, 3, 400)
model = keras.Sequential([
    keras.Input((8,)), keras.layers.Dense(16, "relu"), keras.layers.Dense(3, "softmax")
])
model.compile("adam", "sparse_categorical_crossentropy")
losses = model.fit(x, y, epochs=3, verbose=0).history["loss"]
print(len(losses), "epochs")
"""

LIBRARIES = """
import multiprocessing as mp, subprocess
import keras, numpy as np, tensorflow as tf

def square(i): return i * i

with mp.get_context("fork").Pool(2) as workers:
    squares = workers.map(square, range(3))
data = tf.data.Dataset.from_tensor_slices(np.arange(6.0)[:, None]).shuffle(6).batch(2).prefetch(1)
model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
model.compile("sgd", "mse")
model.fit(data.map(lambda v: (v, v)), epochs=1, verbose=2)
model.save("model.keras")
again = keras.models.load_model("model.keras")
same = bool(np.allclose(again.predict(np.ones((1, 1)), verbose=0), model(np.ones((1, 1)))))
count = sum(int(len(b)) for b in data)
out = subprocess.run(["echo", "sub"], capture_output=True, text=True).stdout
found = [squares, same, count, out]
"""
