"""The diffusion of week 7: its guesses and walks are NumPy's, and it is used by keyboard."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FIGURE = "diffusion"
T, SPREAD = 200, 0.15
KEPT = np.append(1.0, np.cumprod(1.0 - np.linspace(5e-4, 0.1, T)))
ANGLE = 2 * np.pi * np.arange(8) / 8
CENTRES = 1.4 * np.column_stack([np.cos(ANGLE), np.sin(ANGLE)])

Points = npt.NDArray[np.float64]


def status(page: Any) -> str:
    return str(page.get_by_role("status").inner_text()).replace("\u2212", "-")


def arrived(page: Any) -> tuple[int, int]:
    """Percent of points near a centre, and Gaussians found."""
    found = re.search(r"(\d+) % of the points.*; (\d) of 8", status(page))
    assert found is not None
    return int(found[1]), int(found[2])


def best_noise(x: Points, t: int) -> Points:
    """From the definition: posterior weights of the Gaussians, and each one's mean of the noise."""
    variance = KEPT[t] * SPREAD**2 + 1 - KEPT[t]
    off = x[:, None] - np.sqrt(KEPT[t]) * CENTRES
    density = np.exp(-(off**2).sum(axis=2) / (2 * variance))
    weights = density / density.sum(axis=1, keepdims=True)
    return np.asarray(np.sqrt(1 - KEPT[t]) / variance * (weights[..., None] * off).sum(axis=1))


@pytest.mark.parametrize("t", [1, 60, 120, 200])
def test_the_guess_of_the_noise_is_the_conditional_mean(page: Any, t: int) -> None:
    x = np.random.default_rng(t).normal(size=(20, 2))
    found = page.evaluate(
        "([points, t]) => points.map((point) => diffusionFunctions.bestNoise(point, t))",
        [x.tolist(), t],
    )
    np.testing.assert_allclose(found, best_noise(x, t), atol=1e-9)


def test_a_ddim_walk_is_that_of_numpy(page: Any) -> None:
    start = np.random.default_rng(0).normal(size=(10, 2))
    x = start
    times = np.linspace(T, 0, 21).round().astype(int)
    for k in range(20):
        t, s = times[k], times[k + 1]
        e = best_noise(x, t)
        clean = (x - np.sqrt(1 - KEPT[t]) * e) / np.sqrt(KEPT[t])
        x = np.sqrt(KEPT[s]) * clean + np.sqrt(1 - KEPT[s]) * e
    found = page.evaluate(
        "(start) => diffusionFunctions.walk(start, 20, 0, null).at(-1)", start.tolist()
    )
    np.testing.assert_allclose(found, x, atol=1e-7)


def test_a_ddpm_walk_keeps_the_spread_of_each_gaussian(page: Any) -> None:
    points = page.evaluate(
        """() => { const normal = diffusionFunctions.normalFrom(3);
          const start = Array.from({ length: 2000 }, () => [normal(), normal()]);
          return diffusionFunctions.walk(start, 200, 1, normal).at(-1); }"""
    )
    off = np.array(points)[:, None] - CENTRES
    nearest = np.linalg.norm(off, axis=2).argmin(axis=1)
    residual = off[np.arange(2000), nearest]
    assert np.sqrt((residual**2).mean()) == pytest.approx(SPREAD, rel=0.2)
    assert np.bincount(nearest, minlength=8).min() > 180


def test_the_forward_process_has_the_variance_of_the_schedule(page: Any) -> None:
    path = page.evaluate(
        """() => { const normal = diffusionFunctions.normalFrom(5);
          const noise = Array.from({ length: 4000 }, () => [normal(), normal()]);
          return diffusionFunctions.forward(noise.map(() => [1.4, 0]), noise, 10); }"""
    )
    for points, t in zip(path, np.linspace(T, 0, 11).round().astype(int), strict=True):
        np.testing.assert_allclose(np.mean(points, axis=0)[0], 1.4 * np.sqrt(KEPT[t]), atol=0.06)
        np.testing.assert_allclose(np.var(points, axis=0), 1 - KEPT[t], rtol=0.1, atol=1e-12)


def test_scrubbing_to_the_end_brings_the_points_to_the_ring(page: Any) -> None:
    slider = page.get_by_label("steps done")
    few, _ = arrived(page)
    slider.fill("20")
    many, found = arrived(page)
    assert few < 60 < 90 < many
    assert found == 8
    assert status(page).startswith("t = 0, no noise left.")
    assert page.locator(".guess").count() == 0


def test_five_steps_are_too_few(page: Any) -> None:
    slider = page.get_by_label("steps done")
    slider.fill("20")
    twenty, _ = arrived(page)
    page.get_by_label("steps", exact=True).select_option("5")
    five, _ = arrived(page)
    assert five < twenty - 10


def test_the_arrow_keys_go_one_step(page: Any) -> None:
    slider = page.get_by_label("steps done")
    slider.press("ArrowRight")
    assert status(page).startswith("t = 190, signal to noise -")
    assert slider.get_attribute("aria-valuetext") == "1 of 20, t = 190"


def test_the_guesses_begin_in_the_middle(page: Any) -> None:
    places = page.evaluate(
        """() => Array.from(document.querySelectorAll('.guess'), (guess) =>
          guess.getAttribute('d').match(/-?[\\d.]+/g).slice(0, 2).map(Number))"""
    )
    middle = np.hypot(*(np.array(places) - [202, 205]).T) / 62
    assert len(places) == 300
    assert np.median(middle) < 0.2


def test_drawing_anew_changes_the_points(page: Any) -> None:
    before = page.locator(".point").first.get_attribute("cx")
    page.get_by_role("button").click()
    assert page.locator(".point").first.get_attribute("cx") != before
