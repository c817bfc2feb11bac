"""Run times of pages, measured when they were executed.

``{run-time}`page``` gives the time of one page, ``{chapters}`` a table of the notebooks in the
page's folder, ``{build-status}`` a table of all notebooks and of the versions they ran with. Nobody
types the times: each was measured when the page's cells were executed, in this build or in an
earlier one, or stands in the page's record.

A time is processor time, summed over all cores. What else the machine did meanwhile, another page
for instance, hardly changes it, and would change the time on the clock.
"""

from __future__ import annotations

import os
import platform
from typing import Any, ClassVar

from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

from .execution import Shown, shown_pages
from .launch import colab_reference, notebook_of
from .pages import installed_version

LOGGER = logging.getLogger(__name__)
SHOWS_TIMES = "course_shows_times"

# Libraries whose versions a reader may want to compare.
LIBRARIES = ("numpy", "scipy", "scikit-learn", "matplotlib", "mlxtend", "keras", "tensorflow")


class RunTime(nodes.Inline, nodes.TextElement):
    """Stands for the run time of the page ``docname`` until all pages have been read."""


class PageTable(nodes.General, nodes.Element):
    """Stands for a table of notebooks until all pages have been read."""


def setup(app: Sphinx) -> None:
    """Register the role, the directives and the transform that fills them in."""
    app.add_node(RunTime)
    app.add_node(PageTable)
    app.add_role("run-time", RunTimeRole())
    app.add_directive("chapters", ChaptersDirective)
    app.add_directive("build-status", BuildStatusDirective)
    app.add_post_transform(FillInRunTimes)
    app.connect("env-updated", pages_that_show_times)


def time_of(env: BuildEnvironment, docname: str) -> str:
    """The processor time that the page's cells take, in words."""
    shown = shown_pages(env).get(docname)
    return in_words(shown.processor_seconds if shown else None)


def in_words(seconds: float | None) -> str:
    """A duration for readers: ``under a second``, ``23 s``, ``2 min 5 s``."""
    if seconds is None:
        return "not measured"
    if seconds < 1:
        return "under a second"
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60} s"


def when_executed(shown: Shown | None) -> str:
    """When the page was executed, in words."""
    if shown is None or (not shown.outputs and shown.date is None):
        return "not executed"
    return shown.date or "" if shown.outputs else f"{shown.date}, not in this build"


class RunTimeRole(SphinxRole):
    """The run time of a page, named relative to this one."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Leave a mark for ``FillInRunTimes``."""
        NbMetadataCollector.set_doc_data(self.env, self.env.docname, SHOWS_TIMES, True)
        path, _ = self.env.relfn2path(self.text)
        node = RunTime("", "", docname=path)
        self.set_source_info(node)
        return [node], []


class ChaptersDirective(SphinxDirective):
    """Table of the notebooks in this page's folder."""

    scope: ClassVar[str] = "folder"

    def run(self) -> list[nodes.Node]:
        """Leave a mark for ``FillInRunTimes``."""
        NbMetadataCollector.set_doc_data(self.env, self.env.docname, SHOWS_TIMES, True)
        folder = self.env.docname.rpartition("/")[0] if self.scope == "folder" else ""
        return [PageTable(scope=self.scope, folder=folder)]


class BuildStatusDirective(ChaptersDirective):
    """Table of all notebooks of the site, and what they ran with."""

    scope: ClassVar[str] = "site"


def pages_that_show_times(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Pages to write again, because a page whose time they quote may have been executed."""
    return [
        name
        for name, data in NbMetadataCollector.get_doc_data(env).items()
        if data.get(SHOWS_TIMES)
    ]


class FillInRunTimes(SphinxPostTransform):
    """Replace the marks by times and tables, once every page has been executed."""

    default_priority = 8  # before references are resolved

    def run(self, **kwargs: Any) -> None:
        """Fill in every mark of one page."""
        for mark in list(self.document.findall(RunTime)):
            if mark["docname"] not in self.env.all_docs:
                LOGGER.warning(
                    "run-time: no page %r", mark["docname"], location=mark, type="course"
                )
            mark.replace_self(nodes.Text(time_of(self.env, mark["docname"])))
        for table in list(self.document.findall(PageTable)):
            table.replace_self(self.content_of(table))

    def content_of(self, mark: PageTable) -> list[nodes.Node]:
        """The table that a mark stands for, and for the whole site the environment."""
        notebooks = [
            name
            for name in sorted(self.env.all_docs)
            if notebook_of(self.env, name) and name.startswith(mark["folder"])
        ]
        if mark["scope"] == "folder":
            return [self.chapters(notebooks)]
        return [self.status(notebooks), environment_list()]

    def chapters(self, notebooks: list[str]) -> nodes.table:
        """Chapters of a week: title, time, Colab."""
        rows = [
            [
                self.link(name),
                nodes.Text(time_of(self.env, name)),
                colab_reference(self.app, notebook_of(self.env, name) or "", "Open in Colab"),
            ]
            for name in notebooks
        ]
        return table(["Chapter", "Processor time of the cells", "Notebook"], rows)

    def status(self, notebooks: list[str]) -> nodes.table:
        """All pages: title, time, when they were executed."""
        rows = [
            [
                self.link(name),
                nodes.Text(time_of(self.env, name)),
                nodes.Text(when_executed(shown_pages(self.env).get(name))),
            ]
            for name in notebooks
        ]
        return table(["Page", "Processor time of the cells", "Executed"], rows)

    def link(self, docname: str) -> nodes.reference:
        """A link to a page by its title."""
        uri = self.app.builder.get_relative_uri(self.env.docname, docname)
        return nodes.reference("", self.env.titles[docname].astext(), internal=True, refuri=uri)


def table(header: list[str], rows: list[list[nodes.Node]]) -> nodes.table:
    """A docutils table from a header and rows of inline nodes."""
    group = nodes.tgroup("", *(nodes.colspec(colwidth=1) for _ in header), cols=len(header))
    group += nodes.thead("", row_of([nodes.Text(name) for name in header]))
    group += nodes.tbody("", *(row_of(row) for row in rows))
    return nodes.table("", group, classes=["colwidths-auto"])


def row_of(cells: list[nodes.Node]) -> nodes.row:
    """One row of a table."""
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", cell)) for cell in cells))


def environment_list() -> nodes.bullet_list:
    """Versions and machine of this build."""
    cores = os.cpu_count() or 1
    machine = f"{cores} CPU core{'s' if cores > 1 else ''}, {platform.machine()}"
    facts = [f"Machine: {machine}", f"Python {platform.python_version()}"]
    facts += [f"{library} {installed_version(library)}" for library in LIBRARIES]
    items = (nodes.list_item("", nodes.paragraph(text=fact)) for fact in facts)
    return nodes.bullet_list("", *items)
