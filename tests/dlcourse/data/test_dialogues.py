"""Turns are clean, in order, and from conversations of one part only."""

from __future__ import annotations

import re
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dlcourse.data
from dlcourse.data.dialogues import (
    END,
    UNKNOWN,
    Dialogues,
    Turns,
    Vocabulary,
    _turns,
    dialogues,
    ten_replies,
    tokens,
)


@pytest.fixture(scope="module")
def loaded() -> Dialogues:
    return dialogues("cpu")


@pytest.fixture(scope="module")
def turns(loaded: Dialogues) -> list[str]:
    parts = [loaded.train, loaded.validation]
    return [turn for part in parts for turn in (*part.prompts, *part.replies)]


def test_the_parts_have_the_known_sizes(loaded: Dialogues) -> None:
    assert len(loaded.train) == len(loaded.train.replies) == 52_327
    assert len(loaded.validation) == len(loaded.validation.replies) == 3_842


def test_turns_are_short_and_lower_case(turns: list[str]) -> None:
    assert not set("".join(turns)) - set("abcdefghijklmnopqrstuvwxyz0123456789'.,?! ")
    assert {len(turn.split()) for turn in turns} == set(range(1, 17))


def test_no_turn_holds_an_address_or_a_long_number(turns: list[str]) -> None:
    assert not [turn for turn in turns if re.search(r"www|http|\.com\b|\d{5}", turn)]


def test_a_reply_is_what_followed_the_prompt() -> None:
    found = _turns("hello\nhi\nhow are you?\n\nbye\nsee you")
    assert found.prompts == ("hello", "hi", "bye")
    assert found.replies == ("hi", "how are you?", "see you")


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    """What the script that made the file defines."""
    folder = Path(dlcourse.data.__file__).parent / "datasets"
    return runpy.run_path(str(folder / "derive_dialogues.py"))


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Hello  there!!! How\u2019s it going?", "hello there! how's it going?"),
        ("so . . . what", "so . what"),
        ("I like it :)", "i like it"),
        ("mail me: a@b.org", None),
        ("call 555-1234", None),
        ("what the shit", None),
        ("the class was shell shocked by Dickens", "the class was shell shocked by dickens"),
        ("!!", None),
        ("word " * 17, None),
    ],
)
def test_a_turn_is_cleaned_or_left_out(
    script: dict[str, Any], written: str, kept: str | None
) -> None:
    cleaned: Callable[[str], str | None] = script["cleaned"]
    assert cleaned(written) == kept


def test_a_turn_that_is_left_out_ends_a_run(script: dict[str, Any]) -> None:
    texts = ["one", "two", "word " * 17, "three", "four", "see www"]
    conversation = {"messages": [[{"text": text}] for text in texts]}
    assert script["runs"](conversation) == [["one", "two"], ["three", "four"]]


def test_no_exchange_of_longer_turns_is_in_both_parts(loaded: Dialogues) -> None:
    def exchanges(part: Turns) -> set[tuple[str, str]]:
        pairs = zip(part.prompts, part.replies, strict=True)
        return {pair for pair in pairs if min(len(turn.split()) for turn in pair) > 4}

    assert not exchanges(loaded.train) & exchanges(loaded.validation)


class TestVocabulary:
    def test_signs_are_tokens_of_their_own(self) -> None:
        assert tokens("hi, how's it? 2.") == ["hi", ",", "how's", "it", "?", "2", "."]

    def test_the_most_frequent_tokens_are_kept(self) -> None:
        vocabulary = Vocabulary(["b a", "b c c c"], 6)
        assert vocabulary.words[4:] == ("c", "b")
        assert len(vocabulary) == 6

    def test_a_turn_comes_back_without_its_unknown_words(self) -> None:
        vocabulary = Vocabulary(["how are you ?"], 8)
        numbers = vocabulary.encode(["how are you?", "how"], length=6)
        assert numbers.shape == (2, 6)
        assert vocabulary.decode(numbers[0]) == "how are you ?"
        assert numbers[1].tolist()[1:] == [END, 0, 0, 0, 0]
        assert vocabulary.encode(["where"])[0, 0] == UNKNOWN

    def test_a_long_turn_is_cut_and_ends(self) -> None:
        numbers = Vocabulary(["a b c"], 7).encode(["a b c a b c"], length=4)
        assert numbers[0, -1] == END
        assert (numbers != 0).all()


def test_ten_replies_begin_with_the_true_one(loaded: Dialogues) -> None:
    prompts, replies = ten_replies(loaded.validation, 20, np.random.default_rng(0))
    pairs = set(zip(loaded.validation.prompts, loaded.validation.replies, strict=True))
    for prompt, ten in zip(prompts, replies, strict=True):
        assert (prompt, ten[0]) in pairs
        assert len(ten) == 10
        assert ten[0] not in ten[1:]
    assert len(set(prompts)) > 15
