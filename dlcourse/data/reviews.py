"""Sentences of film reviews, for or against the film.

In the cpu tier each of them was rated by 15 to 29 people (Hutto and Gilbert 2014); the file comes
with this package. In the gpu tier they are SST-2's sentences (Socher et al. 2013), with one label
each. Both were taken from the same reviews (Pang and Lee 2005).
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dlcourse.data import files, manifest, tiers
from dlcourse.data.sealed import open_sealed

__all__ = ["Reviews", "Snippets", "hidden_reviews", "reviews"]


@dataclass(frozen=True)
class Snippets:
    """n texts of one or a few sentences."""

    texts: tuple[str, ...]
    """As they were written in the cpu tier, which lost its hyphens; in lower case in the gpu
    tier."""
    labels: npt.NDArray[np.int64]
    """(n,) 1 for the film, 0 against it."""
    ratings: tuple[npt.NDArray[np.int8], ...]
    """What each person gave a text, from -4 to 4, one array a text; a text's label is the sign of
    their mean. Empty in the gpu tier."""

    def __len__(self) -> int:
        """The number of texts."""
        return len(self.texts)


@dataclass(frozen=True)
class Reviews:
    """Texts to train and to validate, in random order in the cpu tier."""

    train: Snippets
    """cpu tier: 7,500 texts; gpu tier: 6,920."""
    validation: Snippets
    """cpu tier: 1,575 texts; gpu tier: 872."""


def reviews(tier: str | None = None) -> Reviews:
    """Load sentences of film reviews with their labels.

    The gpu tier reads the training and development splits of SST-2 (0.8 MB); the folder named by
    `DLCOURSE_DATA` is looked at before anything is downloaded.

    Raises:
        DataError: if the tier's file is missing or is not the known one.
        ValueError: if `tier` is neither "cpu" nor "gpu".
    """
    if tiers.tier(tier) == "gpu":
        return Reviews(
            _sst2(files.locate(manifest.SST2_TRAIN)),
            _sst2(files.locate(manifest.SST2_VALIDATION)),
        )
    arrays = _arrays(files.locate(manifest.REVIEWS).read_bytes())
    snippets, count = _snippets(arrays), int(arrays["train"])
    return Reviews(
        Snippets(snippets.texts[:count], snippets.labels[:count], snippets.ratings[:count]),
        Snippets(snippets.texts[count:], snippets.labels[count:], snippets.ratings[count:]),
    )


def hidden_reviews(key: bytes) -> Snippets:
    """Open the 1,491 texts on which an assignment is graded.

    They come with this package, enciphered; the key stands where instructors alone can read it.
    They are sentences of SST-2's test split with the ratings of the cpu tier, so neither tier's
    texts hold them.

    Raises:
        DataError: if the key is not the one with which the file was sealed.
    """
    return _snippets(_arrays(open_sealed(manifest.REVIEWS_SEALED, key)))


def _arrays(content: bytes) -> dict[str, npt.NDArray[np.generic]]:
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def _snippets(arrays: dict[str, npt.NDArray[np.generic]]) -> Snippets:
    """The texts of a file that derive_reviews.py wrote."""
    encoded, ends = arrays["text"].tobytes(), arrays["text_end"].tolist()
    texts = [
        encoded[begin:end].decode("utf-8") for begin, end in zip([0, *ends], ends, strict=False)
    ]
    flat = arrays["rating"].astype(np.int8)
    ratings = np.split(flat, arrays["rating_end"].astype(np.int64)[:-1])
    labels = [int(rating.sum(dtype=np.int64) > 0) for rating in ratings]
    return Snippets(tuple(texts), np.array(labels, np.int64), tuple(ratings))


def _sst2(path: Path) -> Snippets:
    """The lines of a split, each a label, a space and tokens with spaces between them."""
    lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    labels, _, tokens = zip(*(line.partition(" ") for line in lines), strict=True)
    texts = [_written(line) for line in tokens]
    return Snippets(tuple(texts), np.array(labels).astype(np.int64), ())


SPELLINGS = (
    (r"\\([/*])", r"\1"),
    (r"-lrb- ?", "("),
    (r" ?-rrb-", ")"),
    (r"(?:``|`) ", '"'),
    (r" ''", '"'),
    (r" (n't|'(?:s|re|ve|ll|d|m))\b", r"\1"),
    (r" ([.,:;?!]+)(?= |$)", r"\1"),
)
"""What the Penn Treebank's tokens look like, and what was written."""


def _written(tokens: str) -> str:
    """Tokens of the Penn Treebank put together again as far as they tell how."""
    for pattern, replacement in SPELLINGS:
        tokens = re.sub(pattern, replacement, tokens)
    return tokens
