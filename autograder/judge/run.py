"""One submission before the judge: its notebook runs in a worker, then its answers are asked.

All cells run first, so that no output that a learner may read was made after a hidden input had
entered the process. Each question's names are held as they stood after its last cell. When a cell
ends the process, a new worker runs the notebook again without that cell: one fatal cell costs its
own question and no other.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any

from autograder.assignment.source import Code, TierLimits
from autograder.errors import AutograderError
from autograder.judge.answers import GradedNames, question_ends
from autograder.judge.checks import Checks
from autograder.judge.given import PlannedCell
from autograder.judge.recording import AnswerRecorder, Recording
from autograder.judge.remote import Allowance, Budget, RemoteAnswer, Worker
from autograder.sandbox.channel import Handle
from autograder.sandbox.outputs import CellRecord
from autograder.workers.worker import Death, Snapshot, WorkerDied
from dlcourse.check import Check, Outcome, Result
from dlcourse.check.allowance import calls_of
from dlcourse.check.answer import AnswerError
from dlcourse.data import DataError

LOGGER = logging.getLogger(__name__)

# How often a submission may end its worker before the judge asks no more.
MOST_WORKERS = 4

# How TensorFlow, PyTorch and JAX say that a GPU has no memory left.
_NO_GPU_MEMORY = re.compile(
    r"ResourceExhaustedError|RESOURCE_EXHAUSTED|CUDA_ERROR_OUT_OF_MEMORY|OutOfMemoryError"
    r"|CUDA out of memory"
)


class MissingDataError(AutograderError):
    """A worker's machine lacks data that the assignment's own cells load."""


MakeWorker = Callable[[], AbstractContextManager[Worker]]


@dataclass
class SubmissionRun:
    """What has been found of one submission so far.

    Attributes:
        cells: the code cells to run.
        records: what each of them showed, by its index.
        results: the checks' results, by name.
        fatal: cells that ended a worker, and how.
        complaints: what went wrong, in words for the learner.
        remarks: which names were bound again below their question, in words for the learner.
        unanswered: the questions of which a name is missing, a placeholder or unfinished.
        weights: what became of the weights that came with the submission, by name: why they were
            not used, or nothing. Empty where none came.
        recording: what the worker answered, to ask a mended check again.
        stopped: whether the notebook, by a cell or by an answer that was called, ended a worker.
        starved: whether something ran out of time whose worker had too little of the processors.
        lost_at: where the workers of this submission were lost in all tries before, as
            WorkerDied.place says it. Another end there is the notebook's own, whoever seems to
            have killed it.
    """

    checks: Checks
    cells: Sequence[PlannedCell]
    limits: TierLimits
    with_weights: bool = False
    records: dict[int, CellRecord] = field(default_factory=dict)
    results: dict[str, Result] = field(default_factory=dict)
    fatal: dict[int, str] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    weights: dict[str, str] = field(default_factory=dict)
    recording: Recording = field(default_factory=Recording)
    stopped: bool = False
    starved: bool = False
    lost_at: frozenset[str] = frozenset()
    _deadline: float = field(default=0.0, init=False)
    _allowance: Allowance = field(init=False)
    _ended_by: set[str] = field(default_factory=set, init=False)
    _retried: set[int] = field(default_factory=set, init=False)
    _out_of_time: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        # The answers together may take as long as the notebook.
        self._allowance = Allowance(self.limits.notebook)

    def run(self, worker: MakeWorker) -> None:
        """Run the notebook and ask every check, with a new worker when one is lost.

        Raises:
            WorkerDied: when the machine is to blame and not the notebook.
            MissingDataError: when it lacks data that a given cell loads.
        """
        self._deadline = time.monotonic() + self.limits.notebook
        for _ in range(MOST_WORKERS):
            with worker() as alive:
                done = self._once(alive)
                self.starved = self.starved or (self._late and alive.starved)
                if done:
                    return
            if time.monotonic() > self._deadline:
                break
        self._give_up()

    @property
    def gpu_out_of_memory(self) -> bool:
        """Whether a GPU had no memory left, by what the notebook or an answer says."""
        said = [f"{r.ename} {r.evalue}" for r in self.records.values() if r.status == "error"]
        said += [r.message for r in self.results.values() if r.outcome is Outcome.ERROR]
        return any(_NO_GPU_MEMORY.search(text) for text in said)

    @property
    def _late(self) -> bool:
        """Whether anything took longer than it might."""
        return self._out_of_time or self._allowance.late

    def _once(self, worker: Worker) -> bool:
        """Run all cells and ask all checks that are open; False when the worker was lost."""
        try:
            snapshots = self._with_networks(worker, self._run_cells(worker))
        except WorkerDied as died:
            if not self._is_own(died, "between its cells"):
                raise
            self.stopped = True
            return False
        self.recording.begin(snapshots)
        # A process that has seen a hidden input is asked no public check any more: what that check
        # says could carry the input to the learner.
        for check in sorted(self._open(), key=lambda check: check.hidden):
            try:
                self.results[check.name] = self._ask(worker, check, snapshots)
            except WorkerDied as died:
                if not self._is_own(died, f"the check {check.name}"):
                    raise
                self.stopped = True
                how = _how(check, died)
                self.results[check.name] = _without(check, f"When it was called, {how}.")
                self._complain(f"{check.question}: when it was called, {how}")
                return False
        return True

    def _run_cells(self, worker: Worker) -> dict[str, Snapshot]:
        ends = question_ends(self.checks.assignment, [(c.grade_id, c.source) for c in self.cells])
        graded = GradedNames(self.checks.assignment, ends)
        for index, cell in enumerate(self.cells):
            bound: Sequence[str] = ()
            if index not in self.fatal:
                bound = self._run_cell(worker, index, cell.source, graded.names)
            graded.after(index, bound, worker)
        snapshots = graded.settle(worker)
        self.remarks = [self._bound_again(*binding) for binding in graded.bound_again]
        self.unanswered = graded.unanswered()
        if self.with_weights:
            self.weights = worker.weights()
        return snapshots

    def _with_networks(self, worker: Worker, snapshots: dict[str, Snapshot]) -> dict[str, Snapshot]:
        """Take configuration and weights of each network once, before any check.

        An object that is asked several times, and in between for its predictions, can show each
        check another network.
        """
        looked_at = self.checks.looked_at
        for name in looked_at.keys() & snapshots.keys():
            snapshot = snapshots[name]
            if isinstance(snapshot.value, Handle) and snapshot.kind == "value":
                methods = looked_at[name]
                taken = {m: self._taken(worker, name, snapshot, m) for m in methods}
                snapshots[name] = replace(snapshot, taken=taken)
        return snapshots

    def _taken(self, worker: Worker, name: str, snapshot: Snapshot, method: str) -> Any:
        """What a method of a network returned, or the error that it raised."""
        place = f"{name}.{method}"
        if place in self._ended_by:
            return AnswerError("RuntimeError", "it ended its own process", "", place)
        budget = Budget(allowance=self._allowance)
        try:
            with budget.spend() as seconds:
                return worker.call(
                    snapshot.value, path=[method], scope=snapshot.scope, seconds=seconds
                )
        except AnswerError as error:
            return error
        except WorkerDied as died:
            if self._is_own(died, place):
                self._ended_by.add(place)
                self._complain(f"{place}: when it was called, {_ENDS.get(died.kind, died.reason)}")
            raise

    def _bound_again(self, cell: int, name: str, graded: int) -> str:
        first = f"what cell {self._number(graded)} made of it" if graded >= 0 else "what it was"
        return f"cell {self._number(cell)} uses the name `{name}` again; {first} is graded"

    def _number(self, index: int) -> str:
        """A cell's number in the learner's notebook, where text cells count, too."""
        place = self.cells[index].place
        return str(place + 1) if place is not None else "that was put back"

    def _run_cell(
        self, worker: Worker, index: int, source: str, watch: Sequence[str]
    ) -> Sequence[str]:
        """Run one cell; returns which of the names to watch it has bound."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            self.stopped = self._out_of_time = True
            self.fatal[index] = "the notebook's time was up before this cell"
            self._complain(f"the notebook ran longer than {self.limits.notebook:g} s")
            return ()
        try:
            record = worker.run_cell(source, min(self.limits.cell, left), watch)
        except WorkerDied as died:
            if self._is_own(died, f"cell {index}"):
                self._blame(index, _ENDS[Death.LOST] if died.retry else died.reason)
            raise
        if index not in self.records:
            self.records[index] = record
            if record.status == "timeout":
                self._out_of_time = True
                self._complain(f"cell {self._number(index)} ran longer than {self.limits.cell:g} s")
            elif record.ename == DataError.__name__ and self._is_given(source):
                raise MissingDataError(_without_data(record.evalue))
            elif record.status == "error":
                self._complain(f"cell {self._number(index)}: {record.ename}: {record.evalue[:120]}")
        return record.bound

    def _blame(self, index: int, reason: str) -> None:
        """Leave a cell out of the next try, because it ended its worker.

        What ended a later cell before may have been a thread that this one had left behind. So each
        later cell gets one more try, now without this one.
        """
        self.fatal[index] = reason
        for later in [cell for cell in self.fatal if cell > index and cell not in self._retried]:
            self._retried.add(later)
            self._take_back(self._of_cell(later, self.fatal.pop(later)))
        self._complain(self._of_cell(index, reason))

    def _of_cell(self, index: int, reason: str) -> str:
        return f"cell {self._number(index)}: {reason}"

    def _is_own(self, died: WorkerDied, place: str) -> bool:
        """Whether the notebook ended its worker, and not the machine, which has no reason to do it
        at the same place in every try."""
        died.place = died.place or place
        self._out_of_time = self._out_of_time or died.kind is Death.TIMEOUT
        return not died.retry or died.place in self.lost_at

    def _is_given(self, source: str) -> bool:
        """Whether a cell is the release's own, as it was handed out."""
        given = (c for c in self.checks.assignment.cells if isinstance(c, Code))
        return source.strip() in {c.source.strip() for c in given}

    def _complain(self, text: str) -> None:
        line = " ".join(text.split())
        if line not in self.complaints:
            self.complaints.append(line)

    def _take_back(self, text: str) -> None:
        line = " ".join(text.split())
        if line in self.complaints:
            self.complaints.remove(line)

    def _open(self) -> list[Check]:
        every = (c for checks in self.checks.by_question.values() for c in checks)
        return [c for c in every if c.name not in self.results]

    def _ask(self, worker: Worker, check: Check, snapshots: Mapping[str, Snapshot]) -> Result:
        recorder = AnswerRecorder(worker, self.recording, check.name)
        budget = Budget(calls=calls_of(check), allowance=self._allowance)
        answer = RemoteAnswer(recorder, snapshots, budget, check.question)
        try:
            return self.checks.ask(check, answer, lambda fault: self._stumbled(check, fault))
        except WorkerDied:
            raise
        except Exception as fault:
            told = self.checks.fault_of(check, fault)
            if not told and isinstance(fault, OSError):
                raise  # the machine's
            # Whatever else the grader raises over an answer it would raise again.
            told = told or type(fault).__name__
            LOGGER.exception("the check %s failed: %s", check.name, told)
            self._complain(f"the check {check.name} itself failed ({told})")
            return _without(check, "The check itself failed; this is not your mistake.")

    def _stumbled(self, check: Check, fault: Exception) -> None:
        """Tell where a hidden check broke off; a public one tells the learner itself."""
        told = self.checks.fault_of(check, fault)
        if check.hidden and told:
            self._complain(
                f"the check {check.name} could not use what the answer returned ({told})"
            )

    def _give_up(self) -> None:
        for check in self._open():
            self.results[check.name] = _without(check, "Not reached: the notebook kept ending.")


_ENDS = {
    Death.EXIT: "your code ended its own process",
    Death.CRASH: "your code crashed its process",
    Death.MEMORY: "your code used more memory than it may",
    Death.TIMEOUT: "your code took too long and could not be interrupted",
    Death.LOST: "your code's process was killed, and at the same place in every try",
}


def _without_data(said: str) -> str:
    """What a grader's machine lacks, and what to do about it."""
    return (
        "a given cell found no data on this machine, which costs no learner anything; set "
        "DLCOURSE_DATA to the folder that holds them and give the same command again: "
        + " ".join(said.split())[:400]
    )


def _how(check: Check, died: WorkerDied) -> str:
    """How a call ended its worker. In fixed words where the call had a hidden input: an exit code
    can carry some of it out."""
    if not check.hidden and died.kind is not Death.LOST:
        return died.reason
    return _ENDS.get(died.kind, "your code disturbed the grader's channel")


def _without(check: Check, message: str) -> Result:
    """The result of a check whose answer could not be had."""
    return Result(
        check.question, check.name, check.points, check.hidden, check.hint, Outcome.ERROR, message
    )
