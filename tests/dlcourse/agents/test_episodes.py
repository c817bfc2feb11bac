"""Episodes of many environments at once: whoever plays keeps the environments."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
import pytest

from dlcourse.agents.episodes import play
from dlcourse.check.answer import AnswerError


def cartpoles(count: int) -> list[gymnasium.Env[Any, Any]]:
    return [gymnasium.make("CartPole-v1") for _ in range(count)]


def balance(observations: np.ndarray) -> np.ndarray:
    """Push to where the pole falls."""
    return np.where(observations[:, 2] + observations[:, 3] > 0, 1, 0)


def test_episodes_played_together_are_those_played_alone() -> None:
    together = play(balance, cartpoles(4), seeds=[3, 1, 4, 1], steps=500)
    alone = [play(balance, cartpoles(1), seeds=[s], steps=500).returns[0] for s in (3, 1, 4, 1)]
    assert together.returns.tolist() == alone
    assert together.returns[1] == together.returns[3]
    assert not together.lost


def test_an_episode_is_cut_after_the_steps_and_counts_what_it_has() -> None:
    cut = play(balance, cartpoles(2), seeds=[0, 1], steps=7)
    assert cut.returns.tolist() == [7, 7]
    assert not cut.finished.any()


def test_the_policy_is_always_asked_for_all_episodes() -> None:
    shapes = set()

    def fall(observations: np.ndarray) -> np.ndarray:
        shapes.add(observations.shape)
        return np.zeros(len(observations), int)

    episodes = play(fall, cartpoles(3), seeds=[0, 1, 2], steps=500)
    assert shapes == {(3, 4)}
    assert episodes.finished.all()
    assert (episodes.lengths < 15).all()


def test_a_policy_that_writes_into_its_observations_changes_nothing() -> None:
    def spoil(observations: np.ndarray) -> np.ndarray:
        actions = balance(observations)
        observations[:] = 0
        return actions

    spoiled = play(spoil, cartpoles(2), seeds=[5, 6], steps=100)
    assert (
        spoiled.returns.tolist()
        == play(balance, cartpoles(2), seeds=[5, 6], steps=100).returns.tolist()
    )


@pytest.mark.parametrize(
    ("action", "told"),
    [(2, "no action 2: they go from 0 to 1"), (0.5, "0.5 is no whole number"), (np.nan, "nan")],
)
def test_an_action_that_does_not_exist_costs_its_episode_and_no_other(
    action: float, told: str
) -> None:
    def wrong_in_the_second(observations: np.ndarray) -> np.ndarray:
        actions = balance(observations).astype(float)
        actions[1] = action
        return actions

    episodes = play(wrong_in_the_second, cartpoles(3), seeds=[0, 1, 2], steps=50, lost_return=-1)
    assert list(episodes.lost) == [1]
    assert episodes.returns.tolist() == [50, -1, 50]
    assert told in episodes.explain_losses()


@pytest.mark.parametrize("returned", [None, [1], "left", [[1], [1, 0]], np.zeros((2, 3))])
def test_what_is_no_row_of_actions_costs_the_episodes_that_are_going_on(returned: Any) -> None:
    episodes = play(lambda _: returned, cartpoles(2), seeds=[0, 1], steps=50)
    assert episodes.returns.tolist() == [0, 0]
    assert "2 of 2 episodes were lost" in episodes.explain_losses()


def test_a_policy_that_raises_at_last_keeps_the_episodes_that_were_over() -> None:
    asked = 0

    def raises_at_step_twenty(observations: np.ndarray) -> np.ndarray:
        nonlocal asked
        asked += 1
        if asked == 20:
            raise AnswerError("TimeoutError", "it took longer than 60 s")
        actions = balance(observations)
        actions[0] = 0
        return actions

    episodes = play(raises_at_step_twenty, cartpoles(2), seeds=[0, 1], steps=50)
    assert list(episodes.lost) == [1]
    assert episodes.returns[0] > 5
    assert "longer than 60 s" in episodes.lost[1]


def test_a_force_beyond_the_bounds_is_moved_to_the_bound() -> None:
    pendulums = [gymnasium.make("Pendulum-v1") for _ in range(2)]
    pushed = play(lambda o: np.full((len(o), 1), 9.0), pendulums, seeds=[0, 1], steps=20)
    bound = play(lambda o: np.full((len(o), 1), 2.0), pendulums, seeds=[0, 1], steps=20)
    assert pushed.returns.tolist() == bound.returns.tolist()
    assert not pushed.lost


def test_seeds_and_environments_are_as_many() -> None:
    with pytest.raises(ValueError, match="shorter"):
        play(balance, cartpoles(2), seeds=[0], steps=5)
