"""Training of small networks, in one way for all of them, and images to train them with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcourse.data.loaders import distort

__all__ = ["distorted_copies", "fit"]

Array = npt.NDArray[np.float32]
BATCH = 64


def fit(
    model: Any,
    images: npt.ArrayLike,
    targets: npt.ArrayLike,
    loss: Callable[[Any, Any], Any],
    *,
    epochs: int,
    seed: int,
    rate: float = 2e-3,
) -> Any:
    """Train a network by Adam with a cosine schedule, in batches of 64; returns the network.

    Args:
        model: built, with one input and one output.
        images: (n, ...) inputs.
        targets: (n, k) whatever the loss takes as its first argument.
        loss: of targets (b, k) and outputs (b, c): (b,) or a scalar.
        epochs: over all images.
        seed: of the order of the images. The weights are the model's own.
        rate: of the first step; it falls to 0.

    Raises:
        ValueError: if there are not as many targets as images.
    """
    import keras

    inputs, wanted = np.asarray(images, np.float32), np.asarray(targets)
    if len(inputs) != len(wanted):
        raise ValueError(f"there are {len(inputs)} images and {len(wanted)} targets.")
    keras.utils.set_random_seed(seed)
    steps = epochs * -(-len(inputs) // BATCH)
    schedule = keras.optimizers.schedules.CosineDecay(rate, steps)
    model.compile(keras.optimizers.Adam(schedule), loss)
    model.fit(inputs, wanted, batch_size=BATCH, epochs=epochs, verbose=0)
    return model


def distorted_copies(images: npt.ArrayLike, copies: int, seed: int = 0) -> Array:
    """Each image so many times, turned, moved and scaled at random.

    Args:
        images: (n, 28, 28, 1) grey values.
        copies: of each image; all images come once before any comes twice.
        seed: of the distortions.

    Returns:
        (copies * n, 28, 28, 1).
    """
    rng = np.random.default_rng(seed)
    flat = np.asarray(images, np.float32)[..., 0]
    return np.concatenate([distort(flat, rng) for _ in range(copies)])[..., np.newaxis]
