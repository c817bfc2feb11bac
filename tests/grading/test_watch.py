"""A watched inbox: what arrives is graded, once and whole, and the watch ends when asked."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.assignment.source import Assignment
from autograder.grading.batch import GradingConfig, whole_class
from autograder.grading.ledger import Ledger
from autograder.grading.watch import Watch
from autograder.judge.checks import Checks
from autograder.release.learner import dump, fill, solve
from autograder.release.release import make_learner
from tests.conftest import SECRET
from tests.judge.fake_worker import FakePool
from tests.waiting import wait_until

Deliver = Callable[..., Path]


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def deliver(course: Path, sample: Assignment, inbox: Path) -> Deliver:
    """Puts a solved notebook, or one with another answer, into the inbox."""
    learner = make_learner(sample, {}, course)
    for cell in learner["cells"]:
        if cell["id"] == "start":
            cell["source"] = "pass"
    solved = solve(sample, learner)

    def write(name: str, **answers: str) -> Path:
        path = inbox / name
        text = dump(fill(solved, answers) if answers else solved)
        partial = path.with_name(f".{name}")
        partial.write_text(text, encoding="utf-8")
        return partial.rename(path)

    return write


class Watched:
    """A watch that runs in a thread of the test."""

    def __init__(
        self, sample: Assignment, inbox: Path, pool: FakePool, stop: threading.Event
    ) -> None:
        self.pool = pool
        self.ledger = Ledger(inbox.parent / "ledger.sqlite")
        self.reported: list[dict[str, float]] = []
        self.stop = stop
        grading = GradingConfig(sample, {}, "cpu", SECRET)
        self.watch = Watch(grading, inbox, pool, self.ledger, self._report, interval=0.05)
        self.thread = threading.Thread(target=self.watch.run, args=(self.stop,))

    def _report(self) -> None:
        self.reported.append(self.marks())

    def marks(self) -> dict[str, float]:
        return {g.learner: g.marks for g in whole_class(self.ledger) if g.status != "superseded"}

    def end(self) -> None:
        self.stop.set()
        self.thread.join()

    def reports(self, marks: dict[str, float]) -> None:
        """Wait for reports with these marks."""
        wait_until(lambda: marks in self.reported, f"reports of {marks}")


@contextlib.contextmanager
def watching(
    sample: Assignment,
    inbox: Path,
    pool: FakePool | None = None,
    stop: threading.Event | None = None,
) -> Iterator[Watched]:
    watched = Watched(sample, inbox, pool or FakePool(), stop or threading.Event())
    watched.watch.warm_up()
    watched.thread.start()
    try:
        yield watched
    finally:
        watched.end()


def test_a_dropped_file_is_graded_and_reported(
    sample: Assignment, inbox: Path, deliver: Deliver
) -> None:
    with watching(sample, inbox) as watched:
        deliver("ada.ipynb")
        watched.reports({"ada": 5})
        deliver("bob.ipynb", parameter_count="dense_parameters = 12")
        watched.reports({"ada": 5, "bob": 4})


def test_a_file_that_grows_waits_until_it_is_whole(
    sample: Assignment, inbox: Path, deliver: Deliver
) -> None:
    whole = deliver("ada.ipynb").read_bytes()
    growing = inbox / "ada.ipynb"
    growing.write_bytes(b"")
    parts = iter(range(1, 40))

    class Writes(threading.Event):
        """Each wait of the loop writes a part more."""

        def wait(self, timeout: float | None = None) -> bool:
            if (part := next(parts, None)) is not None:
                growing.write_bytes(whole[: len(whole) * part // 39])
            return super().wait(timeout)

    pool = FakePool()
    with watching(sample, inbox, pool, Writes()) as watched:
        watched.reports({"ada": 5})
    assert watched.reported == [{"ada": 5}]
    assert len(pool.logs) == 1


def test_a_restart_grades_nothing_twice(sample: Assignment, inbox: Path, deliver: Deliver) -> None:
    deliver("ada.ipynb")
    with watching(sample, inbox) as first:
        first.reports({"ada": 5})
    deliver("bob.ipynb")
    with watching(sample, inbox) as second:
        second.reports({"ada": 5, "bob": 5})
    assert len(second.pool.logs) == 1


def test_the_newest_upload_of_a_learner_counts(
    sample: Assignment, inbox: Path, deliver: Deliver
) -> None:
    deliver("doejane_12345_67890_week01.ipynb", parameter_count="dense_parameters = 12")
    with watching(sample, inbox) as watched:
        watched.reports({"doejane_12345": 4})
        deliver("doejane_12345_67891_week01.ipynb")
        watched.reports({"doejane_12345": 5})


def test_a_file_that_was_replaced_is_graded_again(
    sample: Assignment, inbox: Path, deliver: Deliver
) -> None:
    deliver("ada.ipynb", parameter_count="dense_parameters = 12")
    with watching(sample, inbox) as watched:
        watched.reports({"ada": 4})
        deliver("ada.ipynb")
        watched.reports({"ada": 5})


def test_a_bad_file_becomes_a_row_and_nothing_stops(
    sample: Assignment, inbox: Path, deliver: Deliver
) -> None:
    with watching(sample, inbox) as watched:
        (inbox / "zoe.ipynb").write_text("<html>not a notebook</html>", encoding="utf-8")
        (inbox / "max.zip").write_bytes(b"PK\x03\x04 and nothing more")
        watched.reports({"zoe": 0, "max": 0})
        deliver("ada.ipynb")
        watched.reports({"zoe": 0, "max": 0, "ada": 5})


def test_checks_are_executed_before_the_first_arrival_and_kept(
    sample: Assignment, inbox: Path, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    executed: list[str] = []
    real = GradingConfig.checks

    def counted(grading: GradingConfig) -> Checks:
        executed.append(grading.assignment.name)
        return real(grading)

    monkeypatch.setattr(GradingConfig, "checks", counted)
    with watching(sample, inbox) as watched:
        assert len(executed) == 1
        deliver("ada.ipynb")
        watched.reports({"ada": 5})
        deliver("bob.ipynb")
        watched.reports({"ada": 5, "bob": 5})
    assert len(executed) == 1


class SlowPool(FakePool):
    """Its workers begin when they are let, and tell that one is wanted."""

    def __init__(self) -> None:
        super().__init__()
        self.wanted, self.let = threading.Event(), threading.Event()

    @contextlib.contextmanager
    def worker(self, **options: object) -> Iterator[Any]:
        self.wanted.set()
        self.let.wait()
        with super().worker(**options) as worker:
            yield worker


def test_a_stop_finishes_what_runs_begins_nothing_and_writes_the_reports(
    sample: Assignment, inbox: Path, deliver: Deliver
) -> None:
    deliver("ada.ipynb")
    deliver("bob.ipynb")
    pool = SlowPool()
    with watching(sample, inbox, pool) as watched:
        pool.wanted.wait()
        watched.stop.set()
        pool.let.set()
    assert watched.reported == [{"ada": 5}]
