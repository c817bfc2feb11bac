"""Stored trainings of DQN: all there, and written as they are read."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np

from dlcourse.agents.dqn_runs import (
    OVERESTIMATION,
    VARIANTS,
    copied_actions,
    curves,
    dqn_runs,
    keep,
    read,
)  # fmt: skip


def test_each_variant_has_ten_seeds_with_whole_curves() -> None:
    runs = dqn_runs()
    kinds = [(run.variant, run.seed) for run in runs]
    assert kinds == sorted(itertools.product([*VARIANTS, *OVERESTIMATION], range(10)))
    for run in runs:
        size = len(run.steps)
        settings = (VARIANTS | OVERESTIMATION)[run.variant]
        assert size == settings.steps // settings.evaluate_every
        assert {len(run.returns), len(run.predicted), len(run.discounted), len(run.played)} == {
            size
        }


def test_no_variant_differs_from_the_recipe_in_more_than_one_setting() -> None:
    recipe = VARIANTS["recipe"].__dict__
    for name, settings in VARIANTS.items():
        assert sum(recipe[key] != value for key, value in settings.__dict__.items()) == (
            name != "recipe"
        )


def test_a_run_takes_the_place_of_the_same_one(tmp_path: Path) -> None:
    first, *_ = dqn_runs()
    path = tmp_path / "runs.json"
    keep([first, replace(first, seed=99)], path)
    keep([replace(first, best=3.0)], path)
    assert [(run.seed, run.best) for run in read(path)] == [(first.seed, 3.0), (99, first.best)]
    assert curves(read(path), first.variant).shape == (2, len(first.steps))


def test_copies_of_an_action_do_the_same() -> None:
    many, one = copied_actions(4, 3), copied_actions(1, 3)
    for environments in (many, one):
        environments.reset(seed=0)
    found, *_ = many.step(np.array([0, 3, 6]))
    wanted, *_ = one.step(np.array([0, 1, 0]))
    np.testing.assert_array_equal(found, wanted)
