"""A question to a notebook's process: the value of something, or what calling it returns.

Whatever stands between a check and the process, a recording for instance, takes a question as one
value and hands it on, and so never needs to know how it was worded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from autograder.sandbox.channel import Handle


@dataclass(frozen=True)
class Call:
    """What something is called with: plain data and handles."""

    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Inquiry:
    """One question.

    Attributes:
        target: a name of the notebook's, or a handle.
        path: attributes, each of what the one before gave.
        scope: the question of the assignment in whose surroundings it is asked, see
            :meth:`autograder.workers.worker.Worker.settle`; the notebook's last state where it is
            none.
        call: with what the value is called; where it is None, the value itself is asked for.
    """

    target: str | Handle
    path: tuple[str, ...] = ()
    scope: str = ""
    call: Call | None = None

    @property
    def subject(self) -> str:
        """What it is about, in the learner's names."""
        return ".".join((self.target if isinstance(self.target, str) else "", *self.path))


class Questions(Protocol):
    """Whatever answers questions: a worker, or a recording of one. A class of it defines ``ask``.

    An answer is plain data (see :func:`dlcourse.check.answer.to_plain`), with :class:`Handle` for
    the rest. Every method raises

    - ``NotAttempted`` where a name is missing or still holds its placeholder,
    - ``AnswerError`` where the learner's code raised, or took too long,
    - ``ChannelError`` where an argument is neither plain data nor a handle, or is too large.
    """

    def ask(self, inquiry: Inquiry, seconds: float) -> Any:
        """The answer to a question, which may take so many seconds of wall time."""

    def get(self, target: str | Handle, *path: str, scope: str = "", seconds: float = 10.0) -> Any:
        """The value of a name or handle, or of an attribute reached through ``path``."""
        return self.ask(Inquiry(target, path, scope), seconds)

    def call(
        self,
        target: str | Handle,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        *,
        path: Sequence[str] = (),
        scope: str = "",
        seconds: float = 60.0,
    ) -> Any:
        """What calling that value returns."""
        called = Call(tuple(args), dict(kwargs or {}))
        return self.ask(Inquiry(target, tuple(path), scope, called), seconds)
