"""Grading a class: every submission becomes a row, and nothing stops the batch."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from autograder import __version__
from autograder.assignment.source import Assignment
from autograder.assignment.thresholds import Thresholds
from autograder.grading.ledger import Ledger, key_of
from autograder.grading.results import Graded, Status
from autograder.grading.submissions import Notebook, Submission, Unreadable, read_notebook
from autograder.judge.checks import Checks, load_checks
from autograder.judge.hearing import Hearing
from autograder.judge.remote import Worker
from dlcourse.check import Outcome, Result

LOGGER = logging.getLogger(__name__)

# Cells that are for the learner's own session: handing in means nothing inside a grader.
NOT_RUN = frozenset({"submit"})


class Pool(Protocol):
    """Where workers come from: see :mod:`autograder.worker`."""

    isolation: str

    def worker(
        self, *, files: Mapping[str, Path] | None = None, tier: str = "cpu"
    ) -> AbstractContextManager[Worker]:
        """A fresh worker for one submission."""


@dataclass(frozen=True)
class Grading:
    """What a batch is graded with; together with a submission's bytes it decides the result."""

    assignment: Assignment
    thresholds: Thresholds
    tier: str
    secret: str

    def checks(self) -> Checks:
        """The checks, executed anew: for one thread."""
        return load_checks(self.assignment, self.thresholds, self.tier, self.secret)

    def key(self, submission: Submission, isolation: str) -> str:
        """The ledger's key of a submission graded with this."""
        source = self.assignment.path.read_bytes()
        bundle = [source, repr(sorted(self.thresholds.items())).encode(), self.secret.encode()]
        runner = f"{__version__} {self.tier} {isolation}"
        who = [submission.learner, submission.digest, submission.superseded]
        return key_of([*(w.encode() for w in who), *bundle, runner.encode()])


def grade_one(checks: Checks, submission: Submission, pool: Pool) -> Graded:
    """Grade one submission. Whatever it holds, the answer is a row."""
    started = time.monotonic()
    if submission.superseded:
        row = _unrun(checks, submission, pool, started)
        return replace(row, status=Status.SUPERSEDED, reason=submission.superseded)
    notebook = read_notebook(submission)
    if isinstance(notebook, Unreadable):
        row = _unrun(checks, submission, pool, started)
        return replace(row, status=Status.UNREADABLE, reason=notebook.reason)
    cells = [(c.grade_id, c.source) for c in notebook.code if c.grade_id not in NOT_RUN]
    limits = checks.assignment.limits[checks.tier]
    hearing = Hearing(checks, cells, limits)
    hearing.run(lambda: pool.worker(files=submission.weights, tier=checks.tier))
    ordered = [hearing.results[c.name] for c in checks.assignment.checks]
    return Graded(
        submission=submission.learner,
        path=submission.path,
        status=Status.STOPPED if hearing.fatal else Status.GRADED,
        reason=_reason([*submission.notes, *notebook.notes, *hearing.complaints]),
        checks=tuple(ordered),
        seconds=time.monotonic() - started,
        tier=checks.tier,
        isolation=pool.isolation,
        notebook=_executed(notebook, hearing),
    )


def _reason(notes: Sequence[str]) -> str:
    """The first three things to know, in one line."""
    more = f"; and {len(notes) - 3} more" if len(notes) > 3 else ""
    return "; ".join(n.rstrip(".") for n in notes[:3]) + more


def _unrun(checks: Checks, submission: Submission, pool: Pool, started: float) -> Graded:
    return Graded(
        submission=submission.learner,
        path=submission.path,
        status=Status.LOST,
        reason="",
        checks=tuple(unasked(checks, Outcome.NOT_ATTEMPTED, "There was no notebook to run.")),
        seconds=time.monotonic() - started,
        tier=checks.tier,
        isolation=pool.isolation,
    )


def unasked(checks: Checks, outcome: Outcome, message: str) -> Iterator[Result]:
    """A result for every check of an assignment, when none could be asked."""
    for c in checks.assignment.checks:
        yield Result(c.question, c.name, c.points, c.hidden, c.hint, outcome, message)


def _executed(notebook: Notebook, hearing: Hearing) -> dict[str, Any]:
    """The notebook as it ran, rebuilt from the judge's records and nothing of the learner's file
    but the cells' text."""
    records = iter(range(len(hearing.cells)))
    cells: list[dict[str, Any]] = []
    for cell in notebook.cells:
        made: dict[str, Any] = {
            "cell_type": cell.kind,
            "id": f"cell-{cell.index}",
            "metadata": {},
            "source": cell.source,
        }
        if cell.kind == "code":
            index = None if cell.grade_id in NOT_RUN else next(records)
            made |= _outputs(hearing, index)
        cells.append(made)
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def _outputs(hearing: Hearing, index: int | None) -> dict[str, Any]:
    record = hearing.records.get(index) if index is not None else None
    outputs = list(record.outputs) if record else []
    if index is not None and index in hearing.fatal:
        text = f"{hearing.fatal[index]}\n"
        outputs = [{"output_type": "stream", "name": "stderr", "text": text}]
    return {"execution_count": record.execution_count if record else None, "outputs": outputs}


@dataclass
class Progress:
    """What a batch tells whoever watches it, after each submission."""

    graded: Graded
    done: int
    total: int
    resumed: bool


def grade_batch(
    grading: Grading,
    submissions: Sequence[Submission],
    pool: Pool,
    ledger: Ledger,
    *,
    workers: int = 1,
    watch: Callable[[Progress], None] = lambda _: None,
    stop: threading.Event | None = None,
) -> list[Graded]:
    """Grade submissions, several at a time, and return their results in the given order.

    A submission that the ledger knows is not run again. When ``stop`` is set, those that are
    running finish and no other begins; the rest is missing from the answer.
    """
    stop = stop or threading.Event()
    results: dict[int, Graded] = {}
    waiting: queue.SimpleQueue[Checks] = queue.SimpleQueue()
    for _ in range(workers):
        waiting.put(grading.checks())

    def job(submission: Submission) -> tuple[Graded, bool] | None:
        if stop.is_set():
            return None
        key = grading.key(submission, pool.isolation)
        known = ledger.find(key)
        if known is not None:
            return known, True
        with _borrowed(waiting) as checks:
            graded = _safely(checks, submission, pool)
        ledger.record(key, graded)
        return graded, False

    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="grade") as executor:
        futures = {executor.submit(job, s): i for i, s in enumerate(submissions)}
        for future in _as_completed(futures, stop):
            found = future.result()
            if found is not None:
                results[futures[future]] = found[0]
                watch(Progress(found[0], len(results), len(submissions), found[1]))
    return [results[i] for i in sorted(results)]


def _as_completed(futures: Iterable[Future[Any]], stop: threading.Event) -> Iterator[Future[Any]]:
    """Futures as they end; an interrupt stops what has not begun and waits for the rest."""
    pending = set(futures)
    while pending:
        try:
            done, pending = wait(pending, return_when=FIRST_COMPLETED)
        except KeyboardInterrupt:
            if stop.is_set():
                raise
            LOGGER.warning("Interrupted: finishing what runs; interrupt again to leave at once.")
            stop.set()
            continue
        yield from done


@contextmanager
def _borrowed(waiting: queue.SimpleQueue[Checks]) -> Iterator[Checks]:
    checks = waiting.get()
    try:
        yield checks
    finally:
        waiting.put(checks)


def _safely(checks: Checks, submission: Submission, pool: Pool) -> Graded:
    """Grade; a fault of our own becomes a row that will be graded again, never a mark."""
    started = time.monotonic()
    try:
        return grade_one(checks, submission, pool)
    except Exception as error:
        LOGGER.exception("grading %s failed", submission.path)
        message = "The grader failed; this is not your mistake."
        return replace(
            _unrun(checks, submission, pool, started),
            reason=f"the grader failed ({type(error).__name__}); run the same command again",
            checks=tuple(unasked(checks, Outcome.ERROR, message)),
        )
