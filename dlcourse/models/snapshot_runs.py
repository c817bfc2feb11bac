"""How well classifiers recognize few photographs, measured once: what the ninth project shows.

solutions/project09/measure_photographs.py made the runs. Those of the approaches are on folders
that `measured_folders` draws again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dlcourse.data import files, manifest
from dlcourse.models.snapshot_features import Folder, drawn_folder, part_of, public_pool
from dlcourse.models.stored_runs import by_approach, read

__all__ = ["FOLDERS", "KNOWN", "SnapshotRun", "measured_folders", "snapshot_runs"]

FOLDERS = 60
KNOWN = 25
"""Things of the public pool that the reference learns from; folders are drawn from the others."""

Labels = npt.NDArray[np.int64]


@dataclass(frozen=True)
class SnapshotRun:
    """One approach on 60 folders, or one of the other measurements.

    Args:
        approach: "nearest colours", "nearest features", "linear" or "reference"; "by pictures" and
            "by bursts" for two ways to hold out; "one place each" and "both places" for two
            ways to photograph.
        seed: draws folders or pictures.
        seconds: of the processor.
        accuracies: shares that are right, by what was measured on; of the ways to photograph also
            the share of answers in the other place that are a thing of that place.
        said: of an approach a digit for each new picture of its folders, the class that it says;
            empty otherwise.
    """

    approach: str
    seed: int
    seconds: float
    accuracies: dict[str, float]
    said: str = ""

    @property
    def predictions(self) -> Labels:
        """The classes that were said: (n,)."""
        return np.array([int(digit) for digit in self.said], np.int64)


def measured_folders(seed: int) -> list[Folder]:
    """The folders on which the approaches were measured with a seed, of things from `KNOWN` on.

    Raises:
        DataError: if the course's file is missing or is not the known one.
    """
    rng = np.random.default_rng(seed)
    pool = public_pool()
    others = part_of(pool, KNOWN, int(pool.labels.max()) + 1)
    return [drawn_folder(others, rng) for _ in range(FOLDERS)]


def snapshot_runs() -> dict[str, list[SnapshotRun]]:
    """The stored runs by approach, in the order of seeds.

    Raises:
        DataError: if the course's file is missing or is not the known one.
    """
    return by_approach(read(files.locate(manifest.SNAPSHOT_RUNS), SnapshotRun))
