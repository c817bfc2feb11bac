"""``{week}`3``` is the number of a week, and a link to its page where this site has one.

A site can be built for some weeks only, and the twelve are written one after another: a page that
names them all must hold in each of these.
"""

from __future__ import annotations

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxRole


def setup(app: Sphinx) -> None:
    """Register the role."""
    app.add_role("week", WeekRole())


class WeekRole(SphinxRole):
    """A week's number."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """A reference to the week's index page, or plain text."""
        if not self.text.isdecimal():
            message = self.inliner.reporter.error(
                f"a week is a number, got {self.text!r}", line=self.lineno
            )
            return [nodes.Text(self.text)], [message]
        target = f"book/week{int(self.text):02d}/index"
        if target not in self.env.found_docs:
            return [nodes.Text(self.text)], []
        link = pending_xref(
            "",
            nodes.inline("", self.text),
            refdomain="std",
            reftype="doc",
            reftarget=f"/{target}",
            refdoc=self.env.docname,
            refexplicit=True,
            refwarn=True,
        )
        self.set_source_info(link)
        return [link], []
