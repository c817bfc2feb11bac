"""How well networks forecast a town's heat, measured once: the results that the capstone shows.

Training them all takes longer than a page may. solutions/project10/measure_heat.py trained them and
stored what they do in 2023, the year of `validation`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dlcourse.data import files, heat, manifest
from dlcourse.models.stored_runs import by_approach, read

__all__ = ["HeatRun", "heat_runs", "sample_rows", "training", "validation"]

_FIRST = np.datetime64("2023-01-01")
_SAMPLE = 3  # a substation
_SAMPLE_UNTIL = np.datetime64("2023-03-01")


@dataclass(frozen=True)
class HeatRun:
    """One training.

    Args:
        approach: "one layer", "small network" or "reference", or "by rows" and "by weeks" for a
            larger network that was trained for long on one side of such a split of 2021 and 2022.
        seed: of the training, and of the split.
        parameters: of the network.
        seconds: of the processor, for the training.
        held_out: skill on the other side of the split; -1 where all of 2021 and 2022 was trained
            on.
        skill: in 2023, against the heat a week ago.
        errors: mean absolute error of the median in each month of 2023, percent of the contract.
        coverage: share of the heats in the interval from the 0.05 to the 0.95 quantile, by month.
        width: mean width of that interval by month, percent of the contract.
        sample: low, median and high for the rows of `sample_rows`.
    """

    approach: str
    seed: int
    parameters: int
    seconds: float
    held_out: float
    skill: float
    errors: tuple[float, ...]
    coverage: tuple[float, ...]
    width: tuple[float, ...]
    sample: tuple[tuple[float, ...], ...]


def training() -> heat.Rows:
    """The rows of 2021 and 2022."""
    return _cut(before=True)


def validation() -> heat.Rows:
    """The rows of 2023, which the runs were measured on."""
    return _cut(before=False)


def sample_rows() -> npt.NDArray[np.int64]:
    """Which rows of `validation` are shown: one substation, January and February, (59,)."""
    rows = validation()
    return np.flatnonzero((rows.substation == _SAMPLE) & (rows.day < _SAMPLE_UNTIL))


def heat_runs() -> dict[str, list[HeatRun]]:
    """The stored runs by approach, in the order of seeds.

    Raises:
        DataError: if the course's file is missing or is not the known one.
    """
    return by_approach(read(files.locate(manifest.HEAT_RUNS), HeatRun))


def _cut(before: bool) -> heat.Rows:
    made = heat.rows(heat.history())
    kept = (made.day < _FIRST) == before
    return heat.Rows(made.inputs[kept], made.targets[kept], made.day[kept], made.substation[kept])
