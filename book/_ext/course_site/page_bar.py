"""The bar under a chapter's title: where to open the notebook, its download, measured run time."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

from .execution import shown_pages
from .launch import notebook_of, places_to_open
from .run_times import time_of, when_executed


def setup(app: Sphinx) -> None:
    """Register the transform."""
    app.add_post_transform(AddPageBar)


class AddPageBar(SphinxPostTransform):
    """Put the bar under the title of each notebook page."""

    default_priority = 7  # before references are resolved

    def run(self, **kwargs: Any) -> None:
        """Insert the bar after the first title."""
        path = notebook_of(self.env, self.env.docname)
        title = next(self.document.findall(nodes.title), None)
        if path is None or title is None:
            return
        shown = shown_pages(self.env).get(self.env.docname)
        told = f"Cells run in {time_of(self.env, self.env.docname)} of processor time"
        if shown is None or not shown.outputs:
            told += f" (executed: {when_executed(shown)})"
        bar = nodes.paragraph("", "", classes=["page-bar"])
        bar += places_to_open(self.app, self.env, path, self.env.docname)
        bar += nodes.Text(" ")
        bar += nodes.inline("", told, classes=["page-time"])
        title.parent.insert(title.parent.index(title) + 1, bar)
