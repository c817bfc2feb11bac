"""Carts that carry a pole to a target: the physics of CartPole with another pole and a reward."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

GRAVITY = 9.8
STEP = 0.02
MOST_POSITION = 2.4
MOST_ANGLE = np.deg2rad(12.0)
EPISODE = 500
"""Steps after which an episode is cut, as in CartPole-v1."""


@dataclass(frozen=True)
class CartPhysics:
    """Masses in kg, half the pole's length in m, and the force of a push in N.

    As it stands it is that of CartPole-v1 (Barto, Sutton and Anderson 1983).
    """

    cart: float = 1.0
    pole: float = 0.1
    half_length: float = 0.5
    force: float = 10.0


HEAVY = CartPhysics(pole=0.3, half_length=0.75, force=8.0)
"""A heavier and longer pole, and weaker pushes."""

FARTHEST = 1.5
"""From the middle, of starts and targets."""


class TargetCarts(VectorEnv[np.ndarray, np.ndarray, np.ndarray]):
    """n carts that carry a pole to a target each, and are paid for being near it.

    Actions are 0 (push to the left) and 1 (to the right), (n,). An observation is CartPole's (the
    cart's position and velocity, the pole's angle and angular velocity) and after it the target's
    position. A step is rewarded with (1 + 1 / (1 + 4 d)) / 2, where d is the distance from cart to
    target after the step, in m. An episode ends, as CartPole's, when the pole has fallen by more
    than 12 degrees or the cart is more than 2.4 m from the middle, and is cut after 500 steps.
    """

    def __init__(self, count: int, physics: CartPhysics = HEAVY) -> None:
        """Carts that stand still until `reset`."""
        self.metadata = {"autoreset_mode": AutoresetMode.SAME_STEP}
        self.num_envs, self.physics = count, physics
        high = np.array([2 * MOST_POSITION, np.inf, 2 * MOST_ANGLE, np.inf, FARTHEST], np.float32)
        self.single_observation_space = gymnasium.spaces.Box(-high, high)
        self.single_action_space = gymnasium.spaces.Discrete(2)
        self.observation_space = batch_space(self.single_observation_space, count)
        self.action_space = batch_space(self.single_action_space, count)
        self.states = np.zeros((count, 4))
        self.targets = np.zeros(count)
        self._steps = np.zeros(count, int)

    def reset(
        self, *, seed: Any = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Begin n episodes: cart and target up to 1.5 m from the middle, the rest near 0."""
        super().reset(seed=seed)
        self._begin(np.arange(self.num_envs))
        return self._observations(), {}

    def step(
        self, actions: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]:
        """Move all by 0.02 s; those whose episode is over begin anew."""
        self._move(np.where(np.asarray(actions) == 1, self.physics.force, -self.physics.force))
        self._steps += 1
        position, angle = self.states[:, 0], self.states[:, 2]
        rewards = (1.0 + 1.0 / (1.0 + 4.0 * np.abs(position - self.targets))) / 2.0
        over = (np.abs(position) > MOST_POSITION) | (np.abs(angle) > MOST_ANGLE)
        cut = (self._steps >= EPISODE) & ~over
        info: dict[str, Any] = {}
        if (over | cut).any():
            last = self._observations()
            info = {"final_obs": np.empty(self.num_envs, object), "_final_obs": over | cut}
            for i in np.flatnonzero(over | cut):
                info["final_obs"][i] = last[i]
            self._begin(np.flatnonzero(over | cut))
        return self._observations(), rewards, over, cut, info

    def _move(self, force: np.ndarray) -> None:
        p, (x, velocity, angle, turning) = self.physics, self.states.T
        total, moment = p.cart + p.pole, p.pole * p.half_length
        sine, cosine = np.sin(angle), np.cos(angle)
        pushed = (force + moment * turning**2 * sine) / total
        falling = (GRAVITY * sine - cosine * pushed) / (
            p.half_length * (4 / 3 - p.pole * cosine**2 / total)
        )
        rates = [velocity, pushed - moment * falling * cosine / total, turning, falling]
        self.states = np.column_stack([x, velocity, angle, turning]) + STEP * np.column_stack(rates)

    def _begin(self, which: np.ndarray) -> None:
        count, draw = len(which), self.np_random.uniform
        self.states[which] = draw(-0.05, 0.05, (count, 4))
        self.states[which, 0] = draw(-FARTHEST, FARTHEST, count)
        self.targets[which] = draw(-FARTHEST, FARTHEST, count)
        self._steps[which] = 0

    def _observations(self) -> np.ndarray:
        return np.column_stack([self.states, self.targets]).astype(np.float32)


class TargetCart(gymnasium.Env[np.ndarray, Any]):
    """One such cart, as `dlcourse.agents.episodes.play` takes it."""

    def __init__(self, physics: CartPhysics = HEAVY) -> None:
        """With other physics, if you like."""
        self._one = TargetCarts(1, physics)
        self.observation_space = self._one.single_observation_space
        self.action_space = gymnasium.spaces.Discrete(2)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Begin an episode with a random start and target."""
        super().reset(seed=seed)
        self._one.np_random = self.np_random
        return self._one.reset()[0][0], {}

    def step(self, action: Any) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Move by 0.02 s; when the episode is over, the next step needs a reset."""
        found, rewards, over, cut, info = self._one.step(np.array([action]))
        ended = bool(over[0] or cut[0])
        observation = info["final_obs"][0] if ended else found[0]
        return observation, float(rewards[0]), bool(over[0]), bool(cut[0]), {}
