"""What readers made of short sentences from film reviews: the data of the fourth project.

Each sentence of `dlcourse.data.reviews` was rated by 15 to 29 people. Here are those of at most
twelve words, with the shares of the people who took them as against the film, as neither, and as
for it. The same in both tiers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dlcourse.data.reviews import Snippets, hidden_reviews, reviews

__all__ = ["LONGEST", "VERDICTS", "Readers", "hidden_readers", "readers"]

VERDICTS = ("against", "neither", "for")
"""What a reader can say of a sentence, in the order of the columns."""

LONGEST = 12
"""Words of a sentence, at most: what spaces separate."""


@dataclass(frozen=True)
class Readers:
    """n short sentences and what their readers said."""

    texts: tuple[str, ...]
    shares: npt.NDArray[np.float64]
    """(n, 3) of a sentence's readers, by `VERDICTS`; each row sums to 1."""
    counts: npt.NDArray[np.int64]
    """(n,) how many readers a sentence had."""

    def __len__(self) -> int:
        """The number of sentences."""
        return len(self.texts)


def readers(split: str) -> Readers:
    """The short sentences of a split of the reviews, in their order.

    Args:
        split: "train" (1,877 sentences) or "validation" (400).

    Raises:
        DataError: if the file of the reviews is missing or is not the known one.
        ValueError: if there is no such split.
    """
    if split not in ("train", "validation"):
        raise ValueError(f"The splits are 'train' and 'validation', not {split!r}.")
    some = reviews("cpu")
    return _short(some.train if split == "train" else some.validation)


def hidden_readers(key: bytes) -> Readers:
    """The 402 short sentences among those on which an assignment is graded.

    Raises:
        DataError: if the key is not the one with which the file was sealed.
    """
    return _short(hidden_reviews(key))


def _short(some: Snippets) -> Readers:
    rows = [i for i, text in enumerate(some.texts) if len(text.split()) <= LONGEST]
    ratings = [some.ratings[i] for i in rows]
    shares = [[np.mean(r < 0), np.mean(r == 0), np.mean(r > 0)] for r in ratings]
    counts = np.array([len(r) for r in ratings], np.int64)
    return Readers(tuple(some.texts[i] for i in rows), np.array(shares), counts)
