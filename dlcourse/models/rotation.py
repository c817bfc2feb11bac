"""How fast pairs of coordinates turn with the position, in rotary and in sinusoidal positions.

Importing this module is cheap, and it needs neither Keras nor a network.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["BASE", "rates"]

BASE = 10_000.0
"""The slowest pair of coordinates turns by about 1 / BASE radian per position."""


def rates(pairs: int) -> npt.NDArray[np.floating[Any]]:
    """Radians per position of each pair, (pairs,): BASE ** (-i / pairs) for the pair i."""
    turned: npt.NDArray[np.floating[Any]] = BASE ** (-np.arange(pairs) / pairs)
    return turned
