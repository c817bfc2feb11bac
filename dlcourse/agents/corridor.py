"""A corridor in which two cells look the same and need opposite actions.

Five cells in a row: 0 and 4 are the ends, where episodes begin, 2 is the exit. Actions are 0 (left)
and 1 (right), each step costs 1. The agent sees its left end, the right end, or the corridor, which
is the same in cells 1 and 3. After the aliased states of Singh, Jaakkola and Jordan, "Learning
without state-estimation in partially observable Markovian decision processes" (ICML 1994).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dlcourse.agents.policy_gradient import rewards_to_go

__all__ = ["GAMMA", "SEEN", "START", "Episodes", "P", "R", "episodes", "values", "visits"]

Floats = npt.NDArray[np.float64]

EXIT = 2
P = np.zeros((5, 2, 5))
"""(5, 2, 5) probability of the next cell, by cell and action; nothing follows the exit."""
for _cell in (0, 1, 3, 4):
    P[_cell, 0, max(_cell - 1, 0)] = P[_cell, 1, min(_cell + 1, 4)] = 1
R = -P.sum(axis=2)
"""(5, 2) rewards."""
SEEN = np.array([0, 1, 1, 1, 2])
"""What is seen in each cell: left end, corridor, right end. In the exit nothing is done."""
START = np.array([0.6, 0, 0, 0, 0.4])
GAMMA = 0.9


def _moves(pi: Floats) -> Floats:
    return np.asarray(np.einsum("sa,sat->st", pi, P), np.float64)


def values(pi: Floats) -> Floats:
    """The exact value of each cell, (5,), under a policy of probabilities (5, 2)."""
    returns = (pi * R).sum(axis=1)
    return np.asarray(np.linalg.solve(np.eye(5) - GAMMA * _moves(pi), returns), np.float64)


def visits(pi: Floats) -> Floats:
    """Expected visits of each cell, (5,), step t counting gamma to the t; 0 for the exit."""
    found = np.linalg.solve(np.eye(5) - GAMMA * _moves(pi).T, START)
    return np.asarray(found * (np.arange(5) != EXIT), np.float64)


class Episodes(NamedTuple):
    """n episodes of T steps at most, all (T, n)."""

    cells: npt.NDArray[np.int64]
    actions: npt.NDArray[np.int64]
    to_go: Floats
    """Discounted sums of rewards from each step on."""
    walking: npt.NDArray[np.bool_]
    """Whether the exit had not been reached yet."""


def episodes(pi: Floats, n: int, rng: np.random.Generator, *, steps: int = 80) -> Episodes:
    """Draw episodes of a policy of probabilities (5, 2), cut after some steps."""
    cells, taken = rng.choice(5, n, p=START), []
    for _ in range(steps):
        actions = (rng.random(n) < pi[cells, 1]).astype(np.int64)
        taken.append((cells, actions, R[cells, actions], cells != EXIT))
        cells = np.where(cells == EXIT, EXIT, np.clip(cells + 2 * actions - 1, 0, 4))
    where, what, rewards, walking = (np.array(column) for column in zip(*taken, strict=True))
    return Episodes(where, what, rewards_to_go(rewards, GAMMA), walking)
