"""PPO's clip objective (week 10): its numbers are the loss's, and it is used by keyboard."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FIGURE = "clip_objective"


def reading(page: Any) -> str:
    return str(page.locator(".controls").inner_text())


def test_objective_and_gradient_are_those_of_the_loss(page: Any) -> None:
    import tensorflow as tf

    from dlcourse.agents.ppo import Coefficients, clipped_loss

    cases = list(itertools.product((0.4, 0.75, 1.0, 1.15, 1.7), (-1.0, 0.5), (0.1, 0.3)))
    found = page.evaluate(
        "cases => cases.map(c => [clipFunctions.objective(...c), clipFunctions.gradient(...c)])",
        cases,
    )
    zero = tf.zeros(1)
    for (ratio, advantage, epsilon), (value, slope) in zip(cases, found, strict=True):
        r = tf.constant([ratio])
        c = Coefficients(epsilon, 1e9, 0.0, 0.0)
        with tf.GradientTape() as tape:
            tape.watch(r)
            loss = clipped_loss(tf.math.log(r), zero, zero + advantage, zero, zero, zero, zero, c)
        expected = -float(loss), -float(tape.gradient(loss, r)[0])
        np.testing.assert_allclose((value, slope), expected, atol=1e-6)


def test_the_ratio_is_moved_by_keyboard_until_the_gradient_is_gone(page: Any) -> None:
    slider = page.get_by_label("ratio", exact=True)
    for _ in range(4):
        slider.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == "1.20"
    assert "gradient with respect to the ratio 1.00" in reading(page)
    assert page.locator("svg .ascent").count() == 1
    slider.press("ArrowRight")
    assert "gradient with respect to the ratio 0.00" in reading(page)
    assert page.locator("svg .ascent").count() == 0
    assert "more probable already than the clip allows" in reading(page)


def test_a_wider_clip_gives_the_gradient_back(page: Any) -> None:
    page.get_by_label("ratio", exact=True).fill("1.3")
    assert "nothing pushes it further" in reading(page)
    page.get_by_label("clip ε").fill("0.4")
    assert "ascent makes it more probable" in reading(page)


def test_a_step_in_the_wrong_direction_is_not_clipped(page: Any) -> None:
    page.get_by_label("advantage").fill("-1")
    page.get_by_label("ratio", exact=True).fill("1.8")
    assert "ascent makes it less probable" in reading(page)
    assert "moved the wrong way so far" in reading(page)
    page.get_by_label("ratio", exact=True).fill("0.7")
    assert "less probable already" in reading(page)


def test_without_an_advantage_there_is_no_gradient(page: Any) -> None:
    page.get_by_label("advantage").fill("0")
    assert "no gradient at any ratio" in reading(page)
    assert page.locator("svg .ascent").count() == 0


def test_it_fits_a_phone(page: Any) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.evaluate("document.querySelector('[data-interactive]').style.width = '350px'")
    assert page.evaluate("document.querySelector('.explorer').scrollWidth") <= 350
