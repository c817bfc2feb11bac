"""Made sequences whose answer depends on an input a known number of steps back.

The number of steps, the lag, is an argument: turn it, and see up to which lag a network learns.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["PLACES", "adding_problem"]

PLACES = 10
"""Steps at which the first mark may stand, unless the caller says another number."""

Floats = npt.NDArray[np.float32]


def adding_problem(
    n: int, lag: int, rng: np.random.Generator, *, places: int = PLACES
) -> tuple[Floats, Floats]:
    """Draw sequences of the adding problem of Hochreiter and Schmidhuber (1997), with a fixed lag.

    At each step there is a value, uniform in [0, 1), and a mark. Two steps of each sequence are
    marked with 1, all others with 0; the target is the sum of the two marked values. Here the marks
    are exactly `lag` steps apart. The first one stands at any of the first `places` steps with
    equal probability, and the sequence has `lag + places` steps: the first marked value must be
    kept for at least `lag` and at most `lag + places - 1` steps.

    Args:
        n: number of sequences.
        lag: steps from the first mark to the second one, at least 1.
        rng: draws everything that is random; the same state gives the same sequences.
        places: number of steps at which the first mark may stand, at least 1.

    Returns:
        x: (n, lag + places, 2), the values `x[:, :, 0]` and the marks `x[:, :, 1]`.
        y: (n,), the sum of the two marked values of each sequence, from 0 to 2.

    Raises:
        ValueError: if `n` is negative, or `lag` or `places` is less than 1.
    """
    if n < 0 or lag < 1 or places < 1:
        raise ValueError(
            f"n must be at least 0, lag and places at least 1; got n={n}, lag={lag}, "
            f"places={places}."
        )
    x = np.zeros((n, lag + places, 2), np.float32)
    x[:, :, 0] = rng.random((n, lag + places), dtype=np.float32)
    rows, first = np.arange(n), rng.integers(places, size=n)
    second = first + lag
    x[rows, first, 1] = x[rows, second, 1] = 1
    y: Floats = x[rows, first, 0] + x[rows, second, 0]
    return x, y
