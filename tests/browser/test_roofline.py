"""The roofline (week 11): its numbers are the formulas', and it is used by keyboard."""

from __future__ import annotations

import re
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FIGURE = "roofline"


def reading(page: Any) -> str:
    return str(page.locator(".controls").inner_text())


def cost(page: Any, layer: str, batch: int, size: int) -> tuple[float, float]:
    found = page.evaluate("c => rooflineFunctions.layerCost(...c)", [layer, batch, size])
    return found["flops"], found["bytes"]


def test_a_layer_costs_what_its_shapes_say(page: Any) -> None:
    dense = 2 * 8 * 3136 * 128, 4 * (8 * (3136 + 128) + 3136 * 128)
    assert cost(page, "dense_1", 8, 4) == dense
    outputs, patch = 14 * 14 * 64, 9 * 32
    conv = 2 * outputs * patch, 2 * (14 * 14 * 32 + outputs + patch * 64)
    assert cost(page, "conv_2", 1, 2) == conv
    first = 28 * 28 * 32
    assert cost(page, "conv_1", 3, 1) == (3 * 2 * 9 * first, 3 * (28 * 28 + first) + 9 * 32)
    depthwise = 28 * 28 * 512
    assert cost(page, "depthwise", 1, 4) == (18 * depthwise, 4 * (2 * depthwise + 9 * 512))


@pytest.mark.parametrize(("flops", "bound", "seconds"), [(4, "memory", 1.0), (60, "compute", 6.0)])
def test_the_lower_of_two_roofs_counts(page: Any, flops: int, bound: str, seconds: float) -> None:
    found = page.evaluate(
        "flops => rooflineFunctions.attainable({ flops, bytes: 2 }, 10, 2)", flops
    )
    assert (found["ridge"], found["bound"], found["seconds"]) == (5, bound, seconds)


def test_a_dense_layer_becomes_compute_bound_by_its_batch(page: Any) -> None:
    assert "0.500 FLOPs a byte is left of the ridge" in reading(page)
    assert "memory-bound" in reading(page)
    slider = page.get_by_label("batch")
    for _ in range(4):
        slider.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == "16"
    assert "compute-bound" in reading(page)
    assert "100\u00a0% of the peak" in reading(page)


def test_a_depthwise_convolution_stays_where_it_is(page: Any) -> None:
    page.get_by_label("layer", exact=True).select_option("depthwise")
    before = page.locator("svg .layer").get_attribute("cx")
    page.get_by_label("batch").fill("12")
    after = page.locator("svg .layer").get_attribute("cx")
    assert abs(float(before) - float(after)) < 1
    assert "memory-bound" in reading(page)


def test_fewer_bytes_move_a_point_up_the_roof(page: Any) -> None:
    circle = page.locator("svg .layer")
    before = [float(circle.get_attribute(name)) for name in ("cx", "cy")]
    page.get_by_label("a number has").select_option("1")
    after = [float(circle.get_attribute(name)) for name in ("cx", "cy")]
    assert after[0] > before[0]
    assert after[1] < before[1]
    assert "2.00 FLOPs a byte" in reading(page)


def test_a_higher_peak_does_not_help_what_waits_for_memory(page: Any) -> None:
    rate = re.compile(r"At best ([\d.]+ GFLOPs)")
    before = rate.search(reading(page))
    page.get_by_label("peak").fill("13")
    after = rate.search(reading(page))
    assert before
    assert after
    assert before[1] == after[1]
    page.get_by_label("bandwidth").fill("12")
    faster = rate.search(reading(page))
    assert faster
    assert faster[1] == "500 GFLOPs"


def test_it_fits_a_phone(page: Any) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.evaluate("document.querySelector('[data-interactive]').style.width = '350px'")
    assert page.evaluate("document.querySelector('.explorer').scrollWidth") <= 350
