"""The cliff of week 9: the page learns as SARSA and Q-learning do, and the keyboard works it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from dlcourse.agents.gridworlds import cliff_world

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FIGURE = "cliff"
WORD = 2**32 - 1


def status(page: Any) -> list[str]:
    return [str(text) for text in page.get_by_role("status").locator("p").all_inner_texts()]


def learned(page: Any, method: str, episodes: int, epsilon: float, seed: int) -> Any:
    """The table after some episodes with step size 0.5, and the greedy path."""
    call = """([method, episodes, epsilon, seed]) => {
        const agent = cliffFunctions.learner(method, seed);
        for (let k = 0; k < episodes; k += 1) cliffFunctions.episode(agent, epsilon, 0.5);
        return { q: agent.q, ...cliffFunctions.greedyPath(agent.q) };
    }"""
    return page.evaluate(call, [method, episodes, epsilon, seed])


def mulberry(seed: int) -> Callable[[], float]:
    """The figure's random numbers."""
    state = seed

    def draw() -> float:
        nonlocal state
        state = (state + 0x6D2B79F5) & WORD
        t = ((state ^ (state >> 15)) * (state | 1)) & WORD
        t ^= (t + (t ^ (t >> 7)) * (t | 61)) & WORD
        return (t ^ (t >> 14)) / 2**32

    return draw


def table_of(method: str, episodes: int, epsilon: float, seed: int) -> Any:
    """The same learning in Python, on the model of the cliff."""
    world, draw = cliff_world(), mulberry(seed)
    following, q = world.P.argmax(axis=2), np.zeros((48, 4))

    def choose(state: int) -> int:
        if draw() < epsilon:
            return int(draw() * 4)
        best = np.flatnonzero(q[state] == q[state].max())
        return int(best[0] if len(best) == 1 else best[int(draw() * len(best))])

    for _ in range(episodes):
        state, action = 36, choose(36)
        while not world.terminal[state]:
            reached = int(following[state, action])
            chosen = choose(reached)
            value = q[reached, chosen] if method == "sarsa" else q[reached].max()
            target = world.R[state, action] + (0 if world.terminal[reached] else value)
            q[state, action] += 0.5 * (target - q[state, action])
            state, action = reached, chosen
    return q


def test_its_steps_are_those_of_the_cliff(page: Any) -> None:
    world = cliff_world()
    call = """() => [...Array(48).keys()].map(
        (state) => [0, 1, 2, 3].map((action) => cliffFunctions.step(state, action)))"""
    found = page.evaluate(call)
    for state in range(37):  # the states in which an action is ever taken
        for action in range(4):
            reached, reward, over = found[state][action]
            assert world.P[state, action, reached] == 1
            assert reward == world.R[state, action]
            assert over == bool(world.terminal[reached])


@pytest.mark.parametrize("method", ["sarsa", "qLearning"])
def test_its_tables_are_those_of_the_same_learning_in_python(page: Any, method: str) -> None:
    found = learned(page, method, 40, 0.1, seed=5)["q"]
    np.testing.assert_allclose(found, table_of(method, 40, 0.1, seed=5), atol=1e-9)


def test_q_learning_walks_beside_the_cliff_and_sarsa_does_not(page: Any) -> None:
    for seed in range(10):
        greedy = learned(page, "qLearning", 500, 0.1, seed)
        assert greedy["ends"]
        assert len(greedy["path"]) == 14
        beside = [state // 12 == 2 for state in learned(page, "sarsa", 500, 0.1, seed)["path"]]
        assert sum(beside) < 12


def test_the_keyboard_changes_epsilon_and_learns(page: Any) -> None:
    assert "10 episodes" in page.locator(".formula").inner_text()
    explore = page.get_by_label("explore")
    explore.press("ArrowRight")
    assert explore.get_attribute("aria-valuetext") == "0.11"
    assert "0.11" in page.locator(".control").first.inner_text()
    page.get_by_role("button", name="One episode").press("Enter")
    assert "11 episodes" in page.locator(".formula").inner_text()
    sarsa, greedy = status(page)
    assert sarsa.startswith("SARSA: mean return")
    assert "in the last 11 episodes" in greedy


def test_without_exploration_both_take_the_short_path(page: Any) -> None:
    page.get_by_label("explore").fill("0")
    page.get_by_role("button", name="Start again").click()
    for _ in range(5):
        page.get_by_role("button", name="Hundred").click()
    assert all("greedy path 13 steps" in text for text in status(page))


def test_starting_again_forgets_and_repeats(page: Any) -> None:
    begun = status(page)
    page.get_by_role("button", name="Start again").click()
    assert status(page)[0] == "SARSA: nothing learned yet."
    page.get_by_role("button", name="Ten", exact=True).click()
    assert status(page) == begun
    page.get_by_role("button", name="Other random numbers").click()
    page.get_by_role("button", name="Ten", exact=True).click()
    assert status(page) != begun


def test_a_path_that_never_ends_is_called_so(page: Any) -> None:
    call = """() => {
        const { q } = cliffFunctions.learner("sarsa");
        q[36][3] = 1;
        q[24][1] = 1;
        return cliffFunctions.greedyPath(q);
    }"""
    assert page.evaluate(call) == {"path": [36, 24, 36], "ends": False}
