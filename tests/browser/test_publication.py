"""What the built site has for search engines, previews of links, lost readers, and against scripts.

That nothing is loaded from elsewhere and that no page breaks its own policy, ``test_pages`` sees:
the browser says so of each page.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import re
import struct
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
import yaml

from .conftest import ROOT, QuietHandler, pages, served
from .test_pages import opened

pytestmark = pytest.mark.slow

BASE = yaml.safe_load((ROOT / "_config.yml").read_text())["html"]["baseurl"]
FOLDER = urlsplit(BASE).path
SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
ATOM = "{http://www.w3.org/2005/Atom}"


class Head(HTMLParser):
    """The metadata and links of a page's head."""

    def __init__(self) -> None:
        super().__init__()
        self.meta: dict[str, list[str]] = {}
        self.links: dict[str, list[str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at one element."""
        found = {name: value or "" for name, value in attrs}
        if tag == "meta":
            name = found.get("name") or found.get("property") or found.get("http-equiv") or ""
            self.meta.setdefault(name, []).append(found.get("content", ""))
        elif tag == "link":
            self.links.setdefault(found.get("rel", ""), []).append(found.get("href", ""))


@functools.cache
def head(path: Path) -> Head:
    found = Head()
    found.feed(path.read_text(encoding="utf-8").partition("</head>")[0])
    return found


def all_pages(site: Path) -> list[Path]:
    """Every page that the build made, the search and the page for lost readers among them."""
    return [site / name for name in (*pages(), "search.html", "404.html")]


# --- search engines and previews ------------------------------------------------------------------
def test_the_sitemap_names_each_page_of_the_book_once(site: Path) -> None:
    found = ElementTree.parse(site / "sitemap.xml").getroot()
    addresses = [entry.text or "" for entry in found.iter(f"{SPACE}loc")]
    assert sorted(addresses) == sorted(urljoin(BASE, name) for name in pages())


def test_robots_are_shown_the_sitemap(site: Path) -> None:
    lines = (site / "robots.txt").read_text(encoding="utf-8").splitlines()
    assert f"Sitemap: {BASE}sitemap.xml" in lines
    assert "Disallow: /" not in lines


def test_github_is_told_to_serve_files_that_begin_with_an_underscore(site: Path) -> None:
    assert (site / ".nojekyll").is_file()


def test_each_page_names_its_one_canonical_address(site: Path) -> None:
    for name in pages():
        assert head(site / name).links["canonical"] == [urljoin(BASE, name)], name
        assert head(site / name).meta["og:url"] == [urljoin(BASE, name)], name


def test_each_page_describes_itself_in_words_of_its_own(site: Path) -> None:
    told = {name: head(site / name).meta["description"] for name in pages()}
    assert [name for name, found in told.items() if len(found) != 1] == []
    texts = [found[0] for found in told.values()]
    assert [text for text in texts if not 20 <= len(text) <= 200] == []
    assert len({*texts}) == len(texts)
    for name in pages():
        assert head(site / name).meta["og:description"] == told[name], name


def test_a_description_holds_no_formula(site: Path) -> None:
    texts = [head(site / name).meta["description"][0] for name in pages()]
    assert [text for text in texts if "\\" in text or "$" in text] == []


def test_a_link_to_a_page_shows_its_title_and_a_picture(site: Path) -> None:
    for name in pages():
        meta = head(site / name).meta
        assert meta["twitter:card"] == ["summary_large_image"], name
        assert len(meta["og:title"][0]) > 3, name
        (picture,) = meta["og:image"]
        assert picture.startswith(BASE), name
        assert (site / picture.removeprefix(BASE)).is_file(), name


def test_the_picture_has_the_size_that_pages_say(site: Path) -> None:
    meta = head(site / "book/intro.html").meta
    start = (site / meta["og:image"][0].removeprefix(BASE)).read_bytes()[:24]
    assert start[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", start[16:24])
    assert [str(width)] == meta["og:image:width"] == ["1200"]
    assert [str(height)] == meta["og:image:height"] == ["630"]


def test_search_and_the_page_for_lost_readers_are_not_indexed(site: Path) -> None:
    for name in ("search.html", "404.html"):
        assert head(site / name).meta["robots"] == ["noindex"]
        assert "canonical" not in head(site / name).links


# --- the feed of changes --------------------------------------------------------------------------
@pytest.fixture
def feed(site: Path) -> ElementTree.Element:
    path = site / "feed.xml"
    if not path.is_file():
        pytest.skip("git knows no dates of the changelog here, so the site has no feed")
    return ElementTree.parse(path).getroot()


def test_each_page_names_the_feed_by_an_address_in_the_site(
    site: Path, feed: ElementTree.Element
) -> None:
    for name in pages():
        (address,) = head(site / name).links["alternate"]
        assert (site / name).parent.joinpath(address).resolve() == (site / "feed.xml").resolve()


def test_each_entry_of_the_feed_has_its_place_on_the_page(
    site: Path, feed: ElementTree.Element
) -> None:
    html = (site / "book/changes.html").read_text(encoding="utf-8")
    ids = [entry.findtext(f"{ATOM}id", "") for entry in feed.iter(f"{ATOM}entry")]
    assert len(ids) > 40
    for one in ids:
        page, _, place = one.partition("#")
        assert page == urljoin(BASE, "book/changes.html")
        assert f'id="{place}"' in html


def test_the_page_of_changes_links_to_the_feed(site: Path, feed: ElementTree.Element) -> None:
    assert 'href="../feed.xml"' in (site / "book/changes.html").read_text(encoding="utf-8")


# --- notebooks ------------------------------------------------------------------------------------
@functools.cache
def links(path: Path) -> list[str]:
    return re.findall(r'<a class="[^"]*reference[^"]*" href="([^"]*)"', path.read_text("utf-8"))


def test_where_colab_opens_a_notebook_kaggle_opens_the_same(site: Path) -> None:
    seen = 0
    for name in pages():
        bar = re.findall(r'<p class="page-bar">.*?</p>', (site / name).read_text("utf-8"), re.S)
        for text in bar:
            (path,) = re.findall(r'colab\.research\.google\.com/github/([^"]+)"', text)
            (same,) = re.findall(
                r'kaggle\.com/kernels/welcome\?src=https://github\.com/([^"]+)"', text
            )
            assert path == same, name
            (own,) = re.findall(r'href="([^":]+\.ipynb)"', text)
            assert (site / name).parent.joinpath(own).resolve().is_file(), name
            assert path.endswith(own.lstrip("./")), name
            seen += 1
    assert seen > 10


def test_each_chapter_has_the_links_under_its_title(site: Path) -> None:
    chapters = [
        path.relative_to(ROOT).with_suffix(".html").as_posix()
        for path in (ROOT / "book").glob("week*/0*.md")
    ]
    assert chapters
    for name in chapters:
        assert "Open on Kaggle" in (site / name).read_text("utf-8"), name


# --- the content policy ---------------------------------------------------------------------------
def policy(path: Path) -> dict[str, list[str]]:
    (text,) = head(path).meta["Content-Security-Policy"]
    parts = [part.split() for part in text.split("; ")]
    return {part[0]: part[1:] for part in parts}


def test_no_page_may_load_anything_from_elsewhere(site: Path) -> None:
    for path in all_pages(site):
        found = policy(path)
        assert found.pop("default-src") == ["'none'"]
        assert found.pop("base-uri") == ["'none'"]
        sources = {source for values in found.values() for source in values}
        sources = {source for source in sources if not source.startswith("'sha256-")}
        assert sources == {"'self'", "file:", "'unsafe-inline'", "data:", "blob:"}, path
        assert "'unsafe-inline'" not in found["script-src"], path
        assert "data:" not in found["script-src"], path


def test_the_policy_stands_before_the_first_script(site: Path) -> None:
    for path in all_pages(site):
        text = path.read_text(encoding="utf-8")
        assert 0 < text.index("Content-Security-Policy") < text.index("<script"), path


def test_each_inline_script_is_allowed_by_its_own_hash_and_no_other(site: Path) -> None:
    for path in all_pages(site):
        text = path.read_text(encoding="utf-8")
        scripts = re.findall(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", text, re.DOTALL)
        hashes = {base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts}
        allowed = {source for source in policy(path)["script-src"] if "sha256" in source}
        assert allowed == {f"'sha256-{one}'" for one in hashes}, path


@pytest.mark.browser
def test_a_script_that_reaches_a_page_later_does_not_run(browser: Any, address: str) -> None:
    page = opened(browser, address + "book/intro.html")
    page.evaluate(
        """() => {
            const script = document.createElement('script');
            script.textContent = 'window.reached = true';
            document.body.append(script);
            const button = document.createElement('button');
            button.setAttribute('onclick', 'window.reached = true');
            document.body.append(button);
            button.click();
        }"""
    )
    assert page.evaluate("window.reached") is None
    assert any("Content Security Policy" in text for text in page.complaints)
    page.context.close()


@pytest.mark.browser
def test_a_page_that_is_read_from_a_disk_looks_and_runs_the_same(browser: Any, site: Path) -> None:
    page = opened(browser, (site / "book/week01/02_neuron.html").as_uri())
    assert page.complaints == []
    assert page.locator("mjx-container").count() > 0
    assert page.locator("[data-interactive] svg").count() > 0
    page.context.close()


@pytest.mark.browser
def test_the_button_for_the_full_screen_still_works(browser: Any, address: str) -> None:
    page = opened(browser, address + "book/intro.html")
    page.locator(".btn-fullscreen-button").first.click()
    page.wait_for_function("document.fullscreenElement !== null")
    page.context.close()


# --- lost readers, on a site that lies in a folder of its host ------------------------------------
class InFolder(QuietHandler):
    """Serves a site under a folder, and its page for lost readers where there is no file."""

    def translate_path(self, path: str) -> str:
        """The file of an address; none outside the folder."""
        inside = "/" + path.removeprefix(FOLDER) if path.startswith(FOLDER) else "/nowhere/at/all"
        return super().translate_path(inside)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Show the page for lost readers."""
        body = (Path(self.directory) / "404.html").read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture(scope="module")
def host(site: Path) -> Iterator[str]:
    with served(functools.partial(InFolder, directory=str(site))) as address:
        yield address


def test_the_page_for_lost_readers_has_no_relative_address(site: Path) -> None:
    text = (site / "404.html").read_text(encoding="utf-8")
    addresses = re.findall(r'\s(?:href|src|action|data-content_root)="([^"]*)"', text)
    own = [one for one in addresses if not re.match(r"https?:|#|mailto:", one)]
    assert own
    assert [one for one in own if not one.startswith(FOLDER)] == []


@pytest.mark.browser
def test_a_lost_reader_finds_the_first_page_from_any_depth(browser: Any, host: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    failed: list[str] = []

    def listen(got: Any) -> None:
        if got.status >= 400:
            failed.append(got.url)

    page.on("response", listen)
    lost = f"{host}{FOLDER}book/week99/deep/gone.html"
    page.goto(lost, wait_until="networkidle")
    assert failed == [lost]  # all that the page itself asks for is there
    assert page.get_by_role("heading", name="Page not found").count() == 1
    page.get_by_role("link", name="the first page").click()
    page.wait_for_url(f"{host}{FOLDER}book/intro.html")
    context.close()


@pytest.mark.browser
def test_a_page_in_a_folder_of_its_host_finds_all_that_it_asks_for(browser: Any, host: str) -> None:
    page = opened(browser, f"{host}{FOLDER}book/week01/02_neuron.html")
    assert page.complaints == []
    page.context.close()
