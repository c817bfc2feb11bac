"""``{projects}`` is a table of the projects: their pages, hours, and by whom they are marked.

Nobody types the numbers: ``book/facts.json`` has them from the projects' sources. A page is found
by its number, ``book/projects/01_emoji_classifier`` for project 1.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from .run_times import table
from .study_time import FACTS
from .weeks import link_to

_PAGE = re.compile(r"book/projects/(\d\d)_")


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("projects", ProjectsDirective)


def project_pages(found: Collection[str]) -> dict[int, str]:
    """The pages of projects among a site's pages, by number."""
    matches = ((_PAGE.match(page), page) for page in sorted(found))
    return {int(match[1]): page for match, page in matches if match}


class ProjectsDirective(SphinxDirective):
    """A table of the projects that this site has a page of."""

    def run(self) -> list[nodes.Node]:
        """Read the numbers, and make the table."""
        root = Path(self.env.app.srcdir)
        self.env.note_dependency(str(root / FACTS))
        facts = json.loads((root / FACTS).read_text(encoding="utf-8"))["projects"]
        rows = []
        for number, page in project_pages(self.env.found_docs).items():
            if (told := facts.get(str(number))) is None:
                raise self.error(f"projects: {FACTS} has no project {number}. Run: make facts")
            rows.append(
                [
                    link_to(self.env, page, f"{number}. {told['title']}"),
                    nodes.Text(f"{told['minutes'] / 60:.0f} h"),
                    nodes.Text(f"{told['points']:g}"),
                    nodes.Text(f"{told['points_by_hand']:g}"),
                ]
            )
        return [table(["", "Hours", "Points by checks", "Points by a person"], rows)]
