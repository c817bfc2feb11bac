"""Train the network of the first page's figure and write it into the figure's script.

    python dlcourse/data/datasets/train_digit_reader.py book/_static/interactive/digit_reader.js

It is the classifier of week 3, "Image classifiers in Keras", trained longer and with augmentation,
on the training images of the cpu tier. The figure gets the weights, ten test images, some that the
stored weights misread, and how many they read rightly. A test of the figure compares all of them.
"""

from __future__ import annotations

import base64
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dlcourse.data import digits, distort, held_out_digits

SCALE = 4096
"""Weights are stored as whole numbers of 16 bits, in units of 1 / SCALE."""
EPOCHS = 80
MISREAD = 6
"""How many misread test images the figure shows."""
BLOCKS = ((8, 5), (24, 3), (32, 3))
"""Filters and kernel side of each convolution; a maximum over 2 by 2 follows each."""

Arrays = Sequence[npt.NDArray[np.float32]]


def network(weights: Arrays | None = None):  # type: ignore[no-untyped-def]
    """The network: images of shape (n, 28, 28, 1) to probabilities of shape (n, 10)."""
    import keras

    x = inputs = keras.Input((28, 28, 1))
    for filters, side in BLOCKS:
        x = keras.layers.Conv2D(filters, side, padding="same", activation="relu")(x)
        x = keras.layers.MaxPooling2D()(x)
    outputs = keras.layers.Dense(10, activation="softmax")(keras.layers.Flatten()(x))
    model = keras.Model(inputs, outputs)
    if weights is not None:
        model.set_weights(list(weights))
    return model


def trained() -> Arrays:
    """Weights after training on distorted copies of the training images."""
    import keras

    keras.utils.set_random_seed(0)
    data = digits("cpu")
    model = network()
    distort = keras.Sequential(
        [
            keras.layers.RandomRotation(0.05, fill_mode="constant"),
            keras.layers.RandomTranslation(0.12, 0.12, fill_mode="constant"),
            keras.layers.RandomZoom(0.25, fill_mode="constant"),
        ]
    )
    rate = keras.optimizers.schedules.CosineDecay(2e-3, EPOCHS * (3500 // 50))
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
    images = data.train_images[..., None]
    for _ in range(EPOCHS):
        copies = np.asarray(distort(images, training=True))
        model.fit(copies, data.train_labels, batch_size=50, verbose=0)
    return [np.asarray(array) for array in model.get_weights()]


def packed(weights: Arrays) -> str:
    """Weights as base64 of little-endian whole numbers, in the order of Keras' own list."""
    flat = np.concatenate([array.ravel() for array in weights])
    return base64.b64encode(np.rint(flat * SCALE).astype("<i2").tobytes()).decode()


def unpacked(text: str) -> Arrays:
    """The weights that a script holds, in the shapes of the network."""
    flat = np.frombuffer(base64.b64decode(text), "<i2").astype(np.float32) / SCALE
    shapes = [array.shape for array in network().get_weights()]
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]
    return [part.reshape(shape) for part, shape in zip(np.split(flat, ends), shapes, strict=True)]


def test_images() -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """The 1,000 test images of that chapter, shape (1000, 28, 28), and their labels."""
    clean, labels = held_out_digits("cpu")
    return distort(clean, np.random.default_rng(0)), labels


def samples() -> npt.NDArray[np.uint8]:
    """The first test image of each class, in 255ths of ink, shape (10, 28, 28)."""
    images, labels = test_images()
    first = [int(np.argmax(labels == digit)) for digit in range(10)]
    return np.rint(images[first] * 255).astype(np.uint8)


def answers(weights: Arrays) -> npt.NDArray[np.int64]:
    """What the network reads in each of the 1,000 test images."""
    images, _ = test_images()
    read = network(weights).predict(images[..., None], verbose=0).argmax(axis=1)
    return np.asarray(read, dtype=np.int64)


def described(weights: Arrays) -> dict[str, str]:
    """What the figure holds besides the weights, as text."""
    images, labels = test_images()
    wrong = np.flatnonzero(answers(weights) != labels)
    few = wrong[:MISREAD]
    misread = np.rint(images[few] * 255).astype(np.uint8)
    return {
        "SAMPLES": base64.b64encode(samples().tobytes()).decode(),
        "MISREAD": base64.b64encode(misread.tobytes()).decode(),
        "MISREAD_LABELS": "".join(map(str, labels[few])),
        "READ_RIGHTLY": str(len(labels) - len(wrong)),
    }


def stored(script: str) -> dict[str, str]:
    """What a figure's script holds between the quotation marks of its constants."""
    return dict(re.findall(r'const ([A-Z_]+) = "([^"]*)"', script))


def main(script: Path) -> None:
    """Train, and replace the constants of the figure."""
    text = packed(trained())
    made = {"WEIGHTS": text, **described(unpacked(text))}
    source = script.read_text(encoding="utf-8")
    for name, value in made.items():
        source = re.sub(rf'(const {name} = ")[^"]*"', rf'\g<1>{value}"', source)
    script.write_text(source, encoding="utf-8")
    print(f"{made['READ_RIGHTLY']} of 1,000 test images are read rightly")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
