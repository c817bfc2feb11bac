"""A PyTorch network computes with a Keras network's weights, and says what its training keeps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dlcourse.compression.pytorch import copy_weights, kept_for_backward


@pytest.fixture
def pair() -> tuple[Any, Any]:
    import keras
    from torch import nn

    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((6, 4, 2)),
            keras.layers.Conv2D(3, 3, padding="same", bias_initializer="normal"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dense(5, activation="relu"),
            keras.layers.Dense(4),
        ]
    )
    net = nn.Sequential(
        nn.Conv2d(2, 3, 3, padding=1), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(18, 5), nn.ReLU(), nn.Linear(5, 4),
    )  # fmt: skip
    return model, net


def test_both_networks_give_the_same(pair: tuple[Any, Any]) -> None:
    import torch

    model, net = pair
    copy_weights(model, net)
    images = np.random.default_rng(0).normal(size=(7, 6, 4, 2)).astype("float32")
    with torch.no_grad():
        found = net(torch.tensor(images).permute(0, 3, 1, 2))
    np.testing.assert_allclose(found, model(images), atol=1e-5)


def test_networks_that_differ_are_refused(pair: tuple[Any, Any]) -> None:
    from torch import nn

    with pytest.raises(ValueError, match="The networks differ"):
        copy_weights(pair[0], nn.Sequential(nn.Linear(18, 5)))


def test_inputs_and_places_of_maxima_are_kept_once(pair: tuple[Any, Any]) -> None:
    import torch

    net, image = pair[1], torch.zeros(1, 2, 6, 4)
    # The image, the convolution's output, the pooled numbers, the ReLU's output.
    assert kept_for_backward(net, lambda: net(image)) == {
        "float32": 4 * (48 + 72 + 18 + 5),
        "int64": 8 * 18,
    }
