"""The window explorer of week 5: which values leak, and its use by keyboard."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FIGURE = "window"
LENGTH, BORDER, REACH = 48, 32, 2


def status(page: Any) -> str:
    return str(page.get_by_role("status").inner_text())


def choose(page: Any, **values: str | int) -> None:
    for label, value in values.items():
        control = page.get_by_label(label.replace("_", " "), exact=True)
        if isinstance(value, str):
            control.select_option(value)
        else:
            control.fill(str(value))


def holds(past: int, gap: int, horizon: int, start: int) -> tuple[set[int], set[int]]:
    first = start + past + gap
    return set(range(start, start + past)), set(range(first, first + horizon))


@pytest.mark.parametrize(("past", "gap", "horizon"), [(8, 0, 4), (6, 3, 1), (12, 6, 8)])
@pytest.mark.parametrize("rule", ["within", "start", "random"])
def test_a_known_target_is_one_that_a_training_window_holds(
    page: Any, rule: str, past: int, gap: int, horizon: int
) -> None:
    settings = {"past": past, "gap": gap, "horizon": horizon, "rule": rule, "input": "values"}
    groups = page.evaluate("settings => windowFunctions.groups(settings)", settings)
    leaks = page.evaluate("settings => windowFunctions.leaks(settings)", settings)
    assert len(groups) == LENGTH - (past + gap + horizon) + 1
    windows = [holds(past, gap, horizon, start) for start in range(len(groups))]
    trained = [w for w, group in zip(windows, groups, strict=True) if group == "train"]
    known = set().union(*(inputs | targets for inputs, targets in trained))
    for group, leak, (_, targets) in zip(groups, leaks, windows, strict=True):
        if group == "test":
            assert set(leak) == targets & known


def test_no_window_leaks_when_each_part_holds_its_windows_whole(page: Any) -> None:
    choose(page, divided_by="within")
    assert "Test targets known beforehand: 0 of 20." in page.locator(".formula").inner_text()
    assert "Training windows with a leak: 0." in page.locator(".formula").inner_text()
    assert page.locator(".leak").count() == 0


def test_a_training_window_that_reaches_over_the_border_is_marked(page: Any) -> None:
    choose(page, window=24)
    assert status(page) == (
        "Training window: inputs 24 to 31, targets 32 to 35. Leak: 4 targets (32 to 35)."
    )
    assert page.locator(".leak").count() == 4


def test_centred_means_know_the_first_targets_unless_a_gap_keeps_them_apart(page: Any) -> None:
    choose(page, divided_by="within", inputs_are="centred", window=2)
    assert status(page).endswith(f"Leak: {REACH} targets (10 to 11).")
    choose(page, gap=REACH)
    assert status(page).endswith("No leak.")


def test_drawn_at_random_nearly_every_target_is_known(page: Any) -> None:
    choose(page, divided_by="random")
    assert "Test targets known beforehand: 36 of 36." in page.locator(".formula").inner_text()


def test_the_arrow_keys_move_the_window_and_it_stays_on_the_series(page: Any) -> None:
    plot = page.get_by_role("application")
    plot.press("ArrowRight")
    assert status(page).startswith("Training window: inputs 23 to 30,")
    choose(page, window=0)
    plot.press("ArrowLeft")
    assert status(page).startswith("Training window: inputs 0 to 7,")
    choose(page, window=36)
    plot.press("ArrowRight")
    assert status(page).startswith("Test window: inputs 36 to 43, targets 44 to 47.")


def test_a_longer_window_moves_back_onto_the_series(page: Any) -> None:
    choose(page, window=36, horizon=8)
    assert status(page).startswith("Test window: inputs 32 to 39, targets 40 to 47.")
    assert page.get_by_label("window", exact=True).get_attribute("max") == "32"
