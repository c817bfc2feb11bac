"""How outcomes look."""

from __future__ import annotations

import pytest

from dlcourse.check import Outcome, Result
from dlcourse.check.display import SYMBOLS, _plain, _rich, show_summary


def result(outcome: Outcome, message: str = "") -> Result:
    return Result("softmax", "rows_sum_to_one", 1, False, "Divide by the sum.", outcome, message)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_each_outcome_has_a_word_and_a_symbol_of_its_own(outcome: Outcome) -> None:
    text = _plain(result(outcome), "")
    assert text.startswith(SYMBOLS[outcome.value])
    assert outcome.value in text.lower()
    assert len(set(SYMBOLS.values())) == len(SYMBOLS)


def test_the_hint_stands_with_a_failure_and_not_with_a_success() -> None:
    assert "Divide by the sum." in _plain(result(Outcome.NOT_YET), "")
    assert "Divide by the sum." not in _plain(result(Outcome.CORRECT), "")


def test_a_message_cannot_bring_markup_along() -> None:
    html = _rich(result(Outcome.NOT_YET, "<script>alert(1)</script> and `x < 1`"), "")
    assert "<script>" not in html
    assert "<code>x &lt; 1</code>" in html


def test_a_summary_ends_with_the_sum_of_all_questions(capsys: pytest.CaptureFixture[str]) -> None:
    results = [
        Result("softmax", "sums_to_one", 1.0, False, "", Outcome.CORRECT),
        Result("relu", "keeps_the_shape", 0.5, False, "", Outcome.NOT_YET),
    ]
    show_summary("week01", results, {"softmax": (2, 1.5), "relu": (1, 1.0), "counts": (0, 0.0)})
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.split() == ["all", "1/1.5", "3", "for", "2.5"]
