"""Many independent runs of one small model side by side, for agents that keep tables.

A step of n runs costs little more than a step of one, so that a comparison can have as many runs
as its intervals need.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dlcourse.agents.gridworlds import GridWorld, Model, draw

__all__ = ["Worlds", "choose", "greedy_path", "random_walks"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]


class Worlds:
    """n independent copies of a model that take their steps together.

    Where an episode ends or is cut, the next one begins at once: `step` returns the state that was
    reached, and `states` is where the next action is taken.

    Attributes:
        states: where the n copies are, shape (n,).
        episodes: how many episodes each copy has finished, shape (n,).
        returns: for each copy the undiscounted returns of its finished episodes, in order.
    """

    def __init__(
        self, model: Model, count: int, rng: np.random.Generator, limit: int = 10**9
    ) -> None:
        """Begin an episode in each copy.

        Args:
            model: of all copies. Rewards are the expected ones of state and action, or for a
                `GridWorld` those of the step.
            count: how many copies there are, n.
            rng: where all of them take their random numbers.
            limit: steps after which an episode is cut.
        """
        self._model, self._rng, self._limit = model, rng, limit
        self._edges = model.P.cumsum(axis=2)
        self._certain = model.P.argmax(axis=2) if (model.P.max(axis=2) == 1).all() else None
        self._starts = model.start.cumsum()
        self._earned, self._age = np.zeros(count), np.zeros(count, np.int64)
        self.states = self._beginnings(count)
        self.episodes = np.zeros(count, np.int64)
        self.returns: list[list[float]] = [[] for _ in range(count)]

    def step(self, actions: Integers) -> tuple[Floats, Integers, Booleans, Booleans]:
        """Take one action in each copy.

        Args:
            actions: shape (n,).

        Returns:
            Rewards, the states reached, whether the episode ended there, and whether it ended or
            was cut there; each of shape (n,).
        """
        here = self.states, actions
        reached = self._reached(here)
        rewards = self._model.R[here]
        if isinstance(self._model, GridWorld):
            rewards = self._model.rewards[*here, reached]
        ended = self._model.terminal[reached]
        self._earned += rewards
        self._age += 1
        over = ended | (self._age >= self._limit)
        self.states = reached
        if over.any():
            self._begin_again(over)
        return rewards, reached, ended, over

    def _reached(self, here: tuple[Integers, Integers]) -> Integers:
        if self._certain is not None:
            certain: Integers = self._certain[here]
            return certain
        return draw(self._edges[here], self._rng)

    def _beginnings(self, count: int) -> Integers:
        drawn = self._rng.random(count) * self._starts[-1]
        beginnings: Integers = self._starts.searchsorted(drawn, side="right")
        return beginnings

    def _begin_again(self, over: Booleans) -> None:
        for copy in np.flatnonzero(over).tolist():
            self.returns[copy].append(float(self._earned[copy]))
        self.states = self.states.copy()
        self.states[over] = self._beginnings(int(over.sum()))
        self.episodes = self.episodes + over
        self._earned[over], self._age[over] = 0.0, 0


def choose(probabilities: Floats, rng: np.random.Generator) -> Integers:
    """Draw an action for each row of probabilities.

    Args:
        probabilities: shape (n, actions), each row with sum 1.
        rng: draws.

    Returns:
        Actions, shape (n,).
    """
    return draw(probabilities.cumsum(axis=1), rng)


def greedy_path(model: Model, q: npt.ArrayLike) -> tuple[list[int], bool]:
    """The states that the greedy policy visits, and whether they lead to an end.

    The path stops where it meets a state for the second time: the policy would go round for ever.

    Args:
        model: whose actions have one outcome each.
        q: action values, shape (states, actions); of equal ones the first action is taken.

    Raises:
        ValueError: if an action has several outcomes.
    """
    if (model.P.max(axis=2) < 1).any():
        raise ValueError("a path needs actions with one outcome each; this model draws its moves.")
    following, actions = model.P.argmax(axis=2), np.asarray(q).argmax(axis=1)
    path = [int(model.start.argmax())]
    while not model.terminal[path[-1]]:
        reached = int(following[path[-1], actions[path[-1]]])
        path.append(reached)
        if reached in path[:-1]:
            return path, False
    return path, True


def random_walks(
    count: int, start: int, rng: np.random.Generator, *, end: int = 20
) -> list[Integers]:
    """Walks on the places 0 to `end`, each step to the left or right with probability 1/2.

    Args:
        count: how many walks.
        start: where all of them begin, inside.
        rng: draws the steps.
        end: the last place; a walk is over there, and at 0.

    Returns:
        The places of each walk, from the start to an end.
    """
    return [_random_walk(start, rng, end) for _ in range(count)]


def _random_walk(start: int, rng: np.random.Generator, end: int) -> Integers:
    places = np.array([start])
    while 0 < places[-1] < end:
        moves = 2 * rng.integers(2, size=end * end) - 1
        places = np.concatenate([places, places[-1] + moves.cumsum()])
        over = np.flatnonzero((places <= 0) | (places >= end))
        places = places[: over[0] + 1] if len(over) else places
    return places
