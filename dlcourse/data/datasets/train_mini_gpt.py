"""Train the transformer of week 8 and write mini_gpt.npz; run once, the result is shipped.

    python dlcourse/data/datasets/train_mini_gpt.py

Needs no accelerator: about ten minutes of one free CPU core. Rows of CONTEXT characters begin at
random places of the training plays. The weights are stored as float16. Prints the bits per
character that held-out plays cost, beside those of week 6's GRU.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from dlcourse.data.plays import encode, plays
from dlcourse.models.mini_gpt import CONTEXT, network
from dlcourse.models.plays_gru import plays_gru

ROWS, STEPS, WARM_UP, RATE = 16, 4500, 200, 3e-3
ROUNDS = 18
"""In which the steps are done; the loss is printed after each."""


def rows_of(text: str, n: int, rng: np.random.Generator) -> npt.NDArray[np.int32]:
    """Rows (n, CONTEXT + 1) from random places of a text."""
    every = np.lib.stride_tricks.sliding_window_view(encode(text), CONTEXT + 1)
    return every[rng.integers(len(every), size=n)]


def train(text: str) -> Any:
    """A new network, trained on the text."""
    keras.utils.set_random_seed(0)
    model, rng = network(), np.random.default_rng(0)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, STEPS - WARM_UP, warmup_target=RATE, warmup_steps=WARM_UP
    )
    model.compile(
        keras.optimizers.AdamW(rate, weight_decay=0.1, beta_2=0.98, global_clipnorm=1.0),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=True, steps_per_execution=10,
    )  # fmt: skip
    for round_ in range(ROUNDS):
        rows = rows_of(text, ROWS * STEPS // ROUNDS, rng)
        log = model.fit(rows[:, :-1], rows[:, 1:], batch_size=ROWS, shuffle=False, verbose=0)
        bits = log.history["loss"][0] / np.log(2)
        seconds = time.process_time()
        print(f"round {round_}: {bits:.3f} bits, {seconds:.0f} s of CPU", flush=True)
    return model


def held_out_bits(model: Any, text: str, *, given: int = 100) -> float:
    """Bits per character of 175 rows, without the first characters, which only give context."""
    rows = encode(text)[: 700 * 513].reshape(700, 513)[::4]
    total = 0.0
    for part in np.array_split(rows, 25):
        logits = model(part[:, :-1])
        log_p = np.asarray(keras.ops.log_softmax(logits, axis=-1))[:, given:]
        total -= np.take_along_axis(log_p, part[:, given + 1 :, np.newaxis], 2).sum()
    return float(total / np.log(2) / rows[:, given + 1 :].size)


def main() -> None:
    """Train, write the weights, and measure them as they were stored."""
    texts = plays("cpu")
    model = train(texts.train)
    stored = [np.asarray(weights, np.float16) for weights in model.get_weights()]
    np.savez_compressed(Path(__file__).with_name("mini_gpt.npz"), *stored)
    model.set_weights(stored)
    for name, measured in {"mini-GPT": model, "GRU": plays_gru()}.items():
        bits = held_out_bits(measured, texts.validation)
        print(f"{name}: {measured.count_params():,} parameters, {bits:.3f} bits per character")


if __name__ == "__main__":
    main()
