"""Words with what stands near them: pairs to train word vectors on, and counts of such pairs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["Corpus", "context_counts", "read_corpus", "skip_gram_pairs"]

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Corpus:
    """A text as numbers of its words, rare words left out; V distinct words."""

    words: tuple[str, ...]
    """The most frequent first."""
    ids: Ids
    """(n,) of each word of the text in order, its place in `words`."""
    counts: Ids
    """(V,) how often each word occurs."""

    @cached_property
    def index(self) -> Mapping[str, int]:
        """The place of each word."""
        return {word: place for place, word in enumerate(self.words)}


def read_corpus(text: str, least: int = 20) -> Corpus:
    """Read a text's words in lower case: the letters a to z, with apostrophes inside.

    Args:
        text: English.
        least: words that occur less often are left out, as if they did not stand there.
    """
    spelled = re.findall(r"[a-z]+(?:'[a-z]+)?", text.lower())
    kept = [(word, count) for word, count in Counter(spelled).most_common() if count >= least]
    place = {word: number for number, (word, _) in enumerate(kept)}
    ids = np.array([place[word] for word in spelled if word in place], dtype=np.int64)
    counts = np.array([count for _, count in kept], dtype=np.int64)
    return Corpus(tuple(place), ids, counts)


def skip_gram_pairs(
    corpus: Corpus, rng: np.random.Generator, *, window: int = 5, threshold: float = 1e-3
) -> tuple[Ids, Ids]:
    """Draw the pairs of one pass over a text, after Mikolov et al. (2013).

    Frequent words are thinned out first: each occurrence of a word with the share f of the text
    stays with probability min(1, sqrt(threshold / f)). Then each word is a centre; how far its
    window reaches on both sides is drawn evenly from 1 to `window`.

    Returns:
        The centres and their contexts, (pairs,) each, places in `corpus.words`.
    """
    stays = np.sqrt(threshold * len(corpus.ids) / corpus.counts)
    kept = corpus.ids[rng.random(len(corpus.ids)) < stays[corpus.ids]]
    reach = rng.integers(1, window + 1, len(kept))
    centres, contexts = [], []
    for distance in range(1, window + 1):
        left, right = kept[:-distance], kept[distance:]
        for centre, context, far in (
            (left, right, reach[:-distance]),
            (right, left, reach[distance:]),
        ):
            centres.append(centre[far >= distance])
            contexts.append(context[far >= distance])
    return np.concatenate(centres), np.concatenate(contexts)


def context_counts(corpus: Corpus, *, window: int = 5) -> csr_array:
    """Count which words stand near which: (V, V), symmetric.

    A pair at the distance k counts (window + 1 - k) / window, which is the chance that a window
    drawn as in `skip_gram_pairs` reaches so far.
    """
    from scipy.sparse import csr_array

    size = len(corpus.words)
    total = csr_array((size, size))
    for distance in range(1, window + 1):
        left, right = corpus.ids[:-distance], corpus.ids[distance:]
        weights = np.full(len(left), (window + 1 - distance) / window)
        near = csr_array((weights, (left, right)), shape=(size, size))
        total = total + near + near.T
    return total
