"""A log for machines: one JSON object a line, for each result and each warning of the grader."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pythonjsonlogger.json import JsonFormatter

from autograder.errors import CommandError
from autograder.grading.batch import Progress

PACKAGE = "autograder"
RESULTS = logging.getLogger(f"{PACKAGE}.results")


def log_result(step: Progress) -> None:
    """Write a result: who, what became of it, how long it took. Never an answer or a mark's reason.

    The reason may quote what a learner wrote, and a log travels further than feedback does.
    """
    one = step.graded
    RESULTS.info(
        "result",
        extra={
            "learner": one.learner,
            "status": one.status.value,
            "marks": one.marks,
            "max_marks": one.max_marks,
            "seconds": round(one.seconds, 3),
            "tier": one.tier,
            "isolation": one.isolation,
            "resumed": step.resumed,
            "starved": one.starved,
            "gpu_out_of_memory": one.gpu_out_of_memory,
        },
    )


@contextmanager
def event_log(path: Path, assignment: str) -> Iterator[Callable[[Progress], None]]:
    """Append to a log meanwhile; gives what writes a result into it.

    Args:
        path: the file; its folder is made. Each line is whole, so that several commands may share
            one file and a program may follow it.
        assignment: stands in each line.

    Raises:
        CommandError: when the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = logging.FileHandler(path, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{path}: no log can be written ({error.strerror})") from None
    handler.setFormatter(
        JsonFormatter(
            "%(message)s %(levelname)s",
            rename_fields={"message": "event", "levelname": "level"},
            static_fields={"assignment": assignment},
            timestamp="time",
        )
    )
    handler.setLevel(logging.INFO)
    before = RESULTS.level, RESULTS.propagate
    RESULTS.setLevel(logging.INFO)
    RESULTS.propagate = False  # the terminal has its own line for a result
    warnings = _WarningsTo(handler)
    RESULTS.addHandler(handler)
    logging.getLogger(PACKAGE).addHandler(warnings)
    try:
        yield log_result
    finally:
        logging.getLogger(PACKAGE).removeHandler(warnings)
        RESULTS.removeHandler(handler)
        RESULTS.level, RESULTS.propagate = before
        handler.close()


class _WarningsTo(logging.Handler):
    """Hands warnings and errors to a handler that takes less as well."""

    def __init__(self, other: logging.Handler) -> None:
        """Of warnings and above."""
        super().__init__(logging.WARNING)
        self.other = other

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
        self.other.handle(record)
