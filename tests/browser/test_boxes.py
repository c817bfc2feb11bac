"""The boxes explorer of week 4: its arithmetic, and its use by keyboard and pointer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dlcourse.models.detection import Detections, box_iou, suppress

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FIGURE = "boxes"


def random_boxes(seed: int, count: int) -> np.ndarray:
    corners = np.random.default_rng(seed).uniform(0, 100, (count, 2, 2))
    return np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)


def box(page: Any, name: str) -> Any:
    return page.locator(f'[data-box="{name}"]')


def status(page: Any) -> str:
    return str(page.get_by_role("status").inner_text())


def test_the_overlaps_are_those_of_the_course(page: Any) -> None:
    boxes = random_boxes(0, 8)
    script = "boxes => boxes.map(a => boxes.map(b => boxFunctions.iou(a, b)))"
    np.testing.assert_allclose(page.evaluate(script, boxes.tolist()), box_iou(boxes, boxes))


@pytest.mark.parametrize("threshold", [0.0, 0.2, 0.5])
def test_what_is_kept_is_what_the_course_keeps(page: Any, threshold: float) -> None:
    rng = np.random.default_rng(1)
    boxes, scores, labels = random_boxes(1, 12), rng.permutation(12) / 12, rng.integers(0, 2, 12)
    script = "given => boxFunctions.suppressors(...given).map(by => by === null)"
    given = [boxes.tolist(), scores.tolist(), threshold, labels.tolist()]
    kept = np.flatnonzero(page.evaluate(script, given))
    wanted = suppress(Detections(boxes, scores, labels), threshold).scores
    assert sorted(scores[kept]) == sorted(wanted)


def test_a_box_that_only_a_lost_one_overlaps_is_kept(page: Any) -> None:
    assert status(page) == "Kept: A, C, D. B is suppressed by A."


def test_the_arrow_keys_move_a_box(page: Any) -> None:
    for _ in range(40):
        box(page, "A").press("ArrowUp")
        box(page, "A").press("ArrowLeft")
    assert "left 0, top 0, right 120, bottom 120, kept" in box(page, "A").get_attribute(
        "aria-label"
    )
    assert status(page) == "Kept: A, B, D. C is suppressed by B."


def test_shift_and_an_arrow_key_change_its_size(page: Any) -> None:
    box(page, "D").press("Shift+ArrowLeft")
    assert "left 280, top 60, right 375, bottom 160" in box(page, "D").get_attribute("aria-label")


def test_dragging_moves_a_box(page: Any) -> None:
    start = box(page, "D").locator(".box").bounding_box()
    x, y = start["x"] + start["width"] / 2, start["y"] + start["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 60, y + 30, steps=3)
    page.mouse.up()
    page.mouse.move(x, y)
    end = box(page, "D").locator(".box").bounding_box()
    assert end["x"] - start["x"] == pytest.approx(-60, abs=3)
    assert end["y"] - start["y"] == pytest.approx(30, abs=3)


def test_the_threshold_and_the_classes_decide(page: Any) -> None:
    page.get_by_label("threshold").fill("0.95")
    assert status(page) == "Kept: A, B, C, D."
    page.get_by_label("threshold").fill("0")
    assert status(page).startswith("Kept: A, D.")
    page.get_by_label("classes").select_option("two")
    assert status(page).startswith("Kept: A, B, D.")


def test_boxes_that_touch_have_an_overlap_of_zero(page: Any) -> None:
    page.get_by_label("boxes", exact=True).select_option("apart")
    cells = page.locator(".overlaps td").all_inner_texts()
    assert set(cells) == {"0.00", "\N{EN DASH}"}
