"""environment.yml asks for what pyproject.toml asks for."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import yaml
from packaging.requirements import Requirement


def project(root: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    return loaded


def test_the_conda_environment_has_the_requirements_of_pyproject(root: Path) -> None:
    metadata = project(root)
    extras = metadata["optional-dependencies"]
    wanted = [*metadata["dependencies"], *extras["instructor"], *extras["book"], *extras["dev"]]
    environment = yaml.safe_load((root / "environment.yml").read_text())
    (by_pip,) = (item["pip"] for item in environment["dependencies"] if isinstance(item, dict))
    assert sorted(map(str, map(Requirement, by_pip))) == sorted(map(str, map(Requirement, wanted)))


def test_the_conda_environment_has_a_python_that_pyproject_allows(root: Path) -> None:
    environment = yaml.safe_load((root / "environment.yml").read_text())
    assert f"python{project(root)['requires-python']}" in environment["dependencies"]
