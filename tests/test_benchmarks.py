"""Figures that the pages quote are those of the results."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from benchmarks import grading, page, record


def test_the_operators_guide_quotes_the_results() -> None:
    assert page.main(["--check"]) == 0


def test_a_figure_changed_by_hand_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = tmp_path / "operators.md"
    changed.write_text(page.PAGE.read_text().replace("1,000 submissions", "9,000 submissions"))
    monkeypatch.setattr(page, "PAGE", changed)
    assert page.main(["--check"]) == 1
    page.main([])
    assert page.main(["--check"]) == 0


def test_what_kills_broke_is_told(tmp_path: Path) -> None:
    (tmp_path / "kills.json").write_text(json.dumps(_kills(problems=["a row twice"])))
    assert "tables and gradebook: 1." in page.section(tmp_path)


def test_a_busy_machine_is_told(tmp_path: Path) -> None:
    found = _kills(problems=[])
    machine = found["machine"]
    assert isinstance(machine, dict)
    machine["load_before"] = 12.3
    (tmp_path / "kills.json").write_text(json.dumps(found))
    assert "a load of 12 before it began" in page.section(tmp_path)
    machine["load_before"] = 0.4
    (tmp_path / "kills.json").write_text(json.dumps(found))
    assert "a load of" not in page.section(tmp_path)


def _kills(problems: list[str]) -> dict[str, object]:
    of_it = {"total": 3, "kills": {"driver": 3}, "rounds": 1, "size": 60, "left": 0, "refused": 0}
    return record.described({**of_it, "problems": problems})


def test_the_benchmark_of_speed_reads_the_parts_of_our_command(tmp_path: Path) -> None:
    place = grading.ReleasePaths(grading.CASES["a"], [1], tmp_path)
    found = grading.autograder(place, 1, grading.Options(1, 1, "strict"))
    parts = found["ready"] + found["grading"] + found["reports"]
    assert parts == pytest.approx(found["seconds"])


def test_tests_import_no_benchmark_but_these(root: Path) -> None:
    """What both need stands in tests/harness; a simulation is tested by what is known of it."""
    named = re.compile(r"^\s*(from|import) benchmarks\b", re.MULTILINE)
    found = [p.name for p in (root / "tests").rglob("*.py") if named.search(p.read_text("utf-8"))]
    assert sorted(found) == ["test_benchmarks.py", "test_fleet.py"]


def test_a_case_in_which_no_other_grader_ran_names_no_ratios(tmp_path: Path) -> None:
    found = json.loads((record.RESULTS / "grading.json").read_text())
    for case in found["cases"].values():
        case["ratios"] = {}
    (tmp_path / "grading.json").write_text(json.dumps(found))
    assert "Ratios" not in page.section(tmp_path)
