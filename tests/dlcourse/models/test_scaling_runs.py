"""Stored runs of small transformers, and the network that they trained."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np

from dlcourse.models.scaling_runs import STEPS, ScalingRun, decoder, keep, read, scaling_runs


def test_no_prediction_sees_what_comes() -> None:
    model, numbers = decoder(16, 1), np.zeros((1, STEPS), np.int32)
    changed = numbers.copy()
    changed[0, 40] = 7
    difference = np.abs(np.asarray(model(numbers)) - np.asarray(model(changed))).max(axis=(0, 2))
    assert difference[:40].max() == 0
    assert difference[40:44].min() > 0


def test_parameters_are_all_but_the_table() -> None:
    model = decoder(16, 2)
    known = {run.parameters for run in scaling_runs() if (run.width, run.blocks) == (16, 2)}
    assert known == {model.count_params() - model.get_layer("table").count_params()}


def test_more_text_costs_fewer_bits_in_each_size() -> None:
    runs = sorted(scaling_runs(), key=lambda run: (run.parameters, run.characters))
    for before, after in itertools.pairwise(runs):
        assert before.parameters < after.parameters or before.bits > after.bits


def test_a_run_takes_the_place_of_the_same_one(tmp_path: Path) -> None:
    path = tmp_path / "runs.json"
    keep(
        [ScalingRun(16, 1, 0, 5328, 1000, 3.0, 1.0), ScalingRun(16, 1, 1, 5328, 1000, 3.1, 1.0)],
        path,
    )
    keep([ScalingRun(16, 1, 0, 5328, 1000, 2.9, 1.0)], path)
    assert [run.bits for run in read(path)] == [2.9, 3.1]
