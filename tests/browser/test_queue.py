"""The queue before a network (week 12): it follows the batcher's rule, and is used by keyboard."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FIGURE = "queue"


def reading(page: Any) -> str:
    return str(page.locator(".controls").inner_text())


def set_to(page: Any, **values: int) -> None:
    for name, value in values.items():
        page.get_by_label(name.replace("_", " "), exact=True).fill(str(value))


def test_requests_go_together_as_in_the_example_by_hand(page: Any) -> None:
    made = page.evaluate(
        "queueFunctions.batches([0, 1, 5, 6, 7, 30], { service: 10, most: 3, wait: 4 })"
    )
    assert [batch["size"] for batch in made] == [2, 3, 1]
    assert [batch["start"] for batch in made] == pytest.approx([4, 15, 31 + 3])
    assert [batch["end"] for batch in made] == pytest.approx([15, 27, 44])


def test_arrivals_are_random_at_the_rate_and_the_same_each_time(page: Any) -> None:
    times = np.array(page.evaluate("queueFunctions.arrivals(200)"))
    gaps = np.diff(times)
    assert abs(len(times) - 4000) < 4 * np.sqrt(4000)
    assert gaps.min() > 0
    assert gaps.std() / gaps.mean() == pytest.approx(1, abs=0.1)
    np.testing.assert_array_equal(times, page.evaluate("queueFunctions.arrivals(200)"))


def test_without_batches_the_mean_is_near_the_formulas(page: Any) -> None:
    for rate in (30, 50, 70):
        chosen = f"{{ rate: {rate}, service: 10, most: 1, wait: 0 }}"
        found = page.evaluate(f"queueFunctions.simulate({chosen}, 1000)")
        rho = rate / 100
        assert found["mean"] == pytest.approx(10 * (1 + rho / (2 * (1 - rho))), rel=0.1)
        assert found["utilization"] == pytest.approx(rho, rel=0.03)
        assert page.evaluate(f"queueFunctions.formula({rate}, 10)") == pytest.approx(
            10 * (1 + rho / (2 * (1 - rho)))
        )


def test_times_are_those_of_the_recursion(page: Any) -> None:
    found = page.evaluate("queueFunctions.simulate({ rate: 90, service: 10, most: 1, wait: 0 })")
    times, waited = np.array(found["times"]), 0.0
    for k, gap in enumerate(np.diff(times, prepend=times[0])):
        waited = max(0.0, waited + (10 if k else 0) - gap)
        assert found["took"][k] == pytest.approx(waited + 10)


def test_an_overload_is_said_and_batches_end_it(page: Any) -> None:
    set_to(page, arrivals=200)
    assert "Overload" in reading(page)
    assert "no steady state" in reading(page)
    batch = page.get_by_label("largest batch", exact=True)
    for _ in range(7):
        batch.press("ArrowRight")
    assert batch.get_attribute("aria-valuetext") == "8"
    assert "Overload" not in reading(page)
    assert "make up the next one" in reading(page)


def test_a_wait_costs_time_where_few_requests_come(page: Any) -> None:
    set_to(page, arrivals=10, largest_batch=32)
    assert "p50 10.0 ms" in reading(page)
    set_to(page, wait=20)
    assert "p50 30" in reading(page)
    assert "brings little company" in reading(page)


def test_it_fits_a_phone(page: Any) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.evaluate("document.querySelector('[data-interactive]').style.width = '350px'")
    assert page.evaluate("document.querySelector('.explorer').scrollWidth") <= 350
