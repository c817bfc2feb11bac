"""Small worlds on a grid, whose model is known: arrays of probabilities and rewards.

A map is text, one letter a cell. A cell's state is its number, row after row, so that values of
shape (states,) reshape to the map. Actions are those of gymnasium's FrozenLake.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

LEFT, DOWN, RIGHT, UP = range(4)
_MOVES = ((0, -1), (1, 0), (0, 1), (-1, 0))


@dataclass(frozen=True)
class Tile:
    """What happens on a cell.

    Attributes:
        reward: for each step that enters it (or stays on it).
        ends: whether the episode ends there.
        blocks: whether it is a wall; who walks against it stays where they are.
        returns: whether who enters it is put back on the start.
    """

    reward: float = 0.0
    ends: bool = False
    blocks: bool = False
    returns: bool = False


TILES: Mapping[str, Tile] = {
    "S": Tile(),
    ".": Tile(),
    "F": Tile(),
    "#": Tile(blocks=True),
    "G": Tile(reward=1.0, ends=True),
    "H": Tile(ends=True),
}
"""Start, floor (also F), wall, goal, hole."""

_CLIFF_TILES = {"G": Tile(ends=True), "C": Tile(reward=-99.0, returns=True)}


@dataclass(frozen=True)
class Model:
    """A finite Markov decision process.

    Attributes:
        P: probability of the next state, shape (states, actions, states). A terminal state
            leads to itself.
        R: expected reward of an action in a state, shape (states, actions); 0 in terminal states.
        terminal: whether the episode ends in a state, shape (states,).
        start: probability of beginning in a state, shape (states,).
    """

    P: Array
    R: Array
    terminal: npt.NDArray[np.bool_]
    start: Array


@dataclass(frozen=True)
class GridWorld(Model):
    """A model with the map from which it was made.

    Attributes:
        rows: the map's lines.
        rewards: reward of a step from one state to another, shape (states, actions, states).
    """

    rows: tuple[str, ...]
    rewards: Array

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.rows), len(self.rows[0])


def grid_world(
    rows: Sequence[str],
    *,
    step_reward: float = 0.0,
    slip: float = 0.0,
    tiles: Mapping[str, Tile] | None = None,
) -> GridWorld:
    """Make the model of a map.

    Args:
        rows: equally long lines of letters, exactly one of them "S".
        step_reward: added to the reward of every step, also of the last one.
        slip: probability of moving at right angles to the chosen direction instead, half of it to
            each side. gymnasium's FrozenLake has 2/3.
        tiles: letters that mean something else than in `TILES`, or further ones.

    Raises:
        ValueError: if the lines are not equally long, a letter is unknown, or there is not one
            start.
    """
    meaning = {**TILES, **(tiles or {})}
    letters = _letters(rows, meaning)
    height, width = len(rows), len(rows[0])
    states = height * width
    start = int(np.flatnonzero(letters == "S")[0])
    P, rewards = np.zeros((states, 4, states)), np.zeros((states, 4, states))
    terminal = np.array([meaning[letter].ends or meaning[letter].blocks for letter in letters])
    for state in range(states):
        if terminal[state]:
            P[state, :, state] = 1.0
            continue
        for action in range(4):
            for moved, chance in _directions(action, slip):
                entered = _neighbour(state, moved, height, width, letters, meaning)
                tile = meaning[letters[entered]]
                following = start if tile.returns else entered
                P[state, action, following] += chance
                rewards[state, action, following] += chance * (tile.reward + step_reward)
    R = rewards.sum(axis=2)
    np.divide(rewards, P, out=rewards, where=P > 0)
    begins = np.zeros(states)
    begins[start] = 1.0
    return GridWorld(P, R, terminal, begins, tuple(rows), rewards)


def cliff_world() -> GridWorld:
    """Make the cliff of gymnasium's CliffWalking, with actions in the order of this module.

    Each step costs 1; a step over the edge costs 100 in all and leads back to the start.
    """
    rows = ("............", "............", "............", "SCCCCCCCCCCG")
    return grid_world(rows, step_reward=-1.0, tiles=_CLIFF_TILES)


def _letters(rows: Sequence[str], meaning: Mapping[str, Tile]) -> npt.NDArray[np.str_]:
    if not rows or len({len(row) for row in rows}) != 1:
        raise ValueError("a map needs lines of one length, one letter a cell.")
    letters = np.array([letter for row in rows for letter in row])
    unknown = sorted(set(letters.tolist()) - set(meaning))
    if unknown:
        raise ValueError(f"the map has {unknown}; known are {sorted(meaning)}.")
    if (letters == "S").sum() != 1:
        raise ValueError(f"a map needs one start S, this one has {(letters == 'S').sum()}.")
    return letters


def _directions(action: int, slip: float) -> list[tuple[int, float]]:
    sides = ((action - 1) % 4, slip / 2), ((action + 1) % 4, slip / 2)
    return [(action, 1.0 - slip), *(side for side in sides if slip > 0)]


def _neighbour(
    state: int,
    direction: int,
    height: int,
    width: int,
    letters: npt.NDArray[np.str_],
    meaning: Mapping[str, Tile],
) -> int:
    """The cell that is entered; the same one at the edge and before a wall."""
    row, column = divmod(state, width)
    down, right = _MOVES[direction]
    row, column = row + down, column + right
    if not (0 <= row < height and 0 <= column < width):
        return state
    entered = row * width + column
    return state if meaning[str(letters[entered])].blocks else entered


def model_of(environment: gymnasium.Env[Any, Any]) -> Model:
    """Read the model of one of gymnasium's tabular environments from its `P`.

    Raises:
        ValueError: if the environment does not publish its model.
    """
    table = getattr(environment.unwrapped, "P", None)
    if table is None:
        raise ValueError(
            f"{environment.unwrapped} has no `P`: its model is not known. "
            "FrozenLake-v1, CliffWalking-v1 and Taxi have one."
        )
    states, actions = len(table), len(table[0])
    P, R = np.zeros((states, actions, states)), np.zeros((states, actions))
    terminal = np.zeros(states, bool)
    for state in range(states):
        for action in range(actions):
            for chance, following, reward, over in table[state][action]:
                P[state, action, following] += chance
                R[state, action] += chance * reward
                terminal[following] |= over
    P[terminal], R[terminal] = np.eye(states)[terminal][:, None], 0.0
    begins: Any = environment.unwrapped
    return Model(P, R, terminal, np.asarray(begins.initial_state_distrib, np.float64))


def optimal_values(
    model: Model, gamma: float, *, error: float = 1e-10, sweeps: int = 1_000_000
) -> tuple[Array, Array]:
    """Find V* (states,) and Q* (states, actions) by value iteration.

    Args:
        model: what happens.
        gamma: discount; below 1, or 1 where every good policy ends.
        error: for gamma below 1, the most by which a value may be wrong.
        sweeps: after which the search gives up.

    Raises:
        RuntimeError: if the values still change too much after `sweeps`.
    """
    V = np.zeros(len(model.P))
    allowed = error * (1 - gamma) / gamma if gamma < 1 else error
    for _ in range(sweeps):
        Q = model.R + gamma * model.P @ V
        change = float(np.abs(Q.max(axis=1) - V).max())
        V = Q.max(axis=1)
        if change <= allowed:
            return V, model.R + gamma * model.P @ V
    raise RuntimeError(
        f"the values still change by {change:.2g} after {sweeps} sweeps. With gamma = 1, is there "
        "a way to the end from every state?"
    )


def _probabilities(policy: npt.ArrayLike, actions: int) -> Array:
    given = np.asarray(policy)
    return np.eye(actions)[given] if given.ndim == 1 else given.astype(np.float64)


def draw(cumulative: Array, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """A column for each row of cumulative probabilities.

    Args:
        cumulative: shape (n, k), each row rising to 1.
        rng: draws one number a row.

    Returns:
        Shape (n,).
    """
    chosen = rng.random(len(cumulative))[:, None] * cumulative[:, -1:]
    drawn: npt.NDArray[np.int64] = (cumulative <= chosen).sum(axis=1)
    return drawn


@dataclass(frozen=True)
class Transitions:
    """Steps that were taken, each array of shape (n,).

    Attributes:
        states: where the step began.
        actions: what was done.
        rewards: what it gave.
        next_states: where it led; also of a last step, before anything was reset.
        terminated: whether it led to a terminal state.
        truncated: whether the episode was cut there by its time limit, and had not ended.
    """

    states: npt.NDArray[np.int64]
    actions: npt.NDArray[np.int64]
    rewards: Array
    next_states: npt.NDArray[np.int64]
    terminated: npt.NDArray[np.bool_]
    truncated: npt.NDArray[np.bool_]


def experience(
    model: Model,
    policy: npt.ArrayLike,
    *,
    steps: int,
    time_limit: int,
    rng: np.random.Generator,
    walkers: int = 64,
) -> Transitions:
    """Take steps with a policy; each episode that is over is followed by a new one.

    The walkers take turns: row i + walkers is the step of the same walker after row i.

    Rewards are the expected ones of state and action, or for a `GridWorld` those of the step.

    Args:
        model: what happens.
        policy: an action for each state, shape (states,), or their probabilities, shape
            (states, actions).
        steps: how many all walkers take together, at least; the last round is completed.
        time_limit: steps after which an episode is truncated.
        rng: draws starts, actions and moves.
        walkers: episodes side by side.
    """
    choose = _probabilities(policy, model.R.shape[1]).cumsum(axis=1)
    move, begin = model.P.cumsum(axis=2), model.start.cumsum()
    state = np.searchsorted(begin, rng.random(walkers) * begin[-1], side="right")
    age = np.zeros(walkers, int)
    taken = []
    for _ in range(-(-steps // walkers)):
        action = draw(choose[state], rng)
        following = draw(move[state, action], rng)
        age += 1
        over = model.terminal[following]
        cut = (age >= time_limit) & ~over
        reward = (
            model.rewards[state, action, following]
            if isinstance(model, GridWorld)
            else model.R[state, action]
        )
        taken.append((state, action, reward, following, over, cut))
        fresh = np.searchsorted(begin, rng.random(walkers) * begin[-1], side="right")
        state, age = np.where(over | cut, fresh, following), np.where(over | cut, 0, age)
    return Transitions(*(np.concatenate(column) for column in zip(*taken, strict=True)))
