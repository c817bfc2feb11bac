"""Which of the things that a learner's name has been is the answer that is graded.

A question ends at its last cell: the last check cell after its answer cell, as the notebook was
handed out. What its names are right then is what the learner's own checks have looked at, and what
nbgrader looks at; it is graded. Which cells bind a name is seen in the namespace itself, before and
after each cell, and not read from their text.

- A cell further down that binds the name again changes nothing, and the learner is told.
- Where the name still is a placeholder then, is missing, or its function is unfinished, the learner
  has written the answer in a cell of their own: the last one counts that binds the name to the kind
  of thing that is asked for (a function, a class).
- Where the name is another kind of thing by then, what it was before counts.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from autograder.assignment.source import Answer, Assignment, CheckSource, Question
from autograder.judge.recording import size_of
from autograder.judge.remote import Worker
from autograder.release.learner import answer_id, check_id
from autograder.workers.worker import Snapshot
from dlcourse.check.answer import AnswerError, Status, parse

_OPEN = (Status.MISSING, Status.UNTOUCHED)

MOST = 64 * 2**20
"""Bytes of plain values that all names of a submission hold together, and each in its time."""


def question_ends(
    assignment: Assignment, cells: Sequence[tuple[str | None, str]]
) -> dict[str, int]:
    """After which cell each question is complete: an index into ``cells``, -1 where none is its.

    A check cell is known by its ``grade_id`` or, where that was lost, by its text. Of one that was
    copied the first after the answer cell counts.

    Args:
        assignment: the source.
        cells: for each code cell in order, its ``grade_id`` (or None) and its source.
    """
    return {q.name: _end(q, cells) for q in assignment.questions}


def _end(question: Question, cells: Sequence[tuple[str | None, str]]) -> int:
    identity = answer_id(question.name)
    answered = max((i for i, (grade_id, _) in enumerate(cells) if grade_id == identity), default=-1)
    firsts = (
        next((i for i, cell in enumerate(cells) if i > answered and _is_check(check, *cell)), -1)
        for check in question.checks
    )
    return max(answered, *firsts, -1)


def _is_check(check: CheckSource, grade_id: str | None, source: str) -> bool:
    if grade_id is not None:
        return grade_id == check_id(check)
    if check.hidden:
        return f'hidden_check("{check.question}", "{check.name}"' in source
    return f'@check("{check.question}"' in source and f"def {check.name}(" in source


def asked_kinds(question: Question) -> dict[str, str]:
    """By name of a question's answer, what it is to be: ``function``, ``class`` or ``value``."""
    return dict(_kinds(question.answer)) if question.answer else {}


@lru_cache(maxsize=1024)  # the same for every submission
def _kinds(answer: Answer) -> dict[str, str]:
    kinds = dict.fromkeys(answer.names, "value")
    for node in parse(answer.solution).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name in kinds:
            kinds[node.name] = "function"
        elif isinstance(node, ast.ClassDef) and node.name in kinds:
            kinds[node.name] = "class"
    return kinds


@dataclass
class _Name:
    """One name of a question's: what of it is graded as far as the notebook has run."""

    asked: str
    snapshot: Snapshot = field(default_factory=lambda: Snapshot(Status.MISSING))
    moment: int = -1
    settled: bool = False
    binder: int = -1  # the last cell that bound it before that moment
    last_binder: int = -1

    @property
    def good(self) -> bool:
        return self.fits(self.snapshot) and self.snapshot.status is Status.DEFINED

    def fits(self, snapshot: Snapshot) -> bool:
        """Whether it is an answer at all, of the kind that is asked for."""
        if snapshot.status in _OPEN:
            return False
        if self.asked == "function":  # a class can be called, too
            return snapshot.kind in ("function", "class")
        return self.asked != "class" or snapshot.kind == "class"

    def take(self, snapshot: Snapshot, moment: int) -> None:
        self.snapshot, self.moment, self.binder = snapshot, moment, self.last_binder


class GradedNames:
    """Follows the names of all questions while a notebook's cells run.

    Args:
        assignment: the source.
        ends: see :func:`question_ends`.
    """

    def __init__(self, assignment: Assignment, ends: Mapping[str, int]) -> None:
        self._ends = ends
        self._names = {
            q.name: {name: _Name(kind) for name, kind in asked_kinds(q).items()}
            for q in assignment.questions
        }
        self.names = tuple(name for names in self._names.values() for name in names)
        self.bound_again: list[tuple[int, str, int]] = []
        """Which cell bound which name again, and which cell made what is graded."""

    def after(self, cell: int, bound: Sequence[str], worker: Worker) -> None:
        """Look at the names that a cell, which has just run, may have decided.

        Raises:
            WorkerDied: when the worker does.
        """
        wanted: dict[str, tuple[_Name, bool]] = {}
        for question, names in self._names.items():
            at_end = self._ends[question] == cell
            for name, state in names.items():
                if name in bound:
                    self._note_binding(name, state, cell)
                if at_end or (name in bound and not state.settled):
                    wanted[name] = (state, at_end)
        if not wanted:
            return
        held = (s.snapshot.value for names in self._names.values() for s in names.values())
        looked = _look(worker, list(wanted), cell, MOST - size_of(list(held)))
        for name, (state, at_end) in wanted.items():
            self._decide(name, state, looked[name], cell, at_end)

    def _note_binding(self, name: str, state: _Name, cell: int) -> None:
        state.last_binder = cell
        if state.settled:
            self.bound_again.append((cell, name, state.binder))

    def _decide(self, name: str, state: _Name, snapshot: Snapshot, cell: int, at_end: bool) -> None:
        fits, missing = state.fits(snapshot), snapshot.status in _OPEN
        whole = fits and snapshot.status is Status.DEFINED
        if state.good and not fits and not missing and state.last_binder == cell:
            self.bound_again.append((cell, name, state.binder))
        if whole or ((fits or at_end) and not state.good):
            state.take(snapshot, cell)
        # What is whole at the question's end is the answer; so is what was, where the learner has
        # used the name for something else since.
        state.settled = state.settled or (at_end and state.good and not missing)

    def settle(self, worker: Worker) -> dict[str, Snapshot]:
        """What is graded of each name; the worker answers each question as it was then.

        Raises:
            WorkerDied: when the worker does.
        """
        taken = {
            question: {name: state for name, state in names.items() if state.moment >= 0}
            for question, names in self._names.items()
        }
        scopes = {q: max(s.moment for s in names.values()) for q, names in taken.items() if names}
        chosen = {q: {n: s.moment for n, s in names.items()} for q, names in taken.items() if names}
        worker.settle(scopes, chosen)
        return dict(self._snapshots(scopes))

    def unanswered(self) -> list[str]:
        """The questions of which a name is missing, a placeholder or unfinished."""
        return [
            question
            for question, names in self._names.items()
            if any(s.snapshot.status is not Status.DEFINED for s in names.values())
        ]

    def _snapshots(self, scopes: Mapping[str, int]) -> Iterator[tuple[str, Snapshot]]:
        for question, names in self._names.items():
            scope = question if question in scopes else ""
            for name, state in names.items():
                yield name, replace(state.snapshot, scope=scope)


def _look(worker: Worker, names: Sequence[str], moment: int, room: int) -> dict[str, Snapshot]:
    """Snapshots of names; what does not fit into so many bytes is an error of its own."""
    try:
        looked = worker.look(names, moment)
        for name, snapshot in looked.items():
            room -= size_of(snapshot.value)
            if room < 0:
                error = AnswerError("MemoryError", f"the answers hold over {MOST >> 20} MiB")
                looked[name] = replace(snapshot, value=error)
        return looked
    except AnswerError as error:  # what stands there cannot be read in time
        failed = AnswerError("ValueError", str(error))
        return {name: Snapshot(Status.DEFINED, failed, "value") for name in names}
