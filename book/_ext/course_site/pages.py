"""The pages that have code cells, and what decides what a page's cells print.

A page's key is a digest of its code cells, of the modules and data files of ``dlcourse`` that it
imports, of the versions of the libraries that it imports, and of how it is executed. Two builds
with the same key would execute the same thing, whatever folder they stand in.
"""

from __future__ import annotations

import ast
import hashlib
import json
import platform
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path

import yaml
from IPython.core.inputtransformer2 import TransformerManager
from myst_nb.core.read import is_myst_markdown_notebook, read_myst_markdown_notebook
from myst_parser.config.main import MdParserConfig
from nbformat import NotebookNode

PACKAGE = "dlcourse"

# Tags of a cell that change how it is executed; the others say only how it is shown.
EXECUTION_TAGS = frozenset({"raises-exception", "skip-execution"})

# What a library computes with, and may change with it though a page does not import it.
UNDERNEATH = {
    "keras": ("tensorflow", "numpy"),
    "matplotlib": ("numpy",),
    "mlxtend": ("numpy", "matplotlib"),
    "sklearn": ("numpy", "scipy"),
    "tensorflow": ("numpy",),
}


@dataclass(frozen=True)
class Page:
    """A page with code cells.

    Attributes:
        name: its path without a suffix, relative to the repository's root, such as
            ``book/week01/02_neuron``.
        path: its file.
        notebook: what was read from it; nothing is executed.
        timeout: seconds that a cell may take.
        modules: the modules of ``dlcourse`` that it may import, each with its file.
        libraries: top-level names of the libraries that it and these modules may import.
    """

    name: str
    path: Path
    notebook: NotebookNode
    timeout: int
    modules: Mapping[str, Path]
    libraries: frozenset[str]

    @property
    def code(self) -> list[NotebookNode]:
        """The code cells, in order."""
        return [cell for cell in self.notebook.cells if cell.cell_type == "code"]

    def line(self, index: int) -> int:
        """The line of the file on which a cell's text begins; cells are counted from 0."""
        return int(self.notebook.metadata["source_map"][index]) + 1


def read_page(root: Path, name: str) -> Page | None:
    """Read a page; None where it has no code cells.

    Raises:
        OSError: when there is no such page.
    """
    path = root / f"{name}.md"
    text = path.read_text(encoding="utf-8")
    if not is_myst_markdown_notebook(text):
        return None
    extensions, timeout = _settings(root)
    config = MdParserConfig(enable_extensions=extensions)
    notebook = read_myst_markdown_notebook(text, config, add_source_map=True, path=path)
    trees = _code_trees(notebook)
    modules = _imported_modules(trees, root)
    names = _imports(trees, "").union(*(_imports_of(*module) for module in modules.items()))
    return Page(name, path, notebook, timeout, modules, frozenset(_libraries(names)))


def pages_of(root: Path) -> list[Page]:
    """All pages of the book that have code cells, in the order of their names."""
    paths = sorted((root / "book").rglob("*.md"))
    names = [path.relative_to(root).with_suffix("").as_posix() for path in paths]
    read = [read_page(root, name) for name in names]
    return [page for page in read if page is not None]


def _settings(root: Path) -> tuple[set[str], int]:
    """The extensions of Markdown that the book uses, and how long a cell may take."""
    settings = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    extensions = set(settings.get("parse", {}).get("myst_enable_extensions", []))
    return extensions, int(settings.get("execute", {}).get("timeout", 30))


def page_key(page: Page, root: Path, how: bytes) -> str:
    """A digest of all that decides what the page's cells print: 32 hex digits.

    Args:
        page: the page.
        root: the repository, whose ``dlcourse`` the page imports.
        how: the program that executes it.
    """
    state = {
        "how": hashlib.sha256(how).hexdigest(),
        "machine": platform.machine(),
        "kernel": page.notebook.metadata.get("kernelspec", {}).get("name"),
        "cells": [[cell.source, _execution_tags(cell)] for cell in page.code],
        "package": {
            path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in package_files(page, root)
        },
        "versions": library_versions(page),
    }
    return hashlib.sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()[:32]


def _execution_tags(cell: NotebookNode) -> list[str]:
    tags = cell.metadata.get("tags", [])
    return sorted(EXECUTION_TAGS.intersection([tags] if isinstance(tags, str) else tags))


def package_files(page: Page, root: Path) -> list[Path]:
    """The modules of ``dlcourse`` that the page imports, and that these import; all data files.

    Every import statement counts, also one inside a function. A page without an import of
    ``dlcourse`` rests on no file of it.
    """
    if not page.modules:
        return []
    files = (path for path in (root / PACKAGE).rglob("*") if path.is_file())
    data = (path for path in files if path.suffix not in {".py", ".pyc"})
    return sorted({*page.modules.values(), *data})


def library_versions(page: Page) -> dict[str, str]:
    """Versions of Python and of the libraries that the page and its modules may import."""
    versions = {"python": f"{sys.version_info.major}.{sys.version_info.minor}"}
    for name in sorted(page.libraries):
        for distribution in _distributions().get(name, [name]):
            versions[distribution.lower()] = installed_version(distribution)
    return versions


def _imported_modules(trees: Iterable[ast.Module], root: Path) -> dict[str, Path]:
    """The modules of ``dlcourse`` that some code may import, directly or through each other."""
    names = _imports(trees, "")
    found: dict[str, Path] = {}
    while names:
        name = names.pop()
        path = _module_path(name, root)
        if name in found or path is None:
            continue
        found[name] = path
        names |= _imports_of(name, path)
    return found


def _imports_of(name: str, path: Path) -> frozenset[str]:
    """Names that may be modules, from the import statements of one of the package's modules."""
    return _imports_of_text(path.read_text(encoding="utf-8"), _package_of(name, path))


@lru_cache(maxsize=1024)
def _imports_of_text(text: str, package: str) -> frozenset[str]:
    """The same by the module's text: pages import the same modules, and each is parsed once."""
    return frozenset(_imports([ast.parse(text)], package))


def _libraries(imported: Iterable[str]) -> set[str]:
    """The libraries among imported names, and what these compute with."""
    names = {name.partition(".")[0] for name in imported}
    names -= {"", PACKAGE, *sys.stdlib_module_names}
    return names.union(*map(_underneath, names))


def _underneath(name: str) -> set[str]:
    return {name}.union(*(_underneath(other) for other in UNDERNEATH.get(name, ())))


@lru_cache(maxsize=1)
def _distributions() -> Mapping[str, list[str]]:
    return metadata.packages_distributions()


def installed_version(distribution: str) -> str:
    """Version of an installed distribution, or ``absent``."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "absent"


def _code_trees(notebook: NotebookNode) -> list[ast.Module]:
    """The code cells, parsed; IPython's own syntax is translated, and what is no Python left out.

    A cell that is no Python cannot import anything: executing it fails.
    """
    transform = TransformerManager().transform_cell
    trees = []
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        try:
            trees.append(ast.parse(transform(cell.source)))
        except SyntaxError:
            continue
    return trees


def _imports(trees: Iterable[ast.Module], package: str) -> set[str]:
    """Names that may be modules, from the import statements of some code.

    Args:
        trees: the code.
        package: the package that a relative import starts from.
    """
    nodes = (node for tree in trees for node in ast.walk(tree))
    return {name for node in nodes for name in _imported_by(node, package)}


def _imported_by(node: ast.AST, package: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield from _with_parents(alias.name)
    elif isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            start = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*start, base] if base else start)
        yield from _with_parents(base)
        yield from (f"{base}.{alias.name}" for alias in node.names)


def _with_parents(name: str) -> Iterator[str]:
    parts = name.split(".")
    return (".".join(parts[: count + 1]) for count in range(len(parts)))


def _module_path(name: str, root: Path) -> Path | None:
    if name.partition(".")[0] != PACKAGE:
        return None
    path = root.joinpath(*name.split("."))
    candidates = (path / "__init__.py", path.with_name(f"{path.name}.py"))
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def _package_of(name: str, path: Path) -> str:
    return name if path.name == "__init__.py" else name.rpartition(".")[0]
