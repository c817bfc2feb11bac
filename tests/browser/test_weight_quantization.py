"""The quantization figure of week 11: its numbers are NumPy's, and it is used by keyboard."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dlcourse.data.datasets.derive_weight_histogram import UNIT, samples

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FIGURE = "weight_quantization"


def reading(page: Any) -> str:
    return str(page.locator(".controls").inner_text())


def errors(stored: list[int], bits: int, percent: float, kind: str) -> tuple[float, ...]:
    """Scale, zero point, squared errors by rounding and clipping, share clipped; in NumPy."""
    x = np.array(stored) * UNIT
    low, high = min(x.min(), 0) * percent / 100, max(x.max(), 0) * percent / 100
    top = 2 ** (bits - 1) - 1
    bottom = -top if kind == "symmetric" else -top - 1
    scale = max(-low, high) / top if kind == "symmetric" else (high - low) / (top - bottom)
    zero = 0.0 if kind == "symmetric" else np.rint(bottom - low / scale)
    integers = np.rint(x / scale) + zero
    clipped = (integers < bottom) | (integers > top)
    squared = (scale * (np.clip(integers, bottom, top) - zero) - x) ** 2 / len(x)
    return scale, zero, squared[~clipped].sum(), squared[clipped].sum(), clipped.sum()


def test_the_stored_numbers_are_the_networks(page: Any) -> None:
    assert page.evaluate("quantizationFunctions.SAMPLES") == samples()


def test_scale_zero_point_and_errors_are_numpys(page: Any) -> None:
    cases = [
        (name, bits, percent, kind)
        for name in ("weights", "activations")
        for bits in (2, 4, 8)
        for percent in (5.0, 40.0, 100.0)
        for kind in ("symmetric", "asymmetric")
    ]
    found = page.evaluate(
        """cases => cases.map(c => {
            const q = quantizationFunctions.quantized(...c);
            return [q.scale, q.zero, q.rounding, q.clipping, q.clipped];
        })""",
        cases,
    )
    data = page.evaluate("quantizationFunctions.SAMPLES")
    expected = [errors(data[name], bits, share, kind) for name, bits, share, kind in cases]
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-15)


def test_a_finer_step_gives_its_decibels_by_keyboard(page: Any) -> None:
    def ratio() -> float:
        return float(reading(page).split("SNR ")[1].split(" dB")[0])

    slider = page.get_by_label("bits", exact=True)
    assert slider.get_attribute("aria-valuetext") == "4"
    before = ratio()
    for _ in range(4):
        slider.press("ArrowRight")
    assert ratio() - before == pytest.approx(20 * np.log10(127 / 7), abs=0.7)


def test_the_grid_is_drawn_where_it_can_be_seen(page: Any) -> None:
    page.get_by_label("bits", exact=True).fill("3")
    assert page.locator("svg .level").count() == 7
    page.get_by_label("bits", exact=True).fill("8")
    assert page.locator("svg .level").count() == 0


def test_a_narrow_range_is_dominated_by_clipping(page: Any) -> None:
    assert "0.0 % of the numbers are clipped" in reading(page)
    page.get_by_label("range", exact=True).fill("70")
    assert "Rounding costs more than clipping" in reading(page)
    page.get_by_label("range", exact=True).fill("10")
    assert "Clipping costs more than rounding" in reading(page)


def test_an_asymmetric_grid_halves_the_step_of_activations(page: Any) -> None:
    scales = page.evaluate(
        """["symmetric", "asymmetric"].map(
            kind => quantizationFunctions.quantized("activations", 4, 100, kind).scale)"""
    )
    assert scales[0] / scales[1] == pytest.approx(15 / 7)
    page.get_by_label("numbers", exact=True).select_option("activations")
    page.get_by_label("grid", exact=True).select_option("asymmetric")
    assert "zero point \N{MINUS SIGN}8" in reading(page)


def test_it_fits_a_phone(page: Any) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.evaluate("document.querySelector('[data-interactive]').style.width = '350px'")
    assert page.evaluate("document.querySelector('.explorer').scrollWidth") <= 350
