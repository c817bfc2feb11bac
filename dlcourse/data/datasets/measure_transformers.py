"""Train small transformers of characters and write transformer_runs.json; run once.

    python dlcourse/data/datasets/measure_transformers.py

Needs no accelerator: some minutes of one free CPU core. One factor changes at a time: where the
norm stands and whether the rate warms up, with eight blocks; the kind of positions, with two. Seeds
choose first weights and rows, and are shared.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from dlcourse.data.plays import encode, plays
from dlcourse.models.mini_gpt import network

SEEDS = (0, 1, 2)
POSITIONS = ("sinusoidal", "learned", "rotary", "none")
LONG = 256
"""Characters of the rows on which positions are measured."""

Numbers = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Training:
    """How a network is trained."""

    rows: int
    """In a batch."""
    length: int
    """Characters of a row."""
    steps: int
    rate: float
    """Of Adam, once warm."""
    warm_up: int
    """Steps in which the rate grows in proportion; 0 for the full rate from the first step."""


NORMS = {
    "warm-up": Training(rows=16, length=32, steps=100, rate=1e-2, warm_up=30),
    "no warm-up": Training(rows=16, length=32, steps=100, rate=1e-2, warm_up=0),
}
OF_POSITIONS = Training(rows=16, length=64, steps=400, rate=4e-3, warm_up=40)


def pieces(text: Numbers, length: int, n: int, seed: int) -> Numbers:
    """Rows (n, length + 1) from random places."""
    every = np.lib.stride_tricks.sliding_window_view(text, length + 1)
    return every[np.random.default_rng(seed).integers(len(every), size=n)]


def train(model: Any, text: Numbers, how: Training, seed: int) -> None:
    """Fit with Adam; after the warm-up the rate falls to zero along a cosine."""
    decay = keras.optimizers.schedules.CosineDecay
    rate = (
        decay(0.0, how.steps - how.warm_up, warmup_target=how.rate, warmup_steps=how.warm_up)
        if how.warm_up
        else decay(how.rate, how.steps)
    )
    model.compile(
        keras.optimizers.Adam(rate, global_clipnorm=1.0),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=True, steps_per_execution=10,
    )  # fmt: skip
    rows = pieces(text, how.length, how.rows * how.steps, seed)
    model.fit(rows[:, :-1], rows[:, 1:], batch_size=how.rows, shuffle=False, verbose=0)


def bits(model: Any, text: Numbers, length: int, n: int) -> npt.NDArray[np.float64]:
    """Bits of each character of rows spread over the text, their mean by position: (length,)."""
    rows = text[: len(text) // (length + 1) * (length + 1)].reshape(-1, length + 1)
    rows = rows[:: len(rows) // n][:n]
    parts = []
    for part in np.array_split(rows, max(n // 20, 1)):
        log_p = np.asarray(keras.ops.log_softmax(model(part[:, :-1]), axis=-1))
        parts.append(-np.take_along_axis(log_p, part[:, 1:, np.newaxis], 2)[..., 0] / np.log(2))
    mean: npt.NDArray[np.float64] = np.concatenate(parts).mean(axis=0)
    return mean


def main() -> None:
    """Train and measure all networks, print what was found, and write it."""
    texts = plays("cpu")
    text, held_out = encode(texts.train), encode(texts.validation)
    found: dict[str, dict[str, list[Any]]] = {"norms": {}, "positions": {}}
    for seed in SEEDS:
        for norm in ("pre-norm", "post-norm"):
            for name, how in NORMS.items():
                keras.utils.set_random_seed(seed)
                model = network(
                    blocks=8, width=32, heads=2, context=None, pre_norm=norm == "pre-norm"
                )
                train(model, text, how, seed)
                value = float(bits(model, held_out, how.length, 400).mean())
                found["norms"].setdefault(f"{norm}, {name}", []).append(round(value, 4))
        for kind in POSITIONS:
            keras.utils.set_random_seed(seed)
            model = network(blocks=2, width=64, context=None, positions=kind)
            train(model, text, OF_POSITIONS, seed)
            curves = {kind: bits(model, held_out, LONG, 400)}
            if kind == "rotary":
                near = network(blocks=2, width=64, context=OF_POSITIONS.length)
                near.set_weights(model.get_weights())
                curves["rotary, window"] = bits(near, held_out, LONG, 400)
            for name, curve in curves.items():
                found["positions"].setdefault(name, []).append(curve.round(4).tolist())
                print(seed, name, curve.reshape(4, -1).mean(axis=1).round(3), flush=True)
        print(seed, found["norms"], f"{time.process_time():.0f} s of CPU", flush=True)
    path = Path(__file__).with_name("transformer_runs.json")
    path.write_text(json.dumps(found) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
