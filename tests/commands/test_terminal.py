"""Progress where there is no terminal."""

from __future__ import annotations

import logging
import sys
import threading
from typing import Any

import pytest

from autograder.commands import terminal


def test_progress_without_a_terminal_is_a_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines: list[str] = []
    told = threading.Event()

    def keep(text: str) -> None:
        lines.append(text)
        told.set()

    monkeypatch.setattr(terminal, "SECONDS_A_LINE", 0.01)
    monkeypatch.setattr(terminal.ERRORS, "print", keep)
    with terminal.progress("grading week99", 3) as task:
        task.advance("one by one")
        assert told.wait(120)
    assert "grading week99" in lines[-1]
    assert "1 of 3" in lines[-1]
    assert "one by one" in lines[-1]


def test_work_of_less_than_a_minute_prints_no_progress(capsys: Any) -> None:
    with terminal.progress("quick", 1) as task:
        task.advance()
    assert capsys.readouterr().err == ""


HOSTILE = "ada\x1b[2J\x1b]0;title\x07\n\rERROR: forged\u202e.ipynb"


def test_a_log_line_holds_nothing_that_a_terminal_obeys() -> None:
    record = logging.LogRecord("autograder", logging.WARNING, "", 0, "%s: lost", (HOSTILE,), None)
    line = terminal.PlainFormatter("%(levelname)s: %(message)s").format(record)
    assert line.isprintable()
    assert line.startswith("WARNING: ada ERROR: forged")


def test_a_logged_traceback_holds_nothing_that_a_terminal_obeys() -> None:
    try:
        raise ValueError(HOSTILE)
    except ValueError:
        record = logging.LogRecord("a", logging.ERROR, "", 0, "failed", (), sys.exc_info())
    lines = terminal.PlainFormatter().format(record).split("\n")
    assert len(lines) > 3
    assert all(line.isprintable() for line in lines)


def test_an_error_holds_nothing_that_a_terminal_obeys(capsys: Any) -> None:
    terminal.print_error(HOSTILE)
    assert not set("\x1b\x07\r\u202e") & set(capsys.readouterr().err)
