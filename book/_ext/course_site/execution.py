"""Give each page of the site its outputs: from the cache, or by executing it, or none.

Before Sphinx reads the pages, this looks each of them up in the user's cache of executed pages,
and executes those that it lacks side by side. myst-nb finds all of them in a cache of its own
form, made anew for this build, so that it never executes anything itself.

The environment variable COURSE_SITE_EXECUTE may name the pages that may be executed, with commas
between them; others that the cache lacks are shown without outputs. An error or a warning of a
cell is a warning of the build, with the page and the cell's line.
"""

from __future__ import annotations

import copy
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from nbformat import NotebookNode
from nbformat.v4 import new_output
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from .page_cache import Entry, PageCache
from .page_records import record_of
from .pages import Page, read_page
from .side_by_side import execute_pages, key_of

LOGGER = logging.getLogger(__name__)

EXECUTE = "COURSE_SITE_EXECUTE"

# Stands where a figure would, so that its label and its caption are there.
NOT_DRAWN = "This figure is drawn when the page is executed."


@dataclass(frozen=True)
class Shown:
    """Where the outputs of a page come from.

    Attributes:
        key: the page's key.
        outputs: whether the page was executed, now or in an earlier build.
        processor_seconds: how much processor time its cells took; None where nobody knows.
        date: the day on which that was measured.
    """

    key: str
    outputs: bool
    processor_seconds: float | None
    date: str | None


def setup(app: Sphinx) -> None:
    """Obtain outputs before Sphinx reads pages."""
    app.connect("config-inited", use_own_cache)
    app.connect("env-get-outdated", pages_with_another_key)
    app.connect("env-before-read-docs", obtain_outputs)


def use_own_cache(app: Sphinx, config: Config) -> None:
    """Point myst-nb at a cache that holds what this build gives it, and nothing older."""
    folder = Path(app.outdir).parent / ".jupyter_cache"
    shutil.rmtree(folder, ignore_errors=True)
    config.nb_execution_cache_path = str(folder)


def shown_pages(env: BuildEnvironment) -> dict[str, Shown]:
    """By page, where its outputs come from."""
    if not hasattr(env, "course_shown_pages"):
        env.course_shown_pages = {}  # type: ignore[attr-defined]
    shown: dict[str, Shown] = env.course_shown_pages  # type: ignore[attr-defined]
    return shown


def pages_with_another_key(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Pages to read again because ``dlcourse`` or a library has changed."""
    root = Path(app.srcdir)
    for docname in removed:
        shown_pages(env).pop(docname, None)
    others = [
        (docname, read_page(root, docname), shown)
        for docname, shown in shown_pages(env).items()
        if docname not in changed | added
    ]
    return [name for name, page, shown in others if page and key_of(page, root) != shown.key]


def obtain_outputs(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Give myst-nb every page that is about to be read, with the outputs that there are."""
    root = Path(app.srcdir)
    cache = PageCache()
    pages = [page for name in docnames if (page := _read(root, name))]
    entries = {page.name: cache.get(key_of(page, root)) for page in pages}
    missing = [page for page in pages if entries[page.name] is None]
    wanted = [page for page in missing if _may_execute(page)]
    LOGGER.info(
        "outputs of %d pages: %d from the cache, %d to execute, %d left without",
        len(pages),
        len(pages) - len(missing),
        len(wanted),
        len(missing) - len(wanted),
    )
    notebooks = {
        page.name: with_outputs(page, entry.notebook)
        if (entry := entries[page.name])
        else without_outputs(page)
        for page in pages
    }
    for outcome in execute_pages(wanted, root, cache, LOGGER.info):
        notebooks[outcome.page.name] = outcome.notebook
        entries[outcome.page.name] = outcome.entry
        for problem in outcome.problems:
            LOGGER.warning(
                "%s",
                problem.text,
                location=(outcome.page.name, outcome.page.line(problem.cell)),
                type="course",
            )
    _hand_over(env, pages, notebooks)
    for page in pages:
        shown_pages(env)[page.name] = _shown(page, root, entries[page.name])
    cache.prune()


def _read(root: Path, docname: str) -> Page | None:
    try:
        return read_page(root, docname)
    except FileNotFoundError:  # a page of another format, which has no cells
        return None


def _may_execute(page: Page) -> bool:
    named = os.environ.get(EXECUTE)
    return named is None or page.name in named.split(",")


def with_outputs(page: Page, executed: NotebookNode) -> NotebookNode:
    """A page as it is written now, with the outputs of the same cells when they were executed.

    A caption or a label may have changed since: they are no part of the key. myst-nb would take the
    page for another one and execute it itself.
    """
    notebook = copy.deepcopy(page.notebook)
    if "language_info" in executed.metadata:  # the kernel names the lexer of the code
        notebook.metadata["language_info"] = executed.metadata["language_info"]
    ran = [cell for cell in executed.cells if cell.cell_type == "code"]
    written = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell, source in zip(written, ran, strict=True):
        cell.outputs, cell.execution_count = source.outputs, source.execution_count
    return notebook


def without_outputs(page: Page) -> NotebookNode:
    """A page that was not executed, with something in the place of each figure."""
    notebook = copy.deepcopy(page.notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code" and "figure" in (cell.metadata.get("mystnb") or {}):
            cell.outputs = [new_output("display_data", {"text/plain": NOT_DRAWN})]
    return notebook


def _hand_over(
    env: BuildEnvironment, pages: Iterable[Page], notebooks: dict[str, NotebookNode]
) -> None:
    """Put the pages where myst-nb looks for executed ones."""
    cache = get_cache(env.mystnb_config.execution_cache_path)
    for page in pages:
        bundle = CacheBundleIn(notebooks[page.name], str(page.path))
        cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)


def _shown(page: Page, root: Path, entry: Entry | None) -> Shown:
    key = key_of(page, root)
    if entry is not None:
        day = f"{datetime.fromtimestamp(entry.executed, UTC):%Y-%m-%d}"
        return Shown(key, True, entry.measurement.processor_seconds, day)
    record = record_of(root, page.name) or {}
    return Shown(key, False, record.get("processor_seconds"), record.get("date"))
