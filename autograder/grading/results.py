"""What grading yields: a row for each submission, and in it one for each check."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from autograder.collect.identity import Identity
from autograder.judge.recording import Recording
from dlcourse.check import Outcome, Result


class Status(StrEnum):
    """How grading of a submission ended. Each but the last is final."""

    GRADED = "graded"
    STOPPED = "stopped"  # it ended its process or met a limit; the rest counts
    UNREADABLE = "unreadable"  # not a notebook; nothing could be run
    SUPERSEDED = "superseded"  # another submission of the same learner counts
    LOST = "lost"  # our own machinery failed; to be graded again, never a mark


@dataclass(frozen=True)
class HandMark:
    """What a person said of one cell that counts: of a text that people mark, or of a check.

    Attributes:
        question: of the assignment.
        name: of the check, or of what people mark.
        points: that could be given.
        given: points given; None where nobody has given any yet, or, of a check, where its
            automatic points stand.
        extra: points given beyond.
        comment: for the learner.
        manual: whether only a person gives points for it.
    """

    question: str
    name: str
    points: float
    given: float | None = None
    extra: float = 0.0
    comment: str = ""
    manual: bool = False


@dataclass(frozen=True)
class GradedSubmission:
    """One submission's marks.

    Attributes:
        learner: the learner's id, or the file's name where none can be told.
        path: the file that was graded.
        reason: what happened, in words that the learner can act on; empty when nothing did.
        checks: a result for every check of the assignment, also for those never reached.
        notebook: the notebook as it ran, rebuilt from records (nbformat 4); None if it never ran.
        identity: who the learner is for the LMS, and whether this came late.
        isolation: how the learner's code was confined: strict, contained or none.
        seconds: wall-clock time that grading took.
        audit: what training again found, where the marks rest on weights that came with the
            submission and it was chosen for an audit. For instructors.
        flags: what a person should look at, see :mod:`autograder.grading.flags`. For instructors.
        weights: a digest of the weights that came with the submission, or empty.
        gpu_out_of_memory: a GPU had no memory left for it; others may have been using it then.
        starved: something ran out of time while others had the processors.
        recording: what the worker answered; the ledger keeps it beside the result.
        by_hand: what people said of it, as the gradebook has it; the ledger does not keep it.
    """

    learner: str
    path: Path
    status: Status
    reason: str
    checks: tuple[Result, ...]
    seconds: float
    tier: str
    isolation: str
    identity: Identity = field(default_factory=Identity)
    notebook: dict[str, Any] | None = field(default=None, repr=False)
    audit: str = ""
    flags: tuple[str, ...] = ()
    weights: str = ""
    gpu_out_of_memory: bool = field(default=False, repr=False, compare=False)
    starved: bool = field(default=False, repr=False, compare=False)
    recording: Recording | None = field(default=None, repr=False, compare=False)
    by_hand: tuple[HandMark, ...] = ()

    @property
    def marks(self) -> float:
        """Points earned. Those that a person gave for a check stand in place of its own."""
        given = {(h.question, h.name): h.given for h in self.by_hand if h.given is not None}
        own = sum(c.earned for c in self.checks if (c.question, c.name) not in given)
        return own + sum(given.values()) + sum(h.extra for h in self.by_hand)

    @property
    def max_marks(self) -> float:
        """Points that could be earned."""
        return sum(c.points for c in self.checks) + sum(h.points for h in self.by_hand if h.manual)

    @property
    def waits_for_marks(self) -> bool:
        """Whether something of it is still to be marked by a person."""
        return any(h.manual and h.given is None for h in self.by_hand)

    def outcomes(self, question: str) -> list[Outcome]:
        """The outcomes of one question's checks, in order."""
        return [c.outcome for c in self.checks if c.question == question]
