"""Train the network that week 12 ships; run once, the result is shipped.

    python dlcourse/data/datasets/train_serving_reference.py

Writes serving_reference.npz. Needs no accelerator: about a minute of one free CPU core. Only
Twitter's drawings of the emoji of `seen` are used, mirrored and moved at random. The weights are
stored as float16.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from dlcourse.serving.reference import MAKERS, SIDE, accuracy, network, seen, unseen

EPOCHS, BATCH, RATE = 35, 64, 2e-3
SHIFT = 3  # greatest move in pixels, in each direction

Images = npt.NDArray[np.float32]


def varied(images: Images, rng: np.random.Generator) -> Images:
    """Each image (n, 32, 32, 3) mirrored or not and moved by up to `SHIFT` pixels; edges white."""
    mirror = rng.random(len(images)) < 0.5
    images = np.where(mirror[:, None, None, None], images[:, :, ::-1], images)
    wide = np.pad(images, ((0, 0), (SHIFT, SHIFT), (SHIFT, SHIFT), (0, 0)), constant_values=1.0)
    corners = rng.integers(0, 2 * SHIFT + 1, (len(images), 2))
    return np.stack(
        [image[y : y + SIDE, x : x + SIDE] for image, (y, x) in zip(wide, corners, strict=True)]
    )


def main() -> None:
    """Train, print accuracies with the rounded weights, and write the weights."""
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    images, labels = seen()
    model = network()
    steps = EPOCHS * -(-len(images) // BATCH)
    model.compile(
        keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(RATE, steps)),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    for _ in range(EPOCHS):
        model.fit(varied(images, rng), labels, batch_size=BATCH, verbose=0)
    stored = [np.asarray(weights, np.float16) for weights in model.get_weights()]
    model.set_weights([weights.astype(np.float32) for weights in stored])
    for maker in MAKERS:
        for part, (some, truth) in (("seen", seen(maker)), ("unseen", unseen(maker))):
            found = accuracy(model.predict(some, verbose=0), truth)
            print(f"accuracy on the {part} emoji of {maker}: {found:.4f}")
    arrays: dict[str, Any] = {f"{place:02d}": array for place, array in enumerate(stored)}
    np.savez_compressed(Path(__file__).with_name("serving_reference.npz"), **arrays)


if __name__ == "__main__":
    main()
