"""A memory beside a language model: states of a text, and what followed them (Khandelwal 2020)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import log_softmax, softmax

from dlcourse.data.plays import encode

__all__ = ["Reading", "read_text", "vote"]

Array = npt.NDArray[np.float32]

BEFORE, AFTER = 64, 128
"""Characters that are read first, and that are then predicted, in each piece of a text."""


@dataclass(frozen=True)
class Reading:
    """What a model made of n places of a text."""

    states: Array
    """(n, d): the input of the last layer."""
    log_p: Array
    """(n, 65): of the next character."""
    followed: npt.NDArray[np.int32]
    """(n,): the character that came."""

    def bits(self, probabilities: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.float64]:
        """What each character costs under other probabilities (n, 65)."""
        cost: npt.NDArray[np.float64] = -np.log2(
            probabilities[np.arange(len(self.followed)), self.followed]
        )
        return cost


def read_text(model: Any, text: str) -> Reading:
    """Let a model read a text in pieces of BEFORE + AFTER characters; keep the last AFTER of each.

    Args:
        model: numbers of characters (n, t) to logits (n, t, 65); its last layer is dense.
        text: the rest that fills no piece is left out.
    """
    import keras

    body = keras.Model(model.input, [model.layers[-1].input, model.output])
    length = BEFORE + AFTER + 1
    rows = encode(text)[: len(text) // length * length].reshape(-1, length)
    states, logits = (np.asarray(part)[:, BEFORE:] for part in body(rows[:, :-1]))
    return Reading(
        states.reshape(-1, states.shape[-1]),
        log_softmax(logits, axis=-1).reshape(-1, logits.shape[-1]),
        rows[:, BEFORE + 1 :].ravel(),
    )


def vote(reading: Reading, store: Reading, *, k: int = 16) -> Array:
    """Shares of the characters that followed the k nearest states of a store, (n, 65).

    A neighbour's weight falls exponentially with its squared distance; the scale is the median
    spread of the distances among neighbours.

    Args:
        reading: of the text to predict.
        store: of another text.
        k: how many neighbours vote.
    """
    keys = store.states
    distance = np.sum(keys**2, axis=1) - 2 * reading.states @ keys.T
    nearest = np.argpartition(distance, k, axis=1)[:, :k]
    near = np.take_along_axis(distance, nearest, axis=1)
    spread = np.median(near.std(axis=1)) or 1.0  # one neighbour, or equal ones, have none
    weights = softmax(-near / spread, axis=1)
    shares = np.zeros_like(reading.log_p)
    np.add.at(shares, (np.arange(len(shares))[:, np.newaxis], store.followed[nearest]), weights)
    return shares
