"""Functions run in fresh processes that talk to each other, and whatever ends, nothing waits."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from dlcourse.compression.processes import (
    PeerLost,
    Peers,
    ProcessFailed,
    run_in_processes,
)


def numbered(peers: Peers, factor: int) -> tuple[int, int, int]:
    return peers.rank, peers.size, factor * peers.rank


def test_results_come_in_the_order_of_the_arguments() -> None:
    assert run_in_processes(numbered, [(10,), (20,), (30,)]) == [(0, 3, 0), (1, 3, 20), (2, 3, 60)]


def test_each_is_a_fresh_process_of_its_own() -> None:
    found = run_in_processes(lambda peers: (os.getpid(), "pytest" in sys.modules), [(), ()])
    assert len({pid for pid, _ in found} | {os.getpid()}) == 3
    assert not any(inherited for _, inherited in found)


def test_a_function_of_a_function_takes_what_it_uses_along() -> None:
    offset = np.arange(3)

    def shifted(peers: Peers, x: int) -> np.ndarray:
        return offset + x

    np.testing.assert_array_equal(run_in_processes(shifted, [(5,)])[0], [5, 6, 7])


def test_a_process_has_the_given_environment() -> None:
    def shown(peers: Peers) -> str:
        return os.environ["A_NUMBER"]

    assert run_in_processes(shown, [()], environment={"A_NUMBER": "7"}) == ["7"]


def test_a_value_goes_from_one_to_the_other() -> None:
    def told(peers: Peers) -> int | None:
        if peers.rank == 0:
            peers.send({"x": 41}, to=2)
            return None
        return int(peers.receive(0)["x"]) + 1 if peers.rank == 2 else None

    assert run_in_processes(told, [(), (), ()]) == [None, None, 42]


def test_two_can_exchange_more_than_a_socket_holds() -> None:
    def swapped(peers: Peers) -> tuple[float, int]:
        other = 1 - peers.rank
        mine = np.full(2_000_000, peers.rank, np.float64)
        return float(peers.exchange(mine, to=other, source=other)[-1]), peers.sent_bytes

    (first, sent), (second, _) = run_in_processes(swapped, [(), ()], seconds=30)
    assert (first, second) == (1, 0)
    assert 16_000_000 < sent < 16_001_000


def test_an_error_is_told_with_its_traceback() -> None:
    def divides(peers: Peers) -> float:
        return 1 / (1 - peers.rank)

    with pytest.raises(
        ProcessFailed, match=r"process 1 of 2 failed(.|\n)*in divides(.|\n)*ZeroDiv"
    ):
        run_in_processes(divides, [(), ()])


def test_the_first_cause_is_told_and_not_who_lost_a_neighbour() -> None:
    def fails_while_the_other_waits(peers: Peers) -> None:
        if peers.rank == 1:
            raise KeyError("the cause")
        peers.receive(1)

    with pytest.raises(ProcessFailed, match="the cause"):
        run_in_processes(fails_while_the_other_waits, [(), ()])


def test_a_process_that_is_killed_while_it_works_ends_all() -> None:
    def dies(peers: Peers) -> None:
        if peers.rank == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        peers.receive(0)

    with pytest.raises(ProcessFailed, match=r"process 0 of 2 was ended by SIGKILL"):
        run_in_processes(dies, [(), ()], seconds=60)


def test_a_process_that_dies_at_its_start_with_a_large_job_ends_all() -> None:
    """Through a pipe, writing the job would wait for a reader that is no more."""
    large = np.zeros(4_000_000)
    with pytest.raises(ProcessFailed, match=r"process \d of 2 ended with status 1 and left no"):
        run_in_processes(
            numbered, [(large,), (large,)], environment={"PYTHONHOME": "/nowhere"}, seconds=60
        )


def test_a_process_that_ends_without_a_result_is_an_error() -> None:
    with pytest.raises(ProcessFailed, match="status 0 and left no result"):
        run_in_processes(lambda peers: os._exit(0), [()])


def test_a_result_that_cannot_be_stored_is_an_error() -> None:
    with pytest.raises(ProcessFailed, match="generator"):
        run_in_processes(lambda peers: (letter for letter in "ab"), [()])


def test_waiting_for_one_that_has_ended_is_an_error() -> None:
    def waits(peers: Peers) -> None:
        if peers.rank == 1:
            peers.receive(0)

    with pytest.raises(ProcessFailed, match="process 0 has ended"):
        run_in_processes(waits, [(), ()])


def test_two_that_wait_for_each_other_are_ended(tmp_path: Path) -> None:
    def waits(peers: Peers) -> None:
        (tmp_path / str(peers.rank)).write_text(str(os.getpid()))
        peers.receive(1 - peers.rank)

    with pytest.raises(TimeoutError, match=r"\[0, 1\] of 2"):
        run_in_processes(waits, [(), ()], seconds=4)
    pids = [path.read_text() for path in tmp_path.iterdir()]
    assert not any(running(pid) for pid in pids)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks into /proc")
def test_processes_end_when_the_one_that_started_them_is_killed(tmp_path: Path) -> None:
    program = f"""
import os, time
from dlcourse.compression.processes import run_in_processes
def sleeps(peers):
    open({str(tmp_path / "pid")!r} + str(peers.rank), "w").write(str(os.getpid()))
    time.sleep(100)
run_in_processes(sleeps, [(), ()])
"""
    parent = subprocess.Popen([sys.executable, "-c", program])
    names = [tmp_path / "pid0", tmp_path / "pid1"]
    until(lambda: all(name.exists() and name.read_text() for name in names))
    parent.kill()
    parent.wait()
    pids = [name.read_text() for name in names]
    until(lambda: not any(running(pid) for pid in pids))


def running(pid: str) -> bool:
    try:
        return Path("/proc", pid, "stat").read_text().rsplit(")")[-1].split()[0] != "Z"
    except OSError:
        return False


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize(("arguments", "seconds"), [([], 10.0), ([()], 0.0)])
def test_no_process_or_no_time_is_refused(arguments: list[tuple[()]], seconds: float) -> None:
    with pytest.raises(ValueError, match="one process or more"):
        run_in_processes(numbered, arguments, seconds=seconds)


def test_there_is_no_way_to_oneself() -> None:
    with pytest.raises(ValueError, match="process 0 of 1 has no way to 0"):
        Peers(0, 1, {}).send(1, to=0)


def test_a_lost_peer_is_a_connection_error() -> None:
    assert issubclass(PeerLost, ConnectionError)
