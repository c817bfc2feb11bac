"""Chitchat: what one student wrote and what another one answered.

From the Chit-Chat Challenge of Brigham Young University (2018): students wrote to each other, in
English, about a prompt or about anything. Lower case, at most 16 words a turn, with a light filter
of words; opinions and errors are the writers'.
"""

from __future__ import annotations

import lzma
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from dlcourse.data import files, manifest, tiers

__all__ = [
    "END",
    "PADDING",
    "START",
    "UNKNOWN",
    "Dialogues",
    "Turns",
    "Vocabulary",
    "dialogues",
    "ten_replies",
    "tokens",
]

PADDING, START, END, UNKNOWN = range(4)


@dataclass(frozen=True)
class Turns:
    """n pairs of turns, in the order of the conversations: a reply is often the next prompt."""

    prompts: tuple[str, ...]
    """What was written: lower case, 1 to 16 words, signs only . , ? ! and apostrophes."""
    replies: tuple[str, ...]
    """What the other person answered, alike."""

    def __len__(self) -> int:
        """The number of pairs."""
        return len(self.prompts)


@dataclass(frozen=True)
class Dialogues:
    """Pairs of turns to train and to validate; no conversation is in both."""

    train: Turns
    """About 52,000 pairs."""
    validation: Turns
    """About 3,800 pairs. Their writers may have written conversations of `train` too."""


class Vocabulary:
    """The most frequent tokens of some texts, and their numbers.

    Attributes:
        words: by number; the first four are padding, start, end and the unknown word.
    """

    def __init__(self, texts: Iterable[str], size: int) -> None:
        """Count the tokens of `texts`; keep as many as make `size` words with the four others.

        Of two that are equally frequent the one that comes first in the alphabet is kept.
        """
        counts = Counter(token for text in texts for token in tokens(text))
        ranked = sorted(counts, key=lambda token: (-counts[token], token))
        self.words = ("", "<", ">", "?unknown", *ranked[: size - 4])
        self._number = {word: place for place, word in enumerate(self.words)}

    def __len__(self) -> int:
        """The number of words, the four others included."""
        return len(self.words)

    def encode(self, texts: Sequence[str], length: int = 20) -> npt.NDArray[np.int32]:
        """Tokens as numbers, with `END` behind the last one, filled up with 0.

        Args:
            texts: n turns.
            length: numbers a turn; of a longer turn the first `length` - 1 tokens are taken.

        Returns:
            (n, length).
        """
        found = np.zeros((len(texts), length), np.int32)
        for row, text in zip(found, texts, strict=True):
            numbers = [self._number.get(token, UNKNOWN) for token in tokens(text)][: length - 1]
            row[: len(numbers) + 1] = [*numbers, END]
        return found

    def decode(self, numbers: Iterable[int]) -> str:
        """The text of a row of numbers, up to `END` or to the row's end."""
        found = []
        for number in numbers:
            if number == END:
                break
            found.append(self.words[number])
        return " ".join(found)


def tokens(text: str) -> list[str]:
    """Words and signs of a turn: "hi, how's it?" is hi , how's it ?."""
    return re.findall(r"[a-z0-9']+|[.,?!]", text)


def ten_replies(
    turns: Turns, count: int, rng: np.random.Generator
) -> tuple[list[str], list[list[str]]]:
    """Prompts with ten replies each, of which the first is the true one.

    The other nine are drawn from the replies to other prompts, none equal to the true one.

    Args:
        turns: where prompts and replies come from.
        count: number of prompts, drawn without replacement.
        rng: draws them.

    Returns:
        `count` prompts, and for each ten replies.
    """
    prompts, replies = [], []
    for row in rng.choice(len(turns), count, replace=False):
        true = turns.replies[row]
        drawn = [turns.replies[i] for i in rng.choice(len(turns), 60, replace=False)]
        others = [reply for reply in drawn if reply != true][:9]
        prompts.append(turns.prompts[row])
        replies.append([true, *others])
    return prompts, replies


def dialogues(tier: str | None = None) -> Dialogues:
    """Load the turns, which are the same in both tiers and come with this package.

    Raises:
        DataError: if the file is not the known one.
        ValueError: if `tier` is neither "cpu" nor "gpu".
    """
    tiers.tier(tier)
    content = lzma.decompress(files.locate(manifest.DIALOGUES).read_bytes()).decode("ascii")
    parts = dict(part.split("\n\n", 1) for part in content.split("\f"))
    return Dialogues(_turns(parts["train"]), _turns(parts["validation"]))


def _turns(text: str) -> Turns:
    """Runs of turns, parted by empty lines; in a run each turn answers the one before."""
    pairs = [pair for run in text.split("\n\n") for pair in pairwise(run.split("\n"))]
    return Turns(tuple(prompt for prompt, _ in pairs), tuple(reply for _, reply in pairs))
