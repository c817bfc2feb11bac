"""Installing the course on Colab changes no package that is there, and its code runs there.

The lists in tests/data/colab are what Google published for its runtimes (see their heads).
"""

from __future__ import annotations

import ast
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

COLAB_PYTHON = "3.13"
LISTS = ("packages-cpu.txt", "packages-gpu.txt")


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
    # Keras requires h5py, and matplotlib requires Pillow; sklearn is scikit-learn's.
    of_requirements = ("h5py", "pil", "sklearn")
    # Colab has them; the learner's package does not require them, and says so where they lack.
    colabs = ("safetensors", "tokenizers")
    assert all(set(colabs) <= set(installed(root, name)) for name in LISTS)
    allowed |= {canonicalize_name(name) for name in (*own, *of_requirements, *colabs)}
    imported: dict[str, str] = {}
    for path in sorted((root / "dlcourse").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            imported |= {name.split(".")[0]: path.name for name in names}
    foreign = {
        name: where
        for name, where in imported.items()
        if name not in sys.stdlib_module_names and canonicalize_name(name) not in allowed
    }
    assert foreign == {}
