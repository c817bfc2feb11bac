"""Features of small grey images that a person designed, to compare learned ones with."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["gradient_histogram", "zones"]

Images = npt.NDArray[np.floating]


def zones(images: Images) -> Images:
    """Mean ink of each block of 4 x 4 pixels. (n, 28, 28) -> (n, 49)."""
    blocks: Images = images.reshape(-1, 7, 4, 7, 4).mean(axis=(2, 4))
    return blocks.reshape(-1, 49)


def gradient_histogram(images: Images) -> Images:
    """Strength of the slope in 8 directions and 4 x 4 zones. (n, 28, 28) -> (n, 128).

    A simplified histogram of oriented gradients (Dalal and Triggs 2005), without its overlapping
    blocks and their normalization.
    """
    down, right = np.gradient(images, axis=(1, 2))
    direction = np.floor(np.arctan2(down, right) / (2 * np.pi) * 8) % 8
    one_hot = direction[..., None] == np.arange(8)  # (n, 28, 28, 8)
    strength = np.hypot(down, right)[..., None] * one_hot
    summed: Images = strength.reshape(-1, 4, 7, 4, 7, 8).sum(axis=(2, 4))
    return summed.reshape(-1, 128)
