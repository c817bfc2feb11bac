"""A chatbot that answers with what somebody answered to the most similar prompt (TF-IDF)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcourse.data.dialogues import Turns

__all__ = ["Retrieval"]


class Retrieval:
    """TF-IDF over the prompts of some turns, with logarithmic counts and vectors of length 1."""

    def __init__(self, turns: Turns) -> None:
        """Count the words, and question marks, of the prompts."""
        from sklearn.feature_extraction.text import TfidfVectorizer

        self._replies = turns.replies
        self._tfidf = TfidfVectorizer(token_pattern=r"[a-z0-9']+|[?]", sublinear_tf=True)
        self._index: Any = self._tfidf.fit_transform(turns.prompts)

    def reply(self, prompts: Sequence[str]) -> list[str]:
        """For each prompt the reply that followed the most similar one; of equals the first."""
        nearest = (self._tfidf.transform(prompts) @ self._index.T).argmax(axis=1)
        return [self._replies[int(row)] for row in np.ravel(nearest)]

    def similarity(
        self, texts: Sequence[str], candidates: Sequence[Sequence[str]]
    ) -> npt.NDArray[np.float64]:
        """Cosine of each of n texts with its candidates, (n, number of candidates)."""
        rows = [
            (self._tfidf.transform(several) @ self._tfidf.transform([text]).T).toarray()[:, 0]
            for text, several in zip(texts, candidates, strict=True)
        ]
        return np.array(rows)
