"""How networks predict and write plays, measured once: the results that the second project shows.

Training them all takes longer than a page may. solutions/project02/measure_writers.py trained them
and stored the bits that they need for `validation_windows`, and what they wrote.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dlcourse.data import files, manifest, plays

__all__ = ["CONTEXT", "WriterRun", "keep", "read", "validation_windows", "writer_runs"]

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
    found: dict[str, list[WriterRun]] = {}
    for run in sorted(read(files.locate(manifest.WRITER_RUNS)), key=lambda run: run.seed):
        found.setdefault(run.approach, []).append(run)
    return found


def read(path: Path) -> list[WriterRun]:
    """The runs in a file, none if there is no file."""
    rows = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    listed = ("samples", "longest", "copied")
    return [WriterRun(**{**row, **{name: tuple(row[name]) for name in listed}}) for row in rows]


def keep(run: WriterRun, path: Path) -> None:
    """Add a run to a file, one line each."""
    runs = [*read(path), run]
    lines = ",\n".join(json.dumps(asdict(run)) for run in runs)
    path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
