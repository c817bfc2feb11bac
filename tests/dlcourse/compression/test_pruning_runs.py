"""Stored accuracies of pruned networks come back by what was compared."""

from __future__ import annotations

from pathlib import Path

from dlcourse.compression.pruning_runs import (
    PruningRun,
    keep,
    pruning_runs,
    read,
)


def test_accuracies_stand_in_the_order_of_seeds(tmp_path: Path) -> None:
    path = tmp_path / "runs.json"
    for seed, accuracy in ((1, 0.8), (0, 0.9)):
        keep(PruningRun("lottery", "ticket", 0.98, seed, accuracy), path)
    found = pruning_runs(path)
    assert list(found["lottery"]["ticket"][0.98]) == [0.9, 0.8]


def test_a_kept_run_is_read_again(tmp_path: Path) -> None:
    run = PruningRun("channels", "by norm", 0.5, 2, 0.75)
    keep(run, tmp_path / "runs.json")
    assert read(tmp_path / "runs.json") == [run]


def test_no_file_holds_no_run(tmp_path: Path) -> None:
    assert read(tmp_path / "none.json") == []


def test_the_shipped_runs_have_as_many_seeds_everywhere() -> None:
    counts = {
        len(accuracies)
        for methods in pruning_runs().values()
        for levels in methods.values()
        for accuracies in levels.values()
    }
    assert counts == {3}
