"""The worker's side of the conversation: run cells, and answer questions about what they made.

A request is a dict with an ``id`` and what to ``do``; the answer repeats the id and holds either a
``value`` or an ``error``. What the learner's objects look like from outside is decided by
:mod:`dlcourse.check.answer`, as in the learner's own notebook, so a check means the same in both
places.

This code shares its process with the learner's, who may change all of it: whatever it says is a
claim, and the judge reads it as one.
"""

from __future__ import annotations

import os
import stat
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from autograder.sandbox.channel import Channel, ChannelClosed, ChannelError, Handle
from autograder.sandbox.outputs import CellRecord
from autograder.sandbox.prediction import direct
from autograder.sandbox.runner import CellTimeout, Runner
from autograder.sandbox.surroundings import Surroundings
from dlcourse.check.answer import (
    AnswerError,
    LocalAnswer,
    LocalHandle,
    NotAttempted,
    Status,
    status_of,
)
from dlcourse.train import submitted

MAX_HANDLES = 100_000

Request = dict[str, Any]


def serve(channel: Channel, runner: Runner) -> None:
    """Answer requests until the judge hangs up."""
    desk = _RequestHandler(runner)
    while True:
        try:
            request = channel.receive()
        except ChannelClosed:
            return
        reply = {"id": request["id"], **desk.answer(request)}
        try:
            channel.send(reply)
        except ChannelClosed:
            return
        except ChannelError as error:
            problem = AnswerError("ValueError", f"what it returned cannot be sent: {error}")
            channel.send({"id": request["id"], "error": _described(problem)})


@contextmanager
def _own_settings() -> Iterator[None]:
    """Answer under ordinary settings: a notebook may make an error of every warning for itself."""
    with warnings.catch_warnings(), np.errstate(all="warn", under="ignore"):
        warnings.simplefilter("ignore")
        yield


class _RequestHandler:
    """Where requests are answered, with the objects that the judge holds handles of."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        self.namespace = LocalAnswer(runner.namespace)
        self.surroundings = Surroundings(runner.namespace)
        self.handles: dict[int, LocalHandle] = {}
        self.made = 0
        self.quiet: dict[str, Callable[[Request], Any]] = {
            "get": self.get,
            "call": self.call,
            "look": self.look,
            "settle": self.settle,
            "read_file": self.read_file,
            "weights": self.weights,
        }

    def answer(self, request: Request) -> dict[str, Any]:
        """A dict with ``value`` or ``error``."""
        if request["do"] == "run_cell":
            return {"value": asdict(self.run_cell(request))}
        try:
            with self.runner.quietly(), _own_settings(), self.runner.clock(request["seconds"]):
                return {"value": self.outgoing(self.quiet[request["do"]](request))}
        except CellTimeout as error:
            timeout = AnswerError("TimeoutError", str(error), subject=str(request.get("subject")))
            return {"error": _described(timeout)}
        except BaseException as error:
            return {"error": _described(error)}

    def run_cell(self, request: Request) -> CellRecord:
        """Run a cell, and say which of the names to watch it has bound."""
        self.surroundings.enter("")
        self.surroundings.watch(request["watch"])
        record = self.runner.run_cell(request["source"], request["seconds"])
        return replace(record, bound=tuple(self.surroundings.bound()))

    def look(self, request: Request) -> dict[str, dict[str, Any]]:
        """What some names are now, and keep what is around them."""
        self.surroundings.keep(request["moment"])
        return {name: self._look(name) for name in request["names"]}

    def _look(self, name: str) -> dict[str, Any]:
        status = status_of(self.runner.namespace, name)
        looked: dict[str, Any] = {"status": status.value, "kind": ""}
        if status not in (Status.DEFINED, Status.PARTIAL):
            return looked
        found = self.runner.namespace[name]
        kind = "class" if isinstance(found, type) else "function" if callable(found) else "value"
        looked["kind"] = kind
        try:
            looked["value"] = self.outgoing(getattr(self.namespace, name))
        except Exception as error:
            told = AnswerError("ValueError", _text_of(error)[:2000], subject=name)
            looked["error"] = _described(told)
        return looked

    def settle(self, request: Request) -> None:
        """Say at which moments the questions are answered from now on."""
        self.surroundings.settle(request["scopes"], request["chosen"])

    def get(self, request: Request) -> Any:
        """The value behind a name or a handle and a path of attributes."""
        self.surroundings.enter(request["scope"])
        target = request["target"]
        value = (
            self.handles[target.id] if type(target) is Handle else getattr(self.namespace, target)
        )
        for attribute in request["path"]:
            value = getattr(value, attribute)
        return value

    def call(self, request: Request) -> Any:
        """Call what :meth:`get` finds."""
        function = self.get(request)
        if not isinstance(function, LocalHandle):
            raise AnswerError("TypeError", f"'{type(function).__name__}' object is not callable")
        given = [self.incoming(a) for a in request["args"]]
        named = {k: self.incoming(v) for k, v in request["kwargs"].items()}
        return LocalHandle(direct(function._object), function._path)(*given, **named)

    def read_file(self, request: Request) -> Any:
        """The bytes of a regular file in the notebook's folder."""
        descriptor = os.open(request["name"], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            about = os.fstat(descriptor)
            if not stat.S_ISREG(about.st_mode):
                raise AnswerError("OSError", f"{request['name']} is not a regular file")
            if about.st_size > request["most"]:
                raise AnswerError("OSError", f"{request['name']} has {about.st_size:,} bytes")
            return np.frombuffer(file.read(request["most"]), np.uint8)

    def weights(self, request: Request) -> dict[str, str]:
        """What became of the submission's weights (see :mod:`dlcourse.train.submitted`)."""
        return {str(name)[:100]: str(why)[:300] for name, why in submitted.used.items()}

    def outgoing(self, value: Any) -> Any:
        """Replace the learner's objects by handles."""
        if isinstance(value, LocalHandle):
            if len(self.handles) >= MAX_HANDLES:
                raise AnswerError("MemoryError", f"more than {MAX_HANDLES:,} objects are in use")
            self.made += 1
            self.handles[self.made] = value
            return Handle(self.made, type(value._object).__name__[:200])
        if type(value) in (list, tuple):
            return type(value)(self.outgoing(v) for v in value)
        if type(value) is dict:
            return {k: self.outgoing(v) for k, v in value.items()}
        return value

    def incoming(self, value: Any) -> Any:
        """Replace handles by the learner's objects."""
        if type(value) is Handle:
            return self.handles[value.id]
        if type(value) in (list, tuple):
            return type(value)(self.incoming(v) for v in value)
        if type(value) is dict:
            return {k: self.incoming(v) for k, v in value.items()}
        return value


def _described(error: BaseException) -> dict[str, str]:
    """An error as plain, short text."""
    if isinstance(error, NotAttempted):
        return {"kind": "not_attempted", "name": error.name[:200], "status": error.status.value}
    if not isinstance(error, AnswerError):
        error = AnswerError(type(error).__name__, _text_of(error))
    return {
        "kind": "learner",
        "type": error.kind[:200],
        "message": error.message[:2000],
        "where": error.where[:500],
        "subject": error.subject[:200],
    }


def _text_of(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # whatever a learner's exception does when it is printed
        return ""
