"""No image without alternative text (WCAG 2.2, success criterion 1.1.1)."""

from __future__ import annotations

from html.parser import HTMLParser

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

LOGGER = logging.getLogger(__name__)
MESSAGE = (
    "this image has no alternative text. Say what it shows: for a cell's output by "
    "'mystnb: {image: {alt: ...}}' in the cell's metadata, for a file by ':alt:'"
)


def setup(app: Sphinx) -> None:
    """Look at each page when its final content is known."""
    app.connect("doctree-resolved", warn_about_images)


def warn_about_images(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Warn about each image, also in raw HTML, whose alternative text is missing or blank."""
    for image in doctree.findall(nodes.image):
        if not image.get("alt", "").strip():
            LOGGER.warning(MESSAGE, location=image, type="course", subtype="alt")
    for raw in doctree.findall(nodes.raw):
        if "html" in raw.get("format", "").split() and lacks_alt(raw.astext()):
            LOGGER.warning(MESSAGE, location=raw, type="course", subtype="alt")


def lacks_alt(html: str) -> bool:
    """Whether a piece of HTML holds an image whose alternative text is missing or blank."""
    found = ImagesWithoutAlt()
    found.feed(html)
    return found.count > 0


class ImagesWithoutAlt(HTMLParser):
    """Counts ``<img>`` elements whose alternative text is missing or blank."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at one element."""
        if tag == "img" and not (dict(attrs).get("alt") or "").strip():
            self.count += 1
