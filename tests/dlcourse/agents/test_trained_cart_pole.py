"""The DQN that comes with the course is what its page says."""

from __future__ import annotations

from dlcourse.agents.dqn import evaluate
from dlcourse.agents.trained_cart_pole import trained_cart_pole


def test_the_best_snapshot_balances_to_the_limit_and_the_last_network_sometimes_falls() -> None:
    best, last = trained_cart_pole()
    assert evaluate(best, episodes=30, seed=1).returns.min() == 500
    returns = evaluate(last, episodes=100, seed=1).returns
    assert returns.max() == 500
    assert (returns < 100).mean() > 0.05
