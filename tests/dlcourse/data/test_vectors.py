"""Word vectors are complete, documented, and still answer analogies after they were made small."""

from __future__ import annotations

import numpy as np
import pytest

from dlcourse.data.vectors import RELATIONS, WordVectors, word_vectors, wordpiece_vocabulary


@pytest.fixture(scope="module")
def given() -> WordVectors:
    return word_vectors()


def test_each_word_has_a_vector(given: WordVectors) -> None:
    assert given.vectors.shape == (len(given), 128) == (16_000, 128)
    assert given.vectors.dtype == np.float32
    assert np.linalg.norm(given.vectors, axis=1).min() > 0


def test_words_are_distinct_lower_case_and_the_most_frequent_first(given: WordVectors) -> None:
    assert len(set(given.words)) == len(given)
    assert all(word.isascii() and word.isalpha() and word.islower() for word in given.words)
    assert given.index["the"] < 100 < given.index["castle"] < given.index["colder"]


def test_the_index_is_each_words_row(given: WordVectors) -> None:
    assert [given.words[given.index[word]] for word in ("king", "the")] == ["king", "the"]


def test_columns_are_centred_up_to_rounding(given: WordVectors) -> None:
    spread = given.vectors.std(axis=0)
    assert np.abs(given.vectors.mean(axis=0) / spread).max() < 0.01


def test_the_pieces_are_those_of_bert() -> None:
    pieces = wordpiece_vocabulary()
    assert len(pieces) == len(set(pieces)) == 30_522
    assert (pieces[0], pieces[101], pieces[103]) == ("[PAD]", "[CLS]", "[MASK]")
    assert pieces[1996] == "the"
    assert "##ing" in pieces


@pytest.mark.parametrize("name", RELATIONS)
def test_every_word_of_a_relation_has_a_vector_and_no_pair_comes_twice(
    given: WordVectors, name: str
) -> None:
    pairs = RELATIONS[name]
    assert len(set(pairs)) == len(pairs) >= 12
    assert all(word in given.index for pair in pairs for word in pair)


def test_paris_is_to_france_as_rome_is_to_italy(given: WordVectors) -> None:
    unit = given.vectors / np.linalg.norm(given.vectors, axis=1, keepdims=True)
    paris, france, rome = (unit[given.index[word]] for word in ("paris", "france", "rome"))
    order = np.argsort(-(unit @ (france - paris + rome)))
    best = [
        given.words[row] for row in order if given.words[row] not in ("paris", "france", "rome")
    ]
    assert best[0] == "italy"
