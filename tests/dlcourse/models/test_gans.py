"""GANs of week 7: games that do not touch each other, and generators that came whole."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import tensorflow as tf
from keras import ops

from dlcourse.models import dcgan
from dlcourse.models.digit_features import digit_probabilities
from dlcourse.models.ring_gan import MODES, RingGames, _forward, covered_modes, real_points


def d_loss(real: Any, fake: Any) -> Any:
    return ops.softplus(-real) + ops.softplus(fake)


def g_loss(fake: Any) -> Any:
    return ops.softplus(-fake)


def games(**settings: Any) -> RingGames:
    return RingGames(d_loss, g_loss, games=3, **settings)


def test_real_points_cover_the_ring_evenly() -> None:
    modes, near = covered_modes(real_points(4, 1000))
    assert modes.tolist() == [8, 8, 8, 8]
    assert near.min() > 0.97


def test_points_in_one_place_cover_one_mode_and_points_between_modes_none() -> None:
    points = np.stack([np.tile(MODES[2], (50, 1)), np.zeros((50, 2), np.float32)])
    modes, near = covered_modes(points)
    assert modes.tolist() == [1, 0]
    assert near.tolist() == [1.0, 0.0]


def test_no_number_of_one_game_reaches_another() -> None:
    played = games()
    points = real_points(3, 5)
    before = np.array(played.judge(points))
    played.D[0].assign(played.D[0].numpy() * np.array([1, 5, 1]).reshape(3, 1, 1))
    changed = np.abs(np.array(played.judge(points)) - before).max(axis=(1, 2)) > 1e-3
    assert changed.tolist() == [False, True, False]


def test_every_network_learns_in_a_round() -> None:
    played = games()
    before = [weights.numpy() for weights in (*played.G, *played.D)]
    played.play(3)
    for old, new in zip(before, (*played.G, *played.D), strict=True):
        assert np.all(np.any(old != new.numpy(), axis=(1, 2)))


@pytest.mark.parametrize("frozen", [True, False])
def test_only_the_bug_lets_the_generator_change_the_discriminator(frozen: bool) -> None:
    played = games(d_updates=0, d_frozen=frozen)
    before = [weights.numpy() for weights in played.D]
    played.play(1)
    same = [np.array_equal(old, new.numpy()) for old, new in zip(before, played.D, strict=True)]
    assert all(same) is frozen


def test_generators_that_do_not_learn_stay() -> None:
    played = games()
    before = [weights.numpy() for weights in played.G]
    played.play(2, g_learns=False)
    assert all(np.array_equal(a, b.numpy()) for a, b in zip(before, played.G, strict=True))


def test_a_spectrally_normalized_layer_stretches_by_one() -> None:
    played = games(spectral=True)
    for _ in range(60):
        played.judge(real_points(3, 1))
    matrix, direction = played.D[2], played._directions[1]
    unit = _forward(
        [matrix, tf.zeros((3, 1, 32))], tf.eye(32)[None].numpy().repeat(3, 0), [direction]
    )
    assert np.linalg.norm(np.array(unit), 2, axis=(1, 2)) == pytest.approx(np.ones(3), abs=0.02)


def test_the_gradients_norm_is_that_of_finite_differences() -> None:
    played = games()
    # All generators at one point: the gradient by the last bias is that of the loss by the point.
    for weights in played.G:
        weights.assign(np.zeros(weights.shape))
    place, step = np.array([0.7, 0.3]), 1e-3
    played.G[-1].assign(np.tile(place, (3, 1, 1)))

    def loss(point: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        points = np.broadcast_to(point.astype(np.float32), (3, 1, 2))
        return np.array(g_loss(played.judge(points)))[:, 0, 0]

    slopes = [
        (loss(place + step * axis) - loss(place - step * axis)) / (2 * step) for axis in np.eye(2)
    ]
    found = played.gradient_norm(g_loss)
    assert found == pytest.approx(np.linalg.norm(slopes, axis=0), rel=0.02)


def test_the_trained_generator_draws_digits_of_every_class() -> None:
    images = dcgan.generated(dcgan.digit_generator(), 500)
    assert images.shape == (500, 28, 28, 1)
    assert images.min() >= 0
    assert images.max() <= 1
    found = digit_probabilities(images)
    assert set(found.argmax(axis=1)) == set(range(10))
    assert np.array_equal(images, dcgan.generated(dcgan.digit_generator(), 500))


def test_the_emoji_generator_draws_in_colours() -> None:
    images = dcgan.generated(dcgan.emoji_generator(), 20, seed=3)
    assert images.shape == (20, 32, 32, 3)
    assert np.abs(images[..., 0] - images[..., 2]).max() > 0.2


def test_generator_and_discriminator_fit_each_other() -> None:
    for side, channels in ((28, 1), (32, 3)):
        images = dcgan.generator(side, channels)(np.zeros((2, dcgan.LATENT)))
        assert images.shape == (2, side, side, channels)
        assert dcgan.discriminator(side, channels)(images).shape == (2, 1)
