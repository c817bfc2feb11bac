"""``{assignment} week01``: what the assignment holds and where to open it.

Questions and points are counted in the learner's notebook (``assignments/week01/week01.ipynb``), so
the page cannot say anything else than the notebook does.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from .launch import places_to_open


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("assignment", AssignmentDirective)


def questions_and_points(notebook: dict[str, Any]) -> tuple[int, float]:
    """How many answers a learner's notebook asks for, and the sum of its checks' points."""
    roles = [cell["metadata"].get("nbgrader", {}) for cell in notebook["cells"]]
    questions = sum(bool(role.get("solution")) for role in roles)
    return questions, sum(role.get("points", 0) for role in roles)


class AssignmentDirective(SphinxDirective):
    """A sentence on the assignment's size, and links to open or download it."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Read the notebook and write the sentence and the links."""
        name = self.arguments[0]
        path = f"assignments/{name}/{name}.ipynb"
        notebook = Path(self.env.app.srcdir) / path
        self.env.note_dependency(str(notebook))
        if not notebook.is_file():
            raise self.error(f"assignment: there is no {path}; write it by: autograder release")
        count, points = questions_and_points(json.loads(notebook.read_text(encoding="utf-8")))
        size = f"{count} question{'s' * (count != 1)}, {points:g} points in all."
        bar = nodes.paragraph("", "", classes=["page-bar"])
        bar += places_to_open(self.env.app, self.env, path, self.get_location())
        return [nodes.paragraph(text=size), bar]
