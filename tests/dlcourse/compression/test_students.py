"""Small networks are trained, and large ones cut down, as said."""

from __future__ import annotations

import numpy as np
import pytest

from dlcourse.compression.reference import network, trained
from dlcourse.compression.students import distorted_copies, fit
from dlcourse.data.datasets.measure_frontier import narrowed


def test_keeping_everything_changes_nothing() -> None:
    images = np.random.default_rng(0).random((3, 28, 28, 1), np.float32)
    whole = trained()
    np.testing.assert_allclose(narrowed(whole, (32, 64), 128)(images), whole(images), rtol=1e-5)


def test_channels_that_contribute_nothing_are_dropped_without_a_change() -> None:
    images = np.random.default_rng(0).random((3, 28, 28, 1), np.float32)
    model = network((4, 6), 5)
    dropped = {"conv_1": [0, 3], "conv_2": [1, 2, 5], "dense_1": [4]}
    for name, places in dropped.items():
        kernel, bias = model.get_layer(name).get_weights()
        kernel[..., places] = 0
        model.get_layer(name).set_weights([kernel, bias])
    small = narrowed(model, (2, 3), 4)
    np.testing.assert_allclose(small(images), model(images), atol=1e-6)


def test_more_channels_than_there_are_cannot_be_kept() -> None:
    with pytest.raises(ValueError, match="more channels"):
        narrowed(network((2, 2), 2), (3, 2), 2)


def test_a_training_fits_the_targets() -> None:
    import keras

    images = np.random.default_rng(0).random((640, 4), np.float32)
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    targets = images @ np.array([[1.0], [2.0], [0.0], [-1.0]], np.float32)
    fit(model, images, targets, keras.losses.mean_squared_error, epochs=60, seed=0, rate=0.1)
    np.testing.assert_allclose(model(images), targets, atol=0.05)


def test_the_rate_falls_to_zero_over_all_batches() -> None:
    import keras

    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    images, targets = np.zeros((65, 4)), np.zeros((65, 1))
    fit(model, images, targets, keras.losses.mean_squared_error, epochs=3, seed=0)
    assert int(model.optimizer.iterations) == 6
    assert float(model.optimizer.learning_rate) == pytest.approx(0, abs=1e-9)


def test_targets_must_be_as_many_as_images() -> None:
    with pytest.raises(ValueError, match="3 images and 2 targets"):
        fit(None, np.zeros((3, 1)), np.zeros((2, 1)), lambda a, b: a, epochs=1, seed=0)


def test_copies_come_in_rounds_and_differ() -> None:
    images = np.zeros((2, 28, 28, 1), np.float32)
    images[:, 10:18, 10:18] = [[[[1.0]]], [[[2.0]]]]
    copies = distorted_copies(images, 2, seed=3)
    assert copies.shape == (4, 28, 28, 1)
    assert copies[[0, 2]].max() == pytest.approx(1.0, abs=0.01)
    assert copies[[1, 3]].max() == pytest.approx(2.0, abs=0.01)
    assert not np.allclose(copies[0], copies[2])
    np.testing.assert_array_equal(copies, distorted_copies(images, 2, seed=3))
