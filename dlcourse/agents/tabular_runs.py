"""Hundreds of trainings of agents with tables, and the exact return of each policy that they found.

Scores that are computed from the model carry no error of measurement: what differs between runs is
the training alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dlcourse.agents.gridworlds import Model
from dlcourse.agents.tabular import Worlds

__all__ = ["TabularRuns", "exact_returns", "learn", "reference_returns"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class TabularRuns:
    """What became of n trainings.

    Attributes:
        policies: greedy actions of each snapshot, shape (n, snapshots, states).
        returns: for each training the returns of its episodes, explored ones, in order.
    """

    policies: npt.NDArray[np.int64]
    returns: list[list[float]]


def learn(
    model: Model,
    rates: npt.ArrayLike,
    expected: npt.ArrayLike,
    *,
    steps: int,
    seed: int = 0,
    epsilon: float = 0.1,
    gamma: float = 0.99,
    limit: int = 100,
    snapshots: int = 10,
) -> TabularRuns:
    """Train n agents side by side, epsilon-greedily, each in a world of its own.

    Args:
        model: in which they act.
        rates: step sizes alpha, shape (n,).
        expected: for each agent whether it learns as expected SARSA and not as Q-learning.
        steps: of each agent.
        seed: of all that is random.
        epsilon: probability of an action drawn from all.
        gamma: discount.
        limit: steps after which an episode is cut.
        snapshots: how many are kept, at equal distances, the last one at the end.
    """
    alpha, averages = np.asarray(rates, float), np.asarray(expected, bool)
    count, rng = len(alpha), np.random.default_rng(seed)
    worlds, rows = Worlds(model, count, rng, limit), np.arange(count)
    Q = np.zeros((count, *model.R.shape))
    kept: list[npt.NDArray[np.int64]] = []
    for step in range(1, steps + 1):
        states = worlds.states
        actions = _epsilon_greedy(Q[rows, states], epsilon, rng)
        rewards, reached, ended, _ = worlds.step(actions)
        following = np.ascontiguousarray(Q[rows, reached].T)  # reduces faster over the first axis
        values = following.max(axis=0)
        mean = epsilon * following.mean(axis=0) + (1 - epsilon) * values
        target = rewards + gamma * np.where(ended, 0, np.where(averages, mean, values))
        Q[rows, states, actions] += alpha * (target - Q[rows, states, actions])
        if step * snapshots // steps > len(kept):
            kept.append(Q.argmax(axis=2))
    return TabularRuns(np.stack(kept, axis=1), worlds.returns)


def exact_returns(model: Model, policies: npt.ArrayLike, limit: int = 100) -> Floats:
    """Expected undiscounted returns of policies within a number of steps, by backward induction.

    Args:
        model: what happens.
        policies: an action for each state, shape (..., states).
        limit: steps after which an episode is cut.
    """
    actions = np.asarray(policies)
    states = np.arange(actions.shape[-1])
    P, R = model.P[states, actions], model.R[states, actions]
    V = np.zeros(R.shape)
    for _ in range(limit):
        V = R + (P @ V[..., None])[..., 0]
    returns: Floats = V @ model.start
    return returns


def reference_returns(model: Model, limit: int = 100) -> tuple[float, float]:
    """The expected return of random actions, and the best one possible, within `limit` steps."""
    random = best = np.zeros(len(model.start))
    for _ in range(limit):
        random = (model.R + model.P @ random).mean(axis=1)
        best = (model.R + model.P @ best).max(axis=1)
    return float(random @ model.start), float(best @ model.start)


def _epsilon_greedy(
    values: Floats, epsilon: float, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """One action for each row of values (n, actions); equal values are drawn from."""
    count, actions = values.shape
    best = np.ascontiguousarray(values.T).max(axis=0)
    tie_broken = np.where(values == best[:, None], rng.random(values.shape), -1)
    explored = rng.integers(actions, size=count)
    chosen: npt.NDArray[np.int64] = np.where(
        rng.random(count) < epsilon, explored, tie_broken.argmax(axis=1)
    )
    return chosen
