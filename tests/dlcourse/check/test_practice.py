"""Cells of a chapter that the reader fills in."""

from __future__ import annotations

from typing import Any

import pytest

from dlcourse.check import Outcome, Result
from dlcourse.check.practice import _rich, practice

CHECK = """
@practice("doubled", hint="Multiply `x` by 2.")
def found(answer):
    assert answer.doubled(3) == 6, "3 doubled is 6."
"""


def outcome_of(answer: str) -> Result:
    names: dict[str, Any] = {"practice": practice}
    exec(answer + CHECK, names)
    result = names["found"]
    assert isinstance(result, Result)
    return result


def test_a_stub_is_not_attempted(capsys: pytest.CaptureFixture[str]) -> None:
    stub = 'def doubled(x):\n    """Twice x."""\n    ...\n'
    assert outcome_of(stub).outcome is Outcome.NOT_ATTEMPTED
    assert capsys.readouterr().out.startswith("○ Not attempted: doubled")


def test_a_right_answer_is_correct_and_shows_neither_points_nor_a_hint(
    capsys: pytest.CaptureFixture[str],
) -> None:
    right = outcome_of("def doubled(x):\n    return 2 * x\n")
    assert right.outcome is Outcome.CORRECT
    shown = capsys.readouterr().out + _rich(right)
    assert "point" not in shown
    assert "Hint" not in shown


def test_a_wrong_answer_gets_the_message_and_the_hint(capsys: pytest.CaptureFixture[str]) -> None:
    wrong = outcome_of("def doubled(x):\n    return x * x\n")
    assert wrong.outcome is Outcome.NOT_YET
    shown = capsys.readouterr().out
    assert "3 doubled is 6." in shown
    assert "Hint: Multiply `x` by 2." in shown


def test_an_answer_that_raises_stops_nothing() -> None:
    assert outcome_of("def doubled(x):\n    return x.two\n").outcome is Outcome.ERROR


def test_what_is_shown_cannot_bring_markup_along() -> None:
    result = Result("<b>x</b>", "found", 0, False, "", Outcome.NOT_YET, "`a < b`")
    assert "<b>" not in _rich(result)
    assert "<code>a &lt; b</code>" in _rich(result)
