"""A network trained from several seeds begins anew with each."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from dlcourse.train.seeds import compare, mean_and_error, trained_from

X = np.random.default_rng(0).normal(size=(40, 3)).astype("float32")
Y = X.sum(axis=1)


def linear() -> Any:
    return keras.Sequential([keras.Input((3,)), keras.layers.Dropout(0.1), keras.layers.Dense(1)])


def weights(seeds: tuple[int, ...], **settings: Any) -> list[list[float]]:
    options = {"loss": "mse", "batch_size": 8, **settings}
    models = trained_from(seeds, linear, X, Y, **options)
    return [model.get_weights()[0].ravel().tolist() for model in models]


def test_a_seed_gives_the_same_weights_whatever_was_trained_before() -> None:
    alone, (first, second, again) = weights((1,)), weights((0, 1, 0))
    assert np.allclose(alone[0], second)
    assert np.allclose(first, again)
    assert not np.allclose(first, second)


def test_training_reduces_the_loss() -> None:
    (model,) = trained_from((0,), linear, X, Y, loss="mse", rate=0.1, epochs=30, batch_size=8)
    assert np.mean((model.predict(X, verbose=0)[:, 0] - Y) ** 2) < 0.1


def test_the_rate_has_fallen_to_0_at_the_end() -> None:
    (model,) = trained_from((0,), linear, X, Y, loss="mse", epochs=2, batch_size=8)
    assert float(model.optimizer.learning_rate) < 1e-8
    assert int(model.optimizer.iterations) == 10


def test_the_standard_error_is_that_of_examples_after_the_mean_over_seeds() -> None:
    assert mean_and_error([0, 1, 1, 1]) == pytest.approx((0.75, 0.25))
    assert mean_and_error([[0, 1, 1, 1], [1, 0, 0, 0]]) == pytest.approx((0.5, 0.0))


def test_models_are_compared_example_by_example(capsys: pytest.CaptureFixture[str]) -> None:
    seeds = np.array([[1, 1, 1, 1], [1, 1, 0, 1]], dtype=bool)
    right = {"bag": np.array([1, 0, 0, 1], dtype=bool), "LSTM": seeds}
    compare(right, "bag", ["LSTM"])
    assert capsys.readouterr().out == (
        "LSTM                 0.875 ± 0.125   against bag +0.375 ± 0.239\n"
    )
