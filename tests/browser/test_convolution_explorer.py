"""The sliding kernel of week 3: its numbers, and its use by keyboard."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.signal import correlate2d

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FIGURE = "convolution"
CELLS = "els => els.map(e => Number(e.textContent.replace('\\u2212', '-')))"


def grid(page: Any, which: int) -> np.ndarray:
    """The numbers of the image (0) or of the output (1)."""
    values = page.locator("svg > g").nth(which).locator(".cell text").evaluate_all(CELLS)
    side = round(len(values) ** 0.5)
    return np.array(values, dtype=float).reshape(side, side)


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (1, 1), (2, 0), (2, 2), (3, 1)])
def test_the_output_is_that_of_scipy(page: Any, stride: int, padding: int) -> None:
    page.get_by_label("padding").select_option(str(padding))
    page.get_by_label("stride").select_option(str(stride))
    page.get_by_role("button", name="Write all").click()
    kernel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    image = grid(page, 0)
    assert image.shape == (9 + 2 * padding, 9 + 2 * padding)
    wanted = correlate2d(image, kernel, mode="valid")[::stride, ::stride]
    np.testing.assert_allclose(grid(page, 1), wanted)


def test_a_kernel_of_ones_own_is_used(page: Any) -> None:
    page.get_by_label("kernel, row 2, column 2").fill("3.5")
    page.get_by_role("button", name="Write all").click()
    kernel = np.array([[-1, 0, 1], [-2, 3.5, 2], [-1, 0, 1]])
    wanted = correlate2d(grid(page, 0), kernel, mode="valid")
    np.testing.assert_allclose(grid(page, 1), wanted)
    assert page.locator("select").first.input_value() == "own"


def test_the_arrow_keys_move_the_kernel(page: Any) -> None:
    plot = page.get_by_role("application")
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "ArrowUp", "ArrowLeft", "ArrowLeft"):
        plot.press(key)
    assert page.get_by_role("status").inner_text().startswith("Row 2, column 1 of the 7 by 7")


def test_it_says_what_is_left_over(page: Any) -> None:
    page.get_by_label("padding").select_option("1")
    page.get_by_label("stride").select_option("3")
    text = page.get_by_role("status").inner_text()
    assert "3 by 3" in text
    assert "The last 2 rows and columns are not used." in text
