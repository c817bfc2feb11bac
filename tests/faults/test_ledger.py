"""A ledger that cannot be written: the batch stops with a clear error, and goes on from there."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from autograder.assignment.source import Assignment
from autograder.collect.submissions import Submission, find_submissions
from autograder.grading import ledger as ledgers
from autograder.grading.batch import GradingConfig, grade_batch
from autograder.grading.ledger import Ledger, LedgerError
from autograder.grading.results import GradedSubmission
from autograder.release.learner import dump, solve
from autograder.release.release import make_learner
from tests.conftest import SECRET
from tests.harness import kills
from tests.judge.fake_worker import FakePool
from tests.waiting import wait_until

SIZE = 30


@pytest.fixture
def handed_in(course: Path, sample: Assignment, tmp_path: Path) -> list[Submission]:
    """Thirty right answers."""
    folder, work = tmp_path / "handed-in", tmp_path / "work"
    folder.mkdir()
    work.mkdir()
    solved = solve(sample, make_learner(sample, {}, course))
    for cell in solved["cells"]:
        if cell["id"] == "start":
            cell["source"] = "pass"  # the fake worker knows no magics
    for number in range(SIZE):
        (folder / f"learner-{number:02d}.ipynb").write_text(dump(solved), encoding="utf-8")
    return find_submissions([folder], sample.name, work)


def grade(
    sample: Assignment, handed_in: list[Submission], ledger: Ledger, pool: FakePool
) -> list[GradedSubmission]:
    grading = GradingConfig(sample, {}, "cpu", SECRET)
    return grade_batch(grading, handed_in, pool, ledger, workers=2)


def test_a_full_disk_stops_the_batch_and_loses_nothing(
    sample: Assignment, handed_in: list[Submission], tmp_path: Path
) -> None:
    path = tmp_path / "ledger.sqlite"
    ledger = Ledger(path)
    # SQLite says of a database that may not grow what it says on a full disk.
    ledger._connection.execute("PRAGMA max_page_count = 40")
    pool = FakePool()
    with pytest.raises(LedgerError, match=r"disk is full.*give the same command again"):
        grade(sample, handed_in, ledger, pool)
    written = len(ledger)
    assert 0 < written < SIZE
    assert len(pool.logs) <= written + 4  # nobody runs whose result could not be kept
    ledger.close()

    again = FakePool()
    rows = grade(sample, handed_in, Ledger(path), again)
    assert [g.marks for g in rows] == [5] * SIZE
    assert len(again.logs) == SIZE - written


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another process that writes and does not end."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def test_a_ledger_that_another_run_writes_is_a_clear_error(
    sample: Assignment,
    handed_in: list[Submission],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ledgers, "PATIENCE", 0.3)
    path = tmp_path / "ledger.sqlite"
    ledger = Ledger(path)
    with locked(path), pytest.raises(LedgerError, match=r"locked.*another run"):
        grade(sample, handed_in, ledger, FakePool())
    assert len(grade(sample, handed_in, ledger, FakePool())) == SIZE


def test_a_file_that_is_no_ledger_is_a_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    path.write_text("this is a text file of some length, and no database at all\n" * 100)
    with pytest.raises(LedgerError, match="not a database"):
        Ledger(path)


def test_a_clock_that_jumps_changes_no_result(
    sample: Assignment,
    handed_in: list[Submission],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    steady = grade(sample, handed_in, Ledger(tmp_path / "steady.sqlite"), FakePool())
    now, jumps = time.time(), iter(range(10**9))

    def jumping() -> float:
        # Backwards by a year, forwards by two, backwards by three ...
        number = next(jumps)
        return now + (1 if number % 2 else -1) * number * 365 * 86400

    monkeypatch.setattr(time, "time", jumping)
    monkeypatch.setattr(time, "time_ns", lambda: int(jumping() * 1e9))
    half = grade(sample, handed_in[: SIZE // 2], ledger, FakePool())
    pool = FakePool()
    rows = grade(sample, handed_in, ledger, pool)
    assert len(pool.logs) == SIZE - len(half)
    assert [(g.learner, g.marks) for g in rows] == [(g.learner, g.marks) for g in steady]
    assert all(0 <= g.seconds < 86400 for g in rows)


def rows_of(path: Path) -> dict[str, Any]:
    """What another process sees in a ledger; nothing where none has been made yet."""
    try:
        return kills.read_ledger(path) if path.exists() else {}
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            return {}
        raise


def holds(out: Path, least: int) -> bool:
    """Whether a ledger holds so many grades already."""
    return kills.rows(out) >= least


def test_a_grading_process_killed_again_and_again_leaves_each_grade_once(
    sample: Assignment, handed_in: list[Submission], tmp_path: Path
) -> None:
    path, steady = tmp_path / "ledger.sqlite", tmp_path / "steady.sqlite"
    grade(sample, handed_in, Ledger(steady), FakePool())
    wanted = rows_of(steady)
    assert len(wanted) == SIZE
    random_ = random.Random(3)
    killed = 0
    for _ in range(12):
        least = min(kills.rows(tmp_path) + random_.randrange(4), SIZE)
        child = os.fork()
        if child == 0:
            grade(sample, handed_in, Ledger(path), FakePool())
            os._exit(0)
        wait_until(partial(holds, tmp_path, least), f"the ledger holds {least} grades")
        time.sleep(random_.uniform(0.0, 0.005))
        os.kill(child, signal.SIGKILL)
        killed += os.WIFSIGNALED(os.waitpid(child, 0)[1])
        assert [k for k, row in rows_of(path).items() if wanted.get(k) != row] == []
    assert killed > 2
    assert kills.rows(tmp_path) > 2
    grade(sample, handed_in, Ledger(path), FakePool())
    assert rows_of(path) == wanted
