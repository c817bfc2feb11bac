"""The network of week 12: what ships is what classifies, and its shifted images are shifted."""

from __future__ import annotations

import re

import numpy as np
import pytest

from dlcourse.data.loaders import emoji
from dlcourse.serving import reference


def test_the_trained_network_classifies_unseen_emoji_of_the_maker_it_knows() -> None:
    images, labels = reference.unseen("twitter")
    logits = reference.trained().predict(images, verbose=0)
    assert logits.shape == (471, 9)
    assert reference.accuracy(logits, labels) > 0.68


def test_it_does_worse_on_the_other_makers_drawings_of_the_same_emoji() -> None:
    images, labels = reference.unseen("google")
    assert reference.accuracy(reference.trained().predict(images, verbose=0), labels) < 0.6
    np.testing.assert_array_equal(labels, reference.unseen("twitter")[1])


def test_images_are_whole_bytes_on_white() -> None:
    images, _ = reference.unseen()
    assert images.shape == (471, 32, 32, 3)
    assert images.dtype == np.float32
    np.testing.assert_allclose(images * 255, np.rint(images * 255), atol=1e-4)
    assert images.min() == 0
    assert images.max() == 1
    assert np.median(images[:, 0, 0]) == 1


def test_pictures_laid_on_white_are_the_images() -> None:
    pictures = reference.unseen_pictures("google")
    assert pictures.dtype == np.uint8
    np.testing.assert_array_equal(reference.on_white(pictures), reference.unseen("google")[0])


def test_what_is_clear_is_white_and_what_is_half_clear_is_half_white() -> None:
    pixels = np.array([[[[0, 0, 0, 0], [200, 100, 0, 255], [0, 0, 0, 51]]]], np.uint8)
    found = reference.on_white(pixels)[0, 0] * 255
    np.testing.assert_allclose(found, [[255] * 3, [200, 100, 0], [204] * 3], rtol=1e-6)


@pytest.mark.parametrize("maker", reference.MAKERS)
def test_every_emoji_is_either_seen_or_unseen(maker: str) -> None:
    counts = [
        np.bincount(labels, minlength=9)
        for _, labels in (reference.seen(maker), reference.unseen(maker))
    ]
    np.testing.assert_array_equal(sum(counts), np.bincount(emoji().labels))
    assert min(counts[1]) >= 15


def test_men_and_women_who_do_the_same_stand_on_one_side_of_the_split() -> None:
    names = emoji().names
    unseen = reference._is_unseen(names)
    of = dict(zip(names, unseen, strict=True))
    pairs = [(name, re.sub("^man", "woman", name)) for name in names if name.startswith("man-")]
    together = [of[man] == of[woman] for man, woman in pairs if woman in of]
    assert len(together) > 30
    assert all(together)
    assert 0.2 < unseen.mean() < 0.3


def test_classes_are_the_emojis_categories() -> None:
    assert emoji().categories == reference.CLASSES


def test_embeddings_are_what_the_last_layer_reads() -> None:
    images = reference.unseen()[0][:300]
    model = reference.trained()
    found = reference.embeddings(images)
    kernel, bias = model.get_layer("logits").get_weights()
    assert found.shape == (300, 64)
    np.testing.assert_allclose(
        found @ kernel + bias, model.predict(images, verbose=0), rtol=1e-3, atol=1e-4
    )


def test_no_images_have_no_embeddings_and_other_shapes_are_refused() -> None:
    assert reference.embeddings(np.zeros((0, 32, 32, 3))).shape == (0, 64)
    with pytest.raises(ValueError, match=r"\(n, 32, 32, 3\)"):
        reference.embeddings(np.zeros((2, 28, 28, 1)))


def test_another_maker_is_refused() -> None:
    with pytest.raises(ValueError, match="apple"):
        reference.unseen("apple")


def test_each_caller_has_a_network_and_images_of_its_own() -> None:
    changed, images = reference.trained(), reference.unseen()[0]
    changed.set_weights([np.zeros_like(weights) for weights in changed.get_weights()])
    images[:] = 0
    assert np.abs(reference.trained().get_weights()[0]).max() > 0
    assert reference.unseen()[0].max() > 0


def test_a_narrower_network_has_fewer_parameters() -> None:
    assert reference.network().count_params() == 97_065
    assert reference.network((4,), 8).count_params() < reference.network((8,), 8).count_params()


def test_accuracy_counts_rows_whose_largest_logit_is_the_labels() -> None:
    logits = np.array([[1.0, 2.0], [3.0, 0.0], [0.0, 1.0], [5.0, 4.0]])
    assert reference.accuracy(logits, np.array([1, 0, 0, 0])) == pytest.approx(0.75)
