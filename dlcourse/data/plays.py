"""Shakespeare's plays as plain text for models of characters, split by whole plays.

In the cpu tier 34 plays come with this package. The gpu tier reads tiny Shakespeare (Karpathy
2015), a million characters of nine plays with the field's usual split, so that its figures can be
compared with published ones. Both have the same layout, a speaker's name with a colon, the speech,
an empty line, and the same characters.
"""

from __future__ import annotations

import bz2
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dlcourse.data import files, manifest, sealed, tiers

__all__ = [
    "CHARACTERS",
    "Plays",
    "copied_lengths",
    "decode",
    "encode",
    "hidden_plays",
    "plays",
    "shuffled",
    "training_plays",
]

CHARACTERS = "\n !$&',-.3:;?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
"""The 65 characters, sorted: those of tiny Shakespeare. The cpu tier's plays have no $ and no 3."""

_NUMBER_OF = np.full(128, -1)
_NUMBER_OF[[ord(character) for character in CHARACTERS]] = np.arange(len(CHARACTERS))


@dataclass(frozen=True)
class Plays:
    """Text to train and text to validate."""

    train: str
    """cpu tier: 31 plays; gpu tier: the first nine tenths of tiny Shakespeare."""
    validation: str
    """cpu tier: Cymbeline, Macbeth and Twelfth Night; gpu tier: the last tenth."""
    train_titles: tuple[str, ...]
    """The plays, one after the other, in `train`; empty in the gpu tier."""
    validation_titles: tuple[str, ...]
    """The plays in `validation`; empty in the gpu tier."""


def plays(tier: str | None = None) -> Plays:
    """Load the plays to train and to validate.

    Raises:
        DataError: if the tier's file is missing or is not the known one.
        ValueError: if `tier` is neither "cpu" nor "gpu".
    """
    if tiers.tier(tier) == "cpu":
        parts = _parts(files.locate(manifest.PLAYS).read_bytes())
        train, validation = parts["train"], parts["validation"]
        return Plays(
            "".join(train.values()), "".join(validation.values()), tuple(train), tuple(validation)
        )
    text = files.locate(manifest.TINY_SHAKESPEARE).read_text(encoding="utf-8")
    cut = int(0.9 * len(text))
    return Plays(text[:cut], text[cut:], (), ())


def training_plays() -> dict[str, str]:
    """The 31 plays of the cpu tier's training text, each by its title, to hold some of them out.

    Raises:
        DataError: if the file is missing or is not the known one.
    """
    return dict(_parts(files.locate(manifest.PLAYS).read_bytes())["train"])


def hidden_plays(key: bytes) -> str:
    """Open the text of three plays on which an assignment is graded, in both tiers.

    They come with this package, enciphered; the key stands where instructors alone can read it.
    None of the three is in the text that either tier trains on.

    Raises:
        DataError: if the key is not the one with which the file was sealed.
    """
    return "".join(_parts(sealed.open_sealed(manifest.PLAYS_SEALED, key))["test"].values())


def encode(text: str) -> npt.NDArray[np.int32]:
    """The number of each character, its place in `CHARACTERS`; (len(text),).

    Raises:
        ValueError: if a character is not in `CHARACTERS`.
    """
    points = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    numbers = _NUMBER_OF[np.minimum(points, 127)]
    if np.any(numbers < 0):
        place = int(np.argmax(numbers < 0))
        raise ValueError(
            f"encode: the character {text[place]!r} at place {place} is not one of the "
            f"{len(CHARACTERS)} in CHARACTERS."
        )
    return numbers.astype(np.int32)


def decode(numbers: npt.ArrayLike) -> str:
    """The text whose characters have these numbers, from 0 to 64.

    Raises:
        ValueError: if a number is out of range.
    """
    places = np.asarray(numbers, dtype=np.int64).ravel()
    if np.any((places < 0) | (places >= len(CHARACTERS))):
        raise ValueError(
            f"decode: numbers must be from 0 to {len(CHARACTERS) - 1}, got {places.min()} to "
            f"{places.max()}."
        )
    return "".join(CHARACTERS[place] for place in places)


def shuffled(text: str, *, seed: int = 0) -> dict[str, str]:
    """A text with its speeches, its lines, the words of each line, or its characters shuffled.

    Returns:
        By name: "as written" and the four shuffled ones, each as long as the text.
    """
    rng = np.random.default_rng(seed)

    def pieces(whole: str, between: str) -> str:
        parts = whole.split(between)
        return between.join(parts[place] for place in rng.permutation(len(parts)))

    return {
        "as written": text,
        "speeches shuffled": pieces(text, "\n\n"),
        "lines shuffled": pieces(text, "\n"),
        "words shuffled": "\n".join(pieces(line, " ") for line in text.split("\n")),
        "characters shuffled": "".join(text[place] for place in rng.permutation(len(text))),
    }


def copied_lengths(
    texts: Sequence[str], source: str, *, places: int = 200, apart: int = 50
) -> npt.NDArray[np.int64]:
    """From some places of texts on, the length of the longest piece that stands in another text.

    Args:
        texts: the places are the beginning of each, then `apart` characters further on in each, and
            so on.
        source: where the pieces are looked for, character for character.
        places: how many.
        apart: characters between two places of a text.

    Returns:
        (places,) lengths.
    """
    lengths = []
    for place in range(places):
        piece = texts[place % len(texts)][place // len(texts) * apart :]
        length = 0
        while length < len(piece) and piece[: length + 1] in source:
            length += 1
        lengths.append(length)
    return np.array(lengths, dtype=np.int64)


def _parts(content: bytes) -> dict[str, dict[str, str]]:
    """For each part the plays' texts by title, from what derive_plays.py wrote."""
    parts: dict[str, dict[str, str]] = json.loads(bz2.decompress(content))
    return parts
