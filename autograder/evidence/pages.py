"""Records of the pages' execution: made by one command, checked and repeated by the tests.

The site's own extension executes pages and keeps their outputs in the user's cache. This module
asks it to, in a process of its own, and writes what was measured to ``execution.json`` beside the
pages, with all that decides a page's outputs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import AutograderError
from autograder.evidence import records
from autograder.publish.chapters import read_chapters

FILE = "execution.json"
COMMAND = "autograder pages"

# How many pages a run of the tests repeats: drawn by the commit, and of those that it touches.
DRAWN = 3
MOST_TOUCHED = 6

# Executes the cells and decides what counts as a warning.
EXECUTION = "book/_ext/course_site/kernel.py"
_TAGS = ("raises-exception", "skip-execution")


class PagesError(AutograderError):
    """Pages could not be executed, or one failed or warned; the message was printed before."""


@dataclass(frozen=True)
class CodePage:
    """A page with code cells.

    Attributes:
        name: such as ``book/week01/02_neuron``.
        basis: all that decides what its cells print.
        record_path: the file that holds its record.
    """

    name: str
    basis: records.Basis
    record_path: Path

    @property
    def key(self) -> str:
        """Its name in the file of records."""
        return self.name.rpartition("/")[2]


def code_pages(root: Path) -> list[CodePage]:
    """The pages of the book that have code cells, in the order of their names."""
    execution = (root / EXECUTION).read_bytes()
    return [
        CodePage(
            chapter.name.removesuffix(".md"),
            _basis(root, chapter.notebook, execution),
            chapter.path.with_name(FILE),
        )
        for chapter in read_chapters(root)
    ]


def _basis(root: Path, notebook: Any, execution: bytes) -> records.Basis:
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    kernel = notebook.metadata.get("kernelspec", {}).get("name")
    told = [[cell.source, sorted({*_TAGS} & {*cell.metadata.get("tags", [])})] for cell in cells]
    texts: dict[str, str | bytes] = {"cells": json.dumps([kernel, told]), EXECUTION: execution}
    found = records.basis(root, texts=texts, cells=[cell.source for cell in cells])
    if "keras" not in found.versions:
        return found
    # Keras computes with TensorFlow, which a page need not import for that.
    return records.Basis(found.inputs, {**found.versions, **records.versions(["tensorflow"])})


def staleness_of(pages: Collection[CodePage]) -> dict[str, records.Staleness]:
    """By page, how its record differs from what it would be made of now."""
    return {
        page.name: records.staleness(
            records.read_records(page.record_path).get(page.key), page.basis
        )
        for page in pages
    }


def stale_pages(root: Path) -> tuple[list[str], list[str]]:
    """What is the matter with the pages' records, in sentences.

    Returns:
        Pages whose record is missing or stale by source, and those that were recorded with other
        versions of libraries.
    """
    found = staleness_of(code_pages(root))
    by_source = [
        f"{name} {stale}. Make its record anew: {COMMAND}"
        for name, stale in found.items()
        if stale.by_source
    ]
    by_version = [f"{n} {s}" for n, s in found.items() if s.versions and not s.by_source]
    return by_source + _without_page(root), by_version


def _without_page(root: Path) -> list[str]:
    """Records of pages that are not there."""
    return [
        f"{path.relative_to(root)} has a record of {key}, which is no page. Remove it: {COMMAND}"
        for path in sorted((root / "book").rglob(FILE))
        for key in records.read_records(path)
        if not path.with_name(f"{key}.md").is_file()
    ]


def pages_to_repeat(root: Path) -> list[str]:
    """Pages that a run of the tests executes: some that the change touches, some drawn.

    The commit seeds both draws. Pages recorded with other versions of libraries come first.
    """
    pages = code_pages(root)
    seed = records.commit_of(root)
    touched = _touched(root, pages)
    chosen = records.draw(touched, MOST_TOUCHED, seed)
    stale = [name for name, found in staleness_of(pages).items() if found.versions]
    others = [page.name for page in pages if page.name not in chosen]
    return sorted([*chosen, *records.draw(others, DRAWN, seed, first=stale)])


def _touched(root: Path, pages: Sequence[CodePage]) -> list[str]:
    """Pages that rest on something else than their records in the commit compared with."""
    base = records.base_of(root)
    if not base:
        return []
    before: dict[Path, Mapping[str, Any]] = {}
    for path in {page.record_path for page in pages}:
        before[path] = json.loads(records.text_at(root, base, path) or "{}")
    return [
        page.name
        for page in pages
        if dict(page.basis.inputs) != before[page.record_path].get(page.key, {}).get("inputs")
    ]


def record_pages(root: Path, everything: bool, report: Callable[[str], None]) -> int:
    """Make the records that are missing or stale; each is written as soon as its page was executed.

    Args:
        root: the repository.
        everything: make also the others, from executions with the versions that are installed.
        report: gets a line for each record.

    Returns:
        How many records were made.

    Raises:
        PagesError: when a page failed or warned; the others' records are written.
    """
    for path in sorted((root / "book").rglob(FILE)):
        _drop_without_page(path)
    pages = {page.name: page for page in code_pages(root)}
    stale = staleness_of(pages.values())
    wanted = [name for name in pages if everything or str(stale[name])]
    report(f"{len(pages) - len(wanted)} records are up to date, {len(wanted)} are to be made")
    made = 0
    for measured in _measurements(root, wanted):
        page = pages[measured["page"]]
        records.write_record(page.record_path, page.key, _record(page, measured))
        made += 1
        report(f"recorded {page.name} ({made} of {len(wanted)})")
    return made


def _drop_without_page(path: Path) -> None:
    found = records.read_records(path)
    kept = {key: record for key, record in found.items() if path.with_name(f"{key}.md").is_file()}
    if not kept:
        path.unlink()
    elif kept != found:
        records.write_records(path, kept)


def _record(page: CodePage, measured: Mapping[str, Any]) -> records.Record:
    found = {
        "date": measured["date"],
        "processor_seconds": measured["processor_seconds"],
        "memory_mib": measured["memory"],
        "pages_at_a_time": measured["at_a_time"],
        "warnings": 0,
    }
    return records.new_record(page.basis, found, measured["seconds"])


def _measurements(root: Path, names: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    """Let the site's extension execute pages; what it measured, page by page."""
    if not names:
        return
    path = os.pathsep.join(
        filter(None, [str(root / "book" / "_ext"), os.environ.get("PYTHONPATH")])
    )
    with subprocess.Popen(
        [sys.executable, "-m", "course_site", *names],
        cwd=root,
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        assert process.stdout is not None
        yield from map(json.loads, process.stdout)
    if process.returncode == 1:
        raise PagesError("not all pages could be executed without a warning; see above")
    if process.returncode:
        raise PagesError(
            f"the process that executes pages ended with {process.returncode} before it was done; "
            f"run it again to go on: {COMMAND}"
        )
