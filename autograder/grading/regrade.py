"""Grading again after a check was mended, without running what was handed in again.

A check that has not changed keeps its result. One that has changed is asked again with the answers
that were recorded when the submission ran. Only where the mended check wants to know something that
was never asked does the notebook run once more.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

from autograder.grading.ledger import Ledger, Record
from autograder.grading.results import GradedSubmission
from autograder.judge.checks import Checks
from autograder.judge.recording import NotRecorded, Recording, Replayer
from autograder.judge.remote import Budget, RemoteAnswer
from autograder.sandbox.channel import ChannelError
from dlcourse.check import Check, Result
from dlcourse.check.allowance import calls_of

LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class Change:
    """A check whose result another version of it has changed."""

    learner: str
    before: Result
    after: Result


def record_of(checks: Checks, graded: GradedSubmission, work: str) -> Record | None:
    """What to keep of a result, to grade it again; None where nothing was recorded."""
    recording = graded.recording
    if recording is None or not recording.whole:
        return None
    prints = {c.name: checks.fingerprint(c) for c in _every(checks)}
    try:
        return Record(work, prints, recording.dump())
    except ChannelError as error:  # a learner's values can be larger than what is kept of them
        LOGGER.warning("the answers of %s are not kept: %s", graded.learner, error)
        return None


def regraded(
    checks: Checks, ledger: Ledger, work: str
) -> tuple[GradedSubmission, list[Change]] | None:
    """The result under these checks of a work that was graded under others, and what it changes.

    Returns:
        None when there is no earlier result, its recording does not tell enough, or a check fails
        by its own mistake: then the submission is to be graded as if it were new.

    Raises:
        LedgerError: when the ledger cannot be read.
    """
    found = ledger.earlier(work)
    if found is None:
        return None
    earlier, record = found
    try:
        recording = Recording.load(record.answers)
        results = {c.name: _result(checks, c, earlier, record, recording) for c in _every(checks)}
    except (NotRecorded, ChannelError):
        return None
    except Exception:
        LOGGER.exception("settling %s from recorded answers failed", earlier.learner)
        return None
    ordered = tuple(results[c.name] for c in checks.assignment.checks)
    now = replace(earlier, checks=ordered, recording=recording)
    return now, _changes(earlier, now)


def _every(checks: Checks) -> list[Check]:
    return [c for of_question in checks.by_question.values() for c in of_question]


def _result(
    checks: Checks, check: Check, graded: GradedSubmission, record: Record, recording: Recording
) -> Result:
    if record.checks.get(check.name) == checks.fingerprint(check):
        return next(r for r in graded.checks if r.name == check.name)
    session = recording.session_of(check.name)
    replayer = Replayer(session, check.name)
    answer = RemoteAnswer(
        replayer, session.snapshots, Budget(calls=calls_of(check)), check.question
    )
    return checks.ask(check, answer)


def _changes(before: GradedSubmission, after: GradedSubmission) -> list[Change]:
    """The checks whose outcome or points differ between two results of one submission."""
    old = {c.name: c for c in before.checks}
    return [
        Change(after.learner, old[c.name], c)
        for c in after.checks
        if c.name in old and (c.outcome, c.points) != (old[c.name].outcome, old[c.name].points)
    ]
