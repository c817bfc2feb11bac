"""Images of digits and emoji, loaded by the same functions in both tiers."""

from __future__ import annotations

import gzip
import io
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dlcourse.data import files, manifest, tiers

Images = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]

# Public seeds. They fix which image is in which split and how the public images are distorted;
# the hidden test images are distorted with a secret seed. Splits drawn at random differ in
# difficulty (standard deviation 1.2 points of a small network's accuracy between 500 and 1,000
# images), so of 30 the one was taken in which all three parts are about equally hard, judged by
# cross-validation; likewise the distortion of the validation images, of eight.
SPLIT_SEED = 8
TRAIN_SEED = 20261
VALIDATION_SEED = 3


@dataclass(frozen=True)
class SmallDigits:
    """8x8 images of handwritten digits. Images are float32 in [0, 1], labels are int64 in 0..9."""

    train_images: Images
    """(1437, 8, 8)"""
    train_labels: Labels
    """(1437,)"""
    test_images: Images
    """(360, 8, 8)"""
    test_labels: Labels
    """(360,)"""


@dataclass(frozen=True)
class Digits:
    """28x28 images of handwritten digits. Images are float32 in [0, 1], labels are int64 in 0..9.

    Ink is 1, paper is 0. Every image has been turned, moved and scaled a little by `distort`.
    """

    train_images: Images
    """(n, 28, 28); n is 3,500 in the cpu tier and 55,000 in the gpu tier."""
    train_labels: Labels
    """(n,)"""
    validation_images: Images
    """(m, 28, 28); m is 500 in the cpu tier and 5,000 in the gpu tier."""
    validation_labels: Labels
    """(m,)"""


@dataclass(frozen=True)
class Emoji:
    """1,906 emoji of 32x32 pixels, each in two designs: row i is the same emoji in both."""

    twitter: npt.NDArray[np.uint8]
    """(1906, 32, 32, 4) red, green, blue, opacity, 0 to 255; colours not multiplied by opacity."""
    google: npt.NDArray[np.uint8]
    """(1906, 32, 32, 4), the same in Google's design."""
    labels: Labels
    """(1906,) index into `categories`, 0 to 8."""
    names: tuple[str, ...]
    """1,906 short names such as "octopus"."""
    categories: tuple[str, ...]
    """The nine categories of the Unicode listing, in alphabetical order."""


def emoji() -> Emoji:
    """Load the emoji that come with this package (see `dlcourse.data.manifest.EMOJI`). Both tiers.

    Raises:
        DataError: if the file is missing or is not the known one.
    """
    with np.load(files.locate(manifest.EMOJI), allow_pickle=False) as file:
        return Emoji(
            file["twitter"],
            file["google"],
            file["label"].astype(np.int64),
            tuple(str(name) for name in file["name"]),
            tuple(str(name) for name in file["categories"]),
        )


def small_digits() -> SmallDigits:
    """Load 1,797 images of 8x8 pixels (Alpaydin and Kaynak 1998), 1,437 to train and 360 to test.

    Pixels are counts of ink from 0 to 16, here divided by 16. The split is random but always the
    same. Both tiers use this set.

    Raises:
        DataError: if scikit-learn is not installed or its file is not the known one.
    """
    table = _read_table(files.locate(manifest.SMALL_DIGITS))
    table = table[_order(len(table))]
    images = (table[:, :-1] / 16.0).astype(np.float32).reshape(-1, 8, 8)
    labels = table[:, -1].astype(np.int64)
    return SmallDigits(images[:1437], labels[:1437], images[1437:], labels[1437:])


def digits(tier: str | None = None) -> Digits:
    """Load handwritten digits (MNIST, LeCun et al. 1998) of 28x28 pixels, to train and to validate.

    The cpu tier has 3,500 and 500 images, the gpu tier 55,000 and 5,000. The images are distorted
    once, with public seeds: everybody has the same ones. Hidden test images of an assignment are
    `held_out_digits` distorted in the same way with a secret seed; so they follow the same
    distribution, and no copy of them is public.

    Raises:
        DataError: if the tier's file is missing or is not the known one.
        ValueError: if `tier` is neither "cpu" nor "gpu".
    """
    if tiers.tier(tier) == "gpu":
        return _distorted(_mnist())
    # Copies: a notebook may change what it is given.
    kept = _digits_5k(*_identity(manifest.MNIST_5K))
    return Digits(
        kept.train_images.copy(),
        kept.train_labels.copy(),
        kept.validation_images.copy(),
        kept.validation_labels.copy(),
    )


def held_out_digits(tier: str | None = None) -> tuple[Images, Labels]:
    """Load the digits that are in neither split of `digits`, undistorted.

    The cpu tier has 1,000 of them, 100 a class; the gpu tier has MNIST's 10,000 test images. They
    are public. An assignment's hidden test images are made of them by `distort` with a secret seed.

    Raises:
        DataError: if the tier's file is missing or is not the known one.
        ValueError: if `tier` is neither "cpu" nor "gpu".
    """
    if tiers.tier(tier) == "gpu":
        images, labels, parts = _mnist()
    else:
        images, labels, parts = _split_5k(*_identity(manifest.MNIST_5K))
    return images[parts[2]].copy(), labels[parts[2]].copy()


def distort(
    images: npt.ArrayLike,
    rng: np.random.Generator,
    degrees: float = 12.0,
    shift: float = 2.0,
    scale: float = 0.1,
) -> Images:
    """Turn, move and scale each image at random about its centre.

    Pixels are interpolated linearly; what comes in from outside is 0.

    Args:
        images: (n, height, width) grey values.
        rng: draws four uniform numbers an image.
        degrees: greatest turn, to either side.
        shift: greatest move in pixels, down or up and right or left.
        scale: greatest change of size, as a share: 0.1 means from 0.9 to 1.1 times the size.

    Returns:
        (n, height, width) float32.
    """
    from scipy import ndimage

    batch = np.asarray(images, dtype=np.float32)
    if batch.ndim != 3:
        raise ValueError(f"distort needs images of shape (n, height, width), got {batch.shape}.")
    turn, size, down, right = rng.uniform(-1.0, 1.0, (len(batch), 4)).T
    cos = np.cos(np.deg2rad(degrees) * turn) / (1.0 + scale * size)
    sin = np.sin(np.deg2rad(degrees) * turn) / (1.0 + scale * size)
    # ndimage asks where a pixel of the result comes from: matrix @ pixel + offset.
    matrices = np.stack([cos, -sin, sin, cos], axis=-1).reshape(-1, 2, 2)
    centre = (np.array(batch.shape[1:]) - 1.0) / 2.0
    moved = centre + shift * np.stack([down, right], axis=-1)
    offsets = centre - np.einsum("nij,nj->ni", matrices, moved)
    result = np.empty_like(batch)
    for image, matrix, offset, out in zip(batch, matrices, offsets, result, strict=True):
        ndimage.affine_transform(image, matrix, offset, output=out, order=1)
    return result


def warm_up() -> None:
    """Read the cpu tier's digits, so that later calls, and forks of this process, find them read.

    Raises:
        DataError: as `digits`.
    """
    digits("cpu")


Split = tuple[Images, Labels, tuple[slice, slice, slice]]
"""All digits of a tier, and where training, validation and held-out ones stand."""


def _identity(data_set: files.DataSet) -> tuple[Path, int]:
    """A checked file and when it changed: a key under which what it holds can be kept."""
    path = files.locate(data_set)
    return path, path.stat().st_mtime_ns


@lru_cache(maxsize=1)
def _split_5k(path: Path, changed: int) -> Split:
    table = _read_table(path)
    table = table[_balanced_order(table[:, -1].astype(np.int64))]
    images = (table[:, :-1] / 255.0).astype(np.float32).reshape(-1, 28, 28)
    labels = table[:, -1].astype(np.int64)
    return images, labels, (slice(3500), slice(3500, 4000), slice(4000, 5000))


@lru_cache(maxsize=1)
def _digits_5k(path: Path, changed: int) -> Digits:
    return _distorted(_split_5k(path, changed))


def _distorted(split: Split) -> Digits:
    images, labels, (train, validation, _) = split
    return Digits(
        distort(images[train], np.random.default_rng(TRAIN_SEED)),
        labels[train],
        distort(images[validation], np.random.default_rng(VALIDATION_SEED)),
        labels[validation],
    )


def _mnist() -> Split:
    path = files.locate(manifest.MNIST)
    with np.load(path, allow_pickle=False) as file:
        image_key, label_key = ("{}_x", "{}_y") if "train_x" in file else ("x_{}", "y_{}")
        parts = [
            _shuffled(file[image_key.format(part)], file[label_key.format(part)])
            for part in ("train", "test")
        ]
    images = np.concatenate([images for images, _ in parts])
    labels = np.concatenate([labels for _, labels in parts]).astype(np.int64)
    scaled = np.divide(images, 255.0, dtype=np.float32)
    return scaled, labels, (slice(55_000), slice(55_000, 60_000), slice(60_000, 70_000))


def _shuffled(
    images: npt.NDArray[np.uint8], labels: npt.NDArray[np.uint8]
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    # The editions of MNIST differ in order, and one is sorted by class. Sorted by content first,
    # the same image comes to the same place from either.
    rows = np.ascontiguousarray(images.reshape(len(images), -1))
    order = np.argsort(rows.view(f"S{rows.shape[1]}").ravel(), kind="stable")[_order(len(rows))]
    return images[order], labels[order]


def _read_table(path: Path) -> npt.NDArray[np.float32]:
    """Rows of a compressed CSV file: the pixels, then the label."""
    content = gzip.decompress(path.read_bytes())
    return np.loadtxt(io.BytesIO(content), delimiter=",", dtype=np.float32)


def _order(count: int) -> npt.NDArray[np.int64]:
    # RandomState: its stream is frozen for good, that of default_rng is not.
    return np.random.RandomState(SPLIT_SEED).permutation(count).astype(np.int64)


def _balanced_order(labels: Labels) -> npt.NDArray[np.int64]:
    """An order in which every split holds each class equally often, shuffled within each split."""
    by_class = np.stack([np.flatnonzero(labels == label) for label in range(10)])
    shuffled = by_class[:, _order(by_class.shape[1])]
    splits = np.split(shuffled, [350, 400], axis=1)
    return np.concatenate([part.ravel()[_order(part.size)] for part in splits])
