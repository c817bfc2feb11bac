"""Short sentences come with the shares of their readers."""

from __future__ import annotations

import numpy as np
import pytest

from dlcourse.data.readers import LONGEST, VERDICTS, readers
from dlcourse.data.reviews import reviews


@pytest.mark.parametrize(("split", "count"), [("train", 1_877), ("validation", 400)])
def test_the_sentences_are_short_and_the_shares_sum_to_one(split: str, count: int) -> None:
    found = readers(split)
    assert len(found) == len(found.texts) == count
    assert max(len(text.split()) for text in found.texts) == LONGEST
    assert found.shares.shape == (count, len(VERDICTS))
    assert np.allclose(found.shares.sum(axis=1), 1)


def test_shares_are_those_of_the_ratings() -> None:
    found, whole = readers("validation"), reviews("cpu").validation
    ratings = whole.ratings[whole.texts.index(found.texts[3])]
    against, neither, in_favour = found.shares[3] * len(ratings)
    assert found.counts[3] == len(ratings)
    assert round(against) == np.sum(ratings < 0)
    assert round(neither) == np.sum(ratings == 0)
    assert round(in_favour) == np.sum(ratings > 0)


def test_an_unknown_split_is_named() -> None:
    with pytest.raises(ValueError, match="'test'"):
        readers("test")
