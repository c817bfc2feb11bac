"""MinAtar's Breakout (Young and Tian 2019, arXiv:1903.03176), many games side by side.

The game is that of the package minatar, which is imported when games are made: a page that makes
some names it in `requires:`. The stored agent needs no package.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt
from gymnasium.vector import AutoresetMode, VectorEnv

from dlcourse.agents.dqn import Array, Learner, Settings
from dlcourse.data import files, manifest

__all__ = [
    "ACTIONS", "BREAKOUT", "CHANNELS", "Breakout", "ConvolutionalQ", "TrainedBreakout",
    "breakout_learner", "breakout_network", "trained_breakout",
]  # fmt: skip

ACTIONS = ("stay", "left", "right")
CHANNELS = ("paddle", "ball", "trail", "bricks")

BREAKOUT = Settings(
    steps=400_000, environments=16, round_steps=128, gradient_steps=32, batch=32, buffer=100_000,
    warm_up=2_000, copy_every=256, learning_rate=5e-4, reward_scale=1.0, explored=0.2,
    epsilon=0.05, evaluate_every=20_000, evaluation_episodes=50, limit=1_000,
)  # fmt: skip
"""Settings for Breakout: a network of 16 filters and 128 units."""

FILTERS, UNITS, SIDE, KERNEL = 16, 128, 10, 3


class Breakout(VectorEnv[Any, Any, Any]):
    """Games of Breakout: each brick is worth 1, the game is over when the ball is lost.

    With probability 0.1 an action is the one before (sticky actions). Observations are (n, 10, 10,
    4) zeros and ones in the order of `CHANNELS`, actions those of `ACTIONS`. A game that is over
    begins anew in the next step.
    """

    def __init__(self, count: int) -> None:
        """As many games as `count`.

        Raises:
            ModuleNotFoundError: if the package minatar is missing.
        """
        try:
            from minatar import Environment
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                "Breakout needs the package minatar, which is not installed. "
                "Install it: pip install minatar",
                name="minatar",
            ) from error

        self.num_envs = count
        self.metadata = {"autoreset_mode": AutoresetMode.NEXT_STEP}
        self.single_observation_space = gymnasium.spaces.Box(
            0, 1, (SIDE, SIDE, len(CHANNELS)), np.uint8
        )
        self.single_action_space = gymnasium.spaces.Discrete(len(ACTIONS))
        self._games = [Environment("breakout") for _ in range(count)]
        self._codes = self._games[0].minimal_action_set()
        self._over = np.zeros(count, bool)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[npt.NDArray[np.uint8], dict[str, Any]]:
        """New games; a seed decides all that comes after."""
        if seed is not None:
            seeds = np.random.SeedSequence(seed).generate_state(self.num_envs)
            for game, own in zip(self._games, seeds.tolist(), strict=True):
                game.seed(own)
        for game in self._games:
            game.last_action = 0
            game.reset()
        self._over[:] = False
        return self._seen(), {}

    def step(
        self, actions: npt.NDArray[np.integer[Any]]
    ) -> tuple[
        npt.NDArray[np.uint8], npt.NDArray[np.float64], npt.NDArray[np.bool_],
        npt.NDArray[np.bool_], dict[str, Any],
    ]:  # fmt: skip
        """One step of each game: observations, rewards, ended, False, no information."""
        rewards, ended = np.zeros(self.num_envs), np.zeros(self.num_envs, bool)
        for place, (game, action) in enumerate(zip(self._games, actions, strict=True)):
            if self._over[place]:
                game.reset()
            else:
                rewards[place], ended[place] = game.act(self._codes[action])
        self._over = ended
        return self._seen(), rewards, ended.copy(), np.zeros(self.num_envs, bool), {}

    def _seen(self) -> npt.NDArray[np.uint8]:
        return np.stack([game.state() for game in self._games]).astype(np.uint8)


class ConvolutionalQ:
    """Action values of Breakout by NumPy: a convolution, a dense layer of ReLU, the values.

    Attributes:
        weights: of the convolution (36, 16), where rows are places in the window and then channels,
            and (16,); of the dense layer (1024, 128) and (128,); of the values (128, 3) and (3,).
    """

    def __init__(self, weights: Sequence[npt.NDArray[Any]]) -> None:
        """With the weights of `breakout_network`."""
        self.weights = tuple(np.asarray(w, np.float32) for w in weights)

    def features(self, observations: npt.ArrayLike) -> Array:
        """What the filters find, (n, 8, 8, 16)."""
        x = np.asarray(observations, np.float32)
        windows = np.lib.stride_tricks.sliding_window_view(x, (KERNEL, KERNEL), axis=(1, 2))
        patches = windows.transpose(0, 1, 2, 4, 5, 3).reshape(*windows.shape[:3], -1)
        return np.asarray(np.maximum(patches @ self.weights[0] + self.weights[1], 0))

    def __call__(self, observations: npt.ArrayLike) -> Array:
        """Values of all actions, (n, 3), for observations (n, 10, 10, 4)."""
        kernel, bias, last, last_bias = self.weights[2:]
        x = self.features(observations)
        x = np.maximum(x.reshape(len(x), -1) @ kernel + bias, 0)
        return np.asarray(x @ last + last_bias)

    def act(self, observations: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """The greedy actions, (n,)."""
        return np.asarray(self(observations).argmax(axis=1))


def breakout_network() -> Any:
    """The Keras model of `ConvolutionalQ`.

    The convolution is written as nine shifted copies and a matrix: compiled for a processor, its
    gradient takes a third of the time of `Conv2D`, whose results it has.
    """
    import keras
    from keras import layers, ops

    inputs = keras.Input((SIDE, SIDE, len(CHANNELS)))
    wide = SIDE - KERNEL + 1
    shifted = [inputs[:, i : i + wide, j : j + wide] for i in range(KERNEL) for j in range(KERNEL)]
    x = layers.Dense(FILTERS, activation="relu")(ops.concatenate(shifted, axis=-1))
    x = layers.Dense(UNITS, activation="relu")(layers.Flatten()(x))
    return keras.Model(inputs, layers.Dense(len(ACTIONS))(x))


def breakout_learner(settings: Settings = BREAKOUT) -> Learner:
    """A learner for `dlcourse.agents.dqn.train_learner`."""
    return Learner(breakout_network(), breakout_network(), settings)


@dataclass(frozen=True)
class TrainedBreakout:
    """The agent that ships with the course.

    Attributes:
        q: the snapshot that was best in its evaluation.
        steps: before each evaluation, (m,).
        returns: of the greedy episodes of each, (m, episodes).
    """

    q: ConvolutionalQ
    steps: npt.NDArray[np.int64]
    returns: npt.NDArray[np.float64]


def trained_breakout() -> TrainedBreakout:
    """What dlcourse/data/datasets/train_breakout.py stored.

    Raises:
        DataError: if the file is not the known one.
    """
    with np.load(files.locate(manifest.BREAKOUT_DQN), allow_pickle=False) as stored:
        weights = [stored[f"weights_{place}"] for place in range(6)]
        return TrainedBreakout(
            ConvolutionalQ(weights), stored["steps"], stored["returns"].astype(float)
        )
