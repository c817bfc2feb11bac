"""``autograder watch`` with real workers: killed and started again, and asked to stop."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.harness import course, kills, processes
from tests.harness.kills import Class
from tests.waiting import wait_until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Class:
    """Six submissions: right, wrong, fatal, raising, untouched, unreadable; and their results."""
    folder = tmp_path_factory.mktemp("graded")
    class_ = kills.make_class(folder, 6)
    code, errors = kills.finish(class_, folder / "out")
    assert code == 0, errors
    class_.expected = outcome(folder / "out")
    return class_


def outcome(out: Path) -> dict[str, Any]:
    """What was written, but for where a submission lay and how its folder was read."""
    found = kills.outcome(out)
    for row in found["ledger"].values():
        del row["path"], row["identity"]
    return found


class Watching:
    """A watch in a process of its own, and the folders that it was given."""

    def __init__(self, class_: Class, folder: Path, workers: int) -> None:
        self.inbox, self.out = folder / "inbox", folder / "out"
        self.inbox.mkdir(exist_ok=True)
        command = [sys.executable, "-m", "autograder", "--root", str(class_.course.root), "watch"]
        command += [class_.course.assignment.name, str(self.inbox), "--out", str(self.out)]
        command += ["--workers", str(workers), "--tier", "cpu"]
        self.process = subprocess.Popen(
            command,
            env=course.environment(),
            cwd=course.ROOT,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        self.lines = self.process.stdout

    def line(self, beginning: str) -> None:
        """Wait for a line of what it prints."""
        for line in self.lines:
            if line.startswith(beginning):
                return
        pytest.fail(f"the watch ended and printed no line that begins with {beginning!r}")

    def rows(self) -> int:
        """How many results the ledger holds."""
        return kills.rows(self.out)

    def notebooks(self) -> tuple[int, ...]:
        """The processes that run a learner's notebook now."""
        return processes.read_tree(self.process.pid).notebooks


@contextmanager
def watching(class_: Class, folder: Path, workers: int = 2) -> Iterator[Watching]:
    watch = Watching(class_, folder, workers)
    with watch.process:
        try:
            watch.line("watching")
            yield watch
        finally:
            watch.process.kill()


def hand_in(class_: Class, inbox: Path) -> None:
    for path in class_.folder.iterdir():
        shutil.copy(path, inbox)


def test_a_watch_that_was_killed_loses_nothing_and_doubles_nothing(
    graded: Class, tmp_path: Path
) -> None:
    with watching(graded, tmp_path) as first:
        hand_in(graded, first.inbox)
        wait_until(first.notebooks, "a notebook that runs")
        wait_until(lambda: 0 < first.rows() < 6, "some rows")
        tree = processes.read_tree(first.process.pid)
        first.process.kill()
        first.process.wait()
    wait_until(
        lambda: not any(map(processes.is_running, tree.others)), "the end of the killed one's forks"
    )
    before = first.rows()
    with watching(graded, tmp_path) as second:
        wait_until(lambda: second.rows() == 6, "all rows")
        second.process.send_signal(signal.SIGTERM)
        told = second.lines.read()
        assert second.process.wait() == 0
    assert told.count("(known)") == before
    assert list(kills.differences(graded.expected, outcome(tmp_path / "out"))) == []


def test_sigterm_finishes_what_runs_and_leaves_the_rest_to_the_next_watch(
    graded: Class, tmp_path: Path
) -> None:
    with watching(graded, tmp_path, workers=1) as first:
        hand_in(graded, first.inbox)
        wait_until(first.notebooks, "a notebook that runs")
        tree = processes.read_tree(first.process.pid)
        first.process.send_signal(signal.SIGTERM)
        assert first.process.wait() == 0
    assert not any(map(processes.is_running, tree.others))
    assert 0 < first.rows() < 6
    reported = (tmp_path / "out" / "marks.csv").read_text(encoding="utf-8").splitlines()
    assert len(reported) == 1 + first.rows()
    with watching(graded, tmp_path) as second:
        wait_until(lambda: second.rows() == 6, "all rows")
        second.process.send_signal(signal.SIGTERM)
        assert second.process.wait() == 0
    assert list(kills.differences(graded.expected, outcome(tmp_path / "out"))) == []
