"""The shipped vision transformer reads digits, and the parts of the networks fit."""

from __future__ import annotations

import numpy as np
import pytest

from dlcourse.models.vision_transformer import (
    convolutional_network,
    digit_splits,
    transformer_weights,
    vision_transformer,
)


def test_the_test_images_are_no_training_images() -> None:
    images, labels, test, test_labels = digit_splits()
    assert images.shape == (3000, 28, 28)
    assert test.shape == (1000, 28, 28)
    assert len(labels) == 3000
    assert len(test_labels) == 1000
    assert not {image.tobytes() for image in images} & {image.tobytes() for image in test}


def test_the_shipped_weights_classify_unseen_digits() -> None:
    model = vision_transformer()
    model.set_weights(list(transformer_weights().values()))
    *_, test, labels = digit_splits()
    found = np.asarray(model(test[:300, ..., None])).argmax(axis=1)
    assert np.mean(found == labels[:300]) > 0.7


@pytest.mark.parametrize("class_token", [False, True])
def test_a_class_token_adds_a_position(class_token: bool) -> None:
    model = vision_transformer(class_token=class_token)
    positions = model.get_layer("positions").vectors
    assert positions.shape == (16 + class_token, 32)
    assert model(np.zeros((2, 28, 28, 1))).shape == (2, 10)


@pytest.mark.parametrize("pooling", [False, True])
def test_a_convolutional_network_has_ten_logits(pooling: bool) -> None:
    assert convolutional_network(pooling=pooling)(np.zeros((2, 28, 28, 1))).shape == (2, 10)
