"""The unrolled recurrent network of week 5: its states and gradients, and its use by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FIGURE = "unrolled_rnn"
ACTIVATIONS: dict[str, tuple[Callable[[float], float], Callable[[float], float]]] = {
    "linear": (lambda z: z, lambda h: 1.0),
    "tanh": (np.tanh, lambda h: 1 - h**2),
    "relu": (lambda z: max(0.0, z), lambda h: float(h > 0)),
}


def status(page: Any) -> str:
    return str(page.get_by_role("status").inner_text()).replace("\u2212", "-")


def shown(page: Any) -> list[float]:
    """Last state, and the gradient with respect to the first one."""
    found = re.search(r"last state (\S+)\. The gradient \d+ steps back is (\S+)\.", status(page))
    assert found is not None
    return [float(number) for number in found.groups()]


def computed(name: str, weight: float, steps: int = 13) -> tuple[float, float]:
    phi, slope = ACTIVATIONS[name]
    state, gradient = phi(1.0), 1.0
    for _ in range(steps - 1):
        state = phi(weight * state)
        gradient *= weight * slope(state)
    return state, gradient


@pytest.mark.parametrize("weight", [-0.8, 0.5, 1.0, 1.3])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_states_and_gradients_are_those_of_the_network(page: Any, name: str, weight: float) -> None:
    page.get_by_label("activation").select_option(name)
    page.get_by_label("weight u").fill(str(weight))
    np.testing.assert_allclose(shown(page), computed(name, weight), rtol=0.06, atol=1e-12)


def test_the_gradient_vanishes_below_one_and_explodes_above(page: Any) -> None:
    for weight, end in ((0.5, "Vanished."), (1.0, "is 1."), (1.5, "Exploded.")):
        page.get_by_label("weight u").fill(str(weight))
        assert status(page).endswith(end)


def test_the_keyboard_moves_weight_and_steps(page: Any) -> None:
    page.get_by_label("weight u").press("ArrowRight")
    np.testing.assert_allclose(shown(page), computed("linear", 0.95), rtol=0.06)
    page.get_by_label("steps").press("ArrowLeft")
    assert "11 steps back" in status(page)


def test_there_is_a_box_and_a_bar_for_each_step(page: Any) -> None:
    page.get_by_label("steps").fill("7")
    assert page.locator(".unit").count() == page.locator(".bar").count() == 7
