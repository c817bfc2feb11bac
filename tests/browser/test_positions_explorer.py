"""The positions figure of week 8: its products are NumPy's, and it is used by keyboard."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FIGURE = "positions"


def status(page: Any) -> str:
    return str(page.get_by_role("status").inner_text()).replace("\u2212", "-")


def difference(page: Any) -> float:
    """The largest one between equal distances, as the figure says it."""
    found = re.search(r"at equal distances: (\S+)\.$", status(page))
    assert found is not None
    return float(found.group(1))


def products(page: Any, kind: str, width: int, base: float, position: int) -> np.ndarray:
    found = page.evaluate(
        "([kind, width, base, place]) => positionsFunctions.products(kind, width, base, place)",
        [kind, width, base, position],
    )
    return np.array(found)


def rotated(vector: np.ndarray, positions: np.ndarray, base: float) -> np.ndarray:
    """By complex numbers: a pair of coordinates is one of them, a rotation a product."""
    pairs = vector[0::2] + 1j * vector[1::2]
    rates = base ** (-2 * np.arange(len(pairs)) / len(vector))
    return np.asarray(pairs * np.exp(1j * positions[:, None] * rates))


@pytest.mark.parametrize(("width", "base", "position"), [(64, 10_000, 16), (8, 100, 63)])
def test_sinusoidal_products_are_sums_of_cosines_of_the_distance(
    page: Any, width: int, base: float, position: int
) -> None:
    rates = base ** (-2 * np.arange(width // 2) / width)
    expected = np.cos(np.subtract.outer(np.arange(64), position)[:, None] * rates).mean(axis=1)
    np.testing.assert_allclose(products(page, "sinusoidal", width, base, position), expected)


@pytest.mark.parametrize(("kind", "other"), [("same", "query"), ("rotary", "key")])
def test_rotary_products_are_those_of_rotated_vectors(page: Any, kind: str, other: str) -> None:
    query = np.array(page.evaluate("positionsFunctions.query(32)"))
    key = np.array(page.evaluate(f"positionsFunctions.{other}(32, 100)"))
    asked = rotated(query, np.array([20]), 100)
    keys = rotated(key, np.arange(64), 100)
    expected = (asked * keys.conj()).real.sum(axis=1) / 32
    np.testing.assert_allclose(products(page, kind, 32, 100, 20), expected, atol=1e-12)


@pytest.mark.parametrize("kind", ["sinusoidal", "same", "rotary"])
def test_equal_distances_have_equal_products(page: Any, kind: str) -> None:
    page.get_by_label("positions", exact=True).select_option(kind)
    page.get_by_label("query at", exact=True).fill("40")
    assert difference(page) == 0


def test_a_key_can_ask_to_be_some_positions_back(page: Any) -> None:
    assert int(np.argmax(products(page, "rotary", 64, 10_000, 40))) == 40 - 6


def test_learned_positions_know_no_distance_before_training(page: Any) -> None:
    page.get_by_label("positions", exact=True).select_option("learned")
    assert difference(page) > 0.1


def test_the_keyboard_moves_the_query(page: Any) -> None:
    page.get_by_label("query at", exact=True).press("ArrowRight")
    assert status(page).startswith("Query at 17.")
    assert page.locator(".moved circle").count() == 64 - 17
