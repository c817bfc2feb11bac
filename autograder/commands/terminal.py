"""What commands print: messages, tables, and the progress of what takes minutes."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from rich.console import Console
from rich.markup import escape

if TYPE_CHECKING:
    from rich.table import Table

CONSOLE = Console(highlight=False, soft_wrap=True)
ERRORS = Console(stderr=True, highlight=False, soft_wrap=True)

OK, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130
"""Exit codes. 130 is what a shell gives a command that Ctrl-C ended: 128 and SIGINT's 2."""

REFUSED, TRY_AGAIN = 3, 75
"""Exit codes of ``grade`` alone: this machine cannot isolate submissions as it was asked to; it
failed in something that may succeed later or on another machine (``EX_TEMPFAIL`` of sysexits.h)."""

SECONDS_A_LINE = 60.0
"""How often progress is printed where there is no terminal to redraw."""


def _clean(text: str) -> str:
    """Text from anywhere without terminal codes and control characters."""
    from autograder.report.wording import clean  # its imports cost what help does not need

    return clean(text)


class PlainFormatter(logging.Formatter):
    """A log's lines without what a terminal obeys, and each message on one line.

    File names, reasons and exceptions come from learners.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """The line of one record."""
        from autograder.report.wording import one_line

        record.message = one_line(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        """A traceback, whose last line may quote a learner."""
        return _clean(super().formatException(ei))


def print_error(message: str) -> None:
    """One error, on the error stream."""
    ERRORS.print(f"[red]error:[/red] {escape(_clean(message))}")


def print_line(text: str) -> None:
    """One line as it is: no part of it is markup."""
    CONSOLE.print(escape(_clean(text)))


def report_problems(problems: Sequence[str], fine: str = "") -> int:
    """Print what was found, or that all is fine; returns the exit code."""
    for problem in problems:
        ERRORS.print(escape(_clean(problem)))
    if problems:
        ERRORS.print(f"{len(problems)} found.")
        return FAILED
    if fine:
        CONSOLE.print(escape(_clean(fine)))
    return OK


def new_table(title: str, texts: Sequence[str], numbers: Sequence[str] = ()) -> Table:
    """An empty table: columns of texts, then columns of numbers."""
    from rich.table import Table

    table = Table(title=title)
    for column in texts:
        table.add_column(column)
    for column in numbers:
        table.add_column(column, justify="right")
    return table


class Task(Protocol):
    """Work under way, as a command tells of it."""

    def advance(self, state: str = "") -> None:
        """One part more is done."""

    def show(self, state: str, done: int | None = None, total: int | None = None) -> None:
        """Say what is being done, and how far it is where that is known."""


@contextmanager
def progress(name: str, total: int | None = None) -> Iterator[Task]:
    """Show how far some work is: a bar on a terminal, elsewhere a line a minute.

    Args:
        name: what is done.
        total: of how many parts it consists; None where that is not known beforehand.
    """
    if CONSOLE.is_terminal:
        with _bar(name, total) as bar:
            yield bar
    else:
        lines = _Lines(name, total)
        try:
            yield lines
        finally:
            lines.end()


class _Bar:
    """Progress on a terminal, redrawn in place."""

    def __init__(self, bars: object, task: object) -> None:
        self._bars, self._task = bars, task

    def advance(self, state: str = "") -> None:
        self._bars.update(self._task, advance=1, state=escape(state))  # type: ignore[attr-defined]

    def show(self, state: str, done: int | None = None, total: int | None = None) -> None:
        known = {k: v for k, v in (("completed", done), ("total", total)) if v is not None}
        self._bars.update(self._task, state=escape(state), **known)  # type: ignore[attr-defined]


@contextmanager
def _bar(name: str, total: int | None) -> Iterator[_Bar]:
    from rich.progress import (
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        *Progress.get_default_columns()[:2],
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[state]}"),
    )
    with Progress(*columns, console=CONSOLE) as bars:
        yield _Bar(bars, bars.add_task(escape(name), total=total, state=""))


class _Lines:
    """Progress without a terminal: a line a minute on the error stream, and one at the end.

    The lines come from a thread, so that one long part is seen to be alive as well.
    """

    def __init__(self, name: str, total: int | None) -> None:
        self._name, self._total = name, total
        self._done, self._state = 0, ""
        self._began = time.monotonic()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._tell, name="progress", daemon=True)
        self._thread.start()

    def advance(self, state: str = "") -> None:
        self._done, self._state = self._done + 1, state

    def show(self, state: str, done: int | None = None, total: int | None = None) -> None:
        self._state = state
        self._done = self._done if done is None else done
        self._total = self._total if total is None else total

    def end(self) -> None:
        """Print the last line, where any was printed."""
        self._ended.set()
        self._thread.join()

    def _tell(self) -> None:
        told = False
        while not self._ended.wait(SECONDS_A_LINE):
            told = True
            self._print()
        if told:
            self._print()

    def _print(self) -> None:
        parts = [f"{self._name}:"]
        if self._total is not None:
            parts.append(f"{self._done} of {self._total},")
        elif self._done:
            parts.append(f"{self._done} done,")
        parts.append(f"{(time.monotonic() - self._began) / 60:.0f} min")
        ERRORS.print(escape(" ".join(parts) + (f"; {self._state}" if self._state else "")))
