"""environment.yml, constraints.txt and the Makefile ask for what pyproject.toml asks for."""

from __future__ import annotations

import itertools
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement


def project(root: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    return loaded


def test_the_conda_environment_has_the_requirements_of_pyproject(root: Path) -> None:
    metadata = project(root)
    extras = metadata["optional-dependencies"]
    wanted = [*metadata["dependencies"], *extras["instructor"], *extras["book"]]
    wanted += [*extras["cluster"], *extras["pages"], *extras["dev"]]
    environment = yaml.safe_load((root / "environment.yml").read_text())
    (by_pip,) = (item["pip"] for item in environment["dependencies"] if isinstance(item, dict))
    assert sorted(map(str, map(Requirement, by_pip))) == sorted(map(str, map(Requirement, wanted)))


def test_the_conda_environment_has_a_python_that_pyproject_allows(root: Path) -> None:
    environment = yaml.safe_load((root / "environment.yml").read_text())
    assert f"python{project(root)['requires-python']}" in environment["dependencies"]


def constraints(root: Path) -> list[Requirement]:
    lines = (root / "constraints.txt").read_text().splitlines()
    return [Requirement(line) for line in lines if not line.startswith("#")]


def every_requirement(root: Path) -> list[Requirement]:
    metadata = project(root)
    lists = [metadata["dependencies"], *metadata["optional-dependencies"].values()]
    return [Requirement(line) for line in itertools.chain(*lists)]


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("platform", ["linux", "darwin"])
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_each_requirement_has_one_version_in_constraints(
    root: Path, python: str, platform: str
) -> None:
    machine = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": platform,
        "platform_machine": "x86_64" if platform == "linux" else "arm64",
    }
    pins: dict[str, list[str]] = {}
    for pin in constraints(root):
        if pin.marker is None or pin.marker.evaluate(machine):
            (specifier,) = pin.specifier
            assert specifier.operator == "==", pin
            pins.setdefault(normal(pin.name), []).append(specifier.version)
    assert {name: found for name, found in pins.items() if len(found) > 1} == {}
    for wanted in every_requirement(root):
        if wanted.marker is None or wanted.marker.evaluate(machine):
            (version,) = pins[normal(wanted.name)]
            assert wanted.specifier.contains(version), f"{wanted}: run `make constraints`"


def test_constraints_name_no_build_and_no_source(root: Path) -> None:
    """The same version has another file on another machine, and PyTorch another build."""
    for line in (root / "constraints.txt").read_text().splitlines():
        pin = line.partition("#")[0].partition(";")[0]
        assert "+" not in pin, line
        assert "--" not in pin, line
        assert "://" not in line, line


def test_the_demonstration_does_not_install_pytorch(root: Path) -> None:
    metadata = project(root)
    extras = metadata["optional-dependencies"]
    needed = [*metadata["dependencies"], *extras["instructor"], *extras["book"]]
    names = {normal(Requirement(line).name) for line in needed}
    assert names.isdisjoint({"torch", "jax", "optuna", "playwright"})
    recipe = dry_run(root, "demo")
    assert recipe.count("--editable") == 1
    assert "--constraint constraints.txt --editable '.[instructor,book]'" in recipe


def test_the_tests_install_every_extra_at_the_versions_of_constraints(root: Path) -> None:
    extras = ",".join(project(root)["optional-dependencies"])
    assert f"--constraint constraints.txt --editable '.[{extras}]'" in dry_run(root, "test")


def test_help_lists_every_target(root: Path) -> None:
    phony = re.search(r"^\.PHONY: (.*)$", (root / "Makefile").read_text(), re.MULTILINE)
    assert phony is not None
    listed = subprocess.run(
        ["make", "--no-print-directory", "help"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert sorted(line.split()[0] for line in listed.splitlines()) == sorted(phony[1].split())


def dry_run(root: Path, target: str) -> str:
    """What `make` would do in a fresh clone."""
    return subprocess.run(
        ["make", "--no-print-directory", "--dry-run", "VENV=build/no-such-environment", target],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
