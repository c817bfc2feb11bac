"""Emoji and names as pairs, and the training that matches them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from keras import ops

from dlcourse.models.emoji_pairs import SENTENCES, WORDS, EmojiMatcher, emoji_pairs


def test_flags_are_left_out_and_no_name_comes_twice() -> None:
    pairs = emoji_pairs()
    assert "Flags" not in pairs.categories
    assert len(set(pairs.names)) == len(pairs.names) == len(pairs.images) == 1636
    named = dict(zip(pairs.names, pairs.labels, strict=True))
    assert pairs.categories[named["octopus"]] == "Animals & Nature"
    assert pairs.categories[named["pizza"]] == "Food & Drink"


def test_held_out_emoji_are_not_in_training() -> None:
    pairs = emoji_pairs()
    assert sorted([*pairs.train, *pairs.test]) == list(range(1636))


def test_transparent_pixels_are_white() -> None:
    images = emoji_pairs().images
    assert np.median(images[:, :, 0, 0]) == 1
    assert images.min() >= 0
    assert images.max() <= 1


def test_each_category_is_described_in_both_ways() -> None:
    categories = emoji_pairs().categories
    assert len(SENTENCES) == len(WORDS) == len(categories) == 8
    food = categories.index("Food & Drink")
    assert "eat" in SENTENCES[food]
    assert "bread" in WORDS[food]


def pull(images: Any, texts: Any, scale: Any) -> Any:
    return -ops.mean(scale * ops.sum(images * texts, axis=-1))


def test_training_lowers_the_loss_that_it_is_given() -> None:
    texts = np.random.default_rng(0).normal(size=(1636, 5))
    matcher = EmojiMatcher(texts, seed=0, learn_scale=False)
    losses, _ = matcher.train(pull, updates=12, batch=16)
    assert losses[-3:].mean() < losses[:3].mean()
    assert matcher.scale == pytest.approx(10)


def test_vectors_have_length_1() -> None:
    matcher = EmojiMatcher(np.random.default_rng(0).normal(size=(1636, 5)))
    for vectors in (
        matcher.image_vectors(emoji_pairs().images[:3, 0]), matcher.text_vectors(np.eye(5)),
    ):  # fmt: skip
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)


def test_an_image_is_moved_as_a_whole_and_the_rest_is_white() -> None:
    matcher = EmojiMatcher(np.zeros((1636, 2)))
    rows, designs = np.arange(40), np.zeros(40, int)
    padded = np.pad(
        emoji_pairs().images[:40, 0], ((0, 0), *[(3, 3)] * 2, (0, 0)), constant_values=1
    )
    places = []
    for image, room in zip(matcher._moved(rows, designs), padded, strict=True):
        fits = [(a, b) for a in range(7) for b in range(7)
                if np.array_equal(room[a : a + 32, b : b + 32], image)]  # fmt: skip
        assert fits
        places += fits[:1]
    assert len(set(places)) > 10


@pytest.mark.parametrize("twice", [False, True])
def test_a_batch_has_an_emoji_once_or_in_both_designs(twice: bool) -> None:
    matcher = EmojiMatcher(np.zeros((1636, 2)))
    rows, designs = matcher._drawn(16, twice)
    counts = np.unique(rows, return_counts=True)[1]
    assert set(counts) == {2 if twice else 1}
    assert len(set(zip(rows, designs, strict=True))) == 16
    assert set(rows) <= set(emoji_pairs().train)
