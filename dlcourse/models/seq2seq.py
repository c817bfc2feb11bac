"""Weights of the small sequence-to-sequence networks that week 6 looks at.

train_seq2seq.py and train_chatbot.py in dlcourse/data/datasets trained them for minutes each, on
processors; the chapter builds the same networks and loads the weights into them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dlcourse.data import files, manifest
from dlcourse.data.files import DataSet

__all__ = ["CHATBOT", "SEEDS", "Size", "chatbot_weights", "shipped_weights"]

SEEDS = (1, 2)
"""Networks with and without attention share them."""


@dataclass(frozen=True)
class Size:
    """How large a network of words is."""

    words: int
    """Of its vocabulary, with padding, start, end and the unknown word."""
    units: int
    width: int
    """Of the embeddings."""


CHATBOT = Size(words=3000, units=128, width=64)
"""The chatbot that `chatbot_weights` belong to."""

Weights = list[npt.NDArray[np.float32]]


def shipped_weights(name: str, seed: int, stored: DataSet = manifest.SEQ2SEQ) -> Weights:
    """The weights of one trained network, in the order that `Model.set_weights` takes.

    Args:
        name: "attention" or "context": with attention, or with the last state as the only context.
        seed: one of `SEEDS`.
        stored: the file of weights; another one has networks with other names.

    Returns:
        Arrays in float32; they were shipped as float16.

    Raises:
        KeyError: if no such network comes with the course.
        DataError: if the file is not the known one.
    """
    prefix = f"{name}_{seed}_"
    with np.load(files.locate(stored), allow_pickle=False) as file:
        found = [file[key].astype(np.float32) for key in sorted(file) if key.startswith(prefix)]
        known = sorted({key.rpartition("_")[0] for key in file})
    if not found:
        raise KeyError(f"no network {prefix[:-1]!r} comes with the course; there are {known}.")
    return found


def chatbot_weights() -> Weights:
    """The weights of the chatbot, in the order that `Model.set_weights` takes.

    Its size is `CHATBOT`; its vocabulary, the most frequent words of the training replies.

    Returns:
        Arrays in float32; they were shipped as float16.

    Raises:
        DataError: if the file is not the known one.
    """
    with np.load(files.locate(manifest.CHATBOT), allow_pickle=False) as file:
        return [file[key].astype(np.float32) for key in sorted(file)]
