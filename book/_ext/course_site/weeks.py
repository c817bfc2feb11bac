"""``{week}`3``` is the number of a week, and a link to its page where this site has one.

A site can be built for some weeks only, and the twelve are written one after another: a page that
names them all must hold in each of these.
"""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxRole

_WEEK = re.compile(r"book/week(\d\d)/")


def setup(app: Sphinx) -> None:
    """Register the role."""
    app.add_role("week", WeekRole())


def index_of(week: int) -> str:
    """The name of a week's own page."""
    return f"book/week{week:02d}/index"


def week_of(page: str) -> int:
    """The week that a page such as ``book/week03/01_convolution`` belongs to; 0 for none."""
    found = _WEEK.match(page)
    return int(found[1]) if found else 0


def link_to(env: BuildEnvironment, page: str, text: str) -> nodes.Node:
    """A link to a page of this site, or plain text where this site lacks the page."""
    if page not in env.found_docs:
        return nodes.Text(text)
    return pending_xref(
        "",
        nodes.inline("", text),
        refdomain="std",
        reftype="doc",
        reftarget=f"/{page}",
        refdoc=env.docname,
        refexplicit=True,
        refwarn=True,
    )


class WeekRole(SphinxRole):
    """A week's number."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """A reference to the week's index page, or plain text."""
        if not self.text.isdecimal():
            message = self.inliner.reporter.error(
                f"a week is a number, got {self.text!r}", line=self.lineno
            )
            return [nodes.Text(self.text)], [message]
        link = link_to(self.env, index_of(int(self.text)), self.text)
        if isinstance(link, pending_xref):
            self.set_source_info(link)
        return [link], []
