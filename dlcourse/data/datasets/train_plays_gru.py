"""Train the character model of week 6 and write plays_gru.npz; run once, the result is shipped.

    python dlcourse/data/datasets/train_plays_gru.py

Needs no accelerator: about eight minutes of one free CPU core. Gradients are truncated to a
window; the state is carried from a row's window to its next, and is zeros where an epoch begins.
The weights are stored as float16.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from dlcourse.data.plays import encode, plays
from dlcourse.models.plays_gru import network

ROWS, STEPS, EPOCHS = 64, 64, 2

Numbers = npt.NDArray[np.int32]


def windows(text: str) -> tuple[Numbers, Numbers]:
    """Inputs and targets (batches * ROWS, STEPS): row r of a batch goes on in row r of the next."""
    numbers = encode(text)
    used = (len(numbers) - 1) // (ROWS * STEPS) * ROWS * STEPS

    def arranged(flat: Numbers) -> Numbers:
        rows = flat.reshape(ROWS, -1, STEPS)
        return np.ascontiguousarray(rows.swapaxes(0, 1)).reshape(-1, STEPS)

    return arranged(numbers[:used]), arranged(numbers[1 : used + 1])


class FreshState(keras.callbacks.Callback):  # type: ignore[misc]
    """Sets the state to zeros before an epoch and before the validation."""

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
        """The training text begins."""
        self.model.get_layer("gru").reset_state()

    def on_test_begin(self, logs: object = None) -> None:
        """The validation text begins."""
        self.model.get_layer("gru").reset_state()


def rates(batches: int) -> tuple[Any, Any]:
    """The learning rates of two runs of EPOCHS epochs: a slow cosine, then a decay to zero."""
    schedules = keras.optimizers.schedules
    return (
        schedules.CosineDecay(0.0, 8 * batches, warmup_target=3e-3, warmup_steps=300),
        schedules.PolynomialDecay(2.5e-3, EPOCHS * batches, 0.0),
    )


def main() -> None:
    """Train, print the validation's loss by epoch, and write the weights."""
    keras.utils.set_random_seed(0)
    texts = plays("cpu")
    inputs, targets = windows(texts.train)
    model = network(rows=ROWS, steps=STEPS)
    for rate in rates(len(inputs) // ROWS):
        # Each run begins with a new optimizer.
        model.compile(
            keras.optimizers.Adam(rate, global_clipnorm=1.0),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        )
        model.fit(
            inputs, targets, batch_size=ROWS, epochs=EPOCHS, shuffle=False, verbose=2,
            validation_data=windows(texts.validation), validation_batch_size=ROWS,
            callbacks=[FreshState()],
        )  # fmt: skip
        model.set_weights([np.asarray(weights, np.float16) for weights in model.get_weights()])
    stored = [np.asarray(weights, np.float16) for weights in model.get_weights()]
    np.savez_compressed(Path(__file__).with_name("plays_gru.npz"), *stored)


if __name__ == "__main__":
    main()
