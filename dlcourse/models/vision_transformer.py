"""A small vision transformer of 28x28 digits and a convolutional network of equal cost.

dlcourse/data/datasets/train_vision_transformers.py trained them; `dlcourse.models.vision_records`
has what they reached, and the weights of one vision transformer come with the course. Importing
this module is cheap; Keras is imported when a network is built.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dlcourse.data import files, manifest

__all__ = [
    "convolutional_network", "digit_splits", "transformer_weights", "vision_transformer",
]  # fmt: skip

SIDE, PATCH, WIDTH, HEADS, BLOCKS = 28, 7, 32, 4, 2
POOLED_CHANNELS, STRIDED_CHANNELS = (8, 12, 20), (16, 24, 40)
TRAINING = 3000


def digit_splits() -> tuple[npt.NDArray[Any], ...]:
    """The images and labels of the cpu tier in another division.

    Returns:
        Training images (3000, 28, 28) and labels (3000,), test images (1000, 28, 28) and labels
        (1000,): the last 500 of the training images and the validation images.
    """
    from dlcourse.data.loaders import digits

    data = digits("cpu")
    labels = np.concatenate([data.train_labels, data.validation_labels])
    pixels = np.concatenate([data.train_images, data.validation_images])
    return pixels[:TRAINING], labels[:TRAINING], pixels[TRAINING:], labels[TRAINING:]


def vision_transformer(*, class_token: bool = False) -> Any:
    """A pre-norm vision transformer with new weights: 16 patches, 2 blocks of width 32, 4 heads.

    Args:
        class_token: classify by an additional token; by default by the mean of all tokens.

    Returns:
        A Keras model from images (n, 28, 28, 1) to logits (n, 10).
    """
    import keras
    from keras import layers

    images = keras.Input((SIDE, SIDE, 1))
    tokens = layers.Conv2D(WIDTH, PATCH, strides=PATCH, name="patches")(images)
    tokens = layers.Reshape((-1, WIDTH), name="tokens")(tokens)
    if class_token:
        tokens = _learned(1, "class_token", "prepend")(tokens)
    h = _learned(tokens.shape[1], "positions", "add")(tokens)
    for block in range(BLOCKS):
        y = layers.LayerNormalization(epsilon=1e-6, name=f"{block}_norm_1")(h)
        y = layers.MultiHeadAttention(HEADS, WIDTH // HEADS, name=f"{block}_attention")(y, y)
        h = layers.Add(name=f"{block}_add_1")([h, y])
        y = layers.LayerNormalization(epsilon=1e-6, name=f"{block}_norm_2")(h)
        y = layers.Dense(2 * WIDTH, activation="gelu", name=f"{block}_wide")(y)
        y = layers.Dense(WIDTH, name=f"{block}_narrow")(y)
        h = layers.Add(name=f"{block}_add_2")([h, y])
    h = layers.LayerNormalization(epsilon=1e-6, name="norm")(h)
    h = h[:, 0] if class_token else layers.GlobalAveragePooling1D(name="mean")(h)
    return keras.Model(images, layers.Dense(10, name="logits")(h))


def _learned(count: int, name: str, use: str) -> Any:
    """A layer that holds `count` learned vectors and adds them to its input or prepends them."""
    import keras
    from keras import ops

    class Learned(keras.layers.Layer):  # type: ignore[misc]
        def build(self, shape: tuple[int | None, ...]) -> None:
            start = keras.initializers.RandomNormal(stddev=0.02)
            self.vectors = self.add_weight(
                name="vectors", shape=(count, shape[-1]), initializer=start
            )

        def call(self, tokens: Any) -> Any:
            if use == "add":
                return tokens + self.vectors
            first = ops.broadcast_to(self.vectors, (ops.shape(tokens)[0], count, tokens.shape[-1]))
            return ops.concatenate([first, tokens], axis=1)

    return Learned(name=name)


def convolutional_network(*, pooling: bool = True) -> Any:
    """Three convolutions, each with batch normalization and ReLU, and a dense layer; new weights.

    It multiplies and adds about as often per image as `vision_transformer` does. Input and output
    are the same.

    Args:
        pooling: halve the feature maps by the greatest of 2x2 values, and read all of the last
            one; otherwise halve them by strides of 2, and read the mean over the last one.
    """
    import keras
    from keras import layers

    h = images = keras.Input((SIDE, SIDE, 1))
    for channels in POOLED_CHANNELS if pooling else STRIDED_CHANNELS:
        strides = 1 if pooling else 2
        h = layers.Conv2D(channels, 3, strides=strides, padding="same", use_bias=False)(h)
        h = layers.ReLU()(layers.BatchNormalization()(h))
        h = layers.MaxPooling2D(2)(h) if pooling else h
    h = layers.Flatten()(h) if pooling else layers.GlobalAveragePooling2D()(h)
    return keras.Model(images, layers.Dense(10, name="logits")(h))


def transformer_weights() -> dict[str, npt.NDArray[np.float32]]:
    """The weights of a trained `vision_transformer()`, by "layer/weight" in the model's order.

    Raises:
        DataError: if the file is not the known one.
    """
    with np.load(files.locate(manifest.VISION_TRANSFORMER), allow_pickle=False) as stored:
        return {key: stored[key].astype(np.float32) for key in stored}
