"""Features made by hand: what they see in images whose features are known."""

from __future__ import annotations

import numpy as np

from dlcourse.models.hand_features import gradient_histogram, zones


def test_zones_hold_the_mean_ink_of_their_block() -> None:
    image = np.zeros((1, 28, 28))
    image[0, 4:8, 8:12] = 0.5  # row 1 and column 2 of the 7 x 7 blocks
    expected = np.zeros((7, 7))
    expected[1, 2] = 0.5
    np.testing.assert_allclose(zones(image).reshape(7, 7), expected)


def test_an_image_that_grows_brighter_to_the_right_has_one_direction_only() -> None:
    image = np.tile(np.linspace(0, 1, 28), (1, 28, 1))
    found = gradient_histogram(image).reshape(16, 8)
    np.testing.assert_allclose(found[:, 1:], 0)
    np.testing.assert_allclose(found[:, 0], 49 / 27)


def test_turning_an_image_by_a_right_angle_turns_its_directions() -> None:
    image = np.tile(np.linspace(0, 1, 28), (1, 28, 1))
    found = gradient_histogram(image.transpose(0, 2, 1)).reshape(16, 8)
    np.testing.assert_allclose(found.sum(axis=0)[[0, 2]], [0, 16 * 49 / 27])
