"""Recorded agents (week 9): the episodes are whole and true, and it is used by keyboard."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dlcourse.agents.minatar_games import trained_breakout
from dlcourse.data.datasets.derive_agent_replay import DISCOUNT, SHOWN, scene, written

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FIGURE = "agent_replay"
KEYS = ("cart_before", "cart_after", "breakout_before", "breakout_after")


def status(page: Any) -> str:
    return str(page.get_by_role("status").inner_text())


def episode(page: Any, key: str) -> Any:
    return page.evaluate(f"replayFunctions.episode('{key}')")


@pytest.mark.parametrize("key", KEYS)
def test_every_step_has_a_scene_values_and_the_greedy_action(page: Any, key: str) -> None:
    found = episode(page, key)
    assert 0 < found["steps"] <= SHOWN
    for name in ("values", "followed", "scene"):
        assert len(found[name]) == found["steps"]
    values = np.array(found["values"])
    chosen = values[np.arange(len(values)), found["actions"]]
    # The stored numbers have 4,096 levels: two that are nearer look equal.
    assert (values.max(axis=1) - chosen).max() < np.ptp(values) / 2000


def test_what_follows_is_a_discounted_sum_of_rewards(page: Any) -> None:
    for key in KEYS:
        followed = np.array(episode(page, key)["followed"])
        rewards = followed[:-1] - DISCOUNT * followed[1:]
        np.testing.assert_allclose(rewards, rewards.round(), atol=0.06)
    assert set((followed[:-1] - DISCOUNT * followed[1:]).round()) == {0.0, 1.0}


def test_the_values_of_breakout_are_those_of_the_shipped_agent(page: Any) -> None:
    found = episode(page, "breakout_after")
    states = np.zeros((found["steps"], 10, 10, 4))
    for state, seen in zip(states, found["scene"], strict=True):
        state[9, seen["paddle"], 0] = 1
        for channel, place in ((1, "ball"), (2, "trail")):
            state[seen[place][1], seen[place][0], channel] = 1
        state[1:4, :, 3] = np.reshape(seen["bricks"], (3, 10))
    np.testing.assert_allclose(trained_breakout().q(states), found["values"], atol=0.01)


def test_the_figure_reads_what_the_script_writes(page: Any) -> None:
    state = np.zeros((10, 10, 4), np.uint8)
    state[9, 3, 0] = state[5, 7, 1] = state[4, 6, 2] = state[2, 9, 3] = 1
    values = np.linspace(-1, 2, 3)
    page.evaluate(
        """([scene, values]) => { replayFunctions.EPISODES.breakout_before =
          { actions: "2", values, followed: values, score: "1", scene }; }""",
        [scene(state), written(values)],
    )
    found = episode(page, "breakout_before")
    np.testing.assert_allclose(found["values"][0], values, atol=0.001)
    seen = found["scene"][0]
    assert (seen["paddle"], seen["ball"], seen["trail"]) == (3, [7, 5], [6, 4])
    assert np.flatnonzero(seen["bricks"]).tolist() == [19]


def test_a_trained_agent_lasts_and_a_new_one_does_not(page: Any) -> None:
    steps = {key: episode(page, key)["steps"] for key in KEYS}
    assert steps["cart_after"] == SHOWN > steps["cart_before"]
    assert steps["breakout_after"] > 5 * steps["breakout_before"]


def test_arrow_keys_and_the_choice_of_the_agent_change_what_is_shown(page: Any) -> None:
    assert status(page).startswith("Step 0: push left")
    slider = page.get_by_role("slider")
    slider.press("ArrowRight")
    assert status(page).startswith("Step 1:")
    assert slider.get_attribute("aria-valuetext") == f"step 1 of {SHOWN - 1}"
    page.get_by_label("agent").select_option("breakout_after")
    assert status(page).startswith("Step 0: stay")
    assert page.locator("svg .brick").count() == 30
    assert page.locator(".bar.chosen").count() == 1


def test_the_button_plays_to_the_end_and_can_stop(page: Any) -> None:
    button = page.get_by_role("button")
    button.click()
    assert button.inner_text() == "Stop"
    button.click()
    assert button.inner_text() == "Play"
    page.get_by_role("slider").fill(str(SHOWN - 2))
    button.click()
    page.wait_for_function("document.querySelector('button').textContent === 'Play'")
    assert status(page).startswith(f"Step {SHOWN - 1}:")


def test_moving_the_slider_or_choosing_another_agent_stops_it(page: Any) -> None:
    button = page.get_by_role("button")
    button.click()
    page.get_by_role("slider").press("End")
    assert button.inner_text() == "Play"
    button.click()
    page.get_by_label("agent").select_option("breakout_before")
    assert button.inner_text() == "Play"
    assert status(page).startswith("Step 0:")
    button.click()
    page.wait_for_function("document.querySelector('button').textContent === 'Play'")
    assert status(page).startswith("Step 5:")
