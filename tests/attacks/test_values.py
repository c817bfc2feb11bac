"""Whatever value an answer gives, each check of week 1 says what it found and none breaks off."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograder.judge.checks import Checks
from dlcourse.check import Outcome, run_check, using_thresholds
from dlcourse.check.answer import LocalAnswer

VALUES: dict[str, Any] = {
    "a huge number": 10**400,
    "two huge numbers": (10**400, 10**400),
    "not a number": float("nan"),
    "infinity": float("inf"),
    "a negative number": -5,
    "a complex number": 1j,
    "a truth value": True,
    "a text": "x",
    "nothing": None,
    "an empty list": [],
    "a ragged list": [[1], [1, 2]],
    "a dict": {1: 2},
    "a pair of unlike things": (float("nan"), "x"),
    "an array without elements": np.zeros((3, 0)),
    "a long column": np.zeros((2000, 1)),
    "a long row": np.zeros(2000),
    "small whole numbers": np.full((8, 10), 127, np.int8),
    "complex numbers": np.full((3, 3), 1j),
    "an object": object(),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", VALUES)
def test_no_value_breaks_a_check_or_passes_it(name: str, checks: Checks) -> None:
    for question, every in checks.by_question.items():
        answer = checks.assignment.question(question).answer
        assert answer is not None
        functions = {n: lambda *args, **kwargs: VALUES[name] for n in answer.names}
        for check in every:
            with using_thresholds(checks.thresholds, checks.tier):
                result = run_check(
                    check,
                    LocalAnswer(functions),
                    reference=checks.references[question],
                    rng=checks.rng(check),
                )
            assert result.outcome is not Outcome.CORRECT, check.name
