"""Figures that the pages quote are those of the results."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks import page, record


def test_the_operators_guide_quotes_the_results() -> None:
    assert page.main(["--check"]) == 0


def test_a_figure_changed_by_hand_is_seen(tmp_path: Path) -> None:
    (found,) = page.kills(_kills(problems=[]))
    assert "tables and gradebook: 0." in found
    (tmp_path / "kills.json").write_text(json.dumps(_kills(problems=["a row twice"])))
    assert "tables and gradebook: 1." in page.section(tmp_path)


def _kills(problems: list[str]) -> dict[str, object]:
    of_it = {"total": 3, "kills": {"driver": 3}, "rounds": 1, "size": 60, "left": 0}
    return record.described({**of_it, "problems": problems})
