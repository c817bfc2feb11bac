"""Value iteration in week 9: the values of the page are those of the package, sweep by sweep."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from dlcourse.agents.gridworlds import Tile, grid_world

from .conftest import add_figure

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FIGURE = "value_iteration"
ACTIONS = ("left", "down", "right", "up")


def cells(page: Any) -> list[str]:
    """What a screen reader says of each cell, row by row."""
    labels = page.locator(".plot [role=button]").evaluate_all(
        "all => all.map((cell) => cell.getAttribute('aria-label'))"
    )
    return [label.replace("\u2212", "-") for label in labels]


def shown(page: Any) -> np.ndarray:
    """The values on the map; 0 in walls and terminal cells."""
    found = [re.search(r"value (-?[\d.]+)", label) for label in cells(page)]
    return np.array([float(match[1]) if match else 0.0 for match in found])


def computed(page: Any, sweeps: int, gamma: float, slip: float) -> tuple[np.ndarray, np.ndarray]:
    """Values and action values on the map of the page, by the package's model."""
    letter = {"floor": ".", "wall": "#", "goal": "G", "hole": "H"}
    kinds = [re.search(r": (\w+)", label) for label in cells(page)]
    text = "".join(letter[match[1]] for match in kinds if match)
    start = text.index(".")  # the figure has no start; the model wants one
    text = text[:start] + "S" + text[start + 1 :]
    rows = [text[i : i + 7] for i in range(0, 35, 7)]
    world = grid_world(rows, slip=slip, tiles={"H": Tile(-1.0, ends=True)})
    values = np.zeros(35)
    for _ in range(sweeps):
        values = (world.R + gamma * world.P @ values).max(axis=1)
    return values, world.R + gamma * world.P @ values


def put(page: Any, label: str, value: float) -> None:
    page.get_by_label(label).fill(str(value))


def status(page: Any) -> str:
    return str(page.get_by_role("status").inner_text())


@pytest.mark.parametrize(("gamma", "slip"), [(0.9, 0.2), (0.99, 0.4), (0.5, 0.0)])
def test_each_sweep_has_the_packages_values_and_arrows(
    page: Any, gamma: float, slip: float
) -> None:
    put(page, "discount", gamma)
    put(page, "slip", slip)
    for sweep in range(1, 7):
        page.get_by_role("button", name="One sweep").click()
        values, q = computed(page, sweep, gamma, slip)
        np.testing.assert_allclose(shown(page), values, atol=0.00501)
    assert status(page).startswith("6 sweeps.")
    for label, row in zip(cells(page), q, strict=True):
        best = np.flatnonzero(row > row.max() - 1e-9)
        named = set(re.findall("|".join(ACTIONS), label.partition("value")[2]))
        assert named == (set() if len(best) == 4 else {ACTIONS[a] for a in best}), label


def test_it_stops_within_the_bound_that_it_names(page: Any) -> None:
    page.get_by_role("button", name="Until it stops").click()
    best, _ = computed(page, 1000, 0.9, 0.2)
    bound = re.search(r"further than ([\d.]+)", status(page))
    assert bound
    assert float(bound[1]) < 0.0091
    np.testing.assert_allclose(shown(page), best, atol=float(bound[1]) + 0.0051)


def test_a_cell_changes_by_mouse_and_by_keyboard(page: Any) -> None:
    cell = page.locator(".plot [role=button]").first
    cell.click()
    assert cells(page)[0] == "row 1, column 1: wall"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    assert cells(page)[2 * 7 + 2] == "row 3, column 3: wall"
    page.keyboard.press("Enter")
    assert cells(page)[2 * 7 + 2] == "row 3, column 3: goal"
    page.get_by_role("button", name="Until it stops").click()
    best, _ = computed(page, 1000, 0.9, 0.2)
    np.testing.assert_allclose(shown(page), best, atol=0.02)


def test_values_go_on_after_an_edit_and_come_to_the_same_end(page: Any) -> None:
    page.get_by_role("button", name="Until it stops").click()
    before = shown(page)
    page.get_by_label("row 3, column 4").click()
    assert status(page).startswith("No sweep yet")
    kept = np.arange(35) != 2 * 7 + 3
    np.testing.assert_array_equal(shown(page)[kept], before[kept])
    page.get_by_role("button", name="Until it stops").click()
    warm = shown(page)
    page.get_by_role("button", name="Values to 0").click()
    assert (shown(page) == 0).all()
    page.get_by_role("button", name="Until it stops").click()
    np.testing.assert_allclose(shown(page), warm, atol=0.02)
    page.get_by_role("button", name="First map").click()
    assert cells(page)[2 * 7 + 3].startswith("row 3, column 4: floor")


def test_arrows_turn_as_the_caption_asks(page: Any) -> None:
    def arrows() -> list[str]:
        page.get_by_role("button", name="Until it stops").click()
        return [label.partition("value")[2].partition(",")[2] for label in cells(page)]

    before = arrows()
    put(page, "discount", 0.99)
    put(page, "slip", 0.4)
    assert arrows() != before


def test_it_fits_a_phone(browser: Any) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 800})
    add_figure(page, FIGURE, width=350)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    least = page.evaluate("document.querySelector('.number').getBoundingClientRect().height")
    assert least > 10
    page.close()
