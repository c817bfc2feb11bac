"""Text by the GRU of week 6, step by step in NumPy, for many prompts at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from dlcourse.models.mini_gpt import Chooser, drawn

__all__ = ["write_recurrent"]

Array = npt.NDArray[np.float32]


def write_recurrent(
    model: Any, prompts: npt.ArrayLike, choose: Chooser, length: int, *, seed: int = 0
) -> npt.NDArray[np.int64]:
    """Go on with each prompt; as `dlcourse.models.mini_gpt.write`, for another network.

    Args:
        model: what `dlcourse.models.plays_gru` returns, trained or not.
        prompts: (n, t) numbers of characters, t at least 1.
        choose: turns logits (n, 65) into the probabilities (n, 65) to draw from.
        length: how many characters are written for each prompt.
        seed: of the draws.

    Returns:
        (n, length) numbers of characters.
    """
    rng, given = np.random.default_rng(seed), np.asarray(prompts)
    table, inputs, states, biases, out, offset = (
        np.asarray(weights, np.float32) for weights in model.get_weights()
    )
    h = np.zeros((len(given), len(states)), np.float32)

    def step(numbers: npt.NDArray[np.integer[Any]], h: Array) -> Array:
        parts = np.split(table[numbers] @ inputs + biases[0], 3, axis=1)
        before = np.split(h @ states + biases[1], 3, axis=1)
        update, reset = (expit(parts[place] + before[place]) for place in (0, 1))
        new = np.tanh(parts[2] + reset * before[2])
        mixed: Array = update * h + (1 - update) * new
        return mixed

    for numbers in given.T:
        h = step(numbers, h)
    written = []
    for _ in range(length):
        written.append(drawn(choose(h @ out + offset), rng))
        h = step(written[-1], h)
    return np.stack(written, axis=1)
