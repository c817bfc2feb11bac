"""Many cart-poles in one array, each reset in the step in which its episode ends.

It is gymnasium's vectorized CartPole, which resets a step later. One step of eight costs a quarter
of what eight single environments cost.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from gymnasium.envs.classic_control.cartpole import CartPoleVectorEnv
from gymnasium.vector import AutoresetMode

from dlcourse.agents.episodes import Policy

__all__ = ["CartPoles", "returns_on_cart_poles"]


class CartPoles(CartPoleVectorEnv):
    """CartPole-v1, `num_envs` times; last observations of episodes are in ``info["final_obs"]``."""

    state: Any

    def __init__(
        self,
        num_envs: int = 8,
        max_episode_steps: int = 500,
        *,
        half_lengths: npt.ArrayLike | None = None,
    ) -> None:
        """Poles of 2 * 0.5 m, or of given half-lengths in m: one number, or (num_envs,)."""
        super().__init__(num_envs, max_episode_steps)
        if half_lengths is not None:
            physics: Any = self
            physics.length = np.asarray(half_lengths, float)
            physics.polemass_length = self.masspole * physics.length
        self.metadata = {**self.metadata, "autoreset_mode": AutoresetMode.SAME_STEP}

    def step(self, action: np.ndarray) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        """Move all of them; arrays as of gymnasium's vector environments."""
        observations, rewards, terminated, truncated, info = super().step(action)
        ended = self.prev_done
        if ended.any():
            info = {"final_obs": observations, "_final_obs": ended}
            state = self.np_random.uniform(self.low, self.high, size=(4, int(ended.sum())))
            self.state[:, ended] = state
            self.steps[ended] = 0
            self.prev_done = np.zeros_like(ended)
            observations = self.state.T.astype(np.float32)
        return observations, rewards, terminated, truncated, info


def returns_on_cart_poles(
    policy: Policy, *, count: int = 100, seed: int, half_lengths: npt.ArrayLike | None = None
) -> np.ndarray:
    """Play one episode each in `count` cart-poles; (count,) returns.

    Args:
        policy: from observations (count, 4) to as many actions.
        count: episodes.
        seed: of their starts.
        half_lengths: of the poles in m, one number or (count,).
    """
    environments = CartPoles(count, half_lengths=half_lengths)
    observations, _ = environments.reset(seed=seed)
    returns, running = np.zeros(count), np.ones(count, bool)
    while running.any():
        observations, rewards, terminated, truncated, _ = environments.step(policy(observations))
        returns += rewards * running
        running &= ~(terminated | truncated)
    return returns
