"""What a reader meets on every page: mathematics, no other host, no barrier, in both themes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from .conftest import pages

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
# Every page in both themes and on both sizes; some in the other two views as well, because what
# belongs to one theme on one size only, a sidebar for instance, is the same on every page.
VIEWS = [("light", "desktop", DESKTOP), ("dark", "phone", PHONE)]
OTHER_VIEWS = [("dark", "desktop", DESKTOP), ("light", "phone", PHONE)]
EVERY = [*pages(), "search.html"]
SOME = [
    "book/intro.html",
    "book/guides/operators.html",
    "book/week02/03_optimizers.html",
    "book/week04/03_detection.html",
    "search.html",
]
SEEN = [
    pytest.param((path, theme, size), id=f"{path}-{theme}-{name}")
    for views, paths in ((VIEWS, EVERY), (OTHER_VIEWS, SOME))
    for theme, name, size in views
    for path in paths
]
# What axe looks at: all but the glyphs of formulas. They are hidden from screen readers, which get
# MathML instead, and they are most of a page's elements.
READ = {"exclude": [["mjx-math"]]}
QUICK = {"resultTypes": ["violations"]}
# Left over where MathJax did not run: delimiters in the text of the page.
UNSET = r"""() => [...document.querySelectorAll('.math')].filter(
    (math) => !math.querySelector('mjx-container') || math.querySelector('mjx-merror')
).map((math) => math.textContent.slice(0, 80))"""


def opened(browser: Any, url: str, theme: str = "light", view: Any = None) -> Any:
    """A new page in a fresh profile, loaded, with its mathematics set."""
    context = browser.new_context(color_scheme=theme, viewport=view or DESKTOP)
    page = context.new_page()
    page.requested, page.complaints = [], []
    page.on("request", lambda request: page.requested.append(request.url))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("requestfailed", lambda request: page.complaints.append(f"failed: {request.url}"))
    page.on("response", lambda got: got.status >= 400 and page.complaints.append(got.url))
    page.on(
        "console",
        lambda line: line.type in ("error", "warning") and page.complaints.append(line.text),
    )
    page.goto(url, wait_until="networkidle")
    page.evaluate("window.MathJax?.startup?.promise")
    return page


@dataclass
class View:
    """A page of the site as it is seen in one theme and one size of the window."""

    page: Any
    theme: str
    width: int


@pytest.fixture(scope="module", params=SEEN)
def view(request: pytest.FixtureRequest, browser: Any, address: str) -> Iterator[View]:
    """Each page in each of its views, opened once for all tests."""
    path, theme, size = request.param
    page = opened(browser, address + path, theme, size)
    yield View(page, theme, size["width"])
    page.context.close()


@pytest.fixture
def page(view: View) -> Any:
    """The page of a view."""
    return view.page


def test_the_other_views_are_of_pages_that_exist() -> None:
    assert set(SOME) <= set(EVERY)


def test_a_page_loads_nothing_from_another_host(page: Any, address: str) -> None:
    own = (address, "data:", "blob:")
    assert [url for url in page.requested if not url.startswith(own)] == []


def test_the_browser_complains_of_nothing(page: Any) -> None:
    assert page.complaints == []


def test_all_mathematics_is_set(page: Any) -> None:
    assert page.evaluate(UNSET) == []
    text = page.evaluate("document.querySelector('main').innerText")
    assert [mark for mark in ("\\(", "\\[", "$$") if mark in text] == []


def test_axe_finds_no_barrier(page: Any, view: View) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    assert page.evaluate("document.documentElement.dataset.theme") == view.theme
    violations = axe.run(page, context=READ, options=QUICK).response["violations"]
    barriers = [
        f"{found['id']}: {found['help']}: {node['html'][:200]}"
        for found in violations
        if found["impact"] in ("serious", "critical")
        for node in found["nodes"]
    ]
    assert barriers == []


def test_the_page_fits_the_window(page: Any, view: View) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= view.width


def test_search_finds_a_page(browser: Any, address: str) -> None:
    page = opened(browser, f"{address}search.html?q=notation")
    page.wait_for_selector("#search-results li a")
    assert "Notation" in page.locator("#search-results").inner_text()
    page.context.close()
