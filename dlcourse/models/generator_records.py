"""What generators of digits cost and how near their images come to real ones, as once measured.

Training several seeds of each generator takes minutes, so the scripts in dlcourse/data/datasets
that train them measure each network by `measured` and keep the results in digit_generators.json.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dlcourse.data import files, manifest

__all__ = [
    "GeneratorRecord", "frechet_distance", "generator_records", "keep", "measured", "table",
]  # fmt: skip

Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class GeneratorRecord:
    """One trained generator, measured once."""

    name: str
    seed: int
    frechet: float
    """Frechet distance of 3,500 generated images to the 3,500 training images, in the features of
    `dlcourse.models.digit_features`."""
    training_seconds: float
    """Processor seconds of the whole training."""
    sampling_seconds: float
    """Processor seconds for 1,000 images."""
    parameters: int
    """Of all networks that making an image needs."""


def frechet_distance(features: npt.ArrayLike, others: npt.ArrayLike) -> float:
    """The Frechet distance of two Gaussians with the moments of two sets of features.

    Heusel et al. 2017, https://arxiv.org/abs/1706.08500. The trace of the square root of the
    product of two covariances is the sum of the roots of its eigenvalues.

    Args:
        features: (n, d)
        others: (m, d)
    """
    a, b = (np.asarray(given, dtype=np.float64) for given in (features, others))
    covariances = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    eigenvalues = np.linalg.eigvals(covariances[0] @ covariances[1]).real
    overlap = np.sqrt(np.maximum(eigenvalues, 0.0)).sum()
    apart = np.sum((a.mean(axis=0) - b.mean(axis=0)) ** 2)
    return float(apart + np.trace(covariances[0]) + np.trace(covariances[1]) - 2 * overlap)


def measured(
    name: str,
    seed: int,
    sample: Callable[[int], Array],
    *,
    training_seconds: float,
    parameters: int,
) -> GeneratorRecord:
    """Measure a trained generator.

    Args:
        name: of the kind of generator, a row of the chapter's table.
        seed: of its training.
        sample: draws that many images (n, 28, 28), ink from 0 to 1.
        training_seconds: processor seconds of its training.
        parameters: of all networks that `sample` uses.
    """
    from dlcourse.data.loaders import digits
    from dlcourse.models.digit_features import digit_features

    sample(500)  # what is compiled or traced at the first call is no cost of an image
    begin = time.process_time()
    images = sample(3500)
    spent = time.process_time() - begin
    real = digit_features(digits("cpu").train_images)
    return GeneratorRecord(
        name, seed, round(frechet_distance(digit_features(images), real), 2),
        round(training_seconds, 1), round(spent / 3.5, 2), parameters,
    )  # fmt: skip


def generator_records() -> tuple[GeneratorRecord, ...]:
    """All that was measured, by name and seed.

    Raises:
        DataError: if the file is not the known one.
    """
    return _read(files.locate(manifest.DIGIT_GENERATORS))


def table(records: Iterable[GeneratorRecord]) -> str:
    """A line for each name, from the least mean distance to the greatest.

    Each has the mean Frechet distance, its standard error over seeds (none for one seed), how many,
    mean processor seconds of training and of 1,000 images, and the parameters.
    """
    by_name: dict[str, list[GeneratorRecord]] = {}
    for record in records:
        by_name.setdefault(record.name, []).append(record)
    lines = []
    for name, rows in sorted(by_name.items(), key=lambda item: _mean_distance(item[1])):
        error = ""
        if len(rows) > 1:
            spread = np.std([row.frechet for row in rows], ddof=1)
            error = f"+- {spread / np.sqrt(len(rows)):4.2f}"
        training = np.mean([row.training_seconds for row in rows])
        sampling = np.mean([row.sampling_seconds for row in rows])
        lines.append(
            f"{name:31s}{_mean_distance(rows):7.2f} {error:7s}{len(rows):7d}"
            f"{training:12.0f}{sampling:13.2f}{rows[0].parameters:12,}"
        )
    head = f"{'':31s}{'distance':>15s}{'seeds':>7s}{'training s':>12s}{'s per 1,000':>13s}"
    return "\n".join([head + f"{'parameters':>12s}", *lines])


def _mean_distance(rows: Iterable[GeneratorRecord]) -> float:
    return float(np.mean([row.frechet for row in rows]))


def keep(records: Iterable[GeneratorRecord], path: Path) -> None:
    """Put records in the place of those of the same names in a file; other names stay.

    Args:
        records: all seeds of one or more names.
        path: digit_generators.json.
    """
    new = tuple(records)
    names = {record.name for record in new}
    old = _read(path) if path.exists() else ()
    kept = [record for record in old if record.name not in names] + list(new)
    kept.sort(key=lambda record: (record.name, record.seed))
    lines = ",\n".join(json.dumps(asdict(record)) for record in kept)
    path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def _read(path: Path) -> tuple[GeneratorRecord, ...]:
    return tuple(GeneratorRecord(**row) for row in json.loads(path.read_text(encoding="utf-8")))
