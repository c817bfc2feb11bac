"""The beam search of week 6: the tree is the one of the search, step by step."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import pytest

from .conftest import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FIGURE = "beam_search"
SCRIPT = ROOT / "book" / "_static" / "interactive" / "beam_search.js"


def words() -> dict[str, Any]:
    """What the script knows of each word."""
    lines = re.findall(r"^    (\w+): (\{.*\}),$", SCRIPT.read_text(encoding="utf-8"), re.MULTILINE)
    return {word: json.loads(tree) for word, tree in lines}


WORDS = words()


def searched(word: str, width: int) -> tuple[int, str, float]:
    """Steps taken, the best pronunciation and its log p, by a search of our own."""
    kept: list[tuple[tuple[str, ...], float]] = [((), 0.0)]
    steps = 0
    while any(symbols[-1:] != (".",) for symbols, _ in kept):
        grown = [item for item in kept if item[0][-1:] == (".",)]
        for symbols, score in kept:
            if symbols[-1:] != (".",):
                following = WORDS[word]["next"][" ".join(symbols)]
                grown += [((*symbols, s), score + math.log(p)) for s, p in following]
        kept = sorted(grown, key=lambda item: -item[1])[:width]
        steps += 1
    symbols, score = kept[0]
    return steps, " ".join(symbols[:-1]), score


def status(page: Any) -> str:
    return str(page.get_by_role("status").inner_text()).replace("\u2212", "-")


@pytest.mark.parametrize("width", [1, 2, 3, 4])
@pytest.mark.parametrize("word", WORDS)
def test_the_best_is_that_of_the_search(page: Any, word: str, width: int) -> None:
    page.get_by_label("word").select_option(word)
    page.get_by_label("beam width").select_option(str(width))
    page.get_by_role("button", name="To the end").click()
    steps, best, score = searched(word, width)
    assert status(page).startswith(
        f"Done after {steps} steps. Best: {best}, log p {score:.2f}, p {math.exp(score):.3f}."
    )
    known = best in WORDS[word]["listed"]
    assert status(page).endswith("In the dictionary." if known else "Not in the dictionary.")


def test_a_wider_beam_mends_some_word_and_never_lowers_log_p() -> None:
    mended = [
        word
        for word in WORDS
        if searched(word, 1)[1] not in WORDS[word]["listed"]
        and searched(word, 4)[1] in WORDS[word]["listed"]
    ]
    assert mended
    assert all(searched(word, 4)[2] >= searched(word, 1)[2] for word in WORDS)


def test_the_tree_grows_a_column_a_step_by_keyboard(page: Any) -> None:
    page.get_by_label("beam width").select_option("2")
    step = page.get_by_role("button", name="Step")
    step.focus()
    page.keyboard.press("Enter")
    assert status(page).startswith("Step 1. Kept: ")
    assert page.locator(".candidate").count() == 1 + 2
    page.keyboard.press("Space")
    assert status(page).startswith("Step 2. Kept: ")
    assert page.locator(".candidate").count() == 1 + 2 + 4
    assert page.locator(".candidate.kept").count() == 1 + 2 + 2
    page.get_by_role("button", name="Start over").click()
    assert page.locator(".candidate").count() == 1


def test_another_word_or_width_starts_over_and_the_end_stops(page: Any) -> None:
    page.get_by_role("button", name="To the end").click()
    assert page.get_by_role("button", name="Step").is_disabled()
    page.get_by_label("beam width").select_option("3")
    assert page.locator(".candidate").count() == 1
    assert page.get_by_role("button", name="Step").is_enabled()


def test_boxes_hold_their_texts(page: Any) -> None:
    page.get_by_label("beam width").select_option("4")
    page.get_by_role("button", name="To the end").click()
    wider = page.evaluate(
        """() => [...document.querySelectorAll(".candidate")].filter((box) =>
            box.querySelector("text").getBBox().width > box.querySelector("rect").getBBox().width)
            .length"""
    )
    assert wider == 0
