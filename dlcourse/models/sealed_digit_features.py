"""The network whose features judge generated digits when an assignment is graded.

Its weights are enciphered, so that no generator can be tuned to it; week 7's chapters and public
checks measure with `dlcourse.models.digit_features`, another network.
dlcourse/data/datasets/train_sealed_digit_features.py trained it. It is small, and worked out in
NumPy: who grades needs no Keras.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcourse.data import manifest
from dlcourse.data.sealed import open_sealed

__all__ = ["FEATURES", "DigitJudge", "digit_judge"]

FEATURES = 64
"""Length of an image's vector of features."""

STRIDES = (1, 2, 2)
BATCH = 250

Array = npt.NDArray[np.float32]


class DigitJudge:
    """A trained network of three convolutions and two dense layers."""

    def __init__(self, arrays: Sequence[npt.NDArray[Any]]) -> None:
        """Take the arrays as they are stored.

        Args:
            arrays: mean and standard deviation of each feature over the cpu tier's training images,
                then a kernel and a bias for each of the five layers.
        """
        self._mean, self._deviation, *self._layers = (a.astype(np.float32) for a in arrays)

    def features(self, images: npt.ArrayLike) -> Array:
        """The features of images (n, 28, 28), ink 1 and paper 0: (n, 64).

        Each has mean 0 and standard deviation 1 over the cpu tier's training images.
        """
        return (self._hidden(images) - self._mean) / self._deviation

    def probabilities(self, images: npt.ArrayLike) -> Array:
        """The probabilities of the ten digits: (n, 10)."""
        kernel, bias = self._layers[-2:]
        logits = np.tanh(self._hidden(images)) @ kernel + bias
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))

    def _hidden(self, images: npt.ArrayLike) -> Array:
        """What the last hidden layer computes before its activation: (n, 64)."""
        batch = np.asarray(images, dtype=np.float32)
        if batch.ndim != 3 or batch.shape[1:] != (28, 28):
            raise ValueError(f"images of digits have the shape (n, 28, 28), got {batch.shape}.")
        parts = [self._hidden_of(batch[i : i + BATCH]) for i in range(0, len(batch), BATCH)]
        return np.concatenate(parts) if parts else np.empty((0, FEATURES), np.float32)

    def _hidden_of(self, images: Array) -> Array:
        h = images[..., np.newaxis]
        for place, stride in enumerate(STRIDES):
            kernel, bias = self._layers[2 * place : 2 * place + 2]
            h = np.maximum(_convolved(h, kernel, stride) + bias, 0)
        kernel, bias = self._layers[2 * len(STRIDES) : 2 * len(STRIDES) + 2]
        return np.asarray(h.reshape(len(h), -1) @ kernel + bias)


def digit_judge(key: bytes) -> DigitJudge:
    """The network that judges generated digits.

    Args:
        key: what the file was sealed with; it stands in the assignment's hidden set-up.

    Raises:
        DataError: if the key does not open the file, or the file is not the known one.
    """
    content = io.BytesIO(open_sealed(manifest.DIGIT_JUDGE_SEALED, key))
    with np.load(content, allow_pickle=False) as stored:
        return DigitJudge([stored[f"arr_{place}"] for place in range(len(stored.files))])


def _convolved(a: Array, kernel: Array, stride: int) -> Array:
    """A convolution without padding of images (n, h, w, c) with a kernel (k, k, c, f)."""
    size = kernel.shape[0]
    windows = np.lib.stride_tricks.sliding_window_view(a, (size, size), axis=(1, 2))
    windows = windows[:, ::stride, ::stride]  # (n, h', w', c, k, k)
    return np.asarray(np.tensordot(windows, kernel, axes=((4, 5, 3), (0, 1, 2))))
