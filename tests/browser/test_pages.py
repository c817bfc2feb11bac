"""What a reader meets on every page: mathematics, no other host, no barrier, in both themes.

A page is loaded once and then seen in one view after another; what is asked of it in a view is one
test, which names all that it complains of. A run looks at the pages that the change touches, at
those that it executes and at some that the commit draws; with --everything at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.harness.chosen import chosen_pages

from .conftest import ROOT, pages

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}


@dataclass(frozen=True)
class View:
    """A theme and a size of the window."""

    theme: str
    size: str

    def __str__(self) -> str:
        return f"{self.theme}-{self.size}"

    @property
    def viewport(self) -> dict[str, int]:
        """The window in CSS pixels."""
        return DESKTOP if self.size == "desktop" else PHONE


# Each in both themes and on both sizes; in the other two views only where all is looked at.
VIEWS = [View("light", "desktop"), View("dark", "phone")]
OTHER_VIEWS = [View("dark", "desktop"), View("light", "phone")]
EVERY = [*pages(), "search.html"]
NAMES = tuple(name.removesuffix(".html") for name in EVERY)
# What axe looks at: all but the glyphs of formulas. They are hidden from screen readers, which get
# MathML instead, and they are most of a page's elements.
READ = {"exclude": [["mjx-math"]]}
QUICK = {"resultTypes": ["violations"]}
# Axe's rules whose verdict may differ from one view of a page to another.
BY_VIEW = [
    "aria-hidden-focus",
    "color-contrast",
    "link-in-text-block",
    "scrollable-region-focusable",
    "target-size",
]
# Leaves one token of each colour of the highlighted code: their contrast is most of axe's work, and
# thousands of tokens have the same dozen colours.
ONE_TOKEN_OF_EACH_COLOUR = """() => {
    const seen = new Set();
    for (const token of document.querySelectorAll('.highlight pre span:not(:has(span))')) {
        const place = token.closest('.cell_input, .cell_output')?.className ?? '';
        const kind = `${token.className} ${place}`;
        seen.has(kind) ? token.remove() : seen.add(kind);
    }
}"""
# The theme looks anew 300 ms after the last change of the window or the page what can be scrolled.
# Timers of a page go off in their order, however slow the machine is.
SETTLED = """() => new Promise((done) => requestAnimationFrame(
    () => requestAnimationFrame(() => setTimeout(done, 400))
))"""
# Left over where MathJax did not run: delimiters in the text of the page.
UNSET = r"""() => [...document.querySelectorAll('.math')].filter(
    (math) => !math.querySelector('mjx-container') || math.querySelector('mjx-merror')
).map((math) => math.textContent.slice(0, 80))"""


def opened(browser: Any, url: str, theme: str = "light", view: Any = None) -> Any:
    """A new page in a fresh profile, loaded, with its mathematics set."""
    context = browser.new_context(color_scheme=theme, viewport=view or DESKTOP)
    page = context.new_page()
    listen(page)
    page.goto(url, wait_until="networkidle")
    page.evaluate("window.MathJax?.startup?.promise")
    return page


def listen(page: Any) -> None:
    """Keep what a page asks for, and what the browser says of it."""
    page.requested, page.complaints = [], []
    page.on("request", lambda request: page.requested.append(request.url))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("requestfailed", lambda request: page.complaints.append(f"failed: {request.url}"))
    page.on("response", lambda got: got.status >= 400 and page.complaints.append(got.url))
    page.on(
        "console",
        lambda line: line.type in ("error", "warning") and page.complaints.append(line.text),
    )


def show(page: Any, view: View) -> None:
    """Show a page in a view, without loading it again."""
    page.emulate_media(color_scheme=view.theme)
    page.set_viewport_size(view.viewport)
    # On a busy machine the page is told of its new size after more than a frame or two.
    page.wait_for_function("width => window.innerWidth === width", arg=view.viewport["width"])
    page.evaluate(SETTLED)


def unset_mathematics(page: Any) -> Iterator[str]:
    """Formulas that a reader sees as their source."""
    for formula in page.evaluate(UNSET):
        yield f"mathematics is not set: {formula}"
    text = page.evaluate("document.querySelector('main').innerText")
    for mark in ("\\(", "\\[", "$$"):
        if mark in text:
            yield f"mathematics is not set: {mark} stands in the text"


def misplaced(page: Any, view: View) -> Iterator[str]:
    """What is wrong with the page's theme and width."""
    theme = page.evaluate("document.documentElement.dataset.theme")
    if theme != view.theme:
        yield f"the theme is {theme}"
    width = page.evaluate("document.documentElement.scrollWidth")
    if width > view.viewport["width"]:
        yield f"the page is {width} pixels wide in a window of {view.viewport['width']}"


def barriers(page: Any, rules: list[str]) -> Iterator[str]:
    """What axe finds serious or critical by some of its rules; by all where none are given."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    options = {**QUICK, **({"runOnly": rules} if rules else {})}
    for found in axe.run(page, context=READ, options=options).response["violations"]:
        if found["impact"] in ("serious", "critical"):
            for node in found["nodes"]:
                yield f"axe: {found['id']}: {found['help']}: {node['html'][:200]}"


def complaints(
    page: Any, address: str, views: list[View], again: list[str] = BY_VIEW
) -> dict[View, list[str]]:
    """All that is wrong with a loaded page, by the view in which it is seen.

    Axe follows all its rules in the first view, and those of ``again`` in the others.
    """
    own = (address, "data:", "blob:")
    found: dict[View, list[str]] = {view: [] for view in views}
    for view, told in found.items():
        show(page, view)
        told += [*unset_mathematics(page), *misplaced(page, view)]
    # Asked for or said in any view: told in the first. Axe itself asks for style sheets.
    found[views[0]] += [f"loads {url}" for url in page.requested if not url.startswith(own)]
    found[views[0]] += [f"the browser says: {text}" for text in page.complaints]
    page.evaluate(ONE_TOKEN_OF_EACH_COLOUR)
    for view, told in found.items():
        show(page, view)
        told += barriers(page, [] if view is views[0] else again)
    return found


@pytest.fixture(scope="module", params=EVERY)
def seen(
    request: pytest.FixtureRequest, browser: Any, address: str, everything: bool
) -> dict[View, list[str]]:
    """What is wrong with each page, which is loaded once for all its views."""
    if not everything and request.param.removesuffix(".html") not in chosen_pages(ROOT, NAMES):
        pytest.skip("neither touched by the change nor executed nor drawn by the commit")
    page = opened(browser, address + request.param)
    try:
        if everything:
            return complaints(page, address, [*VIEWS, *OTHER_VIEWS], again=[])
        return complaints(page, address, VIEWS)
    finally:
        page.context.close()


@pytest.mark.parametrize(
    "view",
    [*VIEWS, *[pytest.param(view, marks=pytest.mark.exhaustive) for view in OTHER_VIEWS]],
    ids=str,
)
def test_a_page_is_whole(seen: dict[View, list[str]], view: View) -> None:
    assert seen[view] == []


BROKEN = """
<!doctype html><html lang="en" data-theme="light"><head><title>Broken</title></head><body><main>
<h1>Broken</h1><p style="width: 3000px; color: #ccc">Wide and pale, $$x$$</p>
<span class="math">\\(y\\)</span>
<img alt="" src="http://127.0.0.1:9/x.png"><script>console.error("a complaint")</script>
<div class="highlight"><pre><span class="k">def</span><span class="k">def</span></pre></div>
</main></body></html>
"""


def test_what_is_broken_is_named(browser: Any) -> None:
    page = browser.new_page(color_scheme="light", viewport=DESKTOP)
    listen(page)
    page.set_content(BROKEN)
    said = complaints(page, "http://127.0.0.1:1/", VIEWS)
    first = "\n".join(said[VIEWS[0]])
    for complaint in (
        "the page is 3",
        "axe: color-contrast",
        "mathematics is not set: \\(y",
        "$$ stands in the text",
        "loads http://127.0.0.1:9/x.png",
        "the browser says: a complaint",
    ):
        assert complaint in first
    assert "the theme is light" in said[VIEWS[1]]
    page.close()


def test_search_finds_a_page(browser: Any, address: str) -> None:
    page = opened(browser, f"{address}search.html?q=notation")
    page.wait_for_selector("#search-results li a")
    assert "Notation" in page.locator("#search-results").inner_text()
    page.context.close()
