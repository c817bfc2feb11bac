"""Which letter a phoneme belongs to, where that is certain, and controls for an alignment."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dlcourse.data.pronunciations import LETTERS, PADDING, SYMBOLS

__all__ = ["CONSONANTS", "another_word", "consonants", "diagonal"]

CONSONANTS = "bdfklmnprtvz"
"""Letters that stand for the phoneme of the same name, or for none."""

Numbers = npt.NDArray[np.integer[Any]]


def consonants(letters: Numbers, phonemes: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Pairs of letter and phoneme that belong together beyond doubt.

    These are consonants that stand once in a word and once, as the phoneme of the same name, in its
    pronunciation.

    Args:
        letters: (n, S) words, as `letter_numbers` returns them.
        phonemes: (n, T) their pronunciations, as `phoneme_numbers` returns them.

    Returns:
        For each pair the row of its word, the step of the phoneme and the place of the letter.
    """
    found: list[tuple[int, int, int]] = []
    for name in CONSONANTS:
        letter = letters == LETTERS.index(name) + 1
        sound = phonemes == SYMBOLS.index(name.upper())
        rows = np.flatnonzero((letter.sum(axis=1) == 1) & (sound.sum(axis=1) == 1))
        found += zip(rows, sound[rows].argmax(axis=1), letter[rows].argmax(axis=1), strict=True)
    rows, steps, places = np.array(sorted(found), dtype=np.int64).reshape(-1, 3).T
    return rows, steps, places


def diagonal(letters: Numbers, phonemes: Numbers) -> npt.NDArray[np.float32]:
    """Weights that look, at each step, at the letter at the same relative place of the word.

    Args:
        letters: (n, S) words.
        phonemes: (n, T) their pronunciations, with the end.

    Returns:
        (n, T, S), one 1 in each row. The end, and padding after it, look at the last letter.
    """
    count = (letters != PADDING).sum(axis=1)[:, None]
    steps = (phonemes != PADDING).sum(axis=1)[:, None] - 1
    place = ((np.arange(phonemes.shape[1]) + 0.5) * count / steps).astype(np.int64)
    found: npt.NDArray[np.float32] = np.eye(letters.shape[1], dtype=np.float32)[
        np.minimum(place, count - 1)
    ]
    return found


def another_word(letters: Numbers) -> Numbers:
    """For each word the row of another one with as many letters.

    A word that is the only one of its length stands for itself.

    Args:
        letters: (n, S) words.

    Returns:
        (n,) rows.
    """
    count = (letters != PADDING).sum(axis=1)
    other = np.empty(len(letters), dtype=np.int64)
    for length in np.unique(count):
        rows = np.flatnonzero(count == length)
        other[rows] = np.roll(rows, 1)
    return other
