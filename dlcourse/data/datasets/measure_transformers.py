"""Train small transformers of characters and write transformer_runs.json; run once.

    python dlcourse/data/datasets/measure_transformers.py

Needs no accelerator: some minutes of one free CPU core. One factor changes at a time: where the
norm stands and whether the rate warms up, with eight blocks; the kind of positions, with two. Seeds
choose first weights and rows, and are shared.
"""

from __future__ import annotations

import json
import time
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dlcourse.data.plays import encode, plays
from dlcourse.models.character_training import bits, trainings, windows
from dlcourse.models.mini_gpt import network

SEEDS = (0, 1, 2)
WARM_UPS = {"warm-up": 30, "no warm-up": 0}
"""Steps in which the rate grows."""

POSITIONS = ("sinusoidal", "learned", "rotary", "none")
SHORT, LONG = 64, 256
"""Characters of the rows to train on, and of those on which positions are measured."""

Numbers = npt.NDArray[np.int32]


def measure_norms(text: Numbers, held_out: Numbers) -> dict[str, list[float]]:
    """Bits per character by norm and warm-up, a value for each seed."""
    rows, found = windows(held_out, 32, 400, 99), {}
    for norm in ("pre-norm", "post-norm"):
        make = partial(
            network, blocks=8, width=32, heads=2, context=None, pre_norm=norm == "pre-norm"
        )
        for name, warm_up in WARM_UPS.items():
            found[f"{norm}, {name}"] = [
                round(float(bits(model, rows).mean()), 4)
                for model in trainings(
                    make, text, SEEDS, rate=1e-2, length=32, steps=100, warm_up=warm_up, jit=False
                )
            ]
            print(norm, name, found[f"{norm}, {name}"], flush=True)
    return found


def measure_positions(text: Numbers, held_out: Numbers) -> dict[str, list[list[float]]]:
    """Bits of each position of long rows by kind of positions, a list for each seed."""
    rows = windows(held_out, LONG, 400, 99)
    found: dict[str, list[list[float]]] = {}
    near = network(blocks=2, width=64, context=SHORT)
    for kind in POSITIONS:
        make = partial(network, blocks=2, width=64, context=None, positions=kind)
        for model in trainings(make, text, SEEDS, rate=6e-3, length=SHORT, steps=300, warm_up=30):
            curves = {kind: bits(model, rows).mean(axis=0)}
            if kind == "rotary":
                near.set_weights(model.get_weights())
                curves["rotary, window"] = bits(near, rows).mean(axis=0)
            for name, curve in curves.items():
                found.setdefault(name, []).append(curve.round(4).tolist())
                print(name, curve.reshape(4, -1).mean(axis=1).round(3), flush=True)
    return found


def main() -> None:
    """Train and measure all networks, print what was found, and write it."""
    texts = plays("cpu")
    text, held_out = encode(texts.train), encode(texts.validation)
    found = {
        "norms": measure_norms(text, held_out),
        "positions": measure_positions(text, held_out),
    }
    path = Path(__file__).with_name("transformer_runs.json")
    path.write_text(json.dumps(found) + "\n", encoding="utf-8")
    print(f"{time.process_time():.0f} s of CPU")


if __name__ == "__main__":
    main()
