"""A learner's Markdown as HTML that neither runs, nor loads, nor leads anywhere.

CommonMark, and mathematics between dollar signs. Raw HTML is shown as the text that it is. A link
stands as its text with the address in brackets, an image as its description. Tables and definitions
of links stay as typed: 20 kB of either can ask for a minute's work.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup
from mdit_py_plugins.dollarmath import dollarmath_plugin

from autograder.report.wording import clean

# Deeper lists and quotations than this are shown as they were typed.
MOST_NESTED = 20


def prose(text: str) -> Markup:
    """Markdown as HTML elements of this module's choice; headings become paragraphs."""
    return Markup(_parser().render(clean(text)))


def markdown2html(text: str) -> str:
    """The same under the name of nbconvert's filter, whose place it takes on nbgrader's pages."""
    return str(prose(text))


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": MOST_NESTED})
    parser.disable("reference").use(dollarmath_plugin, allow_labels=False, allow_space=False)
    renderer = RendererHTML(parser)
    renderer.rules |= _RULES  # type: ignore[arg-type]
    parser.renderer = renderer
    return parser


# Renderer rules of markdown-it-py: called with the tokens, the place in them, options and env.
def _heading_open(tokens: Sequence[Token], place: int, *_: Any) -> str:
    return '<p class="heading">'


def _heading_close(tokens: Sequence[Token], place: int, *_: Any) -> str:
    return "</p>\n"


def _image(tokens: Sequence[Token], place: int, *_: Any) -> str:
    return f"(image: {escapeHtml(tokens[place].content)})"


def _link_open(tokens: Sequence[Token], place: int, *_: Any) -> str:
    return ""


def _link_close(tokens: Sequence[Token], place: int, *_: Any) -> str:
    opened = next(t for t in reversed(tokens[:place]) if t.type == "link_open")
    inside = "".join(t.content for t in tokens[tokens.index(opened) : place])
    address = str(opened.attrGet("href") or "")
    return "" if address in ("", inside) else f" ({escapeHtml(address)})"


def _code(tokens: Sequence[Token], place: int, *_: Any) -> str:
    return f'<pre class="source">{escapeHtml(tokens[place].content.rstrip())}</pre>\n'


def _math(tokens: Sequence[Token], place: int, *_: Any) -> str:
    return f"${escapeHtml(tokens[place].content)}$"


def _math_block(tokens: Sequence[Token], place: int, *_: Any) -> str:
    return f"<p>$${escapeHtml(tokens[place].content)}$$</p>\n"


_RULES = {
    "heading_open": _heading_open,
    "heading_close": _heading_close,
    "image": _image,
    "link_open": _link_open,
    "link_close": _link_close,
    "fence": _code,
    "code_block": _code,
    "math_inline": _math,
    "math_inline_double": _math,
    "math_block": _math_block,
}
