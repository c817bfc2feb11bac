"""The activation explorer of week 1: its formulas, and its use by keyboard and pointer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FIGURE = "activation"
KERAS = {"identity": "linear", "step": None}  # the others have the same name in Keras
Z = np.round(np.arange(-5.95, 6.0, 0.1), 2)  # without 0, where three of the functions have no slope


def evaluated(page: Any, part: str, z: np.ndarray) -> dict[str, np.ndarray]:
    """Value or slope ("f" or "slope") of every function at each z, as the browser computes it."""
    script = (
        "([part, z]) => Object.entries(activationFunctions).map(([k, f]) => [k, z.map(f[part])])"
    )
    return {name: np.array(row) for name, row in page.evaluate(script, [part, z.tolist()])}


def test_the_values_are_those_of_keras(page: Any) -> None:
    import keras

    values = evaluated(page, "f", Z)
    assert len(values) == 9
    np.testing.assert_array_equal(values.pop("step"), np.heaviside(Z, 1.0))
    for name, value in values.items():
        expected = keras.activations.get(KERAS.get(name, name))(Z.astype("float32"))
        np.testing.assert_allclose(value, expected, atol=1e-6, err_msg=name)


def test_the_slopes_are_those_of_the_values(page: Any) -> None:
    above, below = evaluated(page, "f", Z + 1e-4), evaluated(page, "f", Z - 1e-4)
    for name, slope in evaluated(page, "slope", Z).items():
        difference = (above[name] - below[name]) / 2e-4
        np.testing.assert_allclose(slope, difference, atol=1e-5, err_msg=name)


def test_the_arrow_keys_move_the_input(page: Any) -> None:
    slider = page.get_by_label("input z")
    for _ in range(20):
        slider.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext").startswith("z = 3.0: value 0.9526, slope 0.0452.")


def test_dragging_in_the_plot_moves_the_input(page: Any) -> None:
    plot = page.locator("svg").bounding_box()
    tick = page.locator("svg text", has_text="\N{MINUS SIGN}4").bounding_box()
    page.mouse.move(plot["x"] + plot["width"] / 2, plot["y"] + plot["height"] / 2)
    page.mouse.down()
    page.mouse.move(tick["x"] + tick["width"] / 2, plot["y"] + plot["height"] / 2)
    page.mouse.up()
    assert float(page.get_by_label("input z").input_value()) == pytest.approx(-4, abs=0.1)


def test_a_kink_is_named(page: Any) -> None:
    page.get_by_label("function").select_option("relu")
    page.get_by_label("input z").fill("0")
    assert "kink at 0" in page.locator(".controls").inner_text()


def test_flat_stretches_are_shaded(page: Any) -> None:
    shaded = {}
    for name in ("identity", "relu", "sigmoid"):
        page.get_by_label("function").select_option(name)
        shaded[name] = page.locator("svg g > rect").count()
    assert shaded == {"identity": 0, "relu": 1, "sigmoid": 2}
