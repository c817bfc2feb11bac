"""How well networks play four in a row, measured once: the results that the sixth project shows.

Training them all takes longer than a page may. solutions/project06/measure_games.py trained them,
and stored their mean scores and the arrays of one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dlcourse.data import files, manifest
from dlcourse.models.stored_runs import by_approach, read

__all__ = ["OPPONENTS", "FourRun", "four_runs"]

OPPONENTS = ("random", "two ahead", "three ahead", "four ahead")
"""The players of the measurement, in the order of `FourRun.scores`."""


@dataclass(frozen=True)
class FourRun:
    """One training.

    Args:
        approach: what was trained, such as "reference", or "reference, one reply" for its network
            with the other's best reply thought of.
        seed: of the training.
        seconds: of the processor, for the training.
        scores: mean scores against the opponents, both sides of 500 openings: (opponents,).
        rounds: after which the network was measured on the way; empty where it was not.
        on_the_way: mean scores against the player two ahead after each of `rounds`, from 30
            openings by which one may be tempted to choose, and from 500 others: (rounds, 2).
        layers: the arrays of the network as nested tuples; empty where they were not kept.
        meeting: mean score against the reference's network of the same seed, both sides of 500
            openings; -1 where the two did not meet.
    """

    approach: str
    seed: int
    seconds: float
    scores: tuple[float, ...]
    rounds: tuple[int, ...] = ()
    on_the_way: tuple[tuple[float, float], ...] = ()
    layers: tuple[tuple[tuple[float, ...] | float, ...], ...] = ()
    meeting: float = -1.0

    @property
    def arrays(self) -> list[npt.NDArray[np.float32]]:
        """The layers of the network: matrix, bias, matrix, bias, ...; none where none was kept."""
        return [np.array(layer, np.float32) for layer in self.layers]


def four_runs() -> dict[str, list[FourRun]]:
    """The stored runs by approach, in the order of seeds.

    Raises:
        DataError: if the course's file is missing or is not the known one.
    """
    return by_approach(read(files.locate(manifest.FOUR_RUNS), FourRun))
