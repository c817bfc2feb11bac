"""How well networks recognize stickers, measured once: the results that the first project shows.

Training them all takes longer than a page may. solutions/project01/measure_stickers.py trained them
and stored what they say of the validation stickers of `validation_stickers`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dlcourse.data import files, manifest, stickers
from dlcourse.models.stored_runs import by_approach, read

__all__ = ["StickerRun", "sticker_runs", "validation_stickers"]

DRAW = 1

Labels = npt.NDArray[np.int64]


@dataclass(frozen=True)
class StickerRun:
    """One training.

    Args:
        approach: "one layer", "small network" or "reference", or "by pictures" and "by families"
            for a network that was trained for long on one side of such a split.
        seed: of the training, and of the split.
        parameters: of the network.
        seconds: of the processor, for the training.
        held_out: mean recall on the other side of the split; -1 where all cut-outs were trained
            on.
        said: a digit for each sticker of `validation_stickers`, the category that the network says.
    """

    approach: str
    seed: int
    parameters: int
    seconds: float
    held_out: float
    said: str

    @property
    def predictions(self) -> Labels:
        """The categories that the network says: (n,)."""
        return np.array([int(digit) for digit in self.said], np.int64)


def validation_stickers() -> tuple[npt.NDArray[np.float32], Labels]:
    """The stickers that the runs were measured on: images (n, 32, 32, 3) and labels (n,).

    Raises:
        DataError: if the file of emoji is missing or is not the known one.
    """
    cut_outs = stickers.cut_outs("validation")
    images = stickers.stuck(cut_outs.pictures, np.random.default_rng(DRAW), "validation")
    return images, cut_outs.labels


def sticker_runs() -> dict[str, list[StickerRun]]:
    """The stored runs by approach, in the order of seeds.

    Raises:
        DataError: if the course's file is missing or is not the known one.
    """
    return by_approach(read(files.locate(manifest.STICKER_RUNS), StickerRun))
