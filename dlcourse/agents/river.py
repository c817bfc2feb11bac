"""A boat crosses a river: a small task with continuous actions, after Zermelo's navigation problem.

The river is the unit square: x runs from bank to bank, y along it. The current flows against y, at
the banks it is still and in the middle fastest. The boat chooses its velocity through the water,
two numbers; what exceeds the bounds -1 and 1 is cut off. Each step costs 1, and an episode ends at
the landing. E. Zermelo (1931), Zeitschrift fuer angewandte Mathematik und Mechanik 11(2).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    "BUMPS", "CURRENT", "LANDING", "RADIUS", "STEP", "Snapshot", "Voyages", "aim", "bumps",
    "current", "move", "reinforce", "voyages",
]  # fmt: skip

Floats = npt.NDArray[np.float64]

CURRENT = 0.7  # speed in the middle of the river; the boat's own reaches 1 along each axis
STEP = 0.06  # time of one step
LANDING = np.array([0.92, 0.5])
RADIUS = 0.08  # within this distance of the landing the boat has arrived
_SIDE = 7
BUMPS = _SIDE**2
"""Features of a place."""
_CENTRES = np.stack(np.meshgrid(*2 * [np.linspace(0, 1, _SIDE)]), axis=-1).reshape(-1, 2)
_WIDTH = 0.7 / (_SIDE - 1)


def current(places: Floats) -> Floats:
    """The current's velocity at n places, both of shape (n, 2)."""
    x = places[:, 0]
    return np.stack([np.zeros_like(x), -4 * CURRENT * x * (1 - x)], axis=1)


def move(places: Floats, actions: Floats) -> Floats:
    """Where n boats are after a step, (n, 2); a boat stops at the border of the square."""
    velocity = np.clip(actions, -1, 1) + current(places)
    return np.asarray(np.clip(places + STEP * velocity, 0, 1))


def bumps(places: Floats) -> Floats:
    """Features of n places, (n, 49): Gaussian bumps on a 7 x 7 grid, which sum to 1 at each place.

    The grid's rows run along x and its first row is y = 0.
    """
    squares = ((places[:, None] - _CENTRES) ** 2).sum(axis=2)
    heights = np.exp(-squares / (2 * _WIDTH**2))
    return np.asarray(heights / heights.sum(axis=1, keepdims=True))


def aim(places: Floats) -> Floats:
    """The action of whoever ignores the current: at full speed straight to the landing, (n, 2)."""
    way = LANDING - places
    return np.asarray(way / np.maximum(np.abs(way).max(axis=1, keepdims=True), 1e-9))


@dataclass(frozen=True)
class Voyages:
    """n episodes of T steps at most, in arrays that begin with (T, n)."""

    places: Floats
    """(T, n, 2), before each step."""
    actions: Floats
    """(T, n, 2), as they were drawn, before the bounds."""
    sailing: npt.NDArray[np.bool_]
    """(T, n): whether the boat had not arrived yet."""

    @property
    def returns(self) -> Floats:
        """(n,): minus the number of steps."""
        return np.asarray(-self.sailing.sum(axis=0), np.float64)

    @property
    def to_go(self) -> Floats:
        """(T, n) sums of the rewards from each step on."""
        return np.asarray(-self.sailing[::-1].cumsum(axis=0)[::-1], np.float64)


def voyages(
    mean: Callable[[Floats], Floats],
    sigma: npt.ArrayLike,
    n: int,
    rng: np.random.Generator,
    *,
    steps: int = 40,
) -> Voyages:
    """Let n boats start anywhere outside the landing, with actions of a Gaussian policy.

    Args:
        mean: from places (n, 2) to means of the actions (n, 2).
        sigma: standard deviations of the two numbers of an action; 0 plays the mean.
        n: number of boats.
        rng: draws starts and actions.
        steps: after which an episode is cut.
    """
    places, sailing, taken = _starts(n, rng), np.ones(n, bool), []
    for _ in range(steps):
        actions = mean(places) + np.asarray(sigma) * rng.normal(size=(n, 2))
        taken.append((places, actions, sailing))
        places = np.where(sailing[:, None], move(places, actions), places)
        sailing = sailing & ~_arrived(places)
    return Voyages(*(np.stack(column) for column in zip(*taken, strict=True)))


def _arrived(places: Floats) -> npt.NDArray[np.bool_]:
    return np.asarray(np.linalg.norm(places - LANDING, axis=1) < RADIUS)


def _starts(n: int, rng: np.random.Generator) -> Floats:
    """Places drawn evenly from the square; those at the landing are drawn again."""
    places = rng.uniform(size=(n, 2))
    while (there := _arrived(places)).any():
        places[there] = rng.uniform(size=(int(there.sum()), 2))
    return places


@dataclass(frozen=True)
class Snapshot:
    """A Gaussian policy before an update, and what its batch of boats earned."""

    W: Floats
    """(49, 2): the mean of an action is `bumps(places) @ W`."""
    sigma: Floats
    """(2,) standard deviations of an action."""
    v: Floats
    """(49,): `bumps(places) @ v` is about minus the steps that this policy still needs."""
    mean_return: float

    def mean(self, places: Floats) -> Floats:
        """Means of the actions at n places, (n, 2)."""
        return np.asarray(bumps(places) @ self.W)


Loss = Callable[[Any, Any, Any, Any], Any]
"""From actions (m, 2), their means, log sigma (2,) and weights (m,), tensors, to a scalar."""


def reinforce(
    loss: Loss,
    *,
    seed: int,
    updates: int = 150,
    boats: int = 40,
    sigma: float = 0.6,
    train_sigma: bool = True,
) -> list[Snapshot]:
    """Train a Gaussian policy by REINFORCE with Adam; one snapshot for each update.

    The weights are rewards-to-go minus a value that is linear in the bumps, fitted by ridge
    regression to the batch before.

    Args:
        loss: what is minimised.
        seed: of the boats' starts and actions.
        updates: of the policy.
        boats: episodes for one update.
        sigma: standard deviation of the actions at first.
        train_sigma: whether it is trained as well.
    """
    import keras
    import tensorflow as tf

    rng = np.random.default_rng(seed)
    W = tf.Variable(np.zeros((BUMPS, 2)))
    log_sigma = tf.Variable(np.full(2, np.log(sigma)))
    trained = [W, log_sigma] if train_sigma else [W]
    optimizer = keras.optimizers.Adam(0.05)

    def step(phi: Any, actions: Any, weights: Any) -> None:
        with tf.GradientTape() as tape:
            value = loss(actions, phi @ W, log_sigma, weights)
        optimizer.apply(tape.gradient(value, trained), trained)

    shapes = [(None, BUMPS), (None, 2), (None,)]
    signature = [tf.TensorSpec(shape, tf.float64) for shape in shapes]
    compiled = tf.function(step, input_signature=signature, autograph=False)
    v: Floats = np.zeros(BUMPS)
    snapshots = []
    for _ in range(updates):
        now = Snapshot(W.numpy(), np.exp(log_sigma.numpy()), v, 0.0)
        trip = voyages(now.mean, now.sigma, boats, rng)
        phi, to_go = bumps(trip.places[trip.sailing]), trip.to_go[trip.sailing]
        compiled(phi, trip.actions[trip.sailing], to_go - phi @ v)
        v = np.asarray(np.linalg.solve(phi.T @ phi + 0.1 * np.eye(BUMPS), phi.T @ to_go), float)
        snapshots.append(replace(now, v=v, mean_return=float(trip.returns.mean())))
    return snapshots
