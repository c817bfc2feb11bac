"""What a learner's process answered, kept, so that a mended check can be asked again without it.

A recording holds, for each worker that a submission had, the names as they were pinned and every
answer to every question of the judge's. A question is known by its digest: what is called, on which
handle, with which arguments. A check whose hidden inputs have not changed asks the same questions
and finds the answers; one that asks anything new raises :class:`NotRecorded`.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from autograder.sandbox.channel import ChannelError, FrameLimits, decode, encode
from autograder.workers.questions import Inquiry, Questions
from autograder.workers.worker import Snapshot
from dlcourse.check.answer import AnswerError, NotAttempted, Status

MOST = 64 * 2**20
"""Bytes of answers that are kept of one submission; of a larger one nothing is."""

_LIMITS = FrameLimits(header=64 * 2**20, frame=2 * MOST, items=4_000_000, arrays=100_000)


class NotRecorded(Exception):
    """A question that was not asked when the submission was graded."""


@dataclass
class Session:
    """What one worker was asked, by check and by the question's digest, in order."""

    snapshots: dict[str, Snapshot]
    answers: dict[str, dict[str, list[Any]]] = field(default_factory=dict)


@dataclass
class Recording:
    """All sessions of a submission, the last one last."""

    sessions: list[Session] = field(default_factory=list)
    size: int = 0

    @property
    def whole(self) -> bool:
        """Whether everything could be kept."""
        return bool(self.sessions) and self.size <= MOST

    def begin(self, snapshots: Mapping[str, Snapshot]) -> Session:
        """A new worker has run the notebook."""
        self.size += sum(size_of([s.value, *s.taken.values()]) for s in snapshots.values())
        self.sessions.append(Session(dict(snapshots)))
        return self.sessions[-1]

    def dump(self) -> bytes:
        """The recording as compressed bytes."""
        tree = [
            {
                "snapshots": {n: _snapshot_out(p) for n, p in s.snapshots.items()},
                "answers": s.answers,
            }
            for s in self.sessions
        ]
        return zlib.compress(b"".join(encode(tree, _LIMITS)), 1)

    @staticmethod
    def load(data: bytes) -> Recording:
        """Read what :meth:`dump` wrote.

        Raises:
            ChannelError: when it is something else.
        """
        try:
            tree = decode(zlib.decompress(data), _LIMITS)
            sessions = [
                Session({n: _snapshot_in(p) for n, p in s["snapshots"].items()}, s["answers"])
                for s in tree
            ]
        except (zlib.error, KeyError, TypeError, ValueError, AttributeError) as error:
            raise ChannelError(f"this is no recording: {error}") from None
        return Recording(sessions)

    def session_of(self, check: str) -> Session:
        """The session in which a check was asked, or else the last one."""
        return next((s for s in self.sessions if check in s.answers), self.sessions[-1])


def _snapshot_out(snapshot: Snapshot) -> dict[str, Any]:
    tree = {
        "status": snapshot.status.value,
        "kind": snapshot.kind,
        "scope": snapshot.scope,
        "taken": {method: _answer_out(value) for method, value in snapshot.taken.items()},
    }
    if isinstance(snapshot.value, AnswerError):
        return {**tree, "error": _error_out(snapshot.value)}
    return {**tree, "value": snapshot.value}


def _snapshot_in(tree: dict[str, Any]) -> Snapshot:
    value = _error_in(tree["error"]) if "error" in tree else tree["value"]
    taken = {method: _answer_in(answer) for method, answer in tree["taken"].items()}
    return Snapshot(Status(tree["status"]), value, tree["kind"], tree["scope"], taken)


def _answer_out(value: Any) -> dict[str, Any]:
    if isinstance(value, AnswerError | NotAttempted):
        return {"error": _error_out(value)}
    return {"value": value}


def _answer_in(answer: dict[str, Any]) -> Any:
    return _error_in(answer["error"]) if "error" in answer else answer["value"]


def _error_out(error: AnswerError | NotAttempted) -> dict[str, str]:
    if isinstance(error, NotAttempted):
        return {"name": error.name, "status": error.status.value}
    return {
        "kind": error.kind,
        "message": error.message,
        "where": error.where,
        "subject": error.subject,
    }


def _error_in(tree: dict[str, str]) -> AnswerError | NotAttempted:
    if "status" in tree:
        return NotAttempted(tree["name"], Status(tree["status"]))
    return AnswerError(**tree)


def _digest(inquiry: Inquiry) -> str:
    """What a question is known by; seconds are none of it."""
    question: list[Any] = ["get" if inquiry.call is None else "call"]
    question += [inquiry.scope, inquiry.target, list(inquiry.path)]
    if inquiry.call is not None:
        question += [list(inquiry.call.args), dict(inquiry.call.kwargs or {})]
    digest = hashlib.sha256()
    for part in encode(question, _LIMITS):
        digest.update(part)
    return digest.hexdigest()[:32]


class AnswerRecorder(Questions):
    """A worker whose answers to one check are kept."""

    def __init__(self, worker: Questions, recording: Recording, check: str) -> None:
        self._worker = worker
        self._recording = recording
        self._answers = recording.sessions[-1].answers.setdefault(check, {})

    def ask(self, inquiry: Inquiry, seconds: float) -> Any:
        """What the worker answers."""
        digest = _digest(inquiry)
        try:
            value = self._worker.ask(inquiry, seconds)
        except (AnswerError, NotAttempted) as error:
            self._keep(digest, {"error": _error_out(error)}, 1000)
            raise
        self._keep(digest, {"value": value}, size_of(value))
        return value

    def _keep(self, question: str, answer: dict[str, Any], size: int) -> None:
        self._recording.size += size
        if self._recording.size <= MOST:
            self._answers.setdefault(question, []).append(answer)


class Replayer(Questions):
    """Answers one check from a recording."""

    def __init__(self, session: Session, check: str) -> None:
        own = session.answers.get(check, {})
        self._own: dict[str, Iterator[Any]] = {q: iter(a) for q, a in own.items()}
        self._others = session.answers

    def ask(self, inquiry: Inquiry, seconds: float) -> Any:
        """What was answered when the submission was graded.

        Raises:
            NotRecorded: when it was not asked then.
        """
        question = _digest(inquiry)
        answer = next(self._own.get(question, iter(())), None) or self._from_others(question)
        if "error" in answer:
            raise _error_in(answer["error"])
        return answer["value"]

    def _from_others(self, question: str) -> Any:
        for answers in self._others.values():
            if question in answers:
                return answers[question][0]
        raise NotRecorded


def size_of(value: Any) -> int:
    """About how many bytes a value takes."""
    if hasattr(value, "nbytes"):
        return int(value.nbytes) + 64
    if isinstance(value, str):
        return len(value) + 64
    if isinstance(value, list | tuple):
        return 64 + sum(map(size_of, value))
    if isinstance(value, dict):
        return 64 + sum(size_of(k) + size_of(v) for k, v in value.items())
    return 64
