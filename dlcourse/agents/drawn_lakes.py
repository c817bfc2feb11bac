"""Frozen lakes that are drawn, and walkers on them who only say what happened.

A learner of the lakes sees states as numbers in no order, and what its steps led to. Whoever drew
the lakes knows how likely a policy reaches the goal, and how likely the best one does.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from dlcourse.agents.gridworlds import GridWorld, draw, grid_world
from dlcourse.agents.tabular_runs import exact_returns, reference_returns

SIDE = 6
SLIP = 0.2
HORIZON = 100
_WALLS, _HOLES = 0.15, 0.1

Array = npt.NDArray[np.float64]


def draw_lake(rng: np.random.Generator) -> GridWorld:
    """A lake of SIDE x SIDE cells with walls and holes; its goal can be reached from its start."""
    while True:
        letters = rng.choice(list(".#H"), (SIDE, SIDE), p=(1 - _WALLS - _HOLES, _WALLS, _HOLES))
        letters[0, 0], letters[-1, -1] = "S", "G"
        if _connected(letters):
            return grid_world(["".join(row) for row in letters], slip=SLIP)


def _connected(letters: npt.NDArray[np.str_]) -> bool:
    """Whether floor leads from the first cell to the last one."""
    floor, _ = ndimage.label(np.isin(letters, list(".SG")))
    return bool(floor[0, 0] == floor[-1, -1])


class Experience(NamedTuple):
    """What walkers did and met, in the order of time; each of shape (n,).

    Attributes:
        states: where a step began.
        actions: what was chosen.
        rewards: 1 where the goal was reached, 0 elsewhere.
        next_states: where the next step of the same walker begins. After the end of an episode
            that is the start.
        terminated: whether the episode ended with this step, in a hole or at the goal.
    """

    states: npt.NDArray[np.int64]
    actions: npt.NDArray[np.int64]
    rewards: Array
    next_states: npt.NDArray[np.int64]
    terminated: npt.NDArray[np.bool_]


class DrawnLakes:
    """Several lakes as one: their states have numbers in one shuffled row.

    Attributes:
        states: how many there are, in all lakes together.
    """

    def __init__(self, rng: np.random.Generator, *, lakes: int, walkers: int) -> None:
        """Draw the lakes, the numbers of their states, and later what walkers meet.

        Args:
            rng: draws everything.
            lakes: how many.
            walkers: on each of them.
        """
        self._rng = rng
        self._worlds = [draw_lake(rng) for _ in range(lakes)]
        self.states = lakes * SIDE * SIDE
        self._numbers = rng.permutation(self.states).reshape(lakes, -1)
        self._moves = np.stack([world.P.cumsum(axis=2) for world in self._worlds])
        self._terminal = np.stack([world.terminal for world in self._worlds])
        self._lake = np.tile(np.arange(lakes), walkers)
        self._cell = np.zeros(lakes * walkers, int)

    def walk(self, probabilities: Array, steps: int) -> Experience:
        """Let each walker take some steps from where it is.

        Args:
            probabilities: of the actions, shape (states, 4); rows add up to one.
            steps: of each walker.
        """
        chances = probabilities.cumsum(axis=1)
        met = [self._step(chances) for _ in range(steps)]
        return Experience(*(np.concatenate(column) for column in zip(*met, strict=True)))

    def _step(self, chances: Array) -> tuple[npt.NDArray[np.generic], ...]:
        here = self._numbers[self._lake, self._cell]
        actions = draw(chances[here], self._rng)
        cell = draw(self._moves[self._lake, self._cell, actions], self._rng)
        over = self._terminal[self._lake, cell]
        rewards = (cell == SIDE * SIDE - 1).astype(float)
        self._cell = np.where(over, 0, cell)
        return here, actions, rewards, self._numbers[self._lake, self._cell], over

    def success(self, policy: npt.NDArray[np.int64]) -> Array:
        """The chance that a policy reaches the goal, as a share of the best chance, (lakes,).

        Args:
            policy: an action for each state, shape (states,).
        """
        chances = [  # the goal alone has a reward, 1: the expected return is the chance
            exact_returns(world, policy[numbers], HORIZON)
            for world, numbers in zip(self._worlds, self._numbers, strict=True)
        ]
        return np.array(chances) / self._best

    @functools.cached_property
    def _best(self) -> Array:
        return np.array([reference_returns(world, HORIZON)[1] for world in self._worlds])
