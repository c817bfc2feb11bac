"""The trained network of week 12 in NumPy: for processes that shall load no deep-learning library.

It has the weights of :func:`dlcourse.serving.reference.trained` and gives the same numbers but for
rounding. Its last layer, which turns the embedding into logits, stands by itself, so that a service
can run that layer alone and leave the rest to the client, which then need not send its image.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dlcourse.data import files, manifest
from dlcourse.serving.reference import FEATURES, SIDE

__all__ = ["LastLayer", "embeddings", "last_layer"]

BLOCKS = 4
EPSILON = 1e-3  # of Keras' batch normalization
BATCH = 64  # images at once, which bounds the memory of the padded maps

Floats = npt.NDArray[np.float32]


class LastLayer(NamedTuple):
    """A dense layer from the embedding to the logits: `rows @ kernel + bias`."""

    kernel: Floats
    """(64, 9)."""
    bias: Floats
    """(9,)."""


def last_layer() -> LastLayer:
    """A new copy of the last layer.

    Raises:
        DataError: if the file of weights is not the known one.
    """
    return LastLayer(*(array.copy() for array in _weights()[-2:]))


def embeddings(images: npt.ArrayLike) -> Floats:
    """What the network computes before its last layer: images (n, 32, 32, 3) to (n, 64).

    Images are red, green and blue from 0 to 1, as :func:`dlcourse.serving.reference.unseen` has
    them.

    Raises:
        DataError: if the file of weights is not the known one.
        ValueError: if the images have another shape.
    """
    batch = np.asarray(images, np.float32)
    if batch.ndim != 4 or batch.shape[1:] != (SIDE, SIDE, 3):
        raise ValueError(f"embeddings needs images of shape (n, 32, 32, 3), got {batch.shape}.")
    parts = [_embedded(batch[i : i + BATCH]) for i in range(0, len(batch), BATCH)]
    return np.concatenate([np.empty((0, FEATURES), np.float32), *parts])


@lru_cache(maxsize=1)
def _weights() -> tuple[Floats, ...]:
    with np.load(files.locate(manifest.SERVING_REFERENCE), allow_pickle=False) as stored:
        return tuple(stored[key].astype(np.float32) for key in sorted(stored))


def _embedded(x: Floats) -> Floats:
    """Images (n, 32, 32, 3) to embeddings (n, 64); normalization is folded into the kernels."""
    weights = iter(_weights())
    for _ in range(BLOCKS):
        kernel, gain, shift, mean, variance = (next(weights) for _ in range(5))
        scale = gain / np.sqrt(variance + EPSILON)
        x = _convolved(x, kernel * scale) + (shift - mean * scale)
        x = _pooled(np.maximum(x, 0))
    kernel, bias = next(weights), next(weights)
    embedding: Floats = np.maximum(x.reshape(len(x), -1) @ kernel + bias, 0)
    return embedding


def _convolved(x: Floats, kernel: Floats) -> Floats:
    """A convolution (3, 3, c, k) with padding "same": (n, h, w, c) to (n, h, w, k)."""
    height, width = x.shape[1:3]
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    y = np.zeros((*x.shape[:3], kernel.shape[3]), np.float32)
    for i in range(3):
        for j in range(3):
            y += padded[:, i : i + height, j : j + width] @ kernel[i, j]
    return y


def _pooled(x: Floats) -> Floats:
    """Maxima of windows of 2x2: (n, h, w, c) to (n, h / 2, w / 2, c)."""
    n, height, width, channels = x.shape
    windows = x.reshape(n, height // 2, 2, width // 2, 2, channels)
    return np.asarray(windows.max(axis=(2, 4)))
