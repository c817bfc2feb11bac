"""The features of digits: their form, what they are blind to, and what they find."""

from __future__ import annotations

import random

import numpy as np
import numpy.typing as npt
import pytest
from scipy import ndimage

from dlcourse.data.loaders import digits, distort, held_out_digits
from dlcourse.models.digit_features import FEATURES, digit_features, digit_probabilities

Array = npt.NDArray[np.float32]


@pytest.fixture(scope="module")
def held_out() -> tuple[Array, npt.NDArray[np.int64]]:
    images, labels = held_out_digits("cpu")
    return distort(images, np.random.default_rng(0)), labels


def distance_of_means(images: Array, others: Array) -> float:
    """Between the mean features of two sets of images."""
    difference = digit_features(images).mean(0) - digit_features(others).mean(0)
    return float(np.linalg.norm(difference))


def test_features_are_standardized_on_the_training_images() -> None:
    features = digit_features(digits("cpu").train_images)
    assert features.shape == (3500, FEATURES)
    assert features.dtype == np.float32
    assert features.mean(0) == pytest.approx(np.zeros(FEATURES), abs=1e-3)
    assert features.std(0) == pytest.approx(np.ones(FEATURES), abs=1e-3)


def test_images_that_training_has_not_seen_are_classified(
    held_out: tuple[Array, npt.NDArray[np.int64]],
) -> None:
    images, labels = held_out
    probabilities = digit_probabilities(images)
    assert probabilities.shape == (1000, 10)
    assert probabilities.sum(1) == pytest.approx(np.ones(1000), abs=1e-5)
    assert np.mean(probabilities.argmax(1) == labels) > 0.97


def test_missing_classes_and_blur_move_the_features_more_than_chance(
    held_out: tuple[Array, npt.NDArray[np.int64]],
) -> None:
    images, labels = held_out
    chance = distance_of_means(images[::2], images[1::2])
    assert distance_of_means(images[labels > 4], images) > 2 * chance
    assert distance_of_means(ndimage.gaussian_filter(images, (0, 1, 1)), images) > 2 * chance


def test_an_image_has_the_same_features_alone_and_with_a_channel(
    held_out: tuple[Array, npt.NDArray[np.int64]],
) -> None:
    images = held_out[0][:7]
    features = digit_features(images)
    assert digit_features(images[..., np.newaxis]) == pytest.approx(features, abs=1e-4)
    assert digit_features(images[3:4])[0] == pytest.approx(features[3], abs=1e-4)
    assert digit_features(images[:0]).shape == (0, FEATURES)


def test_looking_at_images_draws_no_random_number(
    held_out: tuple[Array, npt.NDArray[np.int64]],
) -> None:
    from dlcourse.models import digit_features as module

    module._trained.cache_clear()
    random.seed(0)
    np.random.seed(0)
    expected = random.random(), np.random.random()
    random.seed(0)
    np.random.seed(0)
    digit_features(held_out[0][:1])
    assert (random.random(), np.random.random()) == expected


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((2, 784)), r"shape \(n, 28, 28\).*got \(2, 784\)"),
        (np.full((1, 28, 28), -1.0), "add 1 and divide by 2"),
        (np.full((1, 28, 28), 255.0), "from 0 .paper. to 1 .ink., got 255"),
        (np.full((1, 28, 28), np.nan), "got nan"),
    ],
)
def test_what_is_no_image_of_a_digit_is_refused(images: Array, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        digit_features(images)
