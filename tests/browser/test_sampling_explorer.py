"""The sampling figure of week 6: its distributions are NumPy's, and it is used by keyboard."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from dlcourse.data.datasets.derive_sampling_figure import logits_in_hundredths
from dlcourse.data.plays import CHARACTERS

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FIGURE = "sampling"
SURE, OPEN = "I thank your majesty.\n\nKING HENR", "My lord, I "
SETTINGS = [(1.0, 65, 1.0), (0.5, 65, 1.0), (1.0, 5, 1.0), (1.0, 65, 0.9), (1.5, 10, 0.8)]


def status(page: Any) -> str:
    return str(page.get_by_role("status").inner_text())


def expected(logits: list[float], temperature: float, k: int, mass: float) -> np.ndarray:
    """Temperature, the k most probable, then the fewest of these that reach the mass."""
    z = np.array(logits) / 100 / temperature
    p = np.exp(z - z.max())
    p /= p.sum()
    order = np.argsort(-p, kind="stable")[:k]
    shares = p[order] / p[order].sum()
    needed = int(np.argmax(np.cumsum(shares) >= mass - 1e-12)) + 1 if mass < 1 else k
    kept = np.zeros_like(p)
    kept[order[:needed]] = shares[:needed]
    return np.asarray(kept / kept.sum())


def test_the_stored_logits_are_the_models(page: Any) -> None:
    stored = page.evaluate("samplingFunctions.LOGITS")
    assert page.evaluate("samplingFunctions.CHARACTERS") == CHARACTERS
    computed = logits_in_hundredths()
    assert stored.keys() == computed.keys()
    for text, values in stored.items():
        np.testing.assert_allclose(values, computed[text], atol=1)


@pytest.mark.parametrize(("temperature", "k", "mass"), SETTINGS)
def test_distributions_are_those_of_numpy(
    page: Any, temperature: float, k: int, mass: float
) -> None:
    for values in page.evaluate("samplingFunctions.LOGITS").values():
        found = page.evaluate(
            "([logits, settings]) => samplingFunctions.reshaped(logits, settings)",
            [[value / 100 for value in values], {"temperature": temperature, "k": k, "p": mass}],
        )
        np.testing.assert_allclose(found, expected(values, temperature, k, mass), atol=1e-12)


def test_the_sliders_change_what_is_drawn_from(page: Any) -> None:
    assert status(page).startswith("65 of 65 characters")
    page.get_by_label("k", exact=True).fill("5")
    assert status(page).startswith("5 of 65 characters")
    page.get_by_label("k", exact=True).fill("65")
    page.get_by_label("temperature").fill("0.1")
    entropies = [float(n) for n in re.findall(r"(\d+\.\d+)[.;]? ?(?:bits|First)", status(page))]
    assert entropies[0] < entropies[1]


def test_the_nucleus_keeps_few_where_the_model_is_sure(page: Any) -> None:
    kept = {}
    for text in (SURE, OPEN):
        page.get_by_label("text so far").select_option(text)
        page.get_by_label("p", exact=True).fill("0.9")
        kept[text] = int(status(page).split()[0])
    assert kept[SURE] == 1
    assert kept[OPEN] > 8


def test_only_kept_characters_are_drawn(page: Any) -> None:
    page.get_by_label("text so far").select_option(SURE)
    page.get_by_label("k", exact=True).fill("1")
    page.get_by_role("button").click()
    assert set(page.locator(".drawn").inner_text().split()) == {"Y"}
    page.get_by_label("k", exact=True).fill("2")
    assert page.locator(".drawn").inner_text() == ""


def test_the_arrow_keys_move_a_slider(page: Any) -> None:
    slider = page.get_by_label("p", exact=True)
    slider.press("ArrowLeft")
    assert slider.get_attribute("aria-valuetext") == "0.95"
    assert not status(page).startswith("65 of")


def test_draws_follow_the_distribution(page: Any) -> None:
    found = page.evaluate(
        """() => Array.from({ length: 1000 }, (_, i) =>
          samplingFunctions.draw([0.25, 0, 0.75], (i + 0.5) / 1000))"""
    )
    assert np.bincount(found).tolist() == [250, 0, 750]
