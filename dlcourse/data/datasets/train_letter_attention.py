"""Train the networks of week 8's chapter on attention; run once, shipped.

    python dlcourse/data/datasets/train_letter_attention.py additive 1   # every kind, every seed
    python dlcourse/data/datasets/train_letter_attention.py pack

Words, batches and training are those of train_seq2seq.py. All kinds have the same settings, so that
they differ in the score alone; the settings were not tuned. A training takes less than half a
minute on one core and writes its weights into the folder `letter_attention_weights` of the current
one; `pack` joins them to letter_attention.npz here, as float16.
"""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import runpy
import sys
from pathlib import Path

import keras

from dlcourse.models.letter_attention import Pronouncer, pronouncer

WEEK_6 = runpy.run_path(str(Path(__file__).with_name("train_seq2seq.py")))
FOLDER = Path("letter_attention_weights")
EPOCHS, RATE, BATCH = 1, 1e-2, 256


def train(kind: str, seed: int, limit: int | None = None) -> Pronouncer:
    """One network with new weights, trained."""
    keras.utils.set_random_seed(seed)
    network = pronouncer(kind)
    WEEK_6["fit"](network.whole, f"{kind} {seed}", seed, EPOCHS, RATE, BATCH, limit)
    return network


if __name__ == "__main__":
    if sys.argv[1] == "pack":
        WEEK_6["pack"](FOLDER, "letter_attention.npz")
    else:
        trained = train(sys.argv[1], int(sys.argv[2]))
        WEEK_6["save"](trained.get_weights(), FOLDER / f"{sys.argv[1]}_{sys.argv[2]}.npz")
