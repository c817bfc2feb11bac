"""Damaged input to every reader of what comes from outside: a value, or its own clear error.

``python -m benchmarks.fuzz`` tries many more.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.harness import fuzz
from tests.harness.fuzz import Target


@pytest.mark.parametrize(
    ("name", "examples"),
    [("channel", 1000), ("record", 1000), ("notebook", 500), ("handin", 100), ("source", 60)],
)
def test_a_damaged_input_is_a_value_or_a_clear_error(name: str, examples: int) -> None:
    tally = fuzz.fuzz(name, examples, seed=20)
    assert tally.problems == []
    assert tally.outcomes["value"]  # the damage is not so great that nothing gets through
    assert tally.outcomes.total() == examples


def test_anything_else_than_a_clear_error_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def careless(data: bytes) -> str:
        return "value" if json.loads(data) else ""

    monkeypatch.setattr(fuzz, "FOUND", tmp_path / "found")
    monkeypatch.setitem(fuzz.TARGETS, "careless", lambda _: Target([b"[1]"], [b"]"], careless))
    tally = fuzz.fuzz("careless", 20, seed=1)
    assert tally.problems
    assert "JSONDecodeError" in tally.problems[0]
    assert len(list((tmp_path / "found").iterdir())) == len(tally.problems)
