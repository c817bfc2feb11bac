"""English words and how they are pronounced: letters in, phonemes out.

The words are those of the CMU Pronouncing Dictionary with 3 to 12 letters, many of them names. A
phoneme is written as the dictionary writes it (ARPAbet), without stress.
"""

from __future__ import annotations

import lzma
from dataclasses import dataclass

from dlcourse.data import files, manifest, tiers

__all__ = [
    "LETTERS",
    "LONGEST",
    "PHONEMES",
    "Pronunciations",
    "Words",
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

Sounds = tuple[str, ...]


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
