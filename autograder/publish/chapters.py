"""Chapters as notebooks, for Colab: ``book/week01/x.md`` becomes ``notebooks/week01/x.ipynb``.

Colab opens notebooks, not Markdown, and shows no MyST. So each chapter has a twin in the
repository: the same code cells, the prose as plain Markdown, and a first cell that installs
``dlcourse`` where it is missing. ``autograder notebooks`` writes the twins; its ``--check``
compares them.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from jupytext.myst import myst_to_notebook

from autograder.assignment.source import SourceError
from autograder.course.repository import Repository, read_config, read_repository
from autograder.errors import CourseError
from autograder.publish.plain_markdown import Book, Page, Target, caption, labels, plain
from autograder.release.learner import Notebook, NotebookCell, code, dump, markdown

FOLDED = frozenset({"hide-cell", "hide-input"})

_FRONT_MATTER = re.compile(r"\A---\n(?P<yaml>.*?)\n---\n", re.DOTALL)


@dataclass(frozen=True)
class Chapter:
    """A page of the book that has code cells, as read from its file."""

    path: Path
    name: str
    title: str
    notebook: Any
    requires: tuple[str, ...] = ()
    """Packages beyond the course's own that Colab lacks, as the front matter's ``requires:``."""

    @property
    def target(self) -> str:
        """Where its notebook lies, relative to the repository's root."""
        return "notebooks/" + self.name.removeprefix("book/").removesuffix(".md") + ".ipynb"

    def lines(self) -> list[int]:
        """The line of the file on which each cell's text begins."""
        text = self.path.read_text(encoding="utf-8").split("\n")
        starts = self.notebook.metadata["source_map"]
        return [
            next((at + 1 for at in range(start, len(text)) if text[at].strip()), len(text))
            for start in starts
        ]


def write_notebooks(root: Path, check: bool = False) -> list[str]:
    """Write the notebook of each chapter, and remove notebooks that have no chapter.

    Args:
        root: the repository.
        check: write nothing; only say what differs.

    Returns:
        One line for each notebook that was changed, or with ``check`` would be.

    Raises:
        SourceError: where a chapter holds syntax that has no plain form.
        ValueError: where ``_config.yml`` does not give the repository's address.
    """
    made = {root / target: text for target, text in chapter_notebooks(root).items()}
    stale = [path for path in (root / "notebooks").rglob("*.ipynb") if path not in made]
    changed = [path for path, text in made.items() if not _holds(path, text)]
    if not check:
        for path in changed:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(made[path], encoding="utf-8")
        for path in stale:
            path.unlink()
    verb = "differs from its chapter" if check else "written"
    lines = [f"{path.relative_to(root)}: {verb}" for path in sorted(changed)]
    verb = "has no chapter" if check else "removed, it has no chapter"
    return lines + [f"{path.relative_to(root)}: {verb}" for path in sorted(stale)]


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def chapter_notebooks(root: Path) -> dict[str, str]:
    """The notebook of each chapter, as text, by its path relative to the repository's root."""
    chapters = read_chapters(root)
    repository = read_repository(root)
    bibliography = Bibliography(root / "book" / "references.bib")
    book = survey(root, chapters, repository, bibliography)
    return {
        chapter.target: dump(convert(chapter, book, repository, bibliography))
        for chapter in chapters
    }


def read_chapters(root: Path) -> list[Chapter]:
    """The pages of the book that have a kernel, in the order of their paths."""
    found = []
    for path in sorted((root / "book").rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        if "kernelspec" in front_matter(text):
            notebook = myst_to_notebook(text, add_source_map=True)
            name = path.relative_to(root).as_posix()
            requires = required_packages(root, path, front_matter(text))
            found.append(Chapter(path, name, title_of(text, path), notebook, requires))
    return found


def required_packages(root: Path, path: Path, front: Mapping[str, Any]) -> tuple[str, ...]:
    """What a chapter's notebook installs on Colab, with the bounds of the ``[pages]`` extra.

    Raises:
        SourceError: where ``requires:`` names a package that the extra does not hold.
    """
    names = front.get("requires") or []
    if not names:
        return ()
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extra = project["optional-dependencies"]["pages"]
    bounds = {distribution(requirement): requirement for requirement in extra}
    for name in names:
        if name not in bounds:
            raise SourceError(
                path, 1, f"requires: {name!r} is not in the [pages] extra of pyproject.toml"
            )
    return tuple(bounds[name] for name in names)


def distribution(requirement: str) -> str:
    """The name in a requirement: what stands before its bounds."""
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0]


def front_matter(text: str) -> Mapping[str, Any]:
    """The YAML at the head of a page."""
    found = _FRONT_MATTER.match(text)
    return (yaml.safe_load(found["yaml"]) or {}) if found else {}


def title_of(text: str, path: Path) -> str:
    """The page's title: its first heading."""
    found = re.search(r"^# +(.+)$", text, re.MULTILINE)
    if not found:
        raise SourceError(path, 1, "the page has no title: a line that begins with '# '")
    return found[1].strip()


# --- what a page needs to know about the others ---------------------------------------------------
def survey(
    root: Path, chapters: list[Chapter], repository: Repository, bibliography: Bibliography
) -> Book:
    """Titles, labels and addresses of all pages."""
    titles: dict[str, str] = {}
    targets: dict[str, Target] = {}
    by_name = {chapter.name: chapter for chapter in chapters}
    for path in sorted((root / "book").rglob("*.md")):
        name = path.relative_to(root).as_posix()
        text = path.read_text(encoding="utf-8")
        if name.startswith("book/_"):
            continue
        titles[name] = title_of(text, path)
        found = chapter_labels(by_name[name]) if name in by_name else labels(text)
        for label, target in numbered(name, found).items():
            if label in targets:
                raise SourceError(path, 1, f"the label {label!r} is also on {targets[label].page}")
            targets[label] = target
    site = site_address(root)

    def published(page: str) -> str:
        return f"{site}/{page.removesuffix('.md')}.html"

    def address(page: str) -> str:
        return repository.colab(by_name[page].target) if page in by_name else published(page)

    return Book(
        titles=titles,
        targets=targets,
        cite=bibliography.cite,
        address=address,
        published=published,
        file_address=lambda path: f"{repository.url}/blob/{repository.branch}/{path}",
        raw_address=lambda path: f"{repository.url}/raw/{repository.branch}/{path}",
        colab=repository.colab,
    )


def chapter_labels(chapter: Chapter) -> list[tuple[str, str, str]]:
    """Labels of a chapter in reading order, those of its cells' figures among them."""
    found: list[tuple[str, str, str]] = []
    for cell in chapter.notebook.cells:
        if cell.cell_type == "markdown":
            found += labels(cell.source)
        elif name := figure_options(cell).get("name"):
            found.append((name, "figure", ""))
    return found


def numbered(page: str, found: list[tuple[str, str, str]]) -> dict[str, Target]:
    """Labels of one page as targets: figures and equations counted, sections by their headings."""
    counts: Counter[str] = Counter()
    targets = {}
    for label, kind, heading in found:
        counts[kind] += 1
        targets[label] = Target(page, kind, heading if kind == "section" else str(counts[kind]))
    return targets


def figure_options(cell: Any) -> Mapping[str, str]:
    """What a code cell says about the figure that it draws: caption and name."""
    options: Mapping[str, str] = cell.metadata.get("mystnb", {}).get("figure", {})
    return options


def site_address(root: Path) -> str:
    """Where the site is published: ``html: baseurl:`` in ``_config.yml``."""
    html = read_config(root).get("html")
    address = str((html if isinstance(html, dict) else {}).get("baseurl", "")).rstrip("/")
    if not address:
        raise CourseError(
            f"{root / '_config.yml'}: `html:` must give `baseurl:`, the site's address"
        )
    return address


# --- one chapter ----------------------------------------------------------------------------------
def convert(
    chapter: Chapter, book: Book, repository: Repository, bibliography: Bibliography
) -> Notebook:
    """A chapter as a notebook: the same code, plain prose, no outputs."""
    page = Page(chapter.path, chapter.name, book)
    cells = [head_cell(chapter, book, repository), install_cell(repository, chapter.requires)]
    for number, (cell, line) in enumerate(
        zip(chapter.notebook.cells, chapter.lines(), strict=True)
    ):
        cells += converted_cell(cell, f"cell-{number:02d}", page, line)
    if page.cited:
        works = "\n".join(f"- {bibliography.entry(key)}" for key in sorted(page.cited))
        heading = "" if "## References" in cells[-1]["source"] else "## References\n\n"
        cells.append(markdown("works-cited", heading + works))
    return {
        "cells": cells,
        "metadata": {
            "colab": {"name": Path(chapter.target).name, "provenance": []},
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def head_cell(chapter: Chapter, book: Book, repository: Repository) -> NotebookCell:
    """The first cell: where else the chapter is read."""
    links = [
        f"[Open in Colab]({repository.colab(chapter.target)})",
        f"[Read the published page]({book.published(chapter.name)})",
    ]
    return markdown("head", " | ".join(links))


def install_cell(repository: Repository, requires: Sequence[str] = ()) -> NotebookCell:
    """The cell that installs what the chapter needs where it is missing, as on Colab.

    A package of ``requires`` is looked for by its name, with "_" for "-".
    """
    what = "the course package" if not requires else "what this chapter needs"
    lines = [
        f"# Run this cell first. It installs {what} where it is missing.",
        "import importlib.util",
        "",
        'if importlib.util.find_spec("dlcourse") is None:',
        f'    %pip install -q "{repository.requirement}"',
    ]
    for requirement in requires:
        module = distribution(requirement).replace("-", "_")
        lines.append(f'if importlib.util.find_spec("{module}") is None:')
        lines.append(f'    %pip install -q "{requirement}"')
    return code("install", "\n".join(lines))


def converted_cell(cell: Any, name: str, page: Page, line: int) -> list[NotebookCell]:
    """One cell of the source as cells of the notebook; a figure's caption becomes a cell."""
    if cell.cell_type == "markdown":
        text = plain(cell.source, page, line)
        return [markdown(name, text)] if text else []
    if cell.cell_type != "code":
        raise page.error(line, f"a {cell.cell_type} cell has no place in a chapter")
    made = code(name, cell.source)
    if FOLDED & set(cell.metadata.get("tags", [])):
        made["metadata"] = {"cellView": "form", "jupyter": {"source_hidden": True}}
    options = figure_options(cell)
    if not options.get("caption"):
        return [made]
    text = caption(options["caption"], options.get("name", ""), page, line)
    return [made, markdown(f"{name}-caption", text)]


# --- works cited ----------------------------------------------------------------------------------
class Bibliography:
    """The entries of a BibTeX file, formatted for readers.

    Needs pybtex, which the ``[book]`` extra installs.
    """

    def __init__(self, path: Path) -> None:
        # By name, pybtex would look each of them up among all installed packages, every time.
        from pybtex.backends.markdown import Backend as MarkdownBackend
        from pybtex.backends.plaintext import Backend as PlainBackend
        from pybtex.database.input.bibtex import Parser
        from pybtex.style.formatting.unsrt import Style

        self.entries = Parser().parse_file(str(path)).entries
        self._plain = PlainBackend()
        self._markdown = MarkdownBackend()
        self._style = Style()

    def cite(self, key: str) -> tuple[str, str]:
        """Authors and year, as a citation in the text gives them. Raises KeyError."""
        entry = self.entries[key]
        people = entry.persons.get("author") or entry.persons.get("editor") or []
        names = [
            " ".join(
                part.render(self._plain) for part in (*one.rich_prelast_names, *one.rich_last_names)
            )
            for one in people
        ]
        if len(names) > 2 or names[-1:] == ["others"]:
            return f"{names[0]} et al.", str(entry.fields["year"])
        return " and ".join(names), str(entry.fields["year"])

    def entry(self, key: str) -> str:
        """The whole reference in Markdown."""
        formatted = next(iter(self._style.format_entries([self.entries[key]])))
        text = " ".join(str(formatted.text.render(self._markdown)).split())
        return re.sub(r"\\([.-])", r"\1", text)  # the backend escapes more than Markdown needs
