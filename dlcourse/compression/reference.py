"""The network that week 11 makes smaller: a classifier of 28x28 digits, trained once.

dlcourse/data/datasets/train_compression_reference.py trained it. All chapters begin with it, so
that what pruning, quantization and distillation reach can stand in one figure.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcourse.data import files, manifest
from dlcourse.data.loaders import distort, held_out_digits

__all__ = ["accuracy", "network", "trained", "unseen_digits"]

SIDE = 28
TEST_SEED = 11

Images = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]


def network(filters: tuple[int, int] = (32, 64), hidden: int = 128) -> Any:
    """Two convolutions with pooling and two dense layers: images (n, 28, 28, 1) to logits (n, 10).

    Args:
        filters: channels of the two convolutions.
        hidden: units of the first dense layer.
    """
    import keras
    from keras import layers

    return keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 1)),
            layers.Conv2D(filters[0], 3, padding="same", activation="relu", name="conv_1"),
            layers.MaxPooling2D(name="pool_1"),
            layers.Conv2D(filters[1], 3, padding="same", activation="relu", name="conv_2"),
            layers.MaxPooling2D(name="pool_2"),
            layers.Flatten(name="flat"),
            layers.Dense(hidden, activation="relu", name="dense_1"),
            layers.Dense(10, name="logits"),
        ],
        name="reference",
    )


def trained() -> Any:
    """A new copy of the trained network, float32, not compiled.

    Raises:
        DataError: if the file of weights is not the known one.
    """
    model = network()
    with np.load(files.locate(manifest.COMPRESSION_REFERENCE), allow_pickle=False) as stored:
        model.set_weights([stored[key].astype(np.float32) for key in sorted(stored)])
    return model


def unseen_digits() -> tuple[Images, Labels]:
    """A thousand digits that no training of the week sees: images (1000, 28, 28, 1) and labels.

    They are the cpu tier's held-out digits, distorted as the training images are, with a public
    seed. An assignment's hidden images are distorted with a secret one.

    Raises:
        DataError: if the file of digits is missing or is not the known one.
    """
    images, labels = _unseen_digits()
    return images.copy(), labels.copy()


def accuracy(logits: npt.ArrayLike, labels: Labels) -> float:
    """The share of rows whose largest logit is the label's; logits (n, k), labels (n,)."""
    return float(np.mean(np.asarray(logits).argmax(axis=1) == labels))


@lru_cache(maxsize=1)
def _unseen_digits() -> tuple[Images, Labels]:
    images, labels = held_out_digits("cpu")
    return distort(images, np.random.default_rng(TEST_SEED))[..., np.newaxis], labels
