"""What PPO and its variants reached on CartPole, as once measured with ten seeds each.

All of it takes minutes, so dlcourse/data/datasets/measure_ppo.py did it beforehand, and the
results come with this package. Importing this module is cheap.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dlcourse.agents.ppo import Settings
from dlcourse.data import files, manifest

__all__ = ["CURVES", "SEEDS", "VARIANTS", "PPORuns", "carried", "ppo_runs"]

SEEDS = range(10)
EVALUATION_SEED = 10_000
"""Of the 100 episodes that each trained agent played."""

CURVES = ("return", "kl", "clip_fraction", "entropy", "explained_variance")
"""Of `dlcourse.agents.ppo.Run.curves`, what was kept."""

_USUAL = Settings()
VARIANTS: dict[str, Settings] = {
    "PPO": _USUAL,
    "no clip": _USUAL.but(clip=None),
    "1 epoch": _USUAL.but(epochs=1),
    "lambda 0": _USUAL.but(lam=0.0),
    "lambda 1": _USUAL.but(lam=1.0),
    "advantages not normalized": _USUAL.but(normalize_advantages=False),
    "entropy 0.01": _USUAL.but(entropy=0.01),
    "constant rate and clip": _USUAL.but(decay=False),
    "A2C": _USUAL.but(rollout=8, epochs=1, clip=None, normalize_advantages=False, lam=1.0),
    "bug: ratio of 1": _USUAL,
    "bug: across ends": _USUAL,
    "bug: cut is terminal": _USUAL,
}
"""Settings by name. The bugs have the usual ones, and a loss or advantages of their own."""


@dataclass(frozen=True)
class PPORuns:
    """Ten trainings of one variant.

    Attributes:
        steps: (m,) steps taken in all environments together.
        curves: by name in `CURVES`, (10, m) float32; NaN where no episode ended.
        final: (10, 100) returns of the trained agent that takes the most probable action.
    """

    steps: npt.NDArray[np.int64]
    curves: dict[str, npt.NDArray[np.float32]]
    final: npt.NDArray[np.float32]

    @property
    def area(self) -> npt.NDArray[np.float64]:
        """(10,) mean return while training, over all steps; where no episode ended, the last."""
        return np.asarray(carried(self.curves["return"]).mean(axis=1), float)


def ppo_runs() -> dict[str, PPORuns]:
    """All runs, by the name of the variant.

    Raises:
        DataError: if the file is not the known one.
    """
    found = {}
    with np.load(files.locate(manifest.PPO_RUNS), allow_pickle=False) as file:
        for name in VARIANTS:
            curves = {key: file[f"{name} {key}"].astype(np.float32) for key in CURVES}
            steps = 256 * (1 + np.arange(curves["return"].shape[1]))
            found[name] = PPORuns(steps, curves, file[f"{name} final"].astype(np.float32))
    return found


def carried(rows: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """Rows (n, m) with the last number before it in place of each NaN, and 0 where none was."""
    places = np.where(np.isfinite(rows), np.arange(rows.shape[1]), 0)
    before = np.maximum.accumulate(places, axis=1)
    return np.asarray(np.take_along_axis(np.nan_to_num(rows), before, axis=1))
