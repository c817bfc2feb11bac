"""Train the network that week 11 makes smaller; run once, the result is shipped.

    python dlcourse/data/datasets/train_compression_reference.py

Writes compression_reference.npz. Needs no accelerator: about half a minute of one free CPU core.
Only the cpu tier's training images are used, as they are. The weights are stored as float16.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np

from dlcourse.compression.reference import accuracy, network, unseen_digits
from dlcourse.data.loaders import digits

EPOCHS, BATCH = 12, 64


def main() -> None:
    """Train, print accuracies with the rounded weights, and write the weights."""
    keras.utils.set_random_seed(0)
    data = digits("cpu")
    model = network()
    steps = EPOCHS * -(-len(data.train_images) // BATCH)
    model.compile(
        keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(1e-3, steps)),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    images = data.train_images[..., np.newaxis]
    model.fit(images, data.train_labels, batch_size=BATCH, epochs=EPOCHS, verbose=0)
    stored = [np.asarray(weights, np.float16) for weights in model.get_weights()]
    model.set_weights([weights.astype(np.float32) for weights in stored])
    for name, some, labels in (
        ("training", images, data.train_labels),
        ("validation", data.validation_images[..., np.newaxis], data.validation_labels),
        ("unseen", *unseen_digits()),
    ):
        print(
            f"accuracy on the {name} images: {accuracy(model.predict(some, verbose=0), labels):.4f}"
        )
    arrays: dict[str, Any] = {f"{place:02d}": array for place, array in enumerate(stored)}
    np.savez_compressed(Path(__file__).with_name("compression_reference.npz"), **arrays)


if __name__ == "__main__":
    main()
