"""Small transformers of several sizes, each trained on several amounts of text, measured once.

Training them all takes minutes, so that the chapter reads what
dlcourse/data/datasets/train_scaling_runs.py stored. Importing this module is cheap; Keras is
imported when a network is built.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dlcourse.data import files, manifest
from dlcourse.data.plays import CHARACTERS

__all__ = ["STEPS", "ScalingRun", "decoder", "keep", "read", "scaling_runs"]

STEPS = 64
"""Characters in a window: how far a network looks back at most."""


@dataclass(frozen=True)
class ScalingRun:
    """One training of one network."""

    width: int
    """Features of a position."""
    blocks: int
    seed: int
    parameters: int
    """That multiply each character's features: all except the table in which they are looked up."""
    characters: int
    """Read in training, each once."""
    bits: float
    """Per character of held-out plays, in windows of `STEPS` characters."""
    seconds: float
    """Of the processor, for the training."""


def scaling_runs() -> tuple[ScalingRun, ...]:
    """All runs, by parameters, characters and seed.

    Raises:
        DataError: if the file is not the known one.
    """
    return read(files.locate(manifest.SCALING_RUNS))


def keep(runs: Iterable[ScalingRun], path: Path) -> None:
    """Write runs to a file, in order, in the place of older ones of the same kind.

    Args:
        runs: new ones.
        path: scaling_runs.json; it need not exist.
    """
    old = read(path)
    by_kind = {(run.parameters, run.characters, run.seed): run for run in (*old, *runs)}
    lines = ",\n".join(json.dumps(asdict(by_kind[kind])) for kind in sorted(by_kind))
    path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def read(path: Path) -> tuple[ScalingRun, ...]:
    """The runs in a file, none if it does not exist."""
    if not path.exists():
        return ()
    return tuple(ScalingRun(**row) for row in json.loads(path.read_text(encoding="utf-8")))


def decoder(width: int, blocks: int, *, head_width: int = 16) -> Any:
    """A causal transformer: numbers of characters (n, STEPS) to logits (n, STEPS, 65).

    A convolution over the last four characters takes the place of positions; then pre-norm blocks
    of attention and a feed-forward network four times as wide.

    Args:
        width: features of a position, a multiple of `head_width`.
        blocks: how many.
        head_width: features of an attention head.
    """
    import keras
    from keras import layers

    inputs = keras.Input((STEPS,), dtype="int32")
    # Vectors of unit variance: beside them the blocks' first outputs are small.
    vectors = keras.initializers.RandomNormal(stddev=1.0)
    h = layers.Embedding(len(CHARACTERS), width, embeddings_initializer=vectors, name="table")(
        inputs
    )
    h = layers.Conv1D(width, 4, padding="causal")(h)
    for _ in range(blocks):
        normed = layers.LayerNormalization()(h)
        attention = layers.MultiHeadAttention(width // head_width, head_width, use_bias=False)
        h = h + attention(normed, normed, use_causal_mask=True)
        normed = layers.LayerNormalization()(h)
        h = h + layers.Dense(width)(layers.Dense(4 * width, activation="gelu")(normed))
    logits = layers.Dense(len(CHARACTERS), use_bias=False)(layers.LayerNormalization()(h))
    return keras.Model(inputs, logits)
