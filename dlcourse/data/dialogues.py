"""Chitchat: what one student wrote and what another one answered.

From the Chit-Chat Challenge of Brigham Young University (2018): students wrote to each other, in
English, about a prompt or about anything. Lower case, at most 16 words a turn, with a light filter
of words; opinions and errors are the writers'.
"""

from __future__ import annotations

import lzma
from dataclasses import dataclass
from itertools import pairwise

from dlcourse.data import files, manifest, tiers

__all__ = ["Dialogues", "Turns", "dialogues"]


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
