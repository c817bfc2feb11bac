"""What a page may cost a visitor who comes with an empty cache, on a phone.

Bytes, requests, files that hold back the first drawing, and what moves afterwards are counted on
every machine alike. The guide for instructors says what was measured and why the budgets are these.
How long a page takes is only printed, and only with --everything: no test judges by the clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.harness.chosen import touched_pages

from .conftest import ROOT, pages
from .page_weight import PHONE, Weight, served_compressed, weigh

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# kB as they are sent, by kind of file; pictures as far as a reader sees them without scrolling.
BUDGET = {
    "document": 65,
    "stylesheet": 110,
    "script": 300,
    "font": 190,
    "image": 250,
}
OTHER = 10
TOTAL = 750
REQUESTS = 60
BLOCKING = 14
# The theme's own search has its scripts in the page's head.
BLOCKING_OF = {"search.html": 24}
SHIFT = 0.1
"""Where Cumulative Layout Shift is called good, https://web.dev/articles/cls."""

EVERY = [*pages(), "search.html"]
ALWAYS = ("book/intro.html", "book/week01/02_neuron.html", "book/notation.html", "search.html")
MOST_TOUCHED = 6


@pytest.fixture(scope="module")
def compressed(site: Path) -> Iterator[str]:
    """The address of the site on a host that compresses text."""
    with served_compressed(site) as address:
        yield address


def looked_at() -> set[str]:
    """The pages that every run weighs: some always, and those that the change touches."""
    names = tuple(name.removesuffix(".html") for name in pages())
    touched = sorted(touched_pages(ROOT, names))[:MOST_TOUCHED]
    return {*ALWAYS, *(f"{name}.html" for name in touched)}


@pytest.fixture(scope="module", params=EVERY)
def weight(
    request: pytest.FixtureRequest, browser: Any, compressed: str, everything: bool
) -> Weight:
    """What each page costs; it is loaded once for all tests."""
    if not everything and request.param not in looked_at():
        pytest.skip("neither touched by the change nor always weighed")
    return weigh(browser, compressed, request.param)


def over_budget(weight: Weight) -> list[str]:
    """What a page costs too much, in sentences."""
    kinds = {**dict.fromkeys(weight.kilobytes, OTHER), **BUDGET}
    blocking = BLOCKING_OF.get(weight.page, BLOCKING)
    told = [
        f"{kind}: {sent:.0f} kB, at most {kinds[kind]}"
        for kind, sent in weight.kilobytes.items()
        if sent > kinds[kind]
    ]
    if weight.total > TOTAL:
        told.append(f"together: {weight.total:.0f} kB, at most {TOTAL}")
    if weight.requests > REQUESTS:
        told.append(f"{weight.requests} files, at most {REQUESTS}")
    if len(weight.blocking) > blocking:
        told.append(f"{len(weight.blocking)} files before anything is drawn: {weight.blocking}")
    if weight.shift > SHIFT:
        told.append(f"what is drawn moves by {weight.shift:.3f}, at most {SHIFT}: {weight.moved}")
    return told


def test_a_page_keeps_within_its_budget(weight: Weight) -> None:
    assert over_budget(weight) == []


def test_what_is_too_much_is_named() -> None:
    heavy = Weight(
        "book/x.html", {"script": 2000.0, "media": 30.0}, 100, ["/a.js"] * 20, 0.5, [(0.5, "IMG")]
    )
    told = "\n".join(over_budget(heavy))
    for part in ("script: 2000", "media: 30", "together: 2030", "100 files", "20 files", "0.500"):
        assert part in told


def test_no_page_loads_an_icon_from_the_large_fonts(browser: Any, compressed: str) -> None:
    page = browser.new_page(viewport=PHONE)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{compressed}book/week01/02_neuron.html", wait_until="networkidle")
    fonts = [url for url in asked if "fontawesome" in url]
    own = [url for url in asked if re.search(r"_static/icons/fa-[a-z]+-\d+\.woff", url)]
    page.close()
    assert fonts == []
    assert own != []


def test_the_icons_of_the_header_are_drawn(browser: Any, compressed: str) -> None:
    page = browser.new_page(viewport=PHONE)
    page.goto(f"{compressed}book/week01/02_neuron.html", wait_until="networkidle")
    widths = page.evaluate(
        """() => [...document.querySelectorAll('.bd-header-article :is(.fa-solid, .fas, .fab)')]
            .filter((icon) => icon.checkVisibility())
            .map((icon) => icon.getBoundingClientRect().width)"""
    )
    page.close()
    assert len(widths) >= 4
    assert min(widths) > 10


@pytest.mark.exhaustive
def test_when_the_largest_thing_is_drawn_on_a_slow_phone(
    browser: Any, compressed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = {name: weigh(browser, compressed, name, slow=True) for name in ALWAYS}
    with capsys.disabled():
        for name, weight in found.items():
            print(f"\n{name}: {weight.largest} after {weight.paint / 1000:.1f} s", end="")
    assert all(weight.paint > 0 for weight in found.values())
