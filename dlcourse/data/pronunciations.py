"""English words and how they are pronounced: letters in, phonemes out.

The words are those of the CMU Pronouncing Dictionary with 3 to 12 letters, many of them names. A
phoneme is written as the dictionary writes it (ARPAbet), without stress.
"""

from __future__ import annotations

import lzma
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dlcourse.data import files, manifest, tiers

__all__ = [
    "END",
    "LETTERS",
    "LONGEST",
    "PADDING",
    "PHONEMES",
    "START",
    "SYMBOLS",
    "Pronunciations",
    "Words",
    "letter_numbers",
    "phoneme_numbers",
    "phonemes_of",
    "pronunciations",
]

LETTERS = "abcdefghijklmnopqrstuvwxyz"

PHONEMES = (
    "AA", "AE", "AH", "AO", "AW", "AY", "B", "CH", "D", "DH", "EH", "ER", "EY", "F", "G", "HH",
    "IH", "IY", "JH", "K", "L", "M", "N", "NG", "OW", "OY", "P", "R", "S", "SH", "T", "TH",
    "UH", "UW", "V", "W", "Y", "Z", "ZH",
)  # fmt: skip
"""The 39 phonemes, in the dictionary's order: *hello* is HH AH L OW."""

LONGEST = 12
"""Letters of the longest word, and phonemes of the longest pronunciation."""

PADDING, START, END = range(3)

SYMBOLS = ("", "<", ">", *PHONEMES)
"""What a decoder writes, by number: padding, start, end, and the phonemes from 3 on."""

Sounds = tuple[str, ...]
Numbers = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Words:
    """n words, in the order of the alphabet."""

    spellings: tuple[str, ...]
    """Each 3 to 12 letters."""
    pronunciations: tuple[tuple[Sounds, ...], ...]
    """For each word the pronunciations that the dictionary lists, one or more, the first one first;
    each is a tuple of at most 12 of `PHONEMES`."""

    def __len__(self) -> int:
        """The number of words."""
        return len(self.spellings)


@dataclass(frozen=True)
class Pronunciations:
    """Words to train, to choose by, and to report on; no family of words is in two parts.

    A family is what suffixes make of a word: *abbreviate*, *abbreviated*, *abbreviation*. Irregular
    forms (*teach*, *taught*), prefixes (*unseen*) and compounds were not looked for.
    """

    train: Words
    """107,472 words."""
    validation: Words
    """3,314 words."""
    test: Words
    """3,538 words."""


def pronunciations(tier: str | None = None) -> Pronunciations:
    """Load the words, which are the same in both tiers and come with this package.

    Raises:
        DataError: if the file is not the known one.
        ValueError: if `tier` is neither "cpu" nor "gpu".
    """
    tiers.tier(tier)
    content = lzma.decompress(files.locate(manifest.PRONUNCIATIONS).read_bytes()).decode("ascii")
    codes, *parts = content.split("\n\n")
    phonemes = {chr(ord("A") + place): name for place, name in enumerate(codes.split())}
    found = {}
    for part in parts:
        name, *lines = part.split("\n")
        found[name] = _words(lines, phonemes)
    return Pronunciations(found["train"], found["validation"], found["test"])


def letter_numbers(spellings: Sequence[str]) -> Numbers:
    """Letters as numbers, *a* as 1, filled up with 0.

    Args:
        spellings: n words of at most 12 letters a to z.

    Returns:
        (n, 12).

    Raises:
        ValueError: if a word is too long or has another sign.
    """
    found = np.zeros((len(spellings), LONGEST), np.int32)
    for row, word in zip(found, spellings, strict=True):
        if not 1 <= len(word) <= LONGEST or set(word) - set(LETTERS):
            raise ValueError(f"A word has 1 to {LONGEST} letters a to z, got {word!r}.")
        row[: len(word)] = [LETTERS.index(letter) + 1 for letter in word]
    return found


def phoneme_numbers(pronounced: Sequence[Sequence[str]]) -> Numbers:
    """Phonemes as places in `SYMBOLS`, with `END` behind the last one, filled up with 0.

    Args:
        pronounced: n pronunciations of at most 12 phonemes.

    Returns:
        (n, 13).
    """
    number = {name: place for place, name in enumerate(SYMBOLS)}
    found = np.zeros((len(pronounced), LONGEST + 1), np.int32)
    for row, sounds in zip(found, pronounced, strict=True):
        row[: len(sounds) + 1] = [*(number[name] for name in sounds), END]
    return found


def phonemes_of(numbers: Iterable[int]) -> Sounds:
    """The phonemes of a row of numbers, up to `END` or to the row's end."""
    found = []
    for number in numbers:
        if number == END:
            break
        found.append(SYMBOLS[number])
    return tuple(found)


def _words(lines: list[str], phonemes: dict[str, str]) -> Words:
    """A line is a word and its pronunciations, a character for each phoneme."""
    fields = [line.split() for line in lines]
    return Words(
        tuple(word for word, *_ in fields),
        tuple(
            tuple(tuple(phonemes[code] for code in coded) for coded in listed)
            for _, *listed in fields
        ),
    )
