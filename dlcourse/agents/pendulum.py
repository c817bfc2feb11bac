"""Pendulums to swing up whose mass, length, friction, motor and delay may differ from each other.

With the standard physics a pendulum is gymnasium's Pendulum-v1. One trained on pendulums of many
kinds is ready for one that it has never met (domain randomization; Tobin et al. 2017,
https://arxiv.org/abs/1703.06907, Peng et al. 2018, https://arxiv.org/abs/1710.06537).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

MOST_TORQUE = 2.0
MOST_SPEED = 8.0
GRAVITY = 10.0
STEP = 0.05
LONGEST_DELAY = 20
EPISODE = 200
"""Steps after which an episode is cut, as in Pendulum-v1."""


@dataclass(frozen=True)
class Physics:
    """What n pendulums are made of: arrays of shape (n,), or one number for all.

    Attributes:
        mass: in kg, spread evenly along the rod.
        length: of the rod, in m.
        friction: torque in N m for each rad/s, against the motion.
        strength: torque of the motor for each unit of the action.
        delay: whole steps between an action and its torque.
    """

    mass: Any = 1.0
    length: Any = 1.0
    friction: Any = 0.0
    strength: Any = 1.0
    delay: Any = 0

    def rows(self, count: int) -> Physics:
        """The same with arrays of shape (count,).

        Raises:
            ValueError: if it is that of another number of pendulums, a mass or a length is not
                above 0, or a delay is not a whole number from 0 to ``LONGEST_DELAY``.
        """
        arrays = {}
        for part in fields(self):
            value = np.asarray(getattr(self, part.name), float)
            if value.shape not in ((), (count,)):
                raise ValueError(
                    f"{part.name} has the shape {value.shape}; for {count} pendulums it is one "
                    f"number or has the shape ({count},)"
                )
            if not np.isfinite(value).all():
                raise ValueError(f"{part.name} holds numbers that are not finite")
            arrays[part.name] = np.broadcast_to(value, (count,)).copy()
        if (arrays["mass"] <= 0).any() or (arrays["length"] <= 0).any():
            raise ValueError("masses and lengths must be above 0")
        delay = arrays["delay"]
        if ((delay != np.round(delay)) | (delay < 0) | (delay > LONGEST_DELAY)).any():
            raise ValueError(f"a delay is a whole number of steps from 0 to {LONGEST_DELAY}")
        return Physics(**{**arrays, "delay": delay.astype(int)})


DrawPhysics = Callable[[np.random.Generator, int], Physics]
"""From a generator and n to the physics of n pendulums."""


def standard(generator: np.random.Generator, count: int) -> Physics:
    """The physics of Pendulum-v1 for all."""
    return Physics()


class Pendulums(VectorEnv[np.ndarray, np.ndarray, np.ndarray]):
    """n pendulums side by side. Each gets new physics whenever a new episode of it begins.

    An action is the torque that is asked for, (n, 1) from -2 to 2. The reward of a step is that of
    Pendulum-v1: minus the angle squared, minus a tenth of the speed squared, minus a thousandth of
    the action squared, before the step. An observation holds the cosine and the sine of the
    angle (0 is upright) and the speed, and then the same three and the action of each of the
    ``memory`` steps before, the latest first: (3 + 4 memory,). Before the first step there was
    rest: the same angle and speed, the action 0. With memory a policy can tell how a pendulum
    answers.
    """

    def __init__(self, count: int, draw: DrawPhysics = standard, *, memory: int = 0) -> None:
        """Pendulums that stand still until `reset`.

        Args:
            count: n.
            draw: draws the physics of those whose episode begins.
            memory: steps before the present one that an observation holds.
        """
        self.metadata = {"autoreset_mode": AutoresetMode.SAME_STEP}
        self.num_envs, self.draw, self.memory = count, draw, memory
        high = np.array([1, 1, MOST_SPEED] + memory * [1, 1, MOST_SPEED, MOST_TORQUE], np.float32)
        torque = np.full(1, MOST_TORQUE, np.float32)
        self.single_observation_space = gymnasium.spaces.Box(-high, high)
        self.single_action_space = gymnasium.spaces.Box(-torque, torque)
        self.observation_space = batch_space(self.single_observation_space, count)
        self.action_space = batch_space(self.single_action_space, count)
        self.physics = Physics().rows(count)
        self.angles, self.speeds = np.zeros(count), np.zeros(count)
        self._steps = np.zeros(count, int)
        self._actions = np.zeros((count, LONGEST_DELAY + 1))  # the latest first
        self._past = np.zeros((count, memory, 4))

    def reset(
        self, *, seed: Any = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Begin n episodes, with the angle from -pi to pi and the speed from -1 to 1 at random."""
        super().reset(seed=seed)
        self._begin(np.arange(self.num_envs))
        return self._observations(), {}

    def step(
        self, actions: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]:
        """Move all by 0.05 s; those whose 200 steps are over begin anew."""
        u = np.clip(np.asarray(actions, float).reshape(self.num_envs), -MOST_TORQUE, MOST_TORQUE)
        angle = (self.angles + np.pi) % (2 * np.pi) - np.pi
        rewards = -(angle**2 + 0.1 * self.speeds**2 + 0.001 * u**2)
        if self.memory:
            before = np.column_stack([*self._present(), u])
            self._past = np.concatenate([before[:, None], self._past[:, :-1]], axis=1)
        self._actions = np.column_stack([u, self._actions[:, :-1]])
        self._move()
        self._steps += 1
        cut = self._steps >= EPISODE
        info: dict[str, Any] = {}
        if cut.any():
            last = self._observations()
            info = {"final_obs": np.empty(self.num_envs, object), "_final_obs": cut}
            for i in np.flatnonzero(cut):
                info["final_obs"][i] = last[i]
            self._begin(np.flatnonzero(cut))
        return self._observations(), rewards, np.zeros(self.num_envs, bool), cut, info

    def _move(self) -> None:
        p = self.physics
        delayed = self._actions[np.arange(self.num_envs), p.delay]
        torque = p.strength * delayed - p.friction * self.speeds
        pull = 3 * GRAVITY / (2 * p.length) * np.sin(self.angles)
        speeds = self.speeds + (pull + 3 / (p.mass * p.length**2) * torque) * STEP
        self.speeds = np.clip(speeds, -MOST_SPEED, MOST_SPEED)
        self.angles = self.angles + self.speeds * STEP

    def _begin(self, which: np.ndarray) -> None:
        drawn = self.draw(self.np_random, len(which)).rows(len(which))
        for part in fields(Physics):
            getattr(self.physics, part.name)[which] = getattr(drawn, part.name)
        self.angles[which] = self.np_random.uniform(-np.pi, np.pi, len(which))
        self.speeds[which] = self.np_random.uniform(-1.0, 1.0, len(which))
        self._steps[which] = 0
        self._actions[which] = 0.0
        now = np.column_stack([*self._present(), np.zeros(self.num_envs)])
        self._past[which] = now[which, None]

    def _present(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return np.cos(self.angles), np.sin(self.angles), self.speeds

    def _observations(self) -> np.ndarray:
        past = self._past.reshape(self.num_envs, -1)
        return np.column_stack([*self._present(), past]).astype(np.float32)


class Pendulum(gymnasium.Env[np.ndarray, np.ndarray]):
    """One pendulum of a fixed kind, as `dlcourse.agents.episodes.play` takes it."""

    def __init__(self, physics: Physics | None = None, *, memory: int = 0) -> None:
        """With the physics of one pendulum, those of Pendulum-v1 if there are none."""
        fixed = physics or Physics()
        self._one = Pendulums(1, lambda _, count: fixed, memory=memory)
        self.observation_space = self._one.single_observation_space
        self.action_space = self._one.single_action_space

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Begin an episode at a random angle and speed."""
        super().reset(seed=seed)
        self._one.np_random = self.np_random
        return self._one.reset()[0][0], {}

    def step(self, action: np.ndarray) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Move by 0.05 s. After 200 steps the episode is cut, and the next step needs a reset."""
        found, rewards, _, cut, info = self._one.step(np.asarray(action)[None])
        observation = info["final_obs"][0] if cut[0] else found[0]
        return observation, float(rewards[0]), False, bool(cut[0]), {}
