"""Temperature, top-k and nucleus in one function (week 6), and how much a text repeats itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import softmax

from dlcourse.models.mini_gpt import Chooser

__all__ = ["chooser", "repeated"]


def chooser(temperature: float = 1.0, k: int | None = None, mass: float = 1.0) -> Chooser:
    """A function from logits (..., K) to the probabilities (..., K) that are drawn from.

    Args:
        temperature: by which logits are divided first.
        k: how many of the most probable are kept; None for all.
        mass: of these the fewest whose probabilities sum to this are kept.
    """

    def choose(logits: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.floating[Any]]:
        p = softmax(np.asarray(logits, np.float64) / temperature, axis=-1)
        order = np.argsort(-p, axis=-1, kind="stable")[..., :k]
        ranked = np.take_along_axis(p, order, -1)
        ranked = ranked / ranked.sum(axis=-1, keepdims=True)
        before = np.cumsum(ranked, axis=-1) - ranked
        kept = np.zeros_like(p)
        np.put_along_axis(kept, order, np.where((before < mass) | (mass >= 1), ranked, 0), -1)
        chosen: npt.NDArray[np.floating[Any]] = kept / kept.sum(axis=-1, keepdims=True)
        return chosen

    return choose


def repeated(rows: npt.ArrayLike, length: int = 12) -> npt.NDArray[np.float64]:
    """For each row of (n, t) the share of its pieces of `length` that stood in it before."""
    pieces = np.lib.stride_tricks.sliding_window_view(np.asarray(rows), length, axis=1)
    return np.array([1 - len(np.unique(own, axis=0)) / len(own) for own in pieces])
