"""Train the classifier that judges generated digits in week 7; run once, the result is shipped.

    python dlcourse/data/datasets/train_digit_features.py

Writes digit_features.npz. Needs no accelerator: about five minutes of one free CPU core. Only the
cpu tier's training images are used; in every epoch they are turned, moved and scaled anew. The
weights are stored as float16, and mean and standard deviation of the features are measured with
the rounded weights.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from dlcourse.data.loaders import Digits, digits, distort
from dlcourse.models.digit_features import network

EPOCHS, BATCH = 40, 64

Array = npt.NDArray[np.float32]


def train(model: Any, data: Digits) -> None:
    """Fit the logits to the labels: Adam, a rate that falls to zero, label smoothing of 0.05."""
    steps = EPOCHS * (len(data.train_images) // BATCH)
    classifier = keras.Model(model.input, model.outputs[1])
    classifier.compile(
        keras.optimizers.AdamW(keras.optimizers.schedules.CosineDecay(2e-3, steps)),
        keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.05),
    )
    rng = np.random.default_rng(0)
    targets = keras.utils.to_categorical(data.train_labels, 10)
    for _ in range(EPOCHS):
        images = distort(data.train_images, rng)[..., np.newaxis]
        classifier.fit(images, targets, batch_size=BATCH, verbose=0)


def outputs(model: Any, images: Array) -> tuple[Array, Array]:
    """Features, not standardized, and logits of images (n, 28, 28)."""
    features, logits = model.predict(images[..., np.newaxis], batch_size=500, verbose=0)
    return features, logits


def main() -> None:
    """Train, print the accuracy on the validation images, and write the weights."""
    keras.utils.set_random_seed(0)
    data = digits("cpu")
    model = network("he_normal")
    train(model, data)
    stored = [np.asarray(weights, np.float16) for weights in model.get_weights()]
    model.set_weights([weights.astype(np.float32) for weights in stored])
    for name, images, labels in (
        ("training", data.train_images, data.train_labels),
        ("validation", data.validation_images, data.validation_labels),
    ):
        accuracy = np.mean(outputs(model, images)[1].argmax(1) == labels)
        print(f"accuracy on the {name} images: {accuracy:.4f}")
    features = outputs(model, data.train_images)[0]
    print(f"standard deviations of the features: {features.std(0).min():.3f} and more")
    moments = [features.mean(0), features.std(0)]
    np.savez_compressed(
        Path(__file__).with_name("digit_features.npz"),
        **{f"{place:02d}": array for place, array in enumerate([*moments, *stored])},
    )


if __name__ == "__main__":
    main()
