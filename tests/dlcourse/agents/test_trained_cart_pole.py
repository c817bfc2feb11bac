"""The DQN that comes with the course is what its page says."""

from __future__ import annotations

from dlcourse.agents.dqn import evaluate
from dlcourse.agents.trained_cart_pole import trained_cart_pole


def test_the_best_snapshot_balances_to_the_limit_and_the_last_network_does_not() -> None:
    best, last = trained_cart_pole()
    assert evaluate(best, episodes=30, seed=1).returns.min() == 500
    assert evaluate(last, episodes=30, seed=1).returns.mean() < 475
