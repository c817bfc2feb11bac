"""Stored runs on a town's heat come back by approach and fit the year of their measurement."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dlcourse.models.heat_runs import (
    HeatRun,
    heat_runs,
    keep,
    read,
    sample_rows,
    training,
    validation,
)


def test_a_kept_run_is_read_again(tmp_path: Path) -> None:
    year = tuple(float(m) for m in range(12))
    shown = ((1.0, 2.0), (3.0, 4.0), (5.0, 6.0))
    runs = [
        HeatRun("one layer", seed, 42, 1.5, -1.0, 0.4, year, year, year, shown) for seed in (0, 1)
    ]
    for run in runs:
        keep(run, tmp_path / "runs.json")
    assert read(tmp_path / "runs.json") == runs
    assert read(tmp_path / "none.json") == []


def test_training_ends_where_validation_begins() -> None:
    assert training().day.max() == np.datetime64("2022-12-31")
    assert validation().day.min() == np.datetime64("2023-01-01")


def test_the_sample_is_one_substation_in_two_months() -> None:
    rows, chosen = validation(), sample_rows()
    assert len(chosen) == 59
    assert len(set(rows.substation[chosen])) == 1
    assert (np.diff(rows.day[chosen]) == np.timedelta64(1, "D")).all()


def test_the_shipped_runs_beat_the_week_before_and_have_their_sample() -> None:
    for approach, runs in heat_runs().items():
        assert [run.seed for run in runs] == list(range(len(runs))), approach
        assert min(run.skill for run in runs) > 0.3
        assert {np.shape(run.sample) for run in runs} == {(3, 59)}
        assert {len(run.errors) for run in runs} == {12}


def test_only_networks_trained_on_a_part_say_what_they_do_on_the_other() -> None:
    found = heat_runs()
    assert {name for name, runs in found.items() if runs[0].held_out > -1} == {
        "by rows",
        "by weeks",
    }
