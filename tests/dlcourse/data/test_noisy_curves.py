"""Noisy curves on a circle are what their description says."""

from __future__ import annotations

import numpy as np

from dlcourse.data.noisy_curves import NOISE, POINTS, noisy_curves


def test_queries_keys_and_values_have_their_shapes_and_keys_are_unit_vectors() -> None:
    (q, k, v), truth = noisy_curves(5, np.random.default_rng(0))
    assert (q.shape, k.shape, v.shape, truth.shape) == (
        (5, 1, 2),
        (5, POINTS, 2),
        (5, POINTS, 1),
        (5,),
    )
    np.testing.assert_allclose(np.linalg.norm(k, axis=-1), 1, rtol=1e-5)


def test_the_values_are_the_curve_at_the_points_with_noise() -> None:
    grid = np.linspace(0, 2 * np.pi, 2001)
    (_, k, v), curve = noisy_curves(50, np.random.default_rng(1), grid)
    assert curve.shape == (50, 2001)
    angle = np.arctan2(k[..., 1], k[..., 0]) % (2 * np.pi)
    there = np.stack([np.interp(a, grid, c) for a, c in zip(angle, curve, strict=True)])
    noise = v[..., 0] - there
    assert abs(noise.mean()) < 4 * NOISE / np.sqrt(noise.size)
    assert abs(noise.std() / NOISE - 1) < 4 / np.sqrt(2 * noise.size)
    np.testing.assert_allclose(curve[:, 0], curve[:, -1], atol=1e-4)
