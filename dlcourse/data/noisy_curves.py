"""Random curves on a circle, each with noisy points of it: data for the chapter on attention."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["NOISE", "POINTS", "noisy_curves"]

POINTS = 32
"""Noisy points of each curve."""
NOISE = 0.5
"""Standard deviation of their noise; a curve's own standard deviation is about 0.8."""
_WAVES = np.arange(1, 4)

Floats = npt.NDArray[np.float32]


def noisy_curves(
    n: int, rng: np.random.Generator, at: npt.ArrayLike | None = None
) -> tuple[list[Floats], Floats]:
    """Draw curves, points of them with noise, and places where their value is asked for.

    A curve is a sum of three waves, once, twice and three times around the circle, with random
    phases, and with amplitudes from normal distributions with standard deviations 1, 1/2 and 1/3.

    Args:
        n: number of curves.
        rng: for all that is random.
        at: (T,) angles at which every curve is asked for; by default one random angle each.

    Returns:
        A list of queries (n, T, 2), unit vectors of the angles asked for; keys (n, 32, 2), unit
        vectors of the points; and values (n, 32, 1) of the points, with noise. Then what is true at
        the queries, without noise: (n, T), or (n,) where `at` is None.
    """
    points = rng.uniform(0, 2 * np.pi, (n, POINTS))
    amplitude = rng.normal(size=(n, 1, 3)) / _WAVES
    phase = rng.uniform(0, 2 * np.pi, (n, 1, 3))
    asked = rng.uniform(0, 2 * np.pi, (n, 1)) if at is None else np.tile(np.asarray(at), (n, 1))

    def curve(angle: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        waves: npt.NDArray[np.float64] = amplitude * np.cos(_WAVES * angle[..., None] + phase)
        total: npt.NDArray[np.float64] = waves.sum(axis=-1)
        return total

    values = curve(points) + NOISE * rng.normal(size=points.shape)
    truth = curve(asked).astype(np.float32)
    given = [_unit(asked), _unit(points), values[..., None].astype(np.float32)]
    return given, truth[:, 0] if at is None else truth


def _unit(angle: npt.NDArray[np.float64]) -> Floats:
    return np.stack([np.cos(angle), np.sin(angle)], axis=-1).astype(np.float32)
