"""A small classifier of handwritten digits, whose features judge generated digits in week 7.

dlcourse/data/datasets/train_digit_features.py trained it on the training images of the cpu tier,
turned, moved and scaled anew in every epoch. The features are its last hidden layer before the
activation. Both tiers use the same weights, so that distances measured in either can be compared.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcourse.data import files, manifest

__all__ = ["FEATURES", "digit_features", "digit_probabilities", "network"]

FEATURES = 64
"""Length of an image's vector of features."""

SIDE = 28

Array = npt.NDArray[np.float32]


def digit_features(images: npt.ArrayLike) -> Array:
    """The features of images of digits.

    Each feature has mean 0 and standard deviation 1 over the cpu tier's training images, so that
    the sum of their variances there is `FEATURES`.

    Args:
        images: (n, 28, 28) or (n, 28, 28, 1), ink 1 and paper 0; n may be 0.

    Returns:
        (n, 64) float32.

    Raises:
        ValueError: if the images have another shape, values outside of [0, 1] by more than 0.01,
            or values that are not numbers.
        DataError: if the file of weights is not the known one.
    """
    return _outputs(images)[0]


def digit_probabilities(images: npt.ArrayLike) -> Array:
    """The probabilities that the classifier gives to the ten digits.

    Args:
        images: as in `digit_features`.

    Returns:
        (n, 10) float32; each row sums to 1.

    Raises:
        ValueError: as `digit_features`.
        DataError: as `digit_features`.
    """
    logits = _outputs(images)[1]
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities: Array = powers / powers.sum(axis=1, keepdims=True)
    return probabilities


def network(kernel_initializer: Any = "zeros") -> Any:
    """The classifier without its trained weights: images (n, 28, 28, 1) to features and logits.

    Its outputs are the features (n, 64), not yet standardized, and the logits (n, 10).

    Args:
        kernel_initializer: of all layers. Zeros draw no random number: whoever looks at images
            between two trainings does not change the second.
    """
    import keras
    from keras import layers

    inputs = keras.Input((SIDE, SIDE, 1), name="digit_images")
    h = inputs
    for place, (filters, strides) in enumerate(((16, 1), (32, 2), (32, 1), (64, 2)), start=1):
        h = layers.Conv2D(
            filters, 3, strides=strides, padding="same", activation="relu",
            kernel_initializer=kernel_initializer, name=f"digit_conv_{place}",
        )(h)  # fmt: skip
    h = layers.Flatten(name="digit_flat")(h)
    features = layers.Dense(FEATURES, kernel_initializer=kernel_initializer, name="digit_features")(
        h
    )
    h = layers.Activation("tanh", name="digit_tanh")(features)
    logits = layers.Dense(10, kernel_initializer=kernel_initializer, name="digit_logits")(h)
    return keras.Model(inputs, [features, logits], name="digit_classifier")


@lru_cache(maxsize=1)
def _trained() -> tuple[Any, Array, Array]:
    """The trained network, and mean and standard deviation of its features."""
    model = network()
    with np.load(files.locate(manifest.DIGIT_FEATURES), allow_pickle=False) as stored:
        kept = [stored[key].astype(np.float32) for key in sorted(stored)]
    model.set_weights(kept[2:])
    return model, kept[0], kept[1]


def _outputs(images: npt.ArrayLike, batch_size: int = 500) -> tuple[Array, Array]:
    """Standardized features (n, 64) and logits (n, 10)."""
    batch = _checked(images)
    model, mean, deviation = _trained()
    features, logits = np.empty((len(batch), FEATURES), np.float32), np.empty((len(batch), 10))
    for start in range(0, len(batch), batch_size):
        part = slice(start, start + batch_size)
        features[part], logits[part] = (np.asarray(out) for out in model(batch[part]))
    return (features - mean) / deviation, logits.astype(np.float32)


def _checked(images: npt.ArrayLike) -> Array:
    batch = np.asarray(images, dtype=np.float32)
    if batch.shape[1:] not in ((SIDE, SIDE), (SIDE, SIDE, 1)):
        raise ValueError(
            f"the classifier of digits needs images of shape (n, 28, 28) or (n, 28, 28, 1), "
            f"got {batch.shape}."
        )
    if batch.size and not (batch.min() >= -0.01 and batch.max() <= 1.01):
        raise ValueError(
            f"the classifier of digits needs values from 0 (paper) to 1 (ink), got "
            f"{batch.min():.3g} to {batch.max():.3g}. A generator that ends in tanh gives -1 to 1: "
            f"add 1 and divide by 2."
        )
    return batch.reshape(-1, SIDE, SIDE, 1)
