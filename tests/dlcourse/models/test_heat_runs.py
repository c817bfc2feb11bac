"""Stored runs on a town's heat come back by approach and fit the year of their measurement."""

from __future__ import annotations

import numpy as np

from dlcourse.models.heat_runs import heat_runs, sample_rows, training, validation


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
