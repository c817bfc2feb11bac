"""``autograder grade`` on a machine with a fault: a clear error, and the same command goes on."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from autograder.commands.terminal import FAILED, TRY_AGAIN
from autograder.workers.pool import WorkerPool
from tests.harness import course, kills
from tests.harness.kills import Class

A_DAY = 86400.0

# The command with a gradebook that is waited for shortly.
IMPATIENT = (
    "import sys\n"
    "from autograder.commands.main import main\n"
    "from autograder.report import gradebook\n"
    "gradebook.PATIENCE = 0.5\n"
    "sys.exit(main(sys.argv[1:]))\n"
)


def grade(class_: Class, out: Path, *before: str) -> subprocess.CompletedProcess[str]:
    """Give the command; ``before`` may set the scene that it runs in."""
    start = kills.command(class_, out)[3:]
    return subprocess.run(
        [*before, sys.executable, "-c", IMPATIENT, *start],
        env=course.environment(),
        cwd=course.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def is_clear(done: subprocess.CompletedProcess[str]) -> bool:
    """Whether a command failed with words and not with a traceback."""
    return done.returncode in (FAILED, TRY_AGAIN) and "Traceback" not in done.stderr


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Class, Path]:
    """Six submissions: right, wrong, fatal, raising, untouched, unreadable; and their results."""
    folder = tmp_path_factory.mktemp("undisturbed")
    class_ = kills.make_class(folder, 6)
    done = grade(class_, folder / "out")
    assert done.returncode == 0, done.stderr
    class_.expected = kills.outcome(folder / "out")
    return class_, folder / "out"


@pytest.mark.slow
def test_a_locked_gradebook_is_a_clear_error_and_loses_nothing(
    undisturbed: tuple[Class, Path], tmp_path: Path
) -> None:
    class_, whole = undisturbed
    out = tmp_path / "out"
    out.mkdir()
    shutil.copy(whole / "gradebook.db", out)
    with closing(sqlite3.connect(out / "gradebook.db", isolation_level=None)) as book:
        book.execute("UPDATE grade SET auto_score = 0")
        book.execute("BEGIN EXCLUSIVE")
        done = grade(class_, out)
        book.execute("ROLLBACK")
    assert is_clear(done), done.stderr
    assert "locked by another process" in done.stderr
    assert "give the same command again" in done.stderr
    # All but the gradebook is there already.
    assert [d.split(":")[0] for d in kills.differences(class_.expected, kills.outcome(out))] == [
        "gradebook"
    ]
    assert grade(class_, out).returncode == 0
    assert list(kills.differences(class_.expected, kills.outcome(out))) == []


@pytest.mark.slow
@pytest.mark.skipif(os.getuid() != 0, reason="only root may mount a small file system")
@pytest.mark.parametrize(
    "size",
    [
        pytest.param("64k", id="ledger"),
        pytest.param("400k", id="reports", marks=pytest.mark.exhaustive),
    ],
)
def test_a_full_disk_is_a_clear_error_and_the_same_command_goes_on(
    undisturbed: tuple[Class, Path], tmp_path: Path, size: str
) -> None:
    class_, _ = undisturbed
    out, kept = tmp_path / "out", tmp_path / "kept"
    out.mkdir()
    # A mount of this command and its children only; what it wrote is taken out for the next one.
    scene = (
        f'mount -t tmpfs -o size={size} small "$1" || exit 99; out="$1" kept="$2"; shift 2; "$@"; '
        'code=$?; cp -a "$out" "$kept"; exit $code'
    )
    before = ["unshare", "-m", "sh", "-c", scene, "sh", str(out), str(kept)]
    done = grade(class_, out, *before)
    if done.returncode == 99:
        pytest.skip("this machine lets nobody mount")
    assert is_clear(done), done.stderr
    assert "No space left" in done.stderr or "disk is full" in done.stderr
    out.rmdir()
    kept.rename(out)
    assert grade(class_, out).returncode == 0
    assert list(kills.differences(class_.expected, kills.outcome(out))) == []


@pytest.mark.slow
def test_a_clock_that_jumps_breaks_no_limit(tmp_path: Path) -> None:
    # Each look at the clock is a year earlier or later than the one before.
    jump = (
        "import itertools, time\n"
        "_now, _n = time.time(), itertools.count()\n"
        "time.time = lambda: _now + (-1) ** next(_n) * 3e7\n"
        "time.time_ns = lambda: int(time.time() * 1e9)\n"
    )
    with WorkerPool(warm=False, before_forks=[jump]) as pool, pool.worker() as worker:
        years = worker.run_cell("import time\nabs(time.time() - time.time()) > 1e7", 20.0)
        assert years.status == "ok"
        assert "True" in str(years.outputs)
        honest = worker.run_cell("time.sleep(0.3)", 20.0)
        assert honest.status == "ok"
        assert 0.2 < honest.seconds < A_DAY
        endless = worker.run_cell("while True: pass", 1.0)
        assert endless.status == "timeout"
        assert 0.9 < endless.seconds < A_DAY
