"""Breakout, many games at once: the package's game, new games after an end, one network."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("minatar", reason="minatar is not installed; it comes with the extra pages")

from dlcourse.agents.dqn import evaluate
from dlcourse.agents.minatar_games import (
    BREAKOUT,
    Breakout,
    ConvolutionalQ,
    breakout_network,
    trained_breakout,
)  # fmt: skip


def test_a_game_is_the_one_of_the_package() -> None:
    from minatar import Environment

    many, rng = Breakout(2), np.random.default_rng(0)
    seen, _ = many.reset(seed=3)
    own = Environment("breakout")
    own.seed(int(np.random.SeedSequence(3).generate_state(2)[1]))
    own.reset()
    for _ in range(200):
        np.testing.assert_array_equal(seen[1], own.state())
        action = int(rng.integers(3))
        reward, ended = own.act(own.minimal_action_set()[action])
        seen, rewards, endings, _, _ = many.step(np.array([0, action]))
        assert (rewards[1], endings[1]) == (reward, ended)
        if ended:
            break
    assert ended


def test_a_game_that_is_over_begins_anew_in_the_next_step() -> None:
    game = Breakout(1)
    game.reset(seed=0)
    ended = [bool(game.step(np.zeros(1, int))[2][0]) for _ in range(60)]
    after = ended.index(True) + 1
    assert not ended[after]
    assert sum(ended) > 1


def test_a_seed_decides_the_games() -> None:
    games = []
    for seed in (1, 1, 2):
        game = Breakout(3)
        game.reset(seed=seed)
        games.append(np.stack([game.step(np.ones(3, int))[0] for _ in range(40)]))
    np.testing.assert_array_equal(games[0], games[1])
    assert (games[0] != games[2]).any()


def test_what_acts_has_the_values_of_the_network() -> None:
    network = breakout_network()
    states = np.random.default_rng(0).integers(2, size=(5, 10, 10, 4)).astype(np.float32)
    q = ConvolutionalQ(network.get_weights())
    np.testing.assert_allclose(q(states), network(states), atol=1e-5)


def test_the_shipped_agent_plays_as_its_training_said() -> None:
    shipped = trained_breakout()
    bricks = evaluate(shipped.q, Breakout, episodes=50, seed=7, settings=BREAKOUT).returns
    means = shipped.returns.mean(axis=1)
    assert bricks.mean() > 0.7 * means.max()
    assert means[0] < means.max() / 2
