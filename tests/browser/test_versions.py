"""The switcher between versions of the site: two small sites in a folder of their host."""

from __future__ import annotations

import functools
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.harness.small_site import write_site

from .conftest import ROOT, QuietHandler, served
from .test_pages import BY_VIEW, DESKTOP, PHONE, barriers, listen, opened

sys.path.insert(0, str(ROOT / "book" / "_ext"))

from course_site.assemble import lay, pack

pytestmark = pytest.mark.browser

FOLDER = "/deep-learning/"
NEWEST = {"book/intro": "The course.", "book/one": "One, as it is.", "search": "Results."}
OLD = {**NEWEST, "book/one": "One, as it was.", "book/gone": "Nobody reads this."}


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A host that has both versions in a folder, and beside it a site that stands alone."""
    scratch = tmp_path_factory.mktemp("host")
    newest = write_site(scratch / "newest", NEWEST)
    pack(write_site(scratch / "old", OLD), "2026-fall", "2026-09-01", scratch)
    lay(newest, scratch.glob("*.tar.gz"), scratch / "root" / FOLDER.strip("/"))
    write_site(scratch / "root" / "alone", NEWEST)
    with served(functools.partial(QuietHandler, directory=str(scratch / "root"))) as address:
        yield address


@pytest.fixture
def context(browser: Any) -> Iterator[Any]:
    made = browser.new_context(viewport=PHONE)
    yield made
    made.close()


def visit(context: Any, address: str) -> Any:
    page = context.new_page()
    listen(page)
    page.goto(address, wait_until="networkidle")
    return page


def links(page: Any) -> dict[str, str]:
    page.locator(".versions summary").click()
    found = page.locator(".versions a").evaluate_all("all => all.map(a => [a.textContent, a.href])")
    return dict(found)


def test_a_page_links_to_itself_in_every_version(context: Any, host: str) -> None:
    page = visit(context, f"{host}{FOLDER}book/one.html#place")
    assert links(page) == {
        "newest": f"{host}{FOLDER}book/one.html#place",
        "2026-fall": f"{host}{FOLDER}2026-fall/book/one.html#place",
    }


def test_a_page_that_a_version_lacks_leads_to_its_first_page(context: Any, host: str) -> None:
    page = visit(context, f"{host}{FOLDER}2026-fall/book/gone.html")
    assert links(page)["newest"] == f"{host}{FOLDER}index.html"


def test_a_search_is_carried_into_the_other_version(context: Any, host: str) -> None:
    page = visit(context, f"{host}{FOLDER}search.html?q=neuron")
    assert links(page)["2026-fall"] == f"{host}{FOLDER}2026-fall/search.html?q=neuron"


def test_the_reader_goes_there_and_back_by_the_keyboard_alone(context: Any, host: str) -> None:
    page = visit(context, f"{host}{FOLDER}book/one.html")
    page.locator(".versions summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{host}{FOLDER}2026-fall/book/one.html")
    assert "One, as it was." in page.locator("article").inner_text()
    page.locator(".version-note a").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"{host}{FOLDER}book/one.html")


def test_escape_closes_the_list_and_returns_to_its_button(context: Any, host: str) -> None:
    page = visit(context, f"{host}{FOLDER}book/one.html")
    page.locator(".versions summary").press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert page.locator(".versions[open]").count() == 0
    assert page.evaluate("document.activeElement.matches('.versions summary')")


def test_a_click_elsewhere_closes_the_list(context: Any, host: str) -> None:
    page = visit(context, f"{host}{FOLDER}book/one.html")
    page.locator(".versions summary").click()
    page.locator("article").click()
    assert page.locator(".versions[open]").count() == 0


def test_the_version_that_is_read_is_marked(context: Any, host: str) -> None:
    page = visit(context, f"{host}{FOLDER}2026-fall/book/one.html")
    page.locator(".versions summary").click()
    assert page.locator(".versions a[aria-current='true']").inner_text() == "2026-fall"
    name = page.locator(".versions summary").get_attribute("aria-label")
    assert name == "Version of the course: 2026-fall"


def test_a_site_that_stands_alone_has_no_switcher_and_no_error(context: Any, host: str) -> None:
    page = visit(context, f"{host}/alone/book/one.html")
    assert page.locator(".versions").count() == 0
    assert page.complaints == []


def test_nothing_is_asked_of_another_host(context: Any, host: str) -> None:
    page = visit(context, f"{host}{FOLDER}2026-fall/book/one.html")
    assert [url for url in page.requested if not url.startswith(host + FOLDER)] == []
    assert page.complaints == []


# --- on the real site -----------------------------------------------------------------------------
@pytest.fixture(scope="module")
def real(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The real site, and under 2026-fall itself with one page more."""
    scratch = tmp_path_factory.mktemp("real")
    old = shutil.copytree(site, scratch / "old")
    (old / "book" / "gone.html").write_bytes((site / "book" / "notation.html").read_bytes())
    pack(old, "2026-fall", "2026-09-01", scratch)
    lay(site, scratch.glob("*.tar.gz"), scratch / "root" / FOLDER.strip("/"))
    with served(functools.partial(QuietHandler, directory=str(scratch / "root"))) as address:
        yield address + FOLDER


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_the_open_switcher_of_a_real_page_is_no_barrier(
    browser: Any, real: str, theme: str, size: str
) -> None:
    view = PHONE if size == "phone" else DESKTOP
    page = opened(browser, f"{real}2026-fall/book/notation.html", theme, view)
    page.locator(".versions summary").click()
    assert page.locator(".version-note").is_visible()
    assert page.complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") <= view["width"]
    for place in (".versions summary", ".versions ul"):
        box = page.locator(place).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= view["width"]
    assert [*barriers(page, BY_VIEW)] == []
    page.context.close()
