"""The sampling figure of week 8: its numbers are the model's and NumPy's, and keys operate it."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from dlcourse.data.datasets.derive_sampling_passage import passage_and_logits
from dlcourse.data.plays import CHARACTERS, encode

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FIGURE = "sampling_passage"


def numbers(page: Any) -> list[float]:
    """The author's lost characters, all of them, bits of the others, average characters left."""
    return [float(n) for n in re.findall(r"\d+(?:\.\d+)?", page.get_by_role("status").inner_text())]


def expected(logits: np.ndarray, temperature: float, k: int, mass: float) -> np.ndarray:
    """Temperature, the k most probable, then the fewest of these that reach the mass."""
    p = np.exp(logits / temperature)
    order = np.argsort(-p, kind="stable")[:k]
    shares = p[order] / p[order].sum()
    needed = int(np.argmax(np.cumsum(shares) >= mass - 1e-12)) + 1 if mass < 1 else k
    kept = np.zeros_like(p)
    kept[order[:needed]] = shares[:needed] / shares[:needed].sum()
    return kept


def test_the_stored_logits_are_those_of_mini_gpt(page: Any) -> None:
    stored = page.evaluate("passageFunctions.STORED")
    passage, logits = passage_and_logits()
    assert page.evaluate("passageFunctions.CHARACTERS") == CHARACTERS
    assert stored["passage"] == passage
    np.testing.assert_allclose(stored["logits"], logits, atol=1)


@pytest.mark.parametrize("settings", [(1.0, 65, 1.0), (0.5, 65, 0.9), (1.4, 5, 1.0)])
def test_what_the_passage_loses_is_what_numpy_counts(page: Any, settings: tuple[Any, ...]) -> None:
    stored = page.evaluate("passageFunctions.STORED")
    rows = np.array([expected(np.array(row) / 100, *settings) for row in stored["logits"]])
    authors = rows[np.arange(len(rows)), encode(stored["passage"])]
    for label, value in zip(("temperature", "k", "p"), settings, strict=True):
        page.get_by_label(label, exact=True).fill(str(value))
    lost, count, bits, kept = numbers(page)
    assert (lost, count) == (np.sum(authors == 0), len(authors))
    assert abs(bits + np.log2(authors[authors > 0]).mean()) < 0.006
    assert abs(kept - np.count_nonzero(rows, axis=1).mean()) < 0.06


def test_greedy_cannot_write_what_the_author_wrote(page: Any) -> None:
    assert numbers(page)[0] == 0
    page.get_by_label("k", exact=True).fill("1")
    lost, _, bits, kept = numbers(page)
    assert (bits, kept) == (0, 1)
    assert page.locator("rect.impossible").count() == lost > 10


def test_the_arrow_keys_choose_a_place(page: Any) -> None:
    here = page.locator(".here")
    assert here.inner_text().startswith("Place 1: the author's T has")
    page.get_by_label("place", exact=True).press("ArrowRight")
    assert here.inner_text().startswith("Place 2: the author's o has")
    own = page.locator("text.share", has_text="the author's")
    assert own.locator("xpath=preceding-sibling::*[3]").text_content() == "o"
