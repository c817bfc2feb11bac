"""A network trained from several seeds begins anew with each."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from dlcourse.train.seeds import trained_from

X = np.random.default_rng(0).normal(size=(40, 3)).astype("float32")
Y = X.sum(axis=1)


def linear() -> Any:
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])


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
    assert np.mean((model.predict(X, verbose=0)[:, 0] - Y) ** 2) < 0.01


def test_the_rate_has_fallen_to_0_at_the_end() -> None:
    (model,) = trained_from((0,), linear, X, Y, loss="mse", epochs=2, batch_size=8)
    assert float(model.optimizer.learning_rate) < 1e-8
    assert int(model.optimizer.iterations) == 10
