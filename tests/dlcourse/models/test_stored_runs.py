"""Stored trainings: what is kept is read again, by approach and in the order of seeds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dlcourse.models.stored_runs import by_approach, keep, read


@dataclass(frozen=True)
class Made:
    """A run with lists in lists."""

    approach: str
    seed: int
    values: tuple[tuple[float, ...], ...] = ()


def test_a_kept_run_is_read_again(tmp_path: Path) -> None:
    runs = [Made("one layer", seed, ((1.5, 2.0), (3.0,))) for seed in (0, 1)]
    for run in runs:
        keep(run, tmp_path / "runs.json")
    assert read(tmp_path / "runs.json", Made) == runs


def test_each_run_has_a_line_of_its_own(tmp_path: Path) -> None:
    for seed in range(3):
        keep(Made("one layer", seed), tmp_path / "runs.json")
    assert len((tmp_path / "runs.json").read_text(encoding="utf-8").splitlines()) == 3 + 2


def test_without_a_file_there_are_no_runs(tmp_path: Path) -> None:
    assert read(tmp_path / "none.json", Made) == []


def test_approaches_have_their_runs_in_the_order_of_seeds() -> None:
    runs = [Made("b", 1), Made("a", 2), Made("b", 0)]
    assert by_approach(runs) == {"b": [Made("b", 0), Made("b", 1)], "a": [Made("a", 2)]}
