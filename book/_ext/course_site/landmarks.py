"""Mends of the theme's HTML for readers who use a keyboard or a screen reader.

Each was found by axe-core on the built pages (tests/browser): a folding arrow without a name, a
list of references whose roles contradict each other, a table corner marked as an empty header. What
depends on the reader's window (formulas that scroll sideways) is mended by ``_static/course.js``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sphinx.application import Sphinx


def setup(app: Sphinx) -> None:
    """Register the mends, after the theme has filled in the page's context."""
    app.connect("html-page-context", mend_page, priority=900)


def mend_page(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Mend one page's body and its navigation."""
    if "body" in context:
        context["body"] = mend_tables(mend_references(context["body"]))
    if "generate_toctree_html" in context:
        context["generate_toctree_html"] = naming_arrows(context["generate_toctree_html"])


def naming_arrows(generate: Callable[..., Any]) -> Callable[..., Any]:
    """The theme's navigation, with a name for each arrow that unfolds a chapter's pages."""

    def generate_named(*args: Any, **kwargs: Any) -> Any:
        navigation = generate(*args, **kwargs)  # a BeautifulSoup document
        for arrow in navigation.select("a + details > summary"):
            chapter = arrow.parent.find_previous_sibling("a").get_text(strip=True)
            arrow["aria-label"] = f"Pages of {chapter}"
        return navigation

    return generate_named


def mend_references(html: str) -> str:
    """Docutils calls the list of references a list, but its children are no list items."""
    html = html.replace(' role="doc-biblioentry"', "")
    return html.replace('<div role="list" class="citation-list">', '<div class="citation-list">')


def mend_tables(html: str) -> str:
    """An empty cell in the header row is a cell: a header names something."""
    return re.sub(r'<th class="head">(<p></p>)?</th>', "<td></td>", html)
