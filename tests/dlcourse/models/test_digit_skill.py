"""How much better a generator is than a plain one."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import sqrtm

from dlcourse.data import digits
from dlcourse.models.digit_skill import Array, digit_skill, distances_to_nearest, plain_digits


def pixels(images: Array) -> Array:
    """Some pixels as features."""
    return images.reshape(len(images), -1)[:, 300:306]


def test_the_skill_of_the_plain_generator_is_0_and_that_of_the_real_images_1() -> None:
    rng = np.random.default_rng(0)
    real, plain = rng.random((40, 28, 28)), rng.random((40, 28, 28)) ** 2
    assert digit_skill(pixels, plain, real, plain) == 0
    assert digit_skill(pixels, real, real, plain) == pytest.approx(1)


def test_the_skill_is_made_of_frechet_distances() -> None:
    rng = np.random.default_rng(1)
    images, real, plain = (rng.random((50, 28, 28)) ** power for power in (1.2, 1.0, 2.0))

    def distance(first: Array, second: Array) -> float:
        a, b = np.cov(first.T), np.cov(second.T)
        apart = np.sum((first.mean(axis=0) - second.mean(axis=0)) ** 2)
        return float(apart + np.trace(a + b - 2 * sqrtm(a @ b).real))

    wanted = 1 - distance(pixels(images), pixels(real)) / distance(pixels(plain), pixels(real))
    assert digit_skill(pixels, images, real, plain) == pytest.approx(wanted)


def test_plain_digits_have_the_mean_of_the_training_images_but_for_the_limit() -> None:
    images = plain_digits(500, np.random.default_rng(2))
    assert images.shape == (500, 28, 28)
    assert images.min() == 0
    assert images.max() <= 1
    mean = digits("cpu").train_images.mean(axis=0)
    assert np.abs(images.mean(axis=0) - mean).max() < 0.2


def test_the_nearest_example_is_found() -> None:
    examples = np.zeros((3, 28, 28))
    examples[1, 0, 0], examples[2, 0, 0] = 1, 3
    images = np.zeros((5, 28, 28))
    images[:, 0, 0] = [0, 0.25, 0.75, 2.5, 5]
    found = distances_to_nearest(images, examples, rows=2)
    np.testing.assert_allclose(found, [0, 0.25, 0.25, 0.5, 2], atol=1e-6)
