"""Train transformers of several sizes on several amounts of text; write scaling_runs.json.

    python dlcourse/data/datasets/train_scaling_runs.py [SEED ...]

Run once, the result is shipped. Needs no accelerator: about two minutes of one free CPU core for
each seed; the largest run is trained with seed 0 alone. Each run has its own schedule, down to a
learning rate of zero: a longer run that is stopped early would be worse than a short one.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from dlcourse.data.plays import encode, plays
from dlcourse.models.scaling_runs import STEPS, ScalingRun, decoder, keep, read

SIZES = ((16, 1), (16, 2), (32, 2))
"""Width and blocks, 5,000 to 31,000 parameters."""
LENGTHS = tuple(rows * STEPS for rows in (2_000, 4_000, 8_000))
"""Characters read, 128,000 to 512,000."""
LARGEST = (48, 2), 12_000 * STEPS
"""Larger and longer than all others: held out from the fit."""
ROWS, HELD_OUT = 8, 2_000
"""Windows in a batch, and windows of the held-out plays that are measured."""


def windows(text: str, count: int, seed: int) -> npt.NDArray[np.int32]:
    """`count` windows of STEPS + 1 characters in random order, none twice: (count, STEPS + 1)."""
    numbers = encode(text)
    places = np.random.default_rng(seed).permutation((len(numbers) - 1) // STEPS)[:count]
    return np.stack([numbers[STEPS * place : STEPS * (place + 1) + 1] for place in places])


def schedule(width: int, batches: int) -> Any:
    """Up over the first tenth, then half a cosine down to zero; narrower networks learn faster."""
    highest, warm = 1e-2 * (32 / width) ** 0.5, batches // 10
    return keras.optimizers.schedules.CosineDecay(
        highest / warm, batches - warm, warmup_target=highest, warmup_steps=warm
    )


def run(width: int, blocks: int, characters: int, seed: int) -> ScalingRun:
    """Train and measure one network."""
    keras.utils.set_random_seed(seed)
    texts = plays("cpu")
    rows = windows(texts.train, characters // STEPS, seed)
    model = decoder(width, blocks)
    model.compile(
        keras.optimizers.AdamW(
            schedule(width, len(rows) // ROWS), weight_decay=0.1, beta_2=0.99, global_clipnorm=1.0
        ),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        steps_per_execution=50, jit_compile=True,
    )  # fmt: skip
    begin = time.process_time()
    model.fit(rows[:, :-1], rows[:, 1:], batch_size=ROWS, verbose=0)
    seconds = time.process_time() - begin
    new = windows(texts.validation, HELD_OUT, 0)
    nats = model.evaluate(new[:, :-1], new[:, 1:], batch_size=200, verbose=0)
    multiplied = model.count_params() - model.get_layer("table").count_params()
    return ScalingRun(
        width, blocks, seed, multiplied, characters,
        round(float(nats / np.log(2)), 4), round(seconds, 1),
    )  # fmt: skip


def main(seeds: list[int]) -> None:
    """Train what is not stored yet, the small ones first, and store each at once."""
    path = Path(__file__).with_name("scaling_runs.json")
    done = {(r.width, r.blocks, r.characters, r.seed) for r in read(path)}
    grid = [(size, length, seed) for seed in seeds for length in LENGTHS for size in SIZES]
    if 0 in seeds:
        grid.append((*LARGEST, 0))
    for (width, blocks), characters, seed in grid:
        if (width, blocks, characters, seed) not in done:
            result = run(width, blocks, characters, seed)
            print(result, flush=True)
            keep([result], path)


if __name__ == "__main__":
    main([int(seed) for seed in sys.argv[1:]] or [0])
