"""Progress where there is no terminal."""

from __future__ import annotations

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
