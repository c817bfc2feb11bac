"""Requests to the network of week 12 whose truth is known: which maker drew what people send.

A request is a picture drawn at random, with repetition, from the emoji that training has not seen.
So windows without drift have exactly the distribution of their reference, and windows with drift
differ from it as they were told to: in the share of the other maker, in the shares of the classes,
or in how often the same picture is sent in a row. Statistics and alarms are not in this module.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dlcourse.serving import reference

__all__ = ["PER_MAKER", "Pool", "measures", "pool", "requests"]

PER_MAKER = 471
"""How many pictures there are of each maker; row i + PER_MAKER is the other maker's picture i."""

_INK = 0.98

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Pool:
    """The pictures that people send, first those of Twitter's design, then those of Google's.

    Attributes:
        images: (942, 32, 32, 3), from 0 to 1, on white.
        labels: (942,) numbers of the classes.
        embeddings: (942, 64), what the network computes before its last layer.
        probabilities: (942, 9), the network's answers.
    """

    images: npt.NDArray[np.float32]
    labels: Rows
    embeddings: Floats
    probabilities: Floats


def pool() -> Pool:
    """The pictures of both makers with what the trained network makes of them.

    Raises:
        DataError: if a file of the emoji or of the weights is not the known one.
    """
    parts = [reference.unseen(maker) for maker in reference.MAKERS]
    images, labels = (np.concatenate(part) for part in zip(*parts, strict=True))
    embeddings = reference.embeddings(images).astype(np.float64)
    kernel, bias = reference.trained().get_layer("logits").get_weights()
    logits = embeddings @ kernel + bias
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
    return Pool(images, labels, embeddings, probabilities)


def measures(images: npt.ArrayLike) -> dict[str, Floats]:
    """Four numbers for each picture: images (n, h, w, 3) from 0 to 1; by name, (n,).

    Ink is the share of pixels that are not white; brightness the mean of all values; saturation
    the mean difference of a pixel's largest and smallest value; contrast the standard deviation
    of the grey picture.
    """
    pixels = np.asarray(images, dtype=np.float64)
    return {
        "ink": np.mean(pixels.min(axis=-1) < _INK, axis=(1, 2)),
        "brightness": pixels.mean(axis=(1, 2, 3)),
        "saturation": np.mean(pixels.max(axis=-1) - pixels.min(axis=-1), axis=(1, 2)),
        "contrast": pixels.mean(axis=-1).std(axis=(1, 2)),
    }


def requests(
    rng: np.random.Generator,
    shape: int | tuple[int, ...],
    share: npt.ArrayLike = 0.0,
    *,
    weights: npt.ArrayLike | None = None,
    repeats: int = 1,
) -> Rows:
    """Draw which pictures of the `pool` are sent.

    Args:
        rng: what draws.
        shape: of what is returned, such as (windows, requests in a window).
        share: of the other maker, from 0 to 1: one number, or an array that fits `shape`.
        weights: (9,) how much more often each class is sent than it is now; all 1 if None.
        repeats: how many times in a row each picture is sent, along the last axis.

    Returns:
        Rows of the pool, of the shape asked for.

    Raises:
        ValueError: if a share lies outside of 0 to 1, weights are not nine that are 0 or more and
            not all 0, or a picture is sent less than once.
    """
    shares = np.asarray(share, dtype=np.float64)
    if not np.all((shares >= 0) & (shares <= 1)):
        raise ValueError(f"the share of the other maker lies between 0 and 1, got {shares}.")
    if repeats < 1:
        raise ValueError(f"a picture is sent once or more, got {repeats} repeats.")
    size = (shape,) if isinstance(shape, int) else tuple(shape)
    drawn = (*size[:-1], -(-size[-1] // repeats))
    rows = rng.choice(PER_MAKER, size=drawn, p=_chances(weights))
    rows = np.repeat(rows, repeats, axis=-1)[..., : size[-1]]
    return rows + PER_MAKER * (rng.random(size) < shares)


def _chances(weights: npt.ArrayLike | None) -> Floats | None:
    if weights is None:
        return None
    by_class = np.asarray(weights, dtype=np.float64)
    if by_class.shape != (len(reference.CLASSES),) or np.any(by_class < 0) or not by_class.any():
        raise ValueError("weights are nine numbers, 0 or more, and not all of them 0.")
    chances = by_class[reference.unseen()[1]]
    return np.asarray(chances / chances.sum())
