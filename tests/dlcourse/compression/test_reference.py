"""The network of week 11: what ships is what classifies, and nobody's copy changes another's."""

from __future__ import annotations

import numpy as np
import pytest

from dlcourse.compression import reference
from dlcourse.data.loaders import held_out_digits


def test_the_trained_network_classifies_digits_that_it_has_not_seen() -> None:
    images, labels = reference.unseen_digits()
    logits = reference.trained().predict(images, verbose=0)
    assert logits.shape == (1000, 10)
    assert reference.accuracy(logits, labels) > 0.94


def test_the_unseen_digits_are_the_held_out_ones_distorted() -> None:
    images, labels = reference.unseen_digits()
    originals, expected = held_out_digits("cpu")
    np.testing.assert_array_equal(labels, expected)
    assert images.shape == (1000, 28, 28, 1)
    assert not np.allclose(images[..., 0], originals)


def test_each_caller_has_a_network_and_images_of_its_own() -> None:
    changed, images = reference.trained(), reference.unseen_digits()[0]
    changed.set_weights([np.zeros_like(weights) for weights in changed.get_weights()])
    images[:] = 0
    assert np.abs(reference.trained().get_weights()[0]).max() > 0
    assert reference.unseen_digits()[0].max() > 0


def test_a_narrower_network_has_fewer_parameters() -> None:
    assert reference.network().count_params() == 421_642
    assert reference.network((4, 8), 16).count_params() == 40 + 296 + 6_288 + 170


def test_accuracy_counts_rows_whose_largest_logit_is_the_labels() -> None:
    logits = np.array([[1.0, 2.0], [3.0, 0.0], [0.0, 1.0], [5.0, 4.0]])
    assert reference.accuracy(logits, np.array([1, 0, 0, 0])) == pytest.approx(0.75)
