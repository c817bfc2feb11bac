"""How networks predict and write plays, measured once: the results that the second project shows.

Training them all takes longer than a page may. solutions/project02/measure_writers.py trained them
and stored the bits that they need for `validation_windows`, and what they wrote.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dlcourse.data import files, manifest, plays
from dlcourse.models.stored_runs import by_approach, read

__all__ = ["CONTEXT", "WriterRun", "validation_windows", "writer_runs"]

CONTEXT = 32
"""So many predictions at the beginning of a window are not counted."""

_DRAW, _LENGTH = 1, 256

Windows = npt.NDArray[np.int32]


@dataclass(frozen=True)
class WriterRun:
    """One training, or one count of strings.

    Args:
        approach: its name, such as "reference".
        seed: of the training and of what was written.
        parameters: of the network, or how many strings were counted.
        seconds: of the processor, for the training.
        training_bits: per character of windows of the text that was trained on.
        bits: per character of `validation_windows`.
        temperature: at which was written.
        samples: what was written behind the first 64 characters of the first windows.
        longest: of each sample the length of the longest piece that stands in the text that was
            trained on, of which the first million characters are searched.
        copied: of each sample the share of characters in pieces of 16 and more that do.
    """

    approach: str
    seed: int
    parameters: int
    seconds: float
    training_bits: float
    bits: float
    temperature: float
    samples: tuple[str, ...]
    longest: tuple[int, ...]
    copied: tuple[float, ...]


def validation_windows(count: int = 150) -> Windows:
    """The windows of the validation plays that the runs were measured on: (count, 257).

    Raises:
        DataError: if the file of plays is missing or is not the known one.
    """
    rng = np.random.default_rng(_DRAW)
    numbers = plays.encode(plays.plays("cpu").validation)
    shift = int(rng.integers(_LENGTH))
    used = (len(numbers) - shift) // (_LENGTH + 1) * (_LENGTH + 1)
    rows: Windows = rng.permutation(numbers[shift : shift + used].reshape(-1, _LENGTH + 1))[:count]
    return rows


def writer_runs() -> dict[str, list[WriterRun]]:
    """The stored runs by approach, in the order of seeds.

    Raises:
        DataError: if the course's file is missing or is not the known one.
    """
    return by_approach(read(files.locate(manifest.WRITER_RUNS), WriterRun))
