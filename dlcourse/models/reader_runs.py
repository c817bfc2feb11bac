"""What programs say of the validation sentences of the fourth project, measured once.

Training them all takes longer than a page may. solutions/project04/measure_readers.py trained them
and stored their probabilities for the 400 sentences of `dlcourse.data.readers`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dlcourse.data import files, manifest
from dlcourse.models.stored_runs import by_approach, read

__all__ = ["PARTS", "ReaderRun", "reader_runs"]

PARTS = 10_000
"""A stored probability is a whole number of parts of one."""

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ReaderRun:
    """One training.

    Args:
        approach: "bag of words", "frozen", "adapters" or "whole block".
        labels: how many sentences it learned from.
        seed: which sentences these were, and of the training.
        trained: parameters.
        seconds: of the processor, for the training, without the states of the frozen blocks.
        against: of each validation sentence the probability, in `PARTS`.
        in_favour: the same for "for".
    """

    approach: str
    labels: int
    seed: int
    trained: int
    seconds: float
    against: tuple[int, ...]
    in_favour: tuple[int, ...]

    @property
    def probabilities(self) -> Array:
        """(n, 3) of against, neither and for, each at least half a part; a row's sum is 1."""
        against, in_favour = np.array(self.against, float), np.array(self.in_favour, float)
        parts = np.stack([against, PARTS - against - in_favour, in_favour], axis=1)
        parts = np.maximum(parts, 0.5)
        shares: Array = parts / parts.sum(axis=1, keepdims=True)
        return shares


def reader_runs() -> dict[tuple[str, int], list[ReaderRun]]:
    """The stored runs by approach and number of labels, in the order of seeds.

    Raises:
        DataError: if the course's file is missing or is not the known one.
    """
    found: dict[tuple[str, int], list[ReaderRun]] = {}
    for approach, runs in by_approach(read(files.locate(manifest.READER_RUNS), ReaderRun)).items():
        for run in runs:
            found.setdefault((approach, run.labels), []).append(run)
    return found
