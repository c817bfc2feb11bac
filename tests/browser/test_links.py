"""Every link of the site leads somewhere: to a page, and to the place on it that it names."""

from __future__ import annotations

from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from .conftest import ROOT, pages

pytestmark = pytest.mark.slow


class LinksAndPlaces(HTMLParser):
    """The addresses that a page links to or loads, and the places on it that have names."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.places: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at one element."""
        for name, value in attrs:
            if name in ("href", "src") and value:
                self.links.append(value)
            elif name == "id" and value:
                self.places.add(value)


@cache
def read(path: Path) -> LinksAndPlaces:
    """A page's links and places."""
    found = LinksAndPlaces()
    found.feed(path.read_text(encoding="utf-8"))
    return found


def broken(path: Path) -> list[str]:
    """Links of a page to files of the site that do not exist, or to places that are not there."""
    missing = []
    for link in read(path).links:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        if not target.is_file():
            missing.append(link)
        elif parts.fragment and target.suffix == ".html":
            missing += [link] * (unquote(parts.fragment) not in read(target).places)
    return missing


@pytest.mark.parametrize("name", pages())
def test_links_of_a_page_lead_somewhere(site: Path, name: str) -> None:
    assert broken(site / name) == []


def test_the_first_page_leads_to_the_book(site: Path) -> None:
    assert "book/intro.html" in (site / "index.html").read_text(encoding="utf-8")


def test_the_site_holds_pages_of_the_book_only(site: Path) -> None:
    made = {path.relative_to(site).as_posix() for path in site.rglob("*.html")}
    made = {name for name in made if not name.startswith("_static/")}
    assert made == {*pages(), "404.html", "index.html", "search.html"}


@pytest.mark.parametrize("name", pages())
def test_colab_links_point_at_notebooks_of_this_repository(site: Path, name: str) -> None:
    links = [link for link in read(site / name).links if "colab.research.google.com" in link]
    for link in links:
        path = link.split("/blob/", 1)[1].split("/", 1)[1]
        assert path.endswith(".ipynb")
        assert (ROOT / path).is_file()
