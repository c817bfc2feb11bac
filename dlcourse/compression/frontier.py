"""What week 11's networks reach, as once measured: accuracy, size, multiply-adds and latency.

It takes far longer than a page may, so dlcourse/data/datasets/measure_frontier.py did it
beforehand, and the results come with this package. Importing this module is cheap.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcourse.compression.lite import Form
from dlcourse.data import files, manifest
from dlcourse.train.seeds import mean_and_error

__all__ = [
    "FORMS",
    "NETWORKS",
    "ORDERS",
    "STUDENTS",
    "Kind",
    "Point",
    "orders",
    "points",
    "students",
]

Correct = npt.NDArray[np.bool_]
FORMS: tuple[Form, ...] = ("float32", "float16", "dynamic", "int8")
FULL, HALF, QUARTER = ((32, 64), 128), ((16, 32), 64), ((8, 16), 32)
EIGHTH, SIXTEENTH = ((4, 8), 16), ((2, 4), 8)


@dataclass(frozen=True)
class Kind:
    """How a network was made.

    Attributes:
        kind: "reference", "pruned", "from scratch", "distorted" or "distilled".
        size: channels of the two convolutions, and units of the first dense layer.
        seeds: of its trainings; one where there is nothing to draw.
    """

    kind: str
    size: tuple[tuple[int, int], int]
    seeds: range = range(3)


NETWORKS: dict[str, Kind] = {
    "reference": Kind("reference", FULL, range(1)),
    "reference, longer": Kind("reference", FULL),
    "reference, distorted": Kind("distorted", FULL),
    "pruned to 1/2": Kind("pruned", HALF),
    "pruned to 1/4": Kind("pruned", QUARTER),
    "scratch 1/2": Kind("from scratch", HALF),
    "scratch 1/4": Kind("from scratch", QUARTER),
    "scratch 1/8": Kind("from scratch", EIGHTH),
    "scratch 1/16": Kind("from scratch", SIXTEENTH),
    "distorted 1/4": Kind("distorted", QUARTER),
    "distorted 1/8": Kind("distorted", EIGHTH),
    "distilled 1/4": Kind("distilled", QUARTER),
    "distilled 1/8": Kind("distilled", EIGHTH),
}
"""The networks of the frontier; a fraction is that of the reference's channels and units."""

STUDENTS: dict[str, range] = dict.fromkeys(
    (
        "labels",
        "soft targets",
        "label smoothing",
        "labels, twice as long",
        "soft targets, twice as long",
        "200 labels",
        "200 labels, all images taught",
        "200 labels, taught by their own teacher",
        "distorted, labels",
        "distorted, soft targets",
        "distorted, stronger teacher",
    ),
    range(6),
)
"""Trainings of a student with an eighth of the channels, and their seeds."""

ORDERS: dict[str, range] = {
    "P F Q": range(3),
    "P Q F": range(3),
    "Q P F": range(3),
    "F P Q": range(3),
    "F Q P": range(3),
    "Q F P": range(3),
}
"""Orders of pruning to a quarter (P), two epochs of fine-tuning (F), 15 levels a weight (Q)."""


@dataclass(frozen=True)
class Point:
    """One network in one form.

    Attributes:
        network: a name in `NETWORKS`.
        form: of its LiteRT file.
        bytes: of that file.
        multiply_adds: for one image.
        seconds: LiteRT's work on one image, the median, on one thread; without copying in and out.
        seconds_256: of its work on 256 images.
        keras_seconds: of one call with one image, compiled, by Keras, which computes in float32.
        correct: (seeds, 1000) which of the unseen digits each training classified correctly.
    """

    network: str
    form: str
    bytes: int
    multiply_adds: int
    seconds: float
    seconds_256: float
    keras_seconds: float
    correct: Correct

    @property
    def kind(self) -> str:
        """How the network was made."""
        return NETWORKS[self.network].kind

    @property
    def accuracy(self) -> float:
        """On the unseen digits, over all trainings."""
        return float(self.correct.mean())

    @property
    def standard_error(self) -> float:
        """Of the accuracy, over digits: each counts by the share of trainings that are right."""
        return mean_and_error(self.correct)[1]


def points(path: Path | None = None) -> list[Point]:
    """All networks in all forms.

    Args:
        path: another file than the one that comes with this package.

    Raises:
        DataError: if the file that comes with this package is not the known one.
    """
    rows = _content(path)["networks"]
    return [Point(**(row | {"correct": _bits(row["correct"])})) for row in rows]


def students() -> dict[str, Correct]:
    """By name in `STUDENTS`: (seeds, 1000) which unseen digits are classified correctly.

    Raises:
        DataError: if the file is not the known one.
    """
    return {name: _bits(rows) for name, rows in _content()["students"].items()}


def orders() -> dict[str, tuple[Correct, list[int]]]:
    """By name in `ORDERS`: which unseen digits are right, (seeds, 1000), and weight values.

    The second is the number of different weights in the first dense layer, by seed.

    Raises:
        DataError: if the file is not the known one.
    """
    return {
        name: (_bits([row["correct"] for row in rows]), [row["values"] for row in rows])
        for name, rows in _content()["orders"].items()
    }


def _content(path: Path | None = None) -> Any:
    return json.loads((path or files.locate(manifest.FRONTIER)).read_text())


def _bits(rows: list[str]) -> Correct:
    """Rows of booleans from hexadecimal digits, four bits each."""
    return np.array(
        [np.unpackbits(np.frombuffer(bytes.fromhex(row), np.uint8)) for row in rows], dtype=bool
    )
