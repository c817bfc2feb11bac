"""What a scheduler reads from the end of ``autograder grade``: done, try again, or not here."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from autograder.commands import exit_codes
from autograder.commands.main import main
from autograder.commands.terminal import (
    FAILED,
    INTERRUPTED,
    OK,
    REFUSED,
    TRY_AGAIN,
    USAGE,
)
from autograder.grading import batch
from autograder.judge.run import MissingDataError
from autograder.workers import launch
from autograder.workers.worker import Death, WorkerDied
from tests.conftest import ROOT, SECRET
from tests.harness import course as harness
from tests.harness.course import Course, hand_in, small_course
from tests.sample import SAMPLE
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Course:
    folder = tmp_path_factory.mktemp("course")
    source = folder / "week99.md"
    source.write_text(SAMPLE, encoding="utf-8")
    course = small_course(source, folder / "course")
    hand_in({"ann": course.solved, "ben": course.solved}, folder / "class")
    return course


@pytest.fixture
def grade(made: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """The command with further words; its output folder is ``out`` of the scratch folder."""
    monkeypatch.setenv("AUTOGRADER_SECRET", SECRET)
    monkeypatch.setattr(batch, "PAUSE", 0.0)

    def run(*words: str, submissions: Path | None = None) -> int:
        class_ = submissions or made.root.parent / "class"
        out = ["--out", str(tmp_path / "out"), "--tier", "cpu", "--workers", "1"]
        return main(["--root", str(made.root), "grade", "99", str(class_), *out, *words])

    return run


def test_the_numbers_are_those_that_are_documented() -> None:
    assert (OK, FAILED, USAGE, REFUSED, TRY_AGAIN, INTERRUPTED) == (0, 1, 2, 3, 75, 130)
    guide = (ROOT / "book" / "guides" / "operators.md").read_text(encoding="utf-8")
    table = guide.partition("## Exit codes")[2].partition("\n## ")[0]
    documented = [int(code) for code in re.findall(r"^\| `(\d+)` \|", table, re.M)]
    assert documented == [OK, FAILED, USAGE, REFUSED, TRY_AGAIN, INTERRUPTED]


def test_what_is_not_there_is_a_matter_of_usage(grade: Callable[..., int], tmp_path: Path) -> None:
    assert grade(submissions=tmp_path / "nobody") == USAGE


def test_a_course_without_a_secret_is_a_matter_of_configuration(
    grade: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AUTOGRADER_SECRET")
    assert grade() == USAGE


def test_a_folder_of_other_marks_is_a_matter_of_usage(
    grade: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert grade("--shard", "0/2") == OK
    monkeypatch.setenv("AUTOGRADER_SECRET", "another course's secret")
    assert grade("--shard", "0/2") == USAGE


def test_no_bubblewrap_is_a_refusal(
    grade: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "bwrap", lambda: None)
    assert grade() == REFUSED


def test_a_sandbox_that_cannot_be_built_is_a_refusal(
    grade: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "bwrap", lambda: "/bin/false")
    assert grade() == REFUSED


@pytest.mark.parametrize("times", [1, 3])
def test_a_sandbox_that_fails_a_few_times_is_tried_again(
    grade: Callable[..., int], monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    """As where a machine short of memory kills a zygote during its imports, and the next one."""
    real = launch.bwrap
    programs: Iterator[Any] = iter([lambda: "/bin/false"] * times)
    monkeypatch.setattr(launch, "bwrap", lambda: next(programs, real)())
    assert grade() == TRY_AGAIN


def test_a_machine_without_a_process_left_for_a_sandbox_is_tried_again(
    grade: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_left(*_: object, **__: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "Popen", none_left)
    assert grade() == TRY_AGAIN


def test_lost_workers_are_tried_again(
    grade: Callable[..., int], monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    def lost(*_: object, **__: object) -> None:
        raise WorkerDied(Death.LOST, "the machine ran short of memory")

    monkeypatch.setattr(batch, "grade_one", lost)
    assert grade() == TRY_AGAIN
    assert "run the same command to go on" in capsys.readouterr().err


@pytest.mark.parametrize(
    "error", [MissingDataError("no mnist.npz in /data"), KeyError("a mistake of ours")]
)
def test_what_no_retry_mends_has_failed(
    grade: Callable[..., int], monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(batch, "grade_one", fails)
    assert grade("--shard", "0/1") == FAILED


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_tried_again() -> None:
    with pytest.raises(OSError, match="space") as raised:
        Path("/dev/full").write_text("x")
    assert exit_codes.of_error(raised.value, Namespace()) == TRY_AGAIN


def test_a_worker_that_the_machine_lost_is_tried_again() -> None:
    lost = WorkerDied(Death.LOST, "it was killed")
    assert exit_codes.of_error(lost, Namespace()) == TRY_AGAIN


def test_a_folder_that_may_not_be_written_is_a_matter_of_configuration() -> None:
    error = PermissionError(13, "Permission denied", "/out")
    assert exit_codes.of_error(error, Namespace()) == USAGE


def test_a_locked_ledger_is_tried_again_and_a_damaged_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    assert exit_codes.of_error(_ledger_error(path, _locked), Namespace()) == TRY_AGAIN
    path.write_text("no database, whatever its name says; and long enough to be looked at " * 9)
    assert exit_codes.of_error(_ledger_error(path, _read), Namespace()) == USAGE


def _read(path: Path) -> None:
    with closing(sqlite3.connect(path, timeout=0)) as one:
        one.execute("SELECT * FROM sqlite_master").fetchall()


def _locked(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("CREATE TABLE a (b)")
        other.execute("BEGIN EXCLUSIVE")
        _read(path)


def _ledger_error(path: Path, use: Callable[[Path], None]) -> Exception:
    """What the ledger makes of SQLite's error."""
    from autograder.grading.ledger import LedgerError

    try:
        use(path)
    except sqlite3.Error as error:
        told = LedgerError("the ledger could not be used")
        told.__cause__ = error
        return told
    raise AssertionError("SQLite did not mind")


def graded_in(ledger: Path) -> int:
    """How many submissions a ledger holds; none where it is not made yet."""
    try:
        with closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)) as one:
            return int(one.execute("SELECT COUNT(*) FROM graded").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


@pytest.mark.parametrize("rows", [0, 1])
def test_sigterm_ends_it_as_ctrl_c_does(made: Course, tmp_path: Path, rows: int) -> None:
    slow = made.answered({"softmax": "import time\ntime.sleep(1)"})
    class_ = hand_in({f"learner{n}": slow for n in range(3)}, tmp_path / "class")
    out = tmp_path / "out"
    words = ["--root", str(made.root), "grade", "99", str(class_), "--out", str(out)]
    command = [
        sys.executable,
        "-m",
        "autograder",
        *words,
        "--tier",
        "cpu",
        "--workers",
        "1",
        "--shard",
        "0/1",
    ]
    with subprocess.Popen(
        command,
        env=harness.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("isolation:"):
                break
        ledger = out / "shards" / "0-of-1" / "ledger.sqlite"
        wait_until(lambda: graded_in(ledger) >= rows, "a row of the ledger")
        os.kill(process.pid, signal.SIGTERM)
        _, errors = process.communicate()
    assert process.returncode == INTERRUPTED, errors
    assert "same command" in errors
