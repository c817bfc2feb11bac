"""Retrieval answers with the reply to the most similar prompt."""

from __future__ import annotations

import numpy as np
import pytest

from dlcourse.data.dialogues import Turns
from dlcourse.models.retrieval import Retrieval


@pytest.fixture
def bot() -> Retrieval:
    prompts = ("do you like music?", "i have a dog", "music and a dog")
    return Retrieval(Turns(prompts, ("yes", "how old is it?", "both!")))


def test_the_most_similar_prompt_decides(bot: Retrieval) -> None:
    assert bot.reply(["i have a dog too", "you like music?"]) == ["how old is it?", "yes"]


def test_nothing_in_common_gives_the_first_reply(bot: Retrieval) -> None:
    assert bot.reply(["zebra"]) == ["yes"]


def test_similarity_is_a_cosine(bot: Retrieval) -> None:
    found = bot.similarity(["a dog"], [["dog a", "music", "dog"]])
    assert found.shape == (1, 3)
    assert found[0, 0] == pytest.approx(1.0)
    assert found[0, 1] == 0.0
    assert np.all(found <= 1.0 + 1e-12)
