"""What a page need not load, and what it need not load before it is drawn.

The theme loads on each page all of Font Awesome as a script of 1.5 MB, which puts drawings in the
places of icons. Its style sheet shows the same icons as characters of a font. So the script is left
out, and ``icons.css`` has the characters that the site needs in fonts of a few kB, which
:mod:`course_site.icon_fonts` cuts out of the theme's.

It also loads what searches, with the index of all pages, for results that appear while one types;
that is off, so the page of search results alone loads it. MathJax is left out where no formula is.
Scripts that only wait for the page to be there are run when it is. A picture is loaded when the
reader comes near it, and has its size beforehand, so that nothing moves when it comes. What pages
may weigh is in ``tests/browser/test_page_budget.py``.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

from sphinx.application import Sphinx
from sphinx.util.images import get_image_size

STYLE = "icons.css"
SEARCHES = ("searchtools.js", "language_data.js", "searchindex.js")
SEARCH_PAGE = "search.html"
# Each does its work when the page has been read, whether it is loaded before or after that.
LATER = (
    "doctools.js",
    "sphinx_highlight.js",
    "clipboard.min.js",
    "copybutton.js",
    "sphinx-book-theme.js",
    "togglebutton.js",
    "design-tabs.js",
)

_SCRIPT = re.compile(
    r'\n? *<script(?P<attributes>[^>]*)\ssrc="(?:[^"?]*/)?(?P<name>[^"/?]+)[^"]*"[^>]*></script>'
)
_ICON = re.compile(
    r'<(?P<tag>i|span) class="(?P<classes>(?:[^"]* )?fa(?:b|s|r|-solid|-brands|-regular) [^"]*)"'
    r"(?![^>]*aria-hidden)"
)
_SETS_FORMULAS = "mathjax/startup.js"
_FORMULA = re.compile(r'class="[^"]*\bmath\b')
_IMAGE = re.compile(r'<img (?P<rest>[^>]*?src="(?P<address>[^":?]+\.png)"[^>]*?)\s*/?>')
_HAS_SIZE = re.compile(r"\b(?:width|height|loading|style)=")


def setup(app: Sphinx) -> None:
    """Load the icons, and mend the pages when all are finished, before their policies."""
    app.add_css_file(STYLE)
    app.connect("build-finished", lighten_pages, priority=900)


def lighten_pages(app: Sphinx, exception: Exception | None) -> None:
    """Mend the scripts and the pictures of all pages."""
    if exception is not None or app.builder.format != "html":
        return
    site = Path(app.outdir)
    for path in sorted(site.rglob("*.html")):
        name = path.relative_to(site)
        if name.parts[0] != "_static":  # templates of the theme
            html = lightened(path.read_text(encoding="utf-8"), name.as_posix() == SEARCH_PAGE)
            path.write_text(with_sizes(html, path.parent), encoding="utf-8")


def lightened(html: str, searches: bool) -> str:
    """A page without the scripts that it need not load.

    Args:
        html: the page.
        searches: whether it shows results of a search.
    """

    has_formulas = _FORMULA.search(html) is not None

    def mend(found: re.Match[str]) -> str:
        name = found["name"]
        if name == "fontawesome.js" or (name in SEARCHES and not searches):
            return ""
        if _SETS_FORMULAS in found[0] and not has_formulas:
            return ""
        if name in LATER and "defer" not in found[0] and not searches:
            return found[0].replace("<script", "<script defer", 1)
        return found[0]

    return silent_icons(_SCRIPT.sub(mend, html))


def silent_icons(html: str) -> str:
    """A page whose icons no screen reader reads: a character of its own means nothing to it."""
    return _ICON.sub(r'<\g<tag> class="\g<classes>" aria-hidden="true"', html)


def with_sizes(html: str, folder: Path) -> str:
    """A page whose pictures have their sizes and are loaded when the reader comes near.

    The first one is loaded at once, since it may be what the reader sees first. A picture that has
    a size or a style from its author keeps it.

    Args:
        html: the page.
        folder: in which it lies.
    """
    seen = 0

    def mend(found: re.Match[str]) -> str:
        nonlocal seen
        seen += 1
        size = get_image_size(str(folder / unquote(found["address"])))
        if size is None or _HAS_SIZE.search(found["rest"]):
            return found[0]
        lazily = ' loading="lazy"' if seen > 1 else ""
        return f'<img {found["rest"]} width="{size[0]}" height="{size[1]}"{lazily} />'

    return _IMAGE.sub(mend, html)
