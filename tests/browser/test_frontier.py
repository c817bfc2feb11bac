"""The frontier (week 11): its points are those measured, its front is that of the definition."""

from __future__ import annotations

import re
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FIGURE = "frontier"


def reading(page: Any) -> str:
    return str(page.locator("[role=status]").inner_text())


def points(page: Any) -> list[dict[str, Any]]:
    return list(page.evaluate("frontierFunctions.points"))


def lowered(page: Any, label: str, steps: int) -> str:
    """Move a budget down by keyboard; returns what the slider says."""
    slider = page.get_by_label(label)
    for _ in range(steps):
        slider.press("ArrowLeft")
    return str(slider.get_attribute("aria-valuetext"))


def test_the_points_are_those_that_were_measured(page: Any) -> None:
    from dlcourse.compression.frontier import points as measured

    expected = [
        {"network": p.network, "form": p.form, "kind": p.kind, "bytes": p.bytes,
         "macs": p.multiply_adds, "time": pytest.approx(1e6 * p.seconds, abs=0.1),
         "accuracy": pytest.approx(p.accuracy, abs=1e-4),
         "error": pytest.approx(p.standard_error, abs=1e-4), "name": f"{p.network}, {p.form}"}
        for p in measured()
    ]  # fmt: skip
    assert points(page) == expected


def test_the_front_is_what_no_point_dominates(page: Any) -> None:
    found = page.evaluate(
        """rows => frontierFunctions.front(
            rows.map(([bytes, accuracy]) => ({ bytes, accuracy })), "bytes"
        ).map((p) => [p.bytes, p.accuracy])""",
        [[3, 0.9], [1, 0.7], [4, 0.8], [2, 0.6], [3, 0.9], [5, 0.9]],
    )
    assert found == [[1, 0.7], [3, 0.9], [3, 0.9]]


def test_the_best_within_a_budget_is_named_by_keyboard(page: Any) -> None:
    said = lowered(page, "most file size", 4)
    limit = 1000 * float(said.removesuffix(" KB"))
    fit = [p for p in points(page) if p["bytes"] <= limit]
    assert 0 < len(fit) < len(points(page))
    best = max(p["accuracy"] for p in fit)
    named = re.search(r"Best within the budgets: (.*?)\. Accuracy ([\d.]+)", reading(page))
    assert named is not None
    assert named[1] in {p["name"] for p in fit if p["accuracy"] == best}
    assert float(named[2]) == pytest.approx(best, abs=5e-4)
    assert f"{len(fit)} of {len(points(page))} points fit" in reading(page)
    assert page.locator("svg .fits").count() == len(fit)


def test_budgets_add_up(page: Any) -> None:
    lowered(page, "most file size", 3)
    fewer = page.locator("svg .fits").count()
    lowered(page, "most multiply-adds", 4)
    assert page.locator("svg .fits").count() < fewer


def test_too_small_a_budget_is_said(page: Any) -> None:
    page.get_by_label("most latency").fill("0")
    page.get_by_label("most file size").fill("0")
    assert reading(page) == "No network fits within these budgets."
    assert page.locator("svg .best").count() == 0


def test_the_cost_that_is_shown_is_chosen(page: Any) -> None:
    before = page.locator("svg .front").get_attribute("d")
    page.get_by_label("cost", exact=True).select_option("time")
    assert page.locator("svg .front").get_attribute("d") != before
    assert "latency, µs, log scale" in page.locator("svg").text_content()


def test_it_fits_a_phone(page: Any) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.evaluate("document.querySelector('[data-interactive]').style.width = '350px'")
    assert page.evaluate("document.querySelector('.explorer').scrollWidth") <= 350
