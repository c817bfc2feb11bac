"""What networks for images and for pairs of image and name have reached, as once measured.

Training several seeds of each setting takes minutes, so train_vision_transformers.py and
train_emoji_pairs.py in dlcourse/data/datasets do it once and keep what was measured in
vision_records.json. Importing this module is cheap.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dlcourse.data import files, manifest

__all__ = ["VisionRecord", "keep", "kept", "measured", "table"]


@dataclass(frozen=True)
class VisionRecord:
    """One trained network, measured once."""

    network: str
    """Such as "ViT" or "CNN"."""
    variant: str
    """What was changed in data or training, "plain" for nothing."""
    size: int
    """Examples in training."""
    seed: int
    seconds: float
    """Processor seconds of the training."""
    measures: dict[str, float]
    """By name, such as {"accuracy": 0.81}."""


def measured(
    network: str, variant: str = "plain", size: int = 3000, measure: str = "accuracy"
) -> npt.NDArray[np.float64]:
    """One measure of one setting, by seed.

    Args:
        network: of `VisionRecord`, as are the next two.
        variant: likewise.
        size: likewise.
        measure: a name among the record's measures, or "seconds".

    Raises:
        ValueError: if that setting was not measured.
        DataError: if the file is not the known one.
    """
    records = _read(files.locate(manifest.VISION_RECORDS))
    rows = [row for row in records if _setting(row)[:3] == (network, variant, size)]
    if not rows:
        known = sorted({_setting(row)[:3] for row in records})
        raise ValueError(f"{(network, variant, size)} was not measured; known are {known}.")
    rows.sort(key=lambda row: row.seed)
    return np.array([{"seconds": row.seconds, **row.measures}[measure] for row in rows])


def table(settings: Iterable[tuple[str, str, int]], measures: Sequence[str] = ("accuracy",)) -> str:
    """A line for each setting: the mean of each measure over seeds, and its standard error.

    Args:
        settings: network, variant and size of each line.
        measures: names as for `measured`, a column each.

    Raises:
        ValueError: if a setting was not measured.
    """
    lines = [f"{'network':18s}{'variant':18s}{'size':>6s}"]
    lines[0] += "".join(f"{name:>18s}" for name in measures)
    for network, variant, size in settings:
        line = f"{network:18s}{variant:18s}{size:6,d}"
        for name in measures:
            values = measured(network, variant, size, name)
            error = values.std(ddof=1) / np.sqrt(len(values))
            line += f"{f'{values.mean():.3f} +- {error:.3f}':>18s}"
        lines.append(line)
    return "\n".join(lines)


def keep(records: Iterable[VisionRecord], path: Path) -> None:
    """Put records in the place of those of the same setting and seed in a file; others stay.

    Args:
        records: of any settings.
        path: vision_records.json.
    """
    merged = {_setting(row): row for row in (_read(path) if path.exists() else ())}
    merged |= {_setting(row): row for row in records}
    lines = ",\n".join(json.dumps(asdict(merged[setting])) for setting in sorted(merged))
    path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def kept(path: Path) -> set[tuple[str, str, int, int]]:
    """Network, variant, size and seed of all records in a file; none if there is no file."""
    return {_setting(row) for row in _read(path)} if path.exists() else set()


def _setting(row: VisionRecord) -> tuple[str, str, int, int]:
    return row.network, row.variant, row.size, row.seed


def _read(path: Path) -> tuple[VisionRecord, ...]:
    return tuple(VisionRecord(**row) for row in json.loads(path.read_text(encoding="utf-8")))
