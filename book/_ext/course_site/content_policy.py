"""A content-security policy in each page: nothing is loaded from elsewhere, no other script runs.

A page's own inline scripts are allowed one by one, by their SHA-256, so a script that reaches the
page in any other way does not run. Styles may stand inline: MathJax makes them as it sets formulas.
The policy is written into the finished file, because only there are all scripts known.
"""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util import logging

LOGGER = logging.getLogger(__name__)
# Read from a disk, 'self' is nothing in some browsers; a site on the web cannot load `file:`.
OWN = "'self' file:"
AFTER = '<meta charset="utf-8" />'

_INLINE = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)
_POLICY = re.compile(r'\n *<meta http-equiv="Content-Security-Policy" content="[^"]*">')
_TAG = re.compile(r"<[a-z][^<>]*>")
_HANDLER = re.compile(r'\son[a-z]+\s*=\s*["\']')
# The theme's button; course.js gives it the same handler.
_FULL_SCREEN = ' onclick="toggleFullScreen()"'


def setup(app: Sphinx) -> None:
    """Write the policies when all pages are finished."""
    app.connect("build-finished", protect_pages, priority=950)


def protect_pages(app: Sphinx, exception: Exception | None) -> None:
    """Write into each page which scripts it holds, and that no other may run."""
    if exception is not None or app.builder.format != "html":
        return
    site = Path(app.outdir)
    for path in sorted(site.rglob("*.html")):
        if path.relative_to(site).parts[0] == "_static":  # templates of the theme
            continue
        html = path.read_text(encoding="utf-8").replace(_FULL_SCREEN, "")
        if AFTER not in html and "<script" not in html:  # the first page only leads to another
            continue
        if AFTER not in html:
            LOGGER.warning("%s has no place for a content policy: no %s", path, AFTER)
            continue
        for tag in handlers(html):
            LOGGER.warning("%s: the policy would stop what this holds: %s", path, tag)
        path.write_text(with_policy(html), encoding="utf-8")


def handlers(html: str) -> list[str]:
    """Tags with a script in an attribute, which no hash of a script allows."""
    outside = _INLINE.sub("", html)
    return [tag for tag in _TAG.findall(outside) if _HANDLER.search(tag)]


def with_policy(html: str) -> str:
    """A page with the policy that fits its scripts, in the place of one that it had."""
    html = _POLICY.sub("", html)
    tag = f'<meta http-equiv="Content-Security-Policy" content="{policy(html)}">'
    return html.replace(AFTER, f"{AFTER}\n    {tag}", 1)


def policy(html: str) -> str:
    """The policy: by kind of content, where it may come from."""
    hashes = sorted({f"'sha256-{digest(script)}'" for script in _INLINE.findall(html)})
    return "; ".join(
        [
            "default-src 'none'",
            " ".join(["script-src", OWN, *hashes]),
            f"style-src {OWN} 'unsafe-inline'",
            f"img-src {OWN} data:",
            f"font-src {OWN}",
            f"media-src {OWN} data: blob:",
            f"connect-src {OWN}",
            f"form-action {OWN}",
            "base-uri 'none'",
        ]
    )


def digest(script: str) -> str:
    """A script's SHA-256 as a policy names it."""
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
