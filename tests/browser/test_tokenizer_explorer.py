"""The tokenizer of week 6: its merges, what it encodes, and its use by keyboard."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FIGURE = "tokenizer"
SEA = "sea sea sea sea sea seas seas seat seat seat tea tea tea tea"
TEXTS = [
    SEA,
    "aaaa aaa aa aaaa ba ab",
    "naïve 東京 東京都 zz𐍈𐍈 𐍈 z",
    "",
    "to be or not to be that is",
]

Pair = tuple[str, str]


def status(page: Any) -> str:
    return str(page.get_by_role("status").inner_text())


def press(page: Any, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def joined(tokens: list[str], pair: Pair) -> list[str]:
    made, at = [], 0
    while at < len(tokens):
        width = 2 if tuple(tokens[at : at + 2]) == pair else 1
        made.append("".join(tokens[at : at + width]))
        at += width
    return made


def merges_of(text: str) -> list[Pair]:
    """All merges of a text, written anew after the definition."""
    words = Counter(text.split())
    cut = {word: list(word) for word in words}
    age = {token: place for place, token in enumerate(sorted(set("".join(words))))}
    merges: list[Pair] = []
    while True:
        pairs: Counter[Pair] = Counter()
        for word, tokens in cut.items():
            for pair in itertools.pairwise(tokens):
                pairs[pair] += words[word]
        if not pairs:
            return merges
        best = min(pairs, key=lambda pair: (-pairs[pair], age[pair[0]], age[pair[1]]))
        merges.append(best)
        age.setdefault("".join(best), len(age))
        cut = {word: joined(tokens, best) for word, tokens in cut.items()}


@pytest.mark.parametrize("text", TEXTS)
def test_merges_are_those_of_byte_pair_encoding(page: Any, text: str) -> None:
    found = page.evaluate("text => tokenizerFunctions.learned(text, 1000).merges", text)
    assert [tuple(pair) for pair in found] == merges_of(text)


def test_merges_of_the_ready_made_texts_are_those_of_byte_pair_encoding(page: Any) -> None:
    texts = page.evaluate("Object.values(tokenizerFunctions.TEXTS).map(({ learn }) => learn)")
    assert SEA in texts
    for text in texts:
        found = page.evaluate("text => tokenizerFunctions.learned(text, 1000).merges", text)
        assert [tuple(pair) for pair in found] == merges_of(text)


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_encoded_by_the_merges_in_their_order(page: Any, text: str) -> None:
    merges = merges_of(SEA)
    call = "([text, merges]) => tokenizerFunctions.encoded(text, merges)"
    expected = []
    for word in text.split():
        tokens = list(word)
        for pair in merges:
            tokens = joined(tokens, pair)
        expected.append(tokens)
    assert page.evaluate(call, [text, merges]) == expected


def test_frequent_numbers_become_one_token_and_their_neighbours_do_not(page: Any) -> None:
    call = """() => {
        const { learned, encoded, TEXTS } = tokenizerFunctions;
        return encoded("1999 1998", learned(TEXTS.numbers.learn, 1000).merges);
    }"""
    assert page.evaluate(call) == [["1999"], ["199", "8"]]


def test_a_merge_shortens_the_text_and_names_the_next(page: Any) -> None:
    assert status(page) == (
        "0 merges. Vocabulary 4, text 47 tokens. "
        "Next merge: \u201ce\u201d + \u201ca\u201d, 14 times."
    )
    press(page, "Merge")
    assert status(page) == (
        "1 merge. Vocabulary 5, text 33 tokens. "
        "Next merge: \u201cs\u201d + \u201cea\u201d, 10 times."
    )
    press(page, "Back")
    assert status(page).startswith("0 merges. Vocabulary 4, text 47 tokens.")


def test_merging_ends_when_every_word_is_one_token(page: Any) -> None:
    press(page, "10 merges")
    assert status(page).endswith("text 14 tokens. No pair is left: every word is one token.")
    assert page.get_by_role("button", name="Merge", exact=True).is_disabled()


def test_what_is_encoded_follows_the_merges_and_marks_unknown_characters(page: Any) -> None:
    press(page, "Merge")
    field = page.get_by_label("Text to encode", exact=True).first
    field.fill("teas qea")
    assert page.locator(".tokens").last.inner_text().split() == ["teas", "qea"]
    assert [chip.inner_text() for chip in page.locator(".tokens").last.locator(".token").all()] == [
        *("t", "ea", "s"),
        *("q", "ea"),
    ]
    measured = page.locator(".formula").last.inner_text()
    assert measured == "5 tokens for 7 characters: 0.71 a character. Unknown: 1 (dashed)."


def test_a_text_of_ones_own_is_learned_from_at_once(page: Any) -> None:
    press(page, "Merge")
    page.get_by_label("Text to learn merges from").fill("noon noon moon")
    assert page.get_by_label("text", exact=True).input_value() == "own"
    assert status(page).startswith("0 merges. Vocabulary 3, text 12 tokens.")


def test_text_is_shown_as_text(page: Any) -> None:
    page.get_by_label("Text to learn merges from").fill("<b>x</b> <b>x</b>")
    assert page.locator(".tokens b").count() == 0


def test_the_keyboard_reaches_and_presses_the_buttons(page: Any) -> None:
    page.get_by_role("button", name="Merge", exact=True).press("Enter")
    assert status(page).startswith("1 merge.")
    page.get_by_role("button", name="Back", exact=True).press("Space")
    assert status(page).startswith("0 merges.")
