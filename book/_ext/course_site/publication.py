"""What a published site has for search engines, previews of links and lost readers.

Each page says where it stands (``canonical``, from Sphinx), what it is about, and which picture and
words a link to it shows elsewhere. Beside the pages lie ``sitemap.xml``, ``robots.txt``,
``.nojekyll`` (GitHub Pages then takes files whose names begin with an underscore) and ``404.html``,
whose addresses are absolute, since a host shows it at any depth.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from docutils import nodes
from sphinx.application import Sphinx

CARD = "_static/social-card.png"
CARD_SIZE = (1200, 630)
CARD_ALT = "A drawing of a small network, and the title of the course"
LONGEST = 200
"""Characters of a description; what shows it cuts longer ones."""
NOT_FOUND = "404"
NOT_INDEXED = (NOT_FOUND, "search", "genindex")

_RELATIVE = re.compile(
    r'(?P<name>\b(?:href|src|action|data-content_root)=")(?P<address>(?![a-z][a-z0-9+.-]*:|/|#)[^"]*)"'
)


def setup(app: Sphinx) -> None:
    """Describe pages, add the page for lost readers, and write the files beside the pages."""
    app.connect("html-page-context", describe_page, priority=900)
    app.connect("html-collect-pages", lost_page)
    app.connect("build-finished", write_files)


def describe_page(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Add what stands in the page's head: a description, and what a link to it shows."""
    if pagename in NOT_INDEXED:
        context["metatags"] = context.get("metatags", "") + '<meta name="robots" content="noindex">'
        context.pop("pageurl", None)  # no page of its own, so none to be canonical
        return
    if doctree is None or not app.config.html_baseurl:
        return
    about = description(doctree)
    base = app.config.html_baseurl
    told = {
        'name="description"': about,
        'property="og:type"': "article",
        'property="og:site_name"': app.config.html_title,
        'property="og:title"': app.env.titles[pagename].astext(),
        'property="og:description"': about,
        'property="og:url"': address_of(app, pagename),
        'property="og:image"': urljoin(base, CARD),
        'property="og:image:width"': str(CARD_SIZE[0]),
        'property="og:image:height"': str(CARD_SIZE[1]),
        'property="og:image:alt"': CARD_ALT,
        'name="twitter:card"': "summary_large_image",
    }
    tags = [f'<meta {name} content="{escape(text)}">' for name, text in told.items() if text]
    context["metatags"] = "\n    ".join([context.get("metatags", ""), *tags])


def description(doctree: nodes.document) -> str:
    """The page's first sentences: its first paragraph, one without formulas where there is one."""
    paragraphs = [
        paragraph
        for paragraph in doctree.findall(nodes.paragraph)
        if isinstance(paragraph.parent, nodes.section) and "page-bar" not in paragraph["classes"]
    ]
    plain = [p for p in paragraphs if next(p.findall(nodes.math), None) is None]
    for paragraph in [*plain, *paragraphs]:
        return shortened(" ".join(paragraph.astext().split()))
    return ""


def shortened(text: str) -> str:
    """A text of at most ``LONGEST`` characters: whole sentences of it, or else whole words."""
    if len(text) <= LONGEST:
        return text
    sentences = [end.end() for end in re.finditer(r"[.?!](?= )", text) if end.end() <= LONGEST]
    if sentences:
        return text[: sentences[-1]]
    return text[: text.rindex(" ", 0, LONGEST)] + "…"


def address_of(app: Sphinx, pagename: str) -> str:
    """Where a page stands once the site is published."""
    return urljoin(app.config.html_baseurl, app.builder.get_target_uri(pagename))


def lost_page(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """The page that a host shows for an address that does not exist."""
    home = app.builder.get_relative_uri(NOT_FOUND, app.config.root_doc)
    search = app.builder.get_relative_uri(NOT_FOUND, "search")
    body = (
        "<h1>Page not found</h1><p>There is no page at this address. It may have been moved.</p>"
        f'<p>Go to <a href="{home}">the first page</a>, or <a href="{search}">search the course</a>'
        ".</p>"
    )
    yield NOT_FOUND, {"title": "Page not found", "body": body}, "page.html"


def write_files(app: Sphinx, exception: Exception | None) -> None:
    """Write the files beside the pages, and make the addresses of the lost page absolute."""
    if exception is not None or app.builder.format != "html":
        return
    site, base = Path(app.outdir), app.config.html_baseurl
    (site / ".nojekyll").write_text("", encoding="utf-8")
    lost = site / f"{NOT_FOUND}.html"
    if lost.is_file():
        text = lost.read_text(encoding="utf-8")
        lost.write_text(absolute(text, urlsplit(base).path or "/"), encoding="utf-8")
    if base:
        addresses = [address_of(app, name) for name in sorted(app.env.found_docs)]
        (site / "sitemap.xml").write_text(sitemap(addresses), encoding="utf-8")
        # A host reads it at its root only: where the site lies in a folder, give search engines
        # the address of the sitemap.
        robots = f"User-agent: *\nAllow: /\nSitemap: {urljoin(base, 'sitemap.xml')}\n"
        (site / "robots.txt").write_text(robots, encoding="utf-8")


def absolute(html: str, folder: str) -> str:
    """A page of the site's root with every address that was relative beginning with ``folder``."""

    def begin_with_folder(found: re.Match[str]) -> str:
        address = found["address"].removeprefix("./")
        return f'{found["name"]}{folder}{address}"'

    return _RELATIVE.sub(begin_with_folder, html)


def sitemap(addresses: list[str]) -> str:
    """The addresses in the sitemap protocol, https://www.sitemaps.org/protocol.html."""
    entries = "".join(f"  <url><loc>{escape(address)}</loc></url>\n" for address in addresses)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{entries}</urlset>\n'
    )
