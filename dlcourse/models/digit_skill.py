"""How much better a generator of digits is than one that knows means and covariances only.

A Frechet distance has no unit, and another network's features give other numbers. Divided by the
distance of a plain generator, distances in the features of two networks can be compared.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcourse.data import digits
from dlcourse.models.generator_records import frechet_distance

__all__ = ["digit_skill", "distances_to_nearest", "plain_digits"]

Array = npt.NDArray[Any]
Features = Callable[[Array], Array]

COMPONENTS = 30
EXAMPLES = 3_500


def plain_digits(count: int, rng: np.random.Generator) -> Array:
    """Images of the plain generator: a Gaussian in the 30 first principal components of pixels.

    It is fitted to 3,500 training images of the cpu tier, and its pixels are limited to [0, 1].

    Returns:
        (count, 28, 28).
    """
    pixels = digits("cpu").train_images[:EXAMPLES].reshape(EXAMPLES, -1)
    values, vectors = np.linalg.eigh(np.cov(pixels.T))
    codes = rng.normal(size=(count, COMPONENTS)) * np.sqrt(values[-COMPONENTS:])
    images: Array = np.clip(pixels.mean(axis=0) + codes @ vectors[:, -COMPONENTS:].T, 0, 1)
    return images.reshape(-1, 28, 28)


def digit_skill(features: Features, images: Array, real: Array, plain: Array) -> float:
    """The share of the plain generator's Frechet distance that a generator saves.

    1 for images whose features have the moments of the real ones, 0 for images as far away as those
    of the plain generator, less than 0 for worse ones.

    Args:
        features: of images (n, 28, 28), an array (n, d).
        images: generated, (n, 28, 28), values from 0 to 1.
        real: (m, 28, 28).
        plain: what `plain_digits` returned.
    """
    wanted = features(real)
    found, worst = (frechet_distance(features(some), wanted) for some in (images, plain))
    return 1.0 - found / worst


def distances_to_nearest(images: Array, examples: Array, rows: int = 100) -> Array:
    """The Euclidean distance of each image from the nearest of some examples: (n,).

    Args:
        images: (n, 28, 28).
        examples: (m, 28, 28).
        rows: how many images are compared at a time.
    """
    flat = np.asarray(examples, np.float32).reshape(len(examples), -1)
    squares = np.square(flat).sum(axis=1)
    found = []
    for start in range(0, len(images), rows):
        part = np.asarray(images[start : start + rows], np.float32).reshape(-1, flat.shape[1])
        apart = np.square(part).sum(axis=1)[:, np.newaxis] + squares - 2 * part @ flat.T
        found.append(np.sqrt(np.maximum(apart.min(axis=1), 0)))
    return np.concatenate(found)
