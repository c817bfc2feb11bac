"""Weights under a mask stay 0 while the others are trained, or do not, as was asked for."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from dlcourse.compression.masked_training import MaskedTraining, Plan, prunable

RNG = np.random.default_rng(0)
X = RNG.normal(size=(64, 6)).astype(np.float32)
Y = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0)
PLAN = Plan(epochs=3, rate=0.01, batch=16, every=5)
MASK = RNG.random((6, 5)) < 0.5
MASKS = [MASK, np.ones((5, 3))]


@pytest.fixture(scope="module")
def model() -> Any:
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [keras.Input((6,)), layers.Dense(5, activation="relu"), layers.ReLU(), layers.Dense(3)]
    )


@pytest.fixture(scope="module")
def start(model: Any) -> list[np.ndarray]:
    return [np.array(array) for array in model.get_weights()]


@pytest.fixture(scope="module")
def train(model: Any, start: list[np.ndarray]) -> MaskedTraining:
    return MaskedTraining(model, X, Y)


def test_kernels_are_prunable_and_nothing_else(model: Any) -> None:
    assert [tuple(kernel.shape) for kernel in prunable(model)] == [(6, 5), (5, 3)]


def test_an_epoch_leaves_out_an_incomplete_batch() -> None:
    assert Plan(epochs=3, batch=64).steps(150) == 6


def test_pruned_weights_stay_zero_and_others_move(train: MaskedTraining, start: Any) -> None:
    found = train(start, PLAN, seed=0, masks=MASKS)
    assert np.all(found[0][~MASK] == 0)
    assert np.all(found[0][MASK] != start[0][MASK])


def test_pruned_weights_grow_back_where_nothing_is_held(train: MaskedTraining, start: Any) -> None:
    found = train(start, PLAN, seed=0, masks=MASKS, hold="nothing")
    assert np.mean(found[0][~MASK] != 0) > 0.9


def test_masked_gradients_hold_weights_of_which_adam_knows_nothing(
    train: MaskedTraining, start: Any
) -> None:
    found = train(start, PLAN, seed=0, masks=MASKS, hold="gradients")
    assert np.all(found[0][~MASK] == 0)


def test_adams_old_means_move_weights_whose_gradients_are_masked(
    train: MaskedTraining, start: Any
) -> None:
    dense = train(start, PLAN, seed=0)
    found = train(dense, PLAN, seed=1, masks=MASKS, hold="gradients", fresh=False)
    assert np.mean(found[0][~MASK] != 0) > 0.9


def test_masks_are_chosen_from_the_kernels_of_the_moment(train: MaskedTraining, start: Any) -> None:
    seen: list[tuple[int, float]] = []

    def choose(step: int, kernels: list[Any]) -> list[Any] | None:
        seen.append((step, float(np.mean(kernels[0] == 0))))
        return [MASK, np.ones((5, 3))] if step == 5 else None

    train(start, PLAN, seed=0, choose=choose)
    assert [step for step, _ in seen] == [0, 5, 10]
    assert [share for _, share in seen] == pytest.approx([0, 0, np.mean(~MASK)])


def test_one_step_is_that_of_keras(model: Any, train: MaskedTraining, start: Any) -> None:
    found = train(start, Plan(epochs=1, rate=0.02, batch=64), seed=0)
    model.set_weights(start)
    model.compile(
        keras.optimizers.Adam(0.02), keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    )
    model.train_on_batch(X, Y)
    for ours, theirs in zip(found, model.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_a_seed_decides_the_training(train: MaskedTraining, start: Any) -> None:
    first, again, other = (train(start, PLAN, seed=seed)[0] for seed in (3, 3, 4))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_the_rate_falls_to_nothing(train: MaskedTraining, start: Any) -> None:
    seen: list[Any] = []

    def watch(step: int, kernels: list[Any]) -> None:
        seen.append(kernels[0])

    end = train(start, Plan(epochs=6, rate=0.01, batch=16, every=1), seed=0, choose=watch)[0]
    moved = [np.abs(b - a).mean() for a, b in zip(seen, [*seen[1:], end], strict=True)]
    assert moved[-1] < 0.1 * moved[0]


def test_masks_of_other_shapes_are_refused(train: MaskedTraining, start: Any) -> None:
    with pytest.raises(ValueError, match=r"one mask for each kernel.*\(6, 5\)"):
        train(start, PLAN, seed=0, masks=[MASK])
