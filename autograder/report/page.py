"""Self-contained HTML pages: one style, no scripts, nothing fetched from anywhere.

What learners wrote reaches these pages escaped, by Jinja's autoescaping; the page's
Content-Security-Policy is the second wall: no script, no style but our own, images as data only.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from autograder.report.wording import clean

_TEMPLATES = Path(__file__).with_name("templates")


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _style() -> tuple[Markup, str]:
    """The style sheet, and a policy that allows it and images given as data, and nothing else."""
    css = (_TEMPLATES / "report.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return Markup(css), policy


def render(template: str, **context: Any) -> str:
    """A page from a template of this package and values, which are escaped."""
    css, policy = _style()
    return _environment().get_template(template).render(css=css, policy=policy, **context)


def marked_up(text: str, limit: int = 2_000) -> Markup:
    """Text as HTML: cleaned and escaped, and what stands between backticks set as code."""
    pieces = clean(text, limit).split("`")
    html = Markup()
    for i, piece in enumerate(pieces):
        inside = i % 2 and i < len(pieces) - 1
        html += Markup("<code>{}</code>").format(piece) if inside else escape(piece)
    return html


def image(data: bytes, kind: str = "png") -> str:
    """An image as a data URI."""
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def drawing(svg: bytes) -> str:
    """A drawing of ours as a data URI; as an image it can run and fetch nothing."""
    return image(svg, "svg+xml")
