"""Pairs of letter and phoneme that are beyond doubt, and what an alignment is compared with."""

from __future__ import annotations

import numpy as np

from dlcourse.data.pronunciations import letter_numbers, phoneme_numbers
from dlcourse.models.letter_alignment import another_word, consonants, diagonal


def test_a_consonant_counts_if_it_stands_once_on_both_sides() -> None:
    x = letter_numbers(["tomato", "knee", "mummy"])
    y = phoneme_numbers([["T", "AH", "M", "EY", "T", "OW"], ["N", "IY"], ["M", "AH", "M", "IY"]])
    rows, steps, places = consonants(x, y)
    # Of tomato the m (two t are in doubt); of knee the n, and no k is written; of mummy nothing.
    assert list(zip(rows, steps, places, strict=True)) == [(0, 2, 2), (1, 0, 1)]


def test_no_consonant_at_all_gives_empty_arrays() -> None:
    rows, steps, places = consonants(letter_numbers(["aye"]), phoneme_numbers([["AY"]]))
    assert len(rows) == len(steps) == len(places) == 0


def test_the_diagonal_goes_from_the_first_letter_to_the_last() -> None:
    x = letter_numbers(["knee", "abcdefgh"])
    y = phoneme_numbers([["N", "IY"], ["B", "D", "F", "HH"]])
    A = diagonal(x, y)
    assert A.shape == (2, 13, 12)
    assert np.all(A.sum(axis=-1) == 1)
    assert A[0, :4].argmax(axis=-1).tolist() == [1, 3, 3, 3]
    assert A[1, :5].argmax(axis=-1).tolist() == [1, 3, 5, 7, 7]


def test_another_word_is_as_long_and_not_the_same() -> None:
    x = letter_numbers(["knee", "brought", "tree", "rule"])
    assert another_word(x).tolist() == [3, 1, 0, 2]
