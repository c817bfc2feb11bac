"""Accuracies of pruned and retrained networks, measured once for three seeds each.

Training them all takes far longer than a page may, so that the chapter on pruning reads what
dlcourse/data/datasets/measure_pruning.py stored, and repeats a few of them.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dlcourse.data import files, manifest

__all__ = ["Experiment", "PruningRun", "keep", "pruning_runs", "read"]

Array = npt.NDArray[np.float64]
Experiment = dict[str, dict[float, Array]]


@dataclass(frozen=True)
class PruningRun:
    """One training.

    Args:
        experiment: "fine-tuning", "lottery" or "channels".
        method: what was compared there.
        level: the share of weights that are 0, or of the channels that are left.
        seed: of the run.
        accuracy: on the thousand unseen digits.
    """

    experiment: str
    method: str
    level: float
    seed: int
    accuracy: float


def pruning_runs(path: Path | None = None) -> dict[str, Experiment]:
    """The stored accuracies by experiment, method and level: (seeds,), in the order of seeds.

    Args:
        path: of the file; the course's own if none is given.

    Raises:
        DataError: if the course's file is missing or is not the known one.
    """
    found: dict[str, Experiment] = {}
    for run in sorted(
        read(path or files.locate(manifest.PRUNING_RUNS)), key=lambda run: (run.level, run.seed)
    ):
        methods = found.setdefault(run.experiment, {})
        levels = methods.setdefault(run.method, {})
        levels[run.level] = np.append(levels.get(run.level, np.empty(0)), run.accuracy)
    return found


def read(path: Path) -> list[PruningRun]:
    """The runs in a file, none if there is no file."""
    return [PruningRun(**run) for run in json.loads(path.read_text())] if path.exists() else []


def keep(run: PruningRun, path: Path) -> None:
    """Add a run to a file, one line each."""
    runs = [*read(path), run]
    path.write_text("[\n" + ",\n".join(json.dumps(asdict(run)) for run in runs) + "\n]\n")
