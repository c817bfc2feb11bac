"""How often a check may ask the learner's code."""

from __future__ import annotations

import pytest

from dlcourse.check.allowance import CALLS, calls_of, may_ask
from dlcourse.check.decorator import check, collecting
from dlcourse.check.result import Check


def collected(calls: int | None) -> Check:
    def look(answer: object) -> None:
        """Nothing to look at."""

    with collecting() as found:
        check("agent", points=1, hidden=True)(may_ask(calls)(look) if calls else look)
    return found[0]


def test_a_check_that_says_nothing_asks_a_few_times() -> None:
    assert calls_of(collected(None)) == CALLS == 200


def test_a_check_that_plays_episodes_says_how_many_steps_they_have() -> None:
    assert calls_of(collected(500)) == 500


def test_a_check_has_to_ask_something() -> None:
    with pytest.raises(ValueError, match="0 times"):
        may_ask(0)
