"""Emoji and their names as pairs, and an image encoder that is trained to match them.

Importing this module is cheap; Keras is imported when a network is built.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcourse.data.loaders import emoji

__all__ = ["SENTENCES", "WORDS", "EmojiMatcher", "EmojiPairs", "emoji_pairs"]

Array = npt.NDArray[Any]
Loss = Callable[[Any, Any, Any], Any]

DIMENSION = 64  # of the space in which images and names meet
HELD_OUT = 320

# What describes the eight categories, in their order: a sentence each, and some words each.
SENTENCES = (
    "a picture of a sport or a game", "a picture of an animal or a plant",
    "a picture of something to eat or drink", "a picture of a thing", "a picture of a person",
    "a picture of a face", "a picture of a sign", "a picture of a place or a vehicle",
)  # fmt: skip
WORDS = (
    ("soccer", "trophy", "guitar", "party"), ("dog", "bird", "fish", "tree", "flower"),
    ("apple", "bread", "soup", "cake", "wine"),
    ("book", "phone", "lamp", "tool", "clothes", "money"),
    ("man", "woman", "person", "hand", "family"),
    ("smiling face", "crying face", "angry face", "heart"),
    ("arrow", "button", "letter", "square", "zodiac sign"),
    ("house", "car", "airplane", "train", "clock", "moon"),
)  # fmt: skip
MOST_MOVED = 3


@dataclass(frozen=True)
class EmojiPairs:
    """1,636 emoji in two designs, with their names: all but the flags, which are named by code."""

    images: npt.NDArray[np.float32]
    """(1636, 2, 32, 32, 3) red, green, blue, 0 to 1, on white; Twitter's and Google's design."""
    names: tuple[str, ...]
    """1,636 names in words, such as "woman cook"; no two are equal."""
    labels: npt.NDArray[np.int64]
    """(1636,) index into `categories`."""
    categories: tuple[str, ...]
    """Eight categories."""
    train: npt.NDArray[np.int64]
    """(1316,) rows for training."""
    test: npt.NDArray[np.int64]
    """(320,) rows that no training may use."""


@cache
def emoji_pairs() -> EmojiPairs:
    """Load the emoji without the flags, and divide them at random, always in the same way.

    Raises:
        DataError: if the file of the emoji is not the known one.
    """
    data = emoji()
    flags = data.categories.index("Flags")
    rows = np.flatnonzero(data.labels != flags)
    designs = np.stack([data.twitter[rows], data.google[rows]], axis=1).astype(np.float32) / 255
    opacity = designs[..., 3:]
    images = (designs[..., :3] * opacity + 1 - opacity).astype(np.float32)
    names = tuple(data.names[row].replace("_", " ").replace("-", " ") for row in rows)
    labels = data.labels[rows] - (data.labels[rows] > flags)
    categories = tuple(name for name in data.categories if name != "Flags")
    order = np.random.default_rng(0).permutation(len(rows))
    return EmojiPairs(images, names, labels, categories, order[HELD_OUT:], order[:HELD_OUT])


def image_encoder(width: int = 16) -> Any:
    """A small convolutional network with new weights: images (n, 32, 32, 3) to (n, 64).

    Args:
        width: channels of the first of three convolutions; each further one has twice as many.
    """
    import keras
    from keras import layers

    h = images = keras.Input((32, 32, 3))
    for channels in (width, 2 * width, 4 * width):
        h = layers.Conv2D(channels, 3, strides=2, padding="same", use_bias=False)(h)
        h = layers.ReLU()(layers.BatchNormalization()(h))
    return keras.Model(images, layers.Dense(DIMENSION)(layers.Flatten()(h)))


class EmojiMatcher:
    """An image encoder and a linear map of text vectors into the same space, trained together.

    Attributes:
        pairs: the emoji.
        texts: (1636, d) a vector for each name.
        scale: what similarities are multiplied by, one over the temperature; a number.
    """

    def __init__(
        self, texts: Array, *, seed: int = 0, temperature: float = 0.1, learn_scale: bool = True
    ) -> None:
        """Build networks with new weights.

        Args:
            texts: (1636, d) a vector for each name of `emoji_pairs()`.
            seed: of the weights and of the order of the examples.
            temperature: at first.
            learn_scale: whether training changes the temperature.
        """
        import keras
        from keras import layers

        keras.utils.set_random_seed(seed)
        self.pairs, self.texts = emoji_pairs(), np.asarray(texts, np.float32)
        self._rng, self._learn_scale = np.random.default_rng(seed), learn_scale
        self._image = image_encoder()
        text = keras.Input((self.texts.shape[1],))
        self._text = keras.Model(text, layers.Dense(DIMENSION, use_bias=False)(text))
        self._log_scale = keras.Variable(np.log(1 / temperature), dtype="float32")

    @property
    def scale(self) -> float:
        """One over the temperature."""
        return float(np.exp(self._log_scale.numpy()))

    def image_vectors(self, images: Array) -> Array:
        """Vectors (n, 64) of length 1 for images (n, 32, 32, 3)."""
        return _unit(np.asarray(self._image(np.asarray(images, np.float32), training=False)))

    def text_vectors(self, texts: Array) -> Array:
        """Vectors (n, 64) of length 1 for vectors of texts (n, d)."""
        return _unit(np.asarray(self._text(np.asarray(texts, np.float32))))

    def train(
        self, loss: Loss, *, updates: int = 500, batch: int = 256, twice: bool = False
    ) -> tuple[Array, float]:
        """Train with Adam; the learning rate falls from 0.002 to 0 along a cosine.

        Each image is moved by up to 3 pixels, every time by another number.

        Args:
            loss: maps image vectors (batch, 64), text vectors (batch, 64), both of length 1 and of
                the same pairs row by row, and the scale to a number.
            updates: of the weights.
            batch: pairs in each update.
            twice: put each emoji of a batch into it in both designs; by default in one, drawn at
                random.

        Returns:
            The loss of each update, and the processor seconds.
        """
        import keras
        import tensorflow as tf
        from keras import ops

        variables = [*self._image.trainable_variables, *self._text.trainable_variables]
        variables += [self._log_scale] if self._learn_scale else []
        adam = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(2e-3, updates))
        adam.build(variables)

        def update(images: Any, texts: Any) -> Any:
            with tf.GradientTape() as tape:
                seen = ops.normalize(self._image(images, training=True), axis=-1)
                read = ops.normalize(self._text(texts), axis=-1)
                value = loss(seen, read, ops.exp(self._log_scale))
            adam.apply(tape.gradient(value, variables), variables)
            return value

        compiled = tf.function(update, autograph=False)
        began = time.process_time()
        losses = []
        for _ in range(updates):
            rows, designs = self._drawn(batch, twice)
            losses.append(compiled(self._moved(rows, designs), self.texts[rows]))
        return np.array(losses), time.process_time() - began

    def _drawn(self, batch: int, twice: bool) -> tuple[Array, Array]:
        rows = self._rng.choice(self.pairs.train, batch // (2 if twice else 1), replace=False)
        if twice:
            return np.concatenate([rows, rows]), np.repeat([0, 1], len(rows))
        return rows, self._rng.integers(0, 2, batch)

    def _moved(self, rows: Array, designs: Array) -> Array:
        """Images, each moved at random by up to MOST_MOVED pixels along both axes."""
        room = ((0, 0), (MOST_MOVED, MOST_MOVED), (MOST_MOVED, MOST_MOVED), (0, 0))
        padded = np.pad(self.pairs.images[rows, designs], room, constant_values=1.0)
        windows = np.lib.stride_tricks.sliding_window_view(padded, (32, 32), axis=(1, 2))
        down, right = self._rng.integers(0, 2 * MOST_MOVED + 1, (2, len(rows)))
        moved = windows[np.arange(len(rows)), down, right]  # (batch, 3, 32, 32)
        return np.ascontiguousarray(moved.transpose(0, 2, 3, 1))


def _unit(vectors: Array) -> Array:
    unit: Array = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit
