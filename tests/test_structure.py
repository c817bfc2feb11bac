"""The tree keeps its law: what runs in the sandbox stands alone, and imports have a direction."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def imported(path: Path) -> set[str]:
    """The modules that a file imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{name.name}" for name in node.names}
    return found


def test_nothing_in_the_sandbox_imports_the_rest_of_the_grader() -> None:
    wrong = {
        f"{path.name}: {name}"
        for path in (ROOT / "autograder" / "sandbox").rglob("*.py")
        for name in imported(path)
        if name.split(".")[0] == "autograder" and not name.startswith("autograder.sandbox")
    }
    assert wrong == set()


def test_the_learners_package_does_not_import_the_grader() -> None:
    wrong = {
        f"{path.name}: {name}"
        for path in (ROOT / "dlcourse").rglob("*.py")
        for name in imported(path)
        if name.split(".")[0] == "autograder"
    }
    assert wrong == set()


def test_the_sites_extension_does_not_import_the_grader() -> None:
    wrong = {
        f"{path.name}: {name}"
        for path in (ROOT / "book" / "_ext").rglob("*.py")
        for name in imported(path)
        if name.split(".")[0] == "autograder"
    }
    assert wrong == set()
