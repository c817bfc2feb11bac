"""Train the network that judges generated digits and write it enciphered; run once.

    python dlcourse/data/datasets/train_sealed_digit_features.py solutions/week07/digits.key

Needs no accelerator: about a minute of one CPU core. It learns from the training images of the
cpu tier, as they are and turned, moved and scaled anew. Its shape, its random start and its images
are others than those of dlcourse/data/datasets/train_digit_features.py: a generator that was tuned
to the features that everybody has is judged by others. The weights are stored as float16.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers

from dlcourse.data.loaders import digits, distort, held_out_digits
from dlcourse.data.sealed import seal
from dlcourse.models.sealed_digit_features import FEATURES, DigitJudge

SEED, EPOCHS, BATCH = 7, 16, 50


def network() -> Any:
    """Images (n, 28, 28, 1) to features (n, 64), not standardized, and logits (n, 10)."""
    inputs = keras.Input((28, 28, 1))
    h = layers.Conv2D(12, 3, activation="relu")(inputs)
    h = layers.Conv2D(24, 3, strides=2, activation="relu")(h)
    h = layers.Conv2D(48, 3, strides=2, activation="relu")(h)
    features = layers.Dense(FEATURES)(layers.Flatten()(h))
    logits = layers.Dense(10)(layers.Activation("tanh")(features))
    return keras.Model(inputs, [features, logits])


def main(key: bytes) -> None:
    """Train, print the accuracy on distorted held-out digits, and write the weights."""
    keras.utils.set_random_seed(SEED)
    rng = np.random.default_rng(SEED)
    given = digits("cpu")
    whole = network()
    model = keras.Model(whole.inputs, whole.outputs[1])
    steps = EPOCHS * 2 * len(given.train_images) // BATCH
    model.compile(
        keras.optimizers.AdamW(keras.optimizers.schedules.CosineDecay(2e-3, steps)),
        keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.05),
    )
    targets = np.tile(np.eye(10)[given.train_labels], (2, 1))
    for _ in range(EPOCHS):
        images = np.concatenate([given.train_images, distort(given.train_images, rng)])
        model.fit(images[..., None], targets, batch_size=BATCH, verbose=0)
    features = whole.predict(given.train_images[..., None], verbose=0)[0]
    arrays = [features.mean(axis=0), features.std(axis=0), *whole.get_weights()]
    arrays = [np.asarray(array, np.float16) for array in arrays]
    images, labels = held_out_digits("cpu")
    found = DigitJudge(arrays).probabilities(distort(images, rng)).argmax(axis=1)
    print(f"accuracy on 1,000 distorted held-out digits: {np.mean(found == labels):.3f}")
    content = io.BytesIO()
    np.savez_compressed(content, *arrays)
    path = Path(__file__).with_name("digit_judge_sealed.bin")
    path.write_bytes(seal(content.getvalue(), key, "digit_judge_sealed"))


if __name__ == "__main__":
    main(bytes.fromhex(Path(sys.argv[1]).read_text(encoding="utf-8")))
