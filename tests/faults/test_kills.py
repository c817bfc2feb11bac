"""The grader killed at random moments, and given again: nothing lost, nothing doubled."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import kills


@pytest.mark.slow
def test_twenty_random_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    total = kills.Counts()
    class_ = kills.make_class(tmp_path, 40)
    for counts in kills.measure(class_, 20, 5, tmp_path, warm=False):
        total.add(counts)
    assert total.problems == []
    assert total.left == 0
    assert sum(total.kills.values()) >= 20
    assert total.kills["driver"]
    assert total.kills["notebook"] + total.kills["supervisor"] + total.kills["zygote"]
