"""Grading a class: every submission becomes a row, and nothing stops the batch."""

from __future__ import annotations

import hashlib
import logging
import queue
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from autograder.assignment.source import Assignment, Prose
from autograder.assignment.thresholds import Thresholds
from autograder.collect.notebook import CODE, MARKDOWN
from autograder.collect.submissions import Notebook, Submission, Unreadable, read_notebook
from autograder.grading.class_rows import ClassRow, merged
from autograder.grading.code_digest import code_digest
from autograder.grading.flags import digest_of_weights, flags_of
from autograder.grading.ledger import Ledger, key_of
from autograder.grading.regrade import Change, record_of, regraded
from autograder.grading.results import GradedSubmission, Status
from autograder.grading.shared_lock import SharedLock
from autograder.judge.checks import Checks, load_checks
from autograder.judge.given import PlannedCell, is_answer, planned_cells
from autograder.judge.remote import Worker
from autograder.judge.run import MissingDataError, SubmissionRun
from autograder.workers.worker import WorkerDied
from dlcourse.check import CHECKS_MODE, Outcome, Result
from dlcourse.train import submitted

LOGGER = logging.getLogger(__name__)

# Cells that are for the learner's own session: handing in means nothing inside a grader.
NOT_RUN = frozenset({"submit"})


class Elsewhere(ABC):
    """Other machines, which grade a submission as a whole: see :mod:`autograder.grading.cluster`.

    Attributes:
        isolation: the level that holds there.
        gpus: empty: nobody here decides which GPU is used there.
    """

    isolation: str
    gpus: Sequence[str] = ()

    @abstractmethod
    def grade(self, submission: Submission, audit: bool) -> GradedSubmission:
        """Grade a submission, also by training again where ``audit`` says so.

        Whatever the submission holds or becomes of a machine, the answer is a row.
        """


class Pool(Protocol):
    """Where workers come from: see :mod:`autograder.workers`."""

    @property
    def isolation(self) -> str:
        """The level that holds on this machine."""

    @property
    def gpus(self) -> Sequence[str]:
        """The device files of the GPUs that the workers share."""

    def worker(
        self,
        *,
        files: Mapping[str, Path] | None = None,
        tier: str = "cpu",
        environment: Mapping[str, str] | None = None,
    ) -> AbstractContextManager[Worker]:
        """A fresh worker for one submission."""


@dataclass(frozen=True)
class GradingConfig:
    """What a batch is graded with; together with a submission's bytes it decides the result."""

    assignment: Assignment
    thresholds: Thresholds
    tier: str
    secret: str
    audit: float = 0.0
    """The share of submissions with weights that are trained again, chosen by the secret."""

    def checks(self) -> Checks:
        """The checks, executed anew: for one thread."""
        return load_checks(self.assignment, self.thresholds, self.tier, self.secret)

    def key(self, submission: Submission, isolation: str) -> str:
        """The ledger's key of a submission graded with this."""
        return key_of([self.work(submission, isolation).encode(), self.bundle.encode()])

    @cached_property
    def bundle(self) -> str:
        """A digest of the checks and of all that they are given."""
        source = self.assignment.path.read_bytes()
        thresholds = repr(sorted(self.thresholds.items())).encode()
        return key_of([source, thresholds, self.secret.encode()])

    @property
    def course(self) -> str:
        """A digest that tells this course from others without telling its secret."""
        return hashlib.sha256(f"course {self.secret}".encode()).hexdigest()[:16]

    def work(self, submission: Submission, isolation: str) -> str:
        """The part of the key that no check decides: what was handed in and what runs it."""
        runner = f"{code_digest()} {self.tier} {isolation}"
        audited = "audited" if self.audits(submission) else ""
        notes = "\n".join(submission.notes)
        unreadable = submission.unreadable.reason if submission.unreadable else ""
        what = [submission.digest, unreadable, submission.superseded, notes, audited]
        limits = repr(self.assignment.limits[self.tier])
        return key_of(
            part.encode()
            for part in (submission.learner, *what, limits, self.assignment.name, runner)
        )

    def audits(self, submission: Submission) -> bool:
        """Whether to train again a submission whose marks rest on its weights."""
        if not submission.weights:
            return False
        drawn = hashlib.sha256(f"audit {self.secret} {submission.digest}".encode()).digest()
        return int.from_bytes(drawn[:8], "big") < self.audit * 2**64


def grade_one(
    checks: Checks,
    submission: Submission,
    pool: Pool,
    *,
    audit: bool = False,
    lost_at: frozenset[str] = frozenset(),
) -> GradedSubmission:
    """Grade one submission. Whatever it holds, the answer is a row.

    Weights that came with it take the place of training. With ``audit`` it is then trained again
    in another worker, whatever its own process says of the weights, and the row says whether that
    agrees; the marks stay those of the weights. ``lost_at`` says where its workers were lost in
    all tries before.
    """
    started = time.monotonic()
    if submission.superseded:
        row = _unrun(checks, submission, pool, started)
        return replace(row, status=Status.SUPERSEDED, reason=submission.superseded)
    notebook = read_notebook(submission)
    if isinstance(notebook, Unreadable):
        row = _unrun(checks, submission, pool, started)
        return replace(row, status=Status.UNREADABLE, reason=notebook.reason)
    cells, put_back = planned_cells(checks.assignment, notebook.cells, NOT_RUN)
    beside = submission.companions
    run = _run_submission(checks, cells, pool, submission.weights, beside, lost_at)
    again = None
    if audit and submission.weights:
        again = _run_submission(checks, cells, pool, {}, beside, lost_at)
    notes = [*_of_another(notebook, checks.assignment), *submission.notes, *notebook.notes]
    notes += _unused(run)
    notes += [*_answers_as_text(checks.assignment, notebook, run), *run.remarks]
    notes += [*put_back, *run.complaints]
    ordered = [run.results[c.name] for c in checks.assignment.checks]
    return GradedSubmission(
        learner=submission.learner,
        path=submission.path,
        status=Status.STOPPED if run.stopped else Status.GRADED,
        reason=_reason(notes),
        checks=tuple(ordered),
        seconds=time.monotonic() - started,
        tier=checks.tier,
        isolation=pool.isolation,
        identity=submission.identity,
        notebook=_executed(notebook, run),
        audit=_compared(run, again) if again else "",
        flags=flags_of(checks.assignment, notebook.code),
        weights=digest_of_weights(submission.weights),
        gpu_out_of_memory=run.gpu_out_of_memory,
        starved=run.starved,
        recording=run.recording,
    )


def _run_submission(
    checks: Checks,
    cells: Sequence[PlannedCell],
    pool: Pool,
    weights: Mapping[str, Path],
    beside: Mapping[str, Path],
    lost_at: frozenset[str],
) -> SubmissionRun:
    limits = checks.assignment.limits[checks.tier]
    run = SubmissionRun(checks, cells, limits, with_weights=bool(weights), lost_at=lost_at)
    # The judge asks every check; in the notebook's own process they would only cost time.
    environment = {CHECKS_MODE: "judge"}
    if weights:
        environment[submitted.VARIABLE] = submitted.SUBMITTED
    files = {**beside, **weights}
    run.run(lambda: pool.worker(files=files, tier=checks.tier, environment=environment))
    return run


def _of_another(notebook: Notebook, assignment: Assignment) -> Iterator[str]:
    """Say that a notebook is of another assignment than the one that is graded."""
    if notebook.assignment not in ("", assignment.name):
        other = notebook.assignment[:60]
        yield f"This is the notebook of {other}, and {assignment.name} was graded"


def _unused(run: SubmissionRun) -> Iterator[str]:
    """Which networks were trained although weights came with the notebook, and why."""
    for name, why in run.weights.items():
        if why:
            yield f"{name} was trained again, because its weights could not be used: {why}"


def _answers_as_text(
    assignment: Assignment, notebook: Notebook, run: SubmissionRun
) -> Iterator[str]:
    """Answers that did not run because their cell is no code cell any more."""
    prose = {c.text.strip() for c in assignment.cells if isinstance(c, Prose)}
    texts = [c for c in notebook.cells if c.kind != CODE and c.source.strip() not in prose]
    for question in assignment.questions:
        if question.name in run.unanswered and question.answer is not None:
            for cell in texts:
                if is_answer(question, cell):
                    kind = "a Markdown" if cell.kind == MARKDOWN else "a raw"
                    yield (
                        f"cell {cell.index + 1}, the answer to {question.title}, is {kind} cell "
                        "and did not run: make it a code cell and hand in again"
                    )


def _compared(first: SubmissionRun, again: SubmissionRun) -> str:
    """What an audit found: the checks whose outcome training again changed, and what was measured.

    Training is random, so a small difference of a measured value means nothing. Whether a large one
    does is for a person to say.
    """
    pairs = [(first.results[name], again.results[name]) for name in first.results]
    changed = [
        f"{a.question}.{a.name} was {a.outcome} with the weights and is {b.outcome} after training"
        for a, b in pairs
        if (a.outcome is Outcome.CORRECT) != (b.outcome is Outcome.CORRECT)
    ]
    measured = [
        f"{name} {a.measured[name]:.4g} with the weights, {b.measured[name]:.4g} after training"
        for a, b in pairs
        for name in a.measured.keys() & b.measured.keys()
    ]
    verdict = "DISAGREES" if changed else "agrees"
    return "; ".join([verdict, *changed, *measured])


def _reason(notes: Sequence[str]) -> str:
    """The first three things to know, in one line."""
    more = f"; and {len(notes) - 3} more" if len(notes) > 3 else ""
    return "; ".join(n.rstrip(".") for n in notes[:3]) + more


def _unrun(checks: Checks, submission: Submission, pool: Pool, started: float) -> GradedSubmission:
    return GradedSubmission(
        learner=submission.learner,
        path=submission.path,
        status=Status.LOST,
        reason="",
        checks=tuple(unasked(checks, Outcome.NOT_ATTEMPTED, "There was no notebook to run.")),
        seconds=time.monotonic() - started,
        tier=checks.tier,
        isolation=pool.isolation,
        identity=submission.identity,
    )


def unasked(checks: Checks, outcome: Outcome, message: str) -> Iterator[Result]:
    """A result for every check of an assignment, when none could be asked."""
    for c in checks.assignment.checks:
        yield Result(c.question, c.name, c.points, c.hidden, c.hint, outcome, message)


def lost_row(
    grading: GradingConfig, submission: Submission, isolation: str, started: float, raised: str
) -> GradedSubmission:
    """The row of a submission that could not be graded elsewhere: it will be graded again.

    Args:
        grading: with what it would have been graded.
        submission: what was handed in.
        isolation: the level at which it would have been confined.
        started: when grading began, by :func:`time.monotonic`.
        raised: the name of what was raised, by which a command's exit code is chosen.
    """
    message = "The grader failed; this is not your mistake."
    return GradedSubmission(
        learner=submission.learner,
        path=submission.path,
        status=Status.LOST,
        reason=f"the grader failed ({raised}); run the same command again",
        checks=tuple(
            Result(c.question, c.name, c.points, c.hidden, c.hint, Outcome.ERROR, message)
            for c in grading.assignment.checks
        ),
        seconds=time.monotonic() - started,
        tier=grading.tier,
        isolation=isolation,
        identity=submission.identity,
    )


def _executed(notebook: Notebook, run: SubmissionRun) -> dict[str, Any]:
    """The notebook as it ran, rebuilt from the judge's records and nothing of the learner's file
    but the cells' text."""
    ran = {cell.place: i for i, cell in enumerate(run.cells) if cell.place is not None}
    cells: list[dict[str, Any]] = []
    for cell in notebook.cells:
        made: dict[str, Any] = {
            "cell_type": cell.kind,
            "id": f"cell-{cell.index}",
            "metadata": {"grade_id": cell.grade_id} if cell.grade_id else {},
            "source": cell.source,
        }
        if cell.kind == "code":
            made |= _outputs(run, ran.get(cell.index))
        cells.append(made)
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def _outputs(run: SubmissionRun, index: int | None) -> dict[str, Any]:
    record = run.records.get(index) if index is not None else None
    outputs = list(record.outputs) if record else []
    if index is not None and index in run.fatal:
        text = f"{run.fatal[index]}\n"
        outputs = [{"output_type": "stream", "name": "stderr", "text": text}]
    return {"execution_count": record.execution_count if record else None, "outputs": outputs}


@dataclass
class Progress:
    """What a batch tells whoever watches it, after each submission.

    Attributes:
        resumed: the ledger knew the result.
        changes: what regrading changed; None when the notebook was run.
    """

    graded: GradedSubmission
    done: int
    total: int
    resumed: bool
    changes: list[Change] | None = None


Grade = Callable[[Submission, bool], GradedSubmission]
"""Grades a submission, also by training again where the second argument says so."""

WarmChecks = queue.SimpleQueue[Checks]
"""Checks that are executed, one for each thread; a thread takes them and puts them back."""


def warm_checks(grading: GradingConfig, workers: int) -> WarmChecks:
    """The checks, executed for so many threads."""
    waiting: WarmChecks = queue.SimpleQueue()
    for _ in range(workers):
        waiting.put(grading.checks())
    return waiting


def grade_batch(
    grading: GradingConfig,
    submissions: Sequence[Submission],
    pool: Pool | Elsewhere,
    ledger: Ledger,
    *,
    workers: int = 1,
    reuse: bool = False,
    watch: Callable[[Progress], None] = lambda _: None,
    stop: threading.Event | None = None,
    checks: WarmChecks | None = None,
    beside: SharedLock | None = None,
) -> list[GradedSubmission]:
    """Grade submissions, several at a time, and return their results in the given order.

    Each submission becomes a row of the class in the ledger, from which reports are written; what
    other commands graded into it stays. A submission that the ledger knows is not run again. With
    ``reuse``, neither is one that it knows from earlier checks, if what was recorded then suffices.
    When ``stop`` is set, those that are running finish and no other begins; the rest is missing
    from the answer. ``checks`` come from earlier batches of the same grading. ``beside`` is shared
    with batches that run at the same time on this machine.

    Raises:
        LedgerError: when the ledger cannot be written; what runs is finished, and no other begins.
    """
    stop = stop or threading.Event()
    results: dict[int, GradedSubmission] = {}
    elsewhere = isinstance(pool, Elsewhere)
    waiting = checks or warm_checks(grading, 1 if elsewhere else workers)
    grade = _grader(waiting, pool, workers, beside)
    rows: dict[int, ClassRow] = {}

    def job(submission: Submission) -> tuple[GradedSubmission, bool, list[Change] | None] | None:
        if stop.is_set():
            return None
        key = grading.key(submission, pool.isolation)
        known = ledger.find(key)
        if known is not None:
            # The same work may stand elsewhere now, or be late since the last download.
            known = replace(known, path=submission.path, identity=submission.identity)
            return known, True, None
        work = grading.work(submission, pool.isolation)
        changed = None
        settled = None
        if reuse:
            with _borrowed(waiting) as checks:
                settled = regraded(checks, ledger, work)
        if settled is not None:
            graded, changed = settled
        else:
            graded = grade(submission, grading.audits(submission))
        with _borrowed(waiting) as checks:
            ledger.record(key, graded, record_of(checks, graded, work))
        return replace(graded, recording=None), False, changed

    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="grade") as executor:
        futures = {executor.submit(job, s): i for i, s in enumerate(submissions)}
        for future in _as_completed(futures, stop):
            try:
                found = future.result()
            except BaseException:
                stop.set()  # what cannot be recorded need not begin
                raise
            if found is not None:
                graded, resumed, changed = found
                number = futures[future]
                results[number] = graded
                if graded.status is not Status.LOST:
                    rows[number] = _class_row(grading, submissions[number], graded)
                watch(Progress(graded, len(results), len(submissions), resumed, changed))
    ledger.keep_class_rows(merged(ledger.class_rows(), [rows[i] for i in sorted(rows)]))
    return [results[i] for i in sorted(results)]


def _grader(
    waiting: WarmChecks, pool: Pool | Elsewhere, workers: int, beside: SharedLock | None
) -> Grade:
    if isinstance(pool, Elsewhere):
        return pool.grade
    return local_grader(waiting, pool, workers, beside)


def local_grader(
    waiting: WarmChecks, pool: Pool, workers: int, beside: SharedLock | None = None
) -> Grade:
    """What grades in a pool of this machine, for so many threads at a time.

    Args:
        waiting: the checks, executed for as many threads.
        pool: where workers come from.
        workers: how many threads call it at a time.
        beside: shared with others that grade on this machine at the same time.
    """
    lock = beside or SharedLock()
    crowded = workers > 1 or beside is not None

    def grade(submission: Submission, audit: bool) -> GradedSubmission:
        with _borrowed(waiting) as checks:
            graded = _safely(checks, submission, pool, audit, lock)
            without = graded.starved or (graded.gpu_out_of_memory and bool(pool.gpus))
            if without and crowded:
                # Others took the processors or the GPU's memory; alone it gets all there is, once.
                with lock.exclusive():
                    graded = _safely(checks, submission, pool, audit, SharedLock())
        return graded

    return grade


def _class_row(
    grading: GradingConfig, submission: Submission, graded: GradedSubmission
) -> ClassRow:
    return ClassRow(
        learner=submission.learner,
        key=grading.key(submission, graded.isolation),
        path=submission.path,
        digest=submission.digest,
        identity=submission.identity,
        received=submission.order,
        readable=graded.status is not Status.UNREADABLE,
        bundle=grading.bundle,
        superseded=submission.superseded,
    )


def whole_class(ledger: Ledger, run: Iterable[GradedSubmission] = ()) -> list[GradedSubmission]:
    """The results of everybody who was ever graded into a ledger, for reports.

    Args:
        ledger: where they are.
        run: what a command has just graded: those of it that were lost are in no ledger.

    Raises:
        LedgerError: when the ledger cannot be read.
    """
    lost = [one for one in run if one.status is Status.LOST]
    without = {one.learner for one in lost}
    found = []
    for row in ledger.class_rows():
        graded = ledger.find(row.key)
        if graded is None or row.learner in without:
            continue
        graded = replace(graded, path=row.path, identity=row.identity)
        if row.superseded:
            graded = replace(graded, status=Status.SUPERSEDED, reason=row.superseded)
        found.append(graded)
    return found + lost


def graded_with_other_checks(ledger: Ledger, grading: GradingConfig) -> list[str]:
    """The learners whose row rests on other checks than the assignment has now."""
    rows = ledger.class_rows()
    return [r.learner for r in rows if r.bundle != grading.bundle and not r.superseded]


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


# A worker can be lost to the machine: the kernel short of memory, a zygote killed from outside.
TRIES = 3
PAUSE = 1.0
"""Seconds before the second try, and twice as many before the third."""


def _with_retries(
    checks: Checks, submission: Submission, pool: Pool, audit: bool, lock: SharedLock
) -> GradedSubmission:
    """Grade; begin anew, with nothing beside it, when the machine lost the worker.

    A worker that is lost at one place in every try was ended by its own notebook.
    """
    places: list[str] = []
    for attempt in range(TRIES):
        with lock.exclusive() if attempt else lock.shared():
            often = frozenset(p for p in places if places.count(p) == TRIES - 1)
            try:
                return grade_one(checks, submission, pool, audit=audit, lost_at=often)
            except WorkerDied as died:
                if attempt == TRIES - 1:
                    raise
                LOGGER.warning("%s: %s; trying again", submission.path.name, died.reason)
                if died.place:
                    places.append(died.place)
        time.sleep(PAUSE * 2**attempt)
    raise AssertionError("unreachable")


@contextmanager
def _borrowed(waiting: WarmChecks) -> Iterator[Checks]:
    checks = waiting.get()
    try:
        yield checks
    finally:
        waiting.put(checks)


def _safely(
    checks: Checks, submission: Submission, pool: Pool, audit: bool, lock: SharedLock
) -> GradedSubmission:
    """Grade; a fault of our own becomes a row that will be graded again, never a mark."""
    started = time.monotonic()
    try:
        return _with_retries(checks, submission, pool, audit, lock)
    except MissingDataError as lacking:
        message = "The grader's machine lacked data; this is not your mistake."
        return replace(
            _unrun(checks, submission, pool, started),
            reason=str(lacking),
            checks=tuple(unasked(checks, Outcome.ERROR, message)),
        )
    except Exception as error:
        LOGGER.exception("grading %s failed", submission.path)
        message = "The grader failed; this is not your mistake."
        return replace(
            _unrun(checks, submission, pool, started),
            reason=f"the grader failed ({type(error).__name__}); run the same command again",
            checks=tuple(unasked(checks, Outcome.ERROR, message)),
        )
