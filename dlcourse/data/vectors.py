"""Vectors of English words from a pretrained network, and pairs of words to test vectors with.

The vectors come from the table of input embeddings of all-MiniLM-L6-v2, a transformer (Reimers and
Gurevych 2019; Wang et al. 2020), reduced to 128 dimensions: derive_vectors.py says how. The same in
both tiers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from dlcourse.data import files, manifest

__all__ = ["GROUPS", "RELATIONS", "WordVectors", "word_vectors", "wordpiece_vocabulary"]


@dataclass(frozen=True)
class WordVectors:
    """One vector a word, V = 16,000 words, the most frequent first."""

    words: tuple[str, ...]
    """Lower case, of the letters a to z alone."""
    vectors: npt.NDArray[np.float32]
    """(V, 128). Each column has mean 0; the rows differ in length."""

    @cached_property
    def index(self) -> Mapping[str, int]:
        """The row of each word."""
        return {word: row for row, word in enumerate(self.words)}

    def __len__(self) -> int:
        """The number of words."""
        return len(self.words)


def word_vectors() -> WordVectors:
    """Load the vectors (see `dlcourse.data.manifest.VECTORS`). Both tiers.

    Raises:
        DataError: if the file is missing or is not the known one.
    """
    with np.load(files.locate(manifest.VECTORS), allow_pickle=False) as file:
        vectors = file["vectors"] * file["step"]
        rows, vocabulary = file["row"].tolist(), _pieces(file["vocabulary"])
    return WordVectors(tuple(vocabulary[row] for row in rows), vectors)


def wordpiece_vocabulary() -> tuple[str, ...]:
    """The 30,522 pieces of the tokenizer of BERT (uncased), which is MiniLM's, in their order.

    A piece that continues a word begins with "##"; [UNK], [CLS], [SEP], [PAD] and [MASK] stand for
    no text.

    Raises:
        DataError: if the file is missing or is not the known one.
    """
    with np.load(files.locate(manifest.VECTORS), allow_pickle=False) as file:
        return _pieces(file["vocabulary"])


def _pieces(content: npt.NDArray[np.uint8]) -> tuple[str, ...]:
    return tuple(content.tobytes().decode("utf-8").split("\n"))


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    words = text.split()
    return tuple(zip(words[::2], words[1::2], strict=True))


RELATIONS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "capital": _pairs(
        "athens greece  baghdad iraq  bangkok thailand  beijing china  berlin germany  cairo egypt "
        "copenhagen denmark  dublin ireland  havana cuba  helsinki finland  lisbon portugal "
        "london england  madrid spain  moscow russia  oslo norway  paris france  rome italy "
        "stockholm sweden  tehran iran  tokyo japan  vienna austria  warsaw poland"
    ),
    "nationality": _pairs(
        "australia australian  brazil brazilian  canada canadian  china chinese  denmark danish "
        "egypt egyptian  england english  france french  germany german  greece greek "
        "india indian  ireland irish  italy italian  japan japanese  mexico mexican "
        "norway norwegian  poland polish  portugal portuguese  russia russian  spain spanish "
        "sweden swedish  turkey turkish"
    ),
    "female": _pairs(
        "actor actress  boy girl  brother sister  duke duchess  emperor empress  father mother "
        "god goddess  grandfather grandmother  he she  him her  husband wife  king queen "
        "man woman  nephew niece  prince princess  son daughter  uncle aunt  waiter waitress"
    ),
    "plural": _pairs(
        "apple apples  bird birds  book books  car cars  cat cats  child children "
        "church churches  city cities  dog dogs  eye eyes  foot feet  hand hands  horse horses "
        "house houses  king kings  man men  mountain mountains  river rivers  ship ships "
        "tree trees  window windows  woman women"
    ),
    "past": _pairs(
        "become became  begin began  bring brought  build built  buy bought  come came  fall fell "
        "find found  give gave  go went  hear heard  know knew  make made  play played  say said "
        "see saw  sing sang  take took  think thought  walk walked  want wanted  write wrote"
    ),
    "comparative": _pairs(
        "bad worse  big bigger  bright brighter  cheap cheaper  cold colder  dark darker "
        "deep deeper  fast faster  good better  great greater  hard harder  high higher "
        "large larger  long longer  low lower  old older  small smaller  strong stronger "
        "tall taller  warm warmer  weak weaker  young younger"
    ),
    "negated": _pairs(
        "certain uncertain  comfortable uncomfortable  fair unfair  fortunate unfortunate "
        "happy unhappy  known unknown  likely unlikely  limited unlimited  necessary unnecessary "
        "pleasant unpleasant  usual unusual  willing unwilling"
    ),
    "adverb": _pairs(
        "actual actually  clear clearly  complete completely  deep deeply  final finally "
        "general generally  gradual gradually  happy happily  immediate immediately "
        "perfect perfectly  quick quickly  quiet quietly  rapid rapidly  recent recently "
        "serious seriously  slow slowly  sudden suddenly  usual usually"
    ),
}
"""Eight relations, each a list of pairs of words that have vectors: two pairs of a relation make a
question, "athens is to greece as baghdad is to ...". Which words to take was settled before any
question was asked of the vectors."""

GROUPS: Mapping[str, tuple[str, ...]] = {
    "family": ("father", "mother", "brother", "sister", "son", "daughter", "wife", "husband"),
    "body": ("head", "hand", "heart", "eye", "ear", "face", "foot", "tongue"),
    "number": ("two", "three", "four", "five", "six", "seven", "ten", "twenty"),
    "title": ("king", "queen", "duke", "earl", "prince", "lord", "knight", "emperor"),
    "animal": ("dog", "horse", "lion", "wolf", "bird", "sheep", "bear", "cat"),
    "sky": ("sun", "moon", "stars", "wind", "rain", "storm", "clouds", "thunder"),
    "time": ("day", "night", "hour", "week", "month", "year", "morning", "minute"),
    "weapon": ("sword", "dagger", "knife", "bow", "shield", "armour", "staff", "axe"),
    "place": ("england", "france", "rome", "athens", "venice", "egypt", "london", "troy"),
    "feeling": ("love", "hate", "fear", "joy", "grief", "sorrow", "anger", "hope"),
    "colour": ("red", "white", "black", "green", "blue", "pale", "grey", "golden"),
    "thou": ("hast", "dost", "wilt", "shalt", "art", "canst", "wouldst", "didst"),
}
"""Words of twelve kinds, eight of each; each occurs at least twenty times in the plays of
`dlcourse.data.plays` that are there to train on. Of a good vector, the nearest neighbour among
these 96 words is of the same kind."""
