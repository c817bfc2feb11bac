"""Train the transformer of week 8 and write mini_gpt.npz; run once, the result is shipped.

    python dlcourse/data/datasets/train_mini_gpt.py

Needs no accelerator: two or three minutes of one free CPU core. Rows of CONTEXT characters begin at
random places of the training plays. The weights are stored as float16. Prints the bits per
character that held-out plays cost, beside those of week 6's GRU.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import keras
import numpy as np

from dlcourse.data.plays import encode, plays
from dlcourse.models.character_training import bits, windows
from dlcourse.models.mini_gpt import CONTEXT, network
from dlcourse.models.plays_gru import plays_gru

ROWS, STEPS, WARM_UP, RATE = 16, 1600, 100, 5e-3
ROUNDS = 16
"""In which the steps are done; the loss is printed after each."""


def train(text: str) -> Any:
    """A new network, trained on the text."""
    keras.utils.set_random_seed(0)
    model, numbers = network(), encode(text)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, STEPS - WARM_UP, warmup_target=RATE, warmup_steps=WARM_UP
    )
    model.compile(
        keras.optimizers.AdamW(rate, weight_decay=0.1, beta_2=0.98, global_clipnorm=1.0),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=True, steps_per_execution=10,
    )  # fmt: skip
    for round_ in range(ROUNDS):
        rows = windows(numbers, CONTEXT, ROWS * STEPS // ROUNDS, round_)
        log = model.fit(rows[:, :-1], rows[:, 1:], batch_size=ROWS, shuffle=False, verbose=0)
        loss, seconds = log.history["loss"][0] / np.log(2), time.process_time()
        print(f"round {round_}: {loss:.3f} bits, {seconds:.0f} s of CPU", flush=True)
    return model


def main() -> None:
    """Train, write the weights, and measure them as they were stored."""
    texts = plays("cpu")
    model = train(texts.train)
    stored = [np.asarray(weights, np.float16) for weights in model.get_weights()]
    np.savez_compressed(Path(__file__).with_name("mini_gpt.npz"), *stored)
    model.set_weights(stored)
    rows = encode(texts.validation)[: 700 * 513].reshape(700, 513)[::4]
    for name, measured in {"mini-GPT": model, "GRU": plays_gru()}.items():
        # The first hundred characters of a row only give context.
        found = bits(measured, rows)[:, 100:].mean()
        print(f"{name}: {measured.count_params():,} parameters, {found:.3f} bits per character")


if __name__ == "__main__":
    main()
