"""CartPole on a short rail: gymnasium's physics, but the cart must stay close to the middle.

An agent that balances the pole and lets the cart drift is content with CartPole's rail of 4.8 m and
leaves this one. `ShortRail` is one environment, for whoever judges; `ShortRails` are many that are
computed at once, for whoever trains.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import gymnasium
import numpy as np
import numpy.typing as npt
from gymnasium.envs.classic_control.cartpole import CartPoleEnv, CartPoleVectorEnv

HALF_RAIL = 0.4
"""Metres from the middle to either end; CartPole has 2.4."""

LIMIT = 500
"""Steps after which an episode is cut."""

Floats = npt.NDArray[np.float32]


class ShortRail(CartPoleEnv):
    """CartPole that ends where the cart is more than `HALF_RAIL` from the middle."""

    def __init__(self) -> None:
        """Without pictures."""
        super().__init__()
        self.x_threshold = HALF_RAIL


class Steps(NamedTuple):
    """One step of n carts.

    Attributes:
        rewards: 1 each, shape (n,).
        next_observations: where the step led, shape (n, 4), also where an episode ended there.
        terminated: whether the pole fell or the cart left the rail, shape (n,).
        truncated: whether the episode was cut after `LIMIT` steps, shape (n,).
    """

    rewards: Floats
    next_observations: Floats
    terminated: npt.NDArray[np.bool_]
    truncated: npt.NDArray[np.bool_]


class ShortRails:
    """Episodes of n carts side by side; whoever is through begins anew at once.

    Attributes:
        observations: what is seen now, shape (n, 4): position in m, velocity in m/s, angle in rad,
            angular velocity in rad/s. After an end these are of the next episode.
    """

    def __init__(self, count: int, *, seed: int) -> None:
        """Begin `count` episodes."""
        self._carts = CartPoleVectorEnv(count, max_episode_steps=LIMIT + 1)
        self._carts.x_threshold = HALF_RAIL
        self.observations: Floats = self._carts.reset(seed=seed)[0]
        self._ages = np.zeros(count, int)

    def step(self, actions: npt.ArrayLike) -> Steps:
        """Push each cart: 0 to the left, 1 to the right.

        Raises:
            ValueError: when there is not one action, 0 or 1, for each cart.
        """
        chosen = np.asarray(actions)
        if chosen.shape != self._ages.shape or not np.isin(chosen, (0, 1)).all():
            raise ValueError(
                f"{len(self._ages)} carts need as many actions, 0 or 1; these have the shape "
                f"{chosen.shape}."
            )
        seen, rewards, terminated, _, _ = self._carts.step(chosen.astype(np.int64))
        self._ages += 1
        truncated = (self._ages >= LIMIT) & ~terminated
        over = terminated | truncated
        self.observations = seen.copy()
        self.observations[over] = self._begin(over)
        return Steps(rewards, seen, terminated, truncated)

    def _begin(self, over: npt.NDArray[np.bool_]) -> Floats:
        """Put carts back; the vector environment would do so one step late."""
        carts = self._carts
        fresh = carts.np_random.uniform(carts.low, carts.high, (4, int(over.sum())))
        state: Any = carts.state
        state[:, over] = fresh
        carts.prev_done[:] = False
        carts.steps[:] = 0
        self._ages[over] = 0
        return fresh.T.astype(np.float32)


def short_rails(count: int) -> list[gymnasium.Env[np.ndarray, int | np.ndarray]]:
    """Environments of their own, for `dlcourse.agents.episodes.play`."""
    return [ShortRail() for _ in range(count)]
