"""Installing the course on Colab changes no package that is there, and its code runs there.

The lists in tests/data/colab are what Google published for its runtimes (see their heads).
"""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

COLAB_PYTHON = "3.13"
LISTS = ("packages-cpu.txt", "packages-gpu.txt")
FOR_PAGES = {
    "dlcourse/agents/minatar_games.py": ("minatar", "minatar", "Breakout(1)"),
    "dlcourse/compression/lite.py": ("ai_edge_litert", "ai-edge-litert", "Interpreted(b'')"),
}
"""Modules that import what Colab lacks: its name, what installs it, and a call that needs it. The
pages that import the module install it."""

OF_SCRIPTS = {
    ("dlcourse/data/datasets/measure_executorch.py", "executorch"),
    ("dlcourse/data/datasets/measure_executorch.py", "torchao"),
}
"""What a script imports that measured a stored file once, in an environment of its own."""


def installed(root: Path, name: str) -> dict[str, str]:
    lines = (root / "tests" / "data" / "colab" / name).read_text().splitlines()
    pairs = (line.split("==") for line in lines if "==" in line and not line.startswith("#"))
    return {canonicalize_name(package): version for package, version in pairs}


def requirements(root: Path) -> list[Requirement]:
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    return [Requirement(text) for text in project["dependencies"]]


@pytest.mark.parametrize("name", LISTS)
def test_every_requirement_is_met_by_the_version_that_is_there(root: Path, name: str) -> None:
    there = installed(root, name)
    assert len(there) > 500
    unmet = [
        f"{requirement} (Colab has {there.get(canonicalize_name(requirement.name), 'none')})"
        for requirement in requirements(root)
        if not requirement.specifier.contains(
            there.get(canonicalize_name(requirement.name), "0"), prereleases=True
        )
    ]
    assert unmet == []


def test_the_course_allows_the_python_of_colab(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    assert SpecifierSet(project["requires-python"]).contains(COLAB_PYTHON)


def test_the_learners_package_imports_only_what_colab_has(root: Path) -> None:
    """Every import in dlcourse is the standard library, a requirement, or Colab's own."""
    allowed = {canonicalize_name(requirement.name) for requirement in requirements(root)}
    own = ("dlcourse", "google", "matplotlib-inline")
    # Keras requires h5py, matplotlib Pillow, gymnasium cloudpickle; sklearn is scikit-learn's.
    of_requirements = ("h5py", "pil", "cloudpickle", "sklearn")
    # Colab has them; the learner's package does not require them, and says so where they lack. What
    # imports torch is given networks of it, or functions that compute with it.
    colabs = ("safetensors", "tokenizers", "torch")
    assert all(set(colabs) <= set(installed(root, name)) for name in LISTS)
    allowed |= {canonicalize_name(name) for name in (*own, *of_requirements, *colabs)}
    foreign = {
        (path.relative_to(root).as_posix(), name)
        for path in (root / "dlcourse").rglob("*.py")
        for name in imported(ast.parse(path.read_text()))
        if name not in sys.stdlib_module_names and canonicalize_name(name) not in allowed
    }
    assert foreign - OF_SCRIPTS == {(path, name) for path, (name, _, _) in FOR_PAGES.items()}


def imported(tree: ast.AST) -> set[str]:
    """Top-level names of the packages that a program imports, in its functions as well."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return {name.split(".")[0] for name in names}


@pytest.mark.parametrize("path", FOR_PAGES)
def test_a_package_that_colab_lacks_is_asked_for_when_it_is_needed(root: Path, path: str) -> None:
    name, package, call = FOR_PAGES[path]
    module = path.removesuffix(".py").replace("/", ".")
    program = f"import sys; sys.modules[{name!r}] = None; import {module} as it; it.{call}"
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, timeout=120
    )
    assert f"pip install {package}" in run.stderr.splitlines()[-1]


@pytest.mark.parametrize("path", FOR_PAGES)
def test_a_page_that_needs_a_package_installs_it(root: Path, path: str) -> None:
    package = FOR_PAGES[path][1]
    module = path.removesuffix(".py").replace("/", ".")
    pages = [p for p in (root / "book").rglob("*.md") if f"from {module} import" in p.read_text()]
    assert pages
    for page in pages:
        header = yaml.safe_load(page.read_text().split("---")[1])
        assert package in header["requires"], page.name
