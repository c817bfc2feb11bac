"""One submission looked at closely: what each cell and each check did, with tracebacks.

It is graded as every submission is; worker and checks are only watched. A traceback of a hidden
check quotes its source and what it was given, so this is for instructors and never for learners.
"""

from __future__ import annotations

import functools
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from autograder.collect.submissions import Submission, Unreadable, read_notebook
from autograder.grading.batch import NOT_RUN, Pool, grade_one
from autograder.grading.results import GradedSubmission
from autograder.judge.checks import Checks
from autograder.judge.given import PlannedCell, planned_cells
from autograder.judge.remote import Worker
from autograder.sandbox.outputs import CellRecord
from autograder.workers.questions import Inquiry, Questions
from autograder.workers.worker import Snapshot, WorkerDied
from dlcourse.check import Check, Outcome, Result

NOT_REACHED = "not run"
ENDED = "ended the process"


@dataclass(frozen=True)
class InspectedCell:
    """What became of one code cell.

    Attributes:
        number: its number in the notebook, text cells counted; None for a cell that was put back.
        grade_id: the name that the release gave to it, or nothing.
        outcome: ``ok``, ``error``, ``timeout``, ``ended the process`` or ``not run``.
        message: what it raised, or how it ended the process.
        seconds: wall time; None where it did not come to its end.
    """

    number: int | None
    grade_id: str
    outcome: str
    message: str = ""
    seconds: float | None = None


@dataclass(frozen=True)
class InspectedCheck:
    """One check's result, and where in the check's function it was decided.

    Attributes:
        trace: the traceback of the check's own function, where it failed or raised.
    """

    result: Result
    trace: str = ""


@dataclass(frozen=True)
class Inspection:
    """All that is known of one submission.

    Attributes:
        graded: the row as grading makes it, with its status and reason.
        notes: what was noticed when the notebook was read and what was put back, all of it; the
            row's reason names the first three things only.
    """

    graded: GradedSubmission
    cells: tuple[InspectedCell, ...]
    checks: tuple[InspectedCheck, ...]
    notes: tuple[str, ...]


def inspect_submission(checks: Checks, submission: Submission, pool: Pool) -> Inspection:
    """Grade one submission and tell what each of its cells and each check did.

    Raises:
        WorkerDied: when the machine is to blame and not the notebook.
    """
    cells: Sequence[PlannedCell] = ()
    notes: list[str] = list(submission.notes)
    notebook = read_notebook(submission)
    if not isinstance(notebook, Unreadable):
        cells, put_back = planned_cells(checks.assignment, notebook.cells, NOT_RUN)
        notes += [*notebook.notes, *put_back]
    watched = _WatchedPool(pool, len(cells))
    traces: dict[str, str] = {}
    graded = grade_one(_watched_checks(checks, traces), submission, watched)
    return Inspection(
        graded,
        tuple(_inspected(cell, watched.ran.get(i)) for i, cell in enumerate(cells)),
        tuple(_with_trace(result, traces) for result in graded.checks),
        tuple(notes),
    )


def _inspected(cell: PlannedCell, ran: CellRecord | WorkerDied | None) -> InspectedCell:
    number = cell.place + 1 if cell.place is not None else None
    grade_id = cell.grade_id or ""
    if ran is None:
        return InspectedCell(number, grade_id, NOT_REACHED)
    if isinstance(ran, WorkerDied):
        return InspectedCell(number, grade_id, ENDED, ran.reason)
    message = f"{ran.ename}: {ran.evalue}" if ran.ename else ""
    return InspectedCell(number, grade_id, ran.status, message, ran.seconds)


def _with_trace(result: Result, traces: Mapping[str, str]) -> InspectedCheck:
    failed = result.outcome in (Outcome.NOT_YET, Outcome.ERROR)
    return InspectedCheck(result, traces.get(result.name, "") if failed else "")


def _watched_checks(checks: Checks, traces: dict[str, str]) -> Checks:
    """The same checks; the traceback of one that raises is kept by its name."""
    watched = {
        question: [replace(c, function=_watched(c, traces)) for c in found]
        for question, found in checks.by_question.items()
    }
    return replace(checks, by_question=watched)


def _watched(check: Check, traces: dict[str, str]) -> Callable[..., None]:
    @functools.wraps(check.function)  # its signature says what the check asks for
    def function(*args: Any, **kwargs: Any) -> None:
        try:
            check.function(*args, **kwargs)
        except Exception as error:
            own = error.__traceback__.tb_next if error.__traceback__ else None
            traces[check.name] = "".join(traceback.format_exception(type(error), error, own))
            raise

    return function


@dataclass
class _WatchedPool:
    """A pool that remembers what each of a notebook's cells did, by the cell's index."""

    pool: Pool
    cells: int
    ran: dict[int, CellRecord | WorkerDied] = field(default_factory=dict)

    @property
    def isolation(self) -> str:
        return self.pool.isolation

    @property
    def gpus(self) -> Sequence[str]:
        return self.pool.gpus

    @contextmanager
    def worker(
        self,
        *,
        files: Mapping[str, Path] | None = None,
        tier: str = "cpu",
        environment: Mapping[str, str] | None = None,
    ) -> Iterator[Worker]:
        with self.pool.worker(files=files, tier=tier, environment=environment) as worker:
            yield _WatchedWorker(worker, self)

    def to_run(self) -> list[int]:
        """The cells that a new worker runs, in order: all but those that ended one."""
        return [i for i in range(self.cells) if not isinstance(self.ran.get(i), WorkerDied)]


class _WatchedWorker(Questions):
    """A worker whose cells' records are kept; of a cell that runs twice, the first."""

    def __init__(self, worker: Worker, watched: _WatchedPool) -> None:
        self._worker, self._ran = worker, watched.ran
        self._next = iter(watched.to_run())

    def run_cell(self, source: str, seconds: float, watch: Sequence[str] = ()) -> CellRecord:
        index = next(self._next)
        try:
            record = self._worker.run_cell(source, seconds, watch)
        except WorkerDied as died:
            self._ran[index] = died
            raise
        self._ran.setdefault(index, record)
        return record

    def look(self, names: Sequence[str], moment: int) -> dict[str, Snapshot]:
        return self._worker.look(names, moment)

    def settle(self, scopes: Mapping[str, int], chosen: Mapping[str, Mapping[str, int]]) -> None:
        self._worker.settle(scopes, chosen)

    @property
    def starved(self) -> bool:
        return self._worker.starved

    def weights(self) -> dict[str, str]:
        return self._worker.weights()

    def ask(self, inquiry: Inquiry, seconds: float) -> Any:
        return self._worker.ask(inquiry, seconds)
