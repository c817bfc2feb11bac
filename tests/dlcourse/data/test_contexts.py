"""A text's words, the pairs of skip-gram and their counts."""

from __future__ import annotations

import numpy as np
import pytest

from dlcourse.data.contexts import Corpus, context_counts, read_corpus, skip_gram_pairs


def numbered(*ids: int) -> Corpus:
    """A corpus of given numbers."""
    words = tuple(chr(ord("a") + place) for place in range(max(ids) + 1))
    return Corpus(words, np.array(ids), np.bincount(ids))


def test_words_are_numbered_by_frequency_and_rare_ones_left_out() -> None:
    corpus = read_corpus("The sea, the SEA! 'Tis the sailor's sea; the storm's sea.", least=2)
    assert corpus.words == ("the", "sea")
    assert corpus.ids.tolist() == [0, 1, 0, 1, 0, 1, 0, 1]
    assert corpus.counts.tolist() == [4, 4]
    assert corpus.index == {"the": 0, "sea": 1}


def test_an_apostrophe_inside_belongs_to_the_word() -> None:
    assert read_corpus("o'er 'tis storm's'", least=1).words == ("o'er", "tis", "storm's")


def test_each_pair_is_drawn_as_often_as_its_distance_allows() -> None:
    corpus = numbered(*range(50))
    distances = np.zeros(6)
    for seed in range(200):
        centres, contexts = skip_gram_pairs(
            corpus, np.random.default_rng(seed), window=4, threshold=1.0
        )
        distances += np.bincount(abs(centres - contexts), minlength=6)
    places = 2 * (50 - np.arange(6))
    assert distances[0] == distances[5] == 0
    assert distances[1:5] / places[1:5] / 200 == pytest.approx([1, 0.75, 0.5, 0.25], rel=0.05)


def test_frequent_words_are_thinned_and_rare_ones_stay() -> None:
    corpus = numbered(*([0] * 9 + [1]) * 400)
    centres, _ = skip_gram_pairs(corpus, np.random.default_rng(0), window=1, threshold=0.1)
    shares = np.bincount(centres) / 2 / corpus.counts
    assert shares == pytest.approx([1 / 3, 1], abs=0.02)


def test_the_seed_fixes_the_pairs() -> None:
    corpus = numbered(*range(9))
    first, again = (
        skip_gram_pairs(corpus, np.random.default_rng(3), threshold=1.0) for _ in range(2)
    )
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))


def test_counts_are_symmetric_and_fall_with_the_distance() -> None:
    counts = context_counts(numbered(0, 1, 2, 0), window=2).toarray()
    assert np.array_equal(counts, counts.T)
    assert counts.tolist() == [[0, 1.5, 1.5], [1.5, 0, 1], [1.5, 1, 0]]
