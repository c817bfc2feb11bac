"""Watching an inbox: whatever arrives is graded while the workers stay warm.

Each entry of the inbox, a notebook, a zip or a folder, is one learner's, so that no upload can
speak for another learner. The ledger knows what is done: a watch that was killed begins again and
grades nothing twice.
"""

from __future__ import annotations

import logging
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from autograder.collect.layouts import ONE
from autograder.collect.submissions import Submission, find_submissions
from autograder.grading.batch import (
    GradingConfig,
    Pool,
    Progress,
    WarmChecks,
    grade_batch,
    warm_checks,
)
from autograder.grading.ledger import Ledger
from autograder.grading.results import Status
from autograder.grading.shared_lock import SharedLock

LOGGER = logging.getLogger(__name__)

INTERVAL = 0.2
"""Seconds between two looks at the inbox. What two looks find unchanged is taken for whole."""

UNFINISHED = (".part", ".partial", ".filepart", ".crdownload", ".tmp")
"""Endings that uploading programs give a file until it is whole."""

Signature = tuple[tuple[str, int, int, int], ...]
"""Each file of an entry: its path, inode, size in bytes and time of change in nanoseconds."""


@dataclass
class Watch:
    """Grades what arrives in an inbox until it is asked to stop.

    Attributes:
        inbox: the folder; each entry is one learner's. It is only read.
        write_reports: writes the reports from the whole ledger; called in one thread at a time.
        tell: called in a worker's thread for each result that is new to this watch.
        workers: how many submissions are graded at a time.
        interval: seconds between two looks.
    """

    grading: GradingConfig
    inbox: Path
    pool: Pool
    ledger: Ledger
    write_reports: Callable[[], None]
    tell: Callable[[Progress], None] = lambda _: None
    workers: int = 1
    interval: float = INTERVAL
    _checks: WarmChecks | None = None
    _beside: SharedLock = field(default_factory=SharedLock)
    _done: set[str] = field(default_factory=set)
    _running: dict[Future[None], set[str]] = field(default_factory=dict)
    _todo: list[Submission] = field(default_factory=list)
    _reports: Future[None] | None = None
    _unreported: bool = False

    def warm_up(self) -> None:
        """Execute the checks, and what of the solution they compare with, before anybody waits."""
        self._checks = warm_checks(self.grading, self.workers)
        for _ in range(self.workers):
            checks = self._checks.get()
            checks.warm_up()
            self._checks.put(checks)

    @property
    def unfinished(self) -> int:
        """How many learners' submissions wait or run."""
        return len(self._todo) + sum(len(learners) for learners in list(self._running.values()))

    def run(self, stop: threading.Event) -> None:
        """Watch until ``stop`` is set; then finish what runs and write the reports.

        Raises:
            LedgerError: when the ledger cannot be written; what runs is finished first.
        """
        with (
            tempfile.TemporaryDirectory(prefix="inbox-") as scratch,
            ThreadPoolExecutor(self.workers + 1, thread_name_prefix="watch") as executor,
        ):
            try:
                self._until(stop, executor, Path(scratch))
            finally:
                stop.set()  # whatever ended the loop, no other submission begins
        for future in list(self._running):
            self._finish(future)
        if self._reports is not None:
            self._reports.result()
        if self._unreported:
            self.write_reports()

    def _until(self, stop: threading.Event, executor: ThreadPoolExecutor, scratch: Path) -> None:
        seen: dict[Path, Signature] = {}
        ready: dict[Path, Signature] = {}
        while not stop.is_set():
            for future in [f for f in self._running if f.done()]:
                self._finish(future)
            now = _look(self.inbox)
            whole = {path: s for path, s in now.items() if seen.get(path) == s}
            seen = now
            if whole != ready:
                ready = whole
                self._todo = self._new_in(list(ready), scratch)
            self._begin(executor, stop)
            self._report_when_idle(executor)
            stop.wait(self.interval)

    def _new_in(self, entries: list[Path], scratch: Path) -> list[Submission]:
        """What of these entries this watch has not graded."""
        # What was found before was taken out of zips into folders of the same scratch folder, and
        # may still be running; it goes with the folder.
        found = find_submissions(entries, self.grading.assignment.name, scratch, ONE)
        return [s for s in found if self._key(s) not in self._done]

    def _key(self, submission: Submission) -> str:
        return f"{submission.path} {self.grading.key(submission, self.pool.isolation)}"

    def _begin(self, executor: ThreadPoolExecutor, stop: threading.Event) -> None:
        """Begin with as many learners as there are free workers."""
        for group in self._groups():
            if len(self._running) >= (1 if self.pool.gpus else self.workers):
                return
            learners = {s.learner for s in group}
            if any(learners & busy for busy in self._running.values()):
                continue  # two results of one learner decide together which counts
            self._todo = [s for s in self._todo if s.learner not in learners]
            self._running[executor.submit(self._grade, group, stop)] = learners

    def _groups(self) -> Iterator[list[Submission]]:
        """What is graded together: a learner's submissions, or with GPUs all there are.

        Only within one batch can a submission that ran out of a GPU's memory have it alone.
        """
        if self.pool.gpus:
            if self._todo:
                yield list(self._todo)
            return
        for learner in dict.fromkeys(s.learner for s in self._todo):
            yield [s for s in self._todo if s.learner == learner]

    def _grade(self, group: list[Submission], stop: threading.Event) -> None:
        workers = self.workers if self.pool.gpus else 1
        graded = grade_batch(
            self.grading,
            group,
            self.pool,
            self.ledger,
            workers=workers,
            watch=self.tell,
            stop=stop,
            checks=self._checks,
            beside=self._beside,
        )
        rows = {(one.path, one.learner) for one in graded if one.status is not Status.LOST}
        # What was lost is graded again with the next arrival, not at once and without end.
        self._done.update(self._key(s) for s in group if (s.path, s.learner) in rows)

    def _finish(self, future: Future[None]) -> None:
        del self._running[future]
        self._unreported = True
        future.result()

    def _report_when_idle(self, executor: ThreadPoolExecutor) -> None:
        """Write the reports when nothing is left to grade, beside the next look."""
        if self._todo or self._running or not self._unreported:
            return
        if self._reports is not None:
            if not self._reports.done():
                return
            self._reports.result()
        self._unreported = False
        self._reports = executor.submit(self.write_reports)


def _look(inbox: Path) -> dict[Path, Signature]:
    """The entries of the inbox that may be submissions, as they are now."""
    found: dict[Path, Signature] = {}
    try:
        entries = sorted(inbox.iterdir())
    except OSError as error:
        LOGGER.warning("%s cannot be read (%s); looking again", inbox, error.strerror)
        return found
    for path in entries:
        if path.name.startswith((".", "~")) or path.name.lower().endswith(UNFINISHED):
            continue
        signature = _signature(path)
        if signature:
            found[path] = signature
    return found


def _signature(path: Path) -> Signature:
    """What changes while an entry is written; empty where it has no file, or just went away."""
    try:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        states = [(str(file), file.lstat()) for file in files if not file.is_dir()]
    except OSError:
        return ()
    return tuple((name, s.st_ino, s.st_size, s.st_mtime_ns) for name, s in states)
