"""What the first page has and no other page: a style sheet, a script, and counts in its prose.

``{fact}`hidden_checks``` is a number of ``book/facts.json``: of one that is counted by week, the
sum over the weeks that this site has. ``{fact}`pages``` is how many pages have code, all executed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxRole

from .study_time import FACTS, written_weeks

FILES = ("front_page.css", "front_page.js")


def setup(app: Sphinx) -> None:
    """Register the role and the page's files."""
    app.add_role("fact", FactRole())
    app.connect("html-page-context", add_files)


def add_files(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Load the style sheet and the script on the first page only."""
    if pagename == app.config.root_doc:
        style, script = FILES
        app.add_css_file(style)
        app.add_js_file(script, loading_method="defer")


def fact(name: str, facts: dict[str, Any], weeks: list[int]) -> int:
    """A number of ``book/facts.json``.

    Raises:
        KeyError: when it has no such number.
    """
    if name in facts:
        return int(facts[name])
    counted = [facts["weeks"][str(week)] for week in weeks if str(week) in facts["weeks"]]
    return int(sum(week[name] for week in counted))


class FactRole(SphinxRole):
    """A number that was counted."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """The number with commas between thousands."""
        root = Path(self.env.app.srcdir)
        self.env.note_dependency(str(root / FACTS))
        weeks = written_weeks(self.env.found_docs)
        if self.text == "pages":
            count = sum(name.startswith("book/week") for name in self.env.found_docs) - len(weeks)
            return [nodes.Text(f"{count:,}")], []
        facts = json.loads((root / FACTS).read_text(encoding="utf-8"))
        try:
            return [nodes.Text(f"{fact(self.text, facts, weeks):,}")], []
        except KeyError:
            message = self.inliner.reporter.error(
                f"{FACTS} has no number {self.text!r}. Write it by: make facts", line=self.lineno
            )
            return [nodes.Text(self.text)], [message]
