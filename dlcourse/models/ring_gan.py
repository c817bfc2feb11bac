"""Small GANs on a ring of eight Gaussians, several side by side, for week 7.

One run of a GAN proves little. The weights of several games are stacked, (games, inputs, units), so
that all are played with one matrix product per layer; no number of one game reaches another.
TensorFlow and Keras are imported by this module.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf
from keras import ops

__all__ = ["LATENT", "MODES", "RingGames", "covered_modes", "real_points"]

_ANGLES = np.arange(8) * np.pi / 4
MODES = 2 * np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], axis=1).astype(np.float32)
"""(8, 2) centres of the data."""

DEVIATION = 0.1
"""Standard deviation of the data about each centre, in both directions."""

LATENT, UNITS = 2, 32

_PIECE = 100
"""Rounds between two returns from TensorFlow to Python."""

Array = npt.NDArray[Any]
Tensor = Any


def real_points(games: int, n: int) -> Tensor:
    """Points of the ring for each game: (games, n, 2)."""
    centres = tf.gather(MODES, tf.random.uniform((games, n), 0, len(MODES), tf.int32))
    return centres + DEVIATION * tf.random.normal((games, n, 2))


def covered_modes(points: Tensor) -> tuple[Array, Array]:
    """How many modes each generator covers, and how many of its points are good.

    A mode is covered if a fortieth of the points or more, a fifth of its fair share, lies within
    three standard deviations of its centre.

    Args:
        points: (games, n, 2).

    Returns:
        Modes covered and share of points near any mode, (games,) each.
    """
    apart = np.linalg.norm(np.asarray(points)[:, :, None] - MODES, axis=-1)
    near = apart.min(axis=-1) < 3 * DEVIATION
    nearest = apart.argmin(axis=-1)
    shares = np.stack([np.mean(near & (nearest == k), axis=1) for k in range(len(MODES))], axis=1)
    return np.sum(shares > 1 / (5 * len(MODES)), axis=1), near.mean(axis=1)


class RingGames:
    """Generators and discriminators with two hidden layers of 32 units, each pair on its own.

    Attributes:
        G: weights of the generators: W (games, inputs, units), b (games, 1, units), W, b, ...
        D: weights of the discriminators, likewise.
    """

    def __init__(
        self,
        d_loss: Callable[[Tensor, Tensor], Tensor],
        g_loss: Callable[[Tensor], Tensor],
        *,
        penalty: Callable[[Callable[[Tensor], Tensor], Tensor, Tensor], Tensor] | None = None,
        spectral: bool = False,
        beta_1: float = 0.5,
        d_updates: int = 2,
        g_updates: int = 1,
        d_frozen: bool = True,
        games: int = 8,
        batch_size: int = 64,
        seed: int = 0,
    ) -> None:
        """Begin games. The first weights depend on the seed alone.

        Args:
            d_loss: from logits of real points and of fakes, (games, n, 1) each, to losses.
            g_loss: from logits of fakes to losses.
            penalty: from the discriminator, real points and fakes, (games, n, 2) each, to what is
                added to the discriminator's losses.
            spectral: whether each weight matrix of the discriminator is divided by its greatest
                singular value, found by one power step an update.
            beta_1: Adam's momentum, in both networks.
            d_updates: of the discriminator in a round.
            g_updates: of the generator in a round, after those of the discriminator.
            d_frozen: False: the generator's updates change the discriminator too, which is a bug.
            games: how many.
            batch_size: real points, and fakes, an update.
            seed: of first weights and of all points.
        """
        tf.random.set_seed(seed)
        rng = np.random.default_rng(seed)
        self.games, self.batch_size = games, batch_size
        self.d_updates, self.g_updates = d_updates, g_updates
        self.d_loss, self.g_loss, self.penalty = d_loss, g_loss, penalty
        self.G = _weights((LATENT, UNITS, UNITS, 2), games, rng)
        self.D = _weights((2, UNITS, UNITS, 1), games, rng)
        self._directions = [
            keras.Variable(rng.normal(size=W.shape[:2]).astype(np.float32), trainable=False)
            for W in self.D[::2]
        ]
        self._spectral = spectral
        self._changed_by_g = self.G if d_frozen else [*self.G, *self.D]
        self._adams = [keras.optimizers.Adam(2e-3, beta_1=beta_1) for _ in range(2)]
        for adam, weights in zip(self._adams, (self.D, self._changed_by_g), strict=True):
            adam.build(weights)
        # A function for each object: one for the class would be traced anew again and again.
        self._rounds = tf.function(self._play)

    def fakes(self, n: int) -> Tensor:
        """Draw n points of each generator: (games, n, 2)."""
        return self.generate(tf.random.normal((self.games, n, LATENT)))

    def generate(self, z: Tensor) -> Tensor:
        """Points of the generators from given noise: (games, n, LATENT) to (games, n, 2)."""
        return _forward(self.G, z)

    def judge(self, points: Tensor) -> Tensor:
        """Logits of the discriminators: (games, n, 2) to (games, n, 1)."""
        return _forward(self.D, points, self._directions if self._spectral else None)

    def play(self, rounds: int, *, g_learns: bool = True) -> None:
        """Play rounds: updates of the discriminators, then of the generators if they learn."""
        # In pieces: TensorFlow warns of functions that are traced about as often as called.
        for done in range(0, rounds, _PIECE):
            self._rounds(tf.constant(min(_PIECE, rounds - done)), g_learns)

    def gradient_norm(self, g_loss: Callable[[Tensor], Tensor]) -> Array:
        """Norm of a loss's gradient by the weights of each generator, (games,)."""
        gradients = self._g_gradients(g_loss, self.G)
        squares = [np.sum(np.square(found), axis=(1, 2)) for found in gradients]
        norms: Array = np.sqrt(np.sum(squares, axis=0))
        return norms

    def _play(self, rounds: Tensor, g_learns: bool) -> None:
        for _ in tf.range(rounds):
            for _ in range(self.d_updates):
                self._update_d()
            for _ in range(self.g_updates if g_learns else 0):
                gradients = self._g_gradients(self.g_loss, self._changed_by_g)
                self._adams[1].apply(gradients, self._changed_by_g)

    def _update_d(self) -> None:
        real, fake = real_points(self.games, self.batch_size), self.fakes(self.batch_size)
        with tf.GradientTape() as tape:
            losses = self.d_loss(self.judge(real), self.judge(fake))
            if self.penalty is not None:
                losses += self.penalty(self.judge, real, fake)
            # Mean over points, sum over games: each game has the gradient of its own loss.
            loss = ops.sum(ops.mean(losses, axis=1))
        self._adams[0].apply(tape.gradient(loss, [w.value for w in self.D]), self.D)

    def _g_gradients(self, g_loss: Callable[[Tensor], Tensor], weights: list[Any]) -> list[Tensor]:
        with tf.GradientTape() as tape:
            logits = self.judge(self.fakes(self.batch_size))
            loss = ops.sum(ops.mean(g_loss(logits), axis=1))
        found: list[Tensor] = tape.gradient(loss, [w.value for w in weights])
        return found


def _weights(sizes: tuple[int, ...], games: int, rng: np.random.Generator) -> list[Any]:
    """He-normal matrices and biases of zeros, alternating."""
    arrays: list[Array] = []
    for inputs, units in itertools.pairwise(sizes):
        arrays += [
            rng.normal(0, np.sqrt(2 / inputs), (games, inputs, units)),
            np.zeros((games, 1, units)),
        ]
    return [keras.Variable(array.astype(np.float32)) for array in arrays]


def _forward(weights: list[Any], x: Tensor, directions: list[Any] | None = None) -> Tensor:
    """(games, n, inputs) to (games, n, units), with leaky ReLUs between the layers."""
    for place in range(0, len(weights), 2):
        matrix = ops.convert_to_tensor(weights[place])
        if directions is not None:
            matrix = matrix / _spectral_norm(matrix, directions[place // 2])
        x = x @ matrix + weights[place + 1]
        if place + 2 < len(weights):
            x = ops.leaky_relu(x, 0.2)
    return x


def _spectral_norm(matrix: Tensor, direction: Any) -> Tensor:
    """Greatest singular values (games, 1, 1) after one power step, which is kept."""
    v = ops.normalize(tf.linalg.matvec(matrix, direction, transpose_a=True))
    u = ops.normalize(tf.linalg.matvec(matrix, v))
    direction.assign(u)
    u, v = tf.stop_gradient(u), tf.stop_gradient(v)
    return tf.einsum("gi,gij,gj->g", u, matrix, v)[:, None, None]
