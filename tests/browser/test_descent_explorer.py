"""The descent explorer of week 2: its steps are the optimizers', and the keyboard works it."""

from __future__ import annotations

import re
from typing import Any

import keras
import numpy as np
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FIGURE = "descent"
RATE = 10**-1.3  # the figure's first rate
OPTIMIZERS = {
    "sgd": lambda: keras.optimizers.SGD(RATE),
    "momentum": lambda: keras.optimizers.SGD(RATE, momentum=0.9),
    "rmsprop": lambda: keras.optimizers.RMSprop(RATE),
    "adam": lambda: keras.optimizers.Adam(RATE),
}


def status(page: Any) -> str:
    return str(page.get_by_role("status").inner_text())


def place(page: Any) -> list[float]:
    found = re.search(r"at \((\S+), (\S+)\)", status(page).replace("\u2212", "-"))
    assert found is not None
    return [float(number) for number in found.groups()]


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_fifty_steps_end_where_keras_ends(page: Any, name: str) -> None:
    page.get_by_label("optimizer", exact=True).select_option(name)
    page.get_by_role("button", name="Fifty steps").click()
    optimizer, theta = OPTIMIZERS[name](), keras.Variable([-2.6, 1.4])
    for _ in range(50):
        optimizer.apply([theta.value * np.array([1.0, 25.0], "float32")], [theta])
    np.testing.assert_allclose(place(page), theta.numpy(), atol=0.006)


def test_plain_descent_diverges_above_its_limit_only(page: Any) -> None:
    rate = page.get_by_label("rate")
    for power, ends in ((-1.15, "loss"), (-1.05, "diverged")):  # the limit is 10 ** -1.097
        rate.fill(str(power))
        for _ in range(4):
            page.get_by_role("button", name="Fifty steps").click()
        assert ends in status(page)


def test_the_keyboard_changes_the_rate_and_takes_a_step(page: Any) -> None:
    page.get_by_label("rate").press("ArrowRight")
    assert "0 steps of SGD at rate 0.056" in status(page)
    page.get_by_role("button", name="One step").press("Enter")
    assert "1 step of SGD" in status(page)


@pytest.mark.parametrize("surface", ["bowl", "ravine", "saddle", "valley"])
def test_every_surface_is_descended(page: Any, surface: str) -> None:
    page.get_by_label("surface").select_option(surface)
    losses = []
    for name in ("One step", "Fifty steps", "Fifty steps"):
        page.get_by_role("button", name=name).click()
        found = re.search(r"loss (\S+),", status(page).replace("\u2212", "-"))
        assert found is not None
        losses.append(float(found.group(1)))
    assert losses[0] > losses[1] > losses[2]
