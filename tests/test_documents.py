"""The README, CITATION.cff and the packages say the same as the tree."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

import dlcourse


def weeks_in(folder: Path) -> list[int]:
    return sorted(int(path.name.removeprefix("week")) for path in folder.glob("week[0-9][0-9]"))


def weeks_of_the_contents(root: Path) -> list[int]:
    text = (root / "_toc.yml").read_text()
    return sorted({int(week) for week in re.findall(r"book/week(\d\d)/", text)})


def test_the_readme_says_which_weeks_are_written(root: Path) -> None:
    assert re.search(r"^All twelve weeks are written", (root / "README.md").read_text(), re.M)
    written = list(range(1, 13))
    assert weeks_in(root / "book") == written
    assert weeks_of_the_contents(root) == written


@pytest.mark.parametrize("folder", ["solutions", "assignments", "notebooks"])
def test_every_week_of_the_book_has_what_is_made_of_it(root: Path, folder: str) -> None:
    assert weeks_in(root / folder) == weeks_in(root / "book")


def test_every_project_has_its_page_and_its_starter(root: Path) -> None:
    numbers = sorted(path.name for path in (root / "solutions").glob("project[0-9][0-9]"))
    starters = sorted(path.stem for path in (root / "assignments").glob("project*/*.ipynb"))
    pages = {f"project{path.name[:2]}": path for path in (root / "book/projects").glob("[0-9]*.md")}
    contents = (root / "_toc.yml").read_text()
    index = (root / "book/projects/index.md").read_text()
    assert numbers == starters == sorted(pages)
    for path in pages.values():
        assert f"book/projects/{path.stem}" in contents
        assert path.name in index


def test_there_is_one_version(root: Path) -> None:
    settings = tomllib.loads((root / "pyproject.toml").read_text())
    citation = yaml.safe_load((root / "CITATION.cff").read_text())
    dynamic = settings["tool"]["setuptools"]["dynamic"]["version"]
    assert settings["project"]["dynamic"] == ["version"]
    assert dynamic == {"attr": "dlcourse.__version__"}
    assert citation["version"] == dlcourse.__version__


def test_citation_names_the_licences_and_the_title_of_the_course(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    citation = yaml.safe_load((root / "CITATION.cff").read_text())
    assert project["license"].split(" AND ") == citation["license"]
    title = (root / "README.md").read_text().splitlines()[0].removeprefix("# ")
    assert citation["title"].startswith(title)


def test_a_version_that_is_not_released_has_no_date_of_release(root: Path) -> None:
    citation = yaml.safe_load((root / "CITATION.cff").read_text())
    newest = re.search(r"^## (\S+), (.+)$", (root / "CHANGELOG.md").read_text(), re.M)
    assert newest is not None
    assert newest[1] == citation["version"]
    released = newest[2] != "not released yet"
    assert str(citation.get("date-released")) == (newest[2] if released else "None")


@pytest.mark.parametrize("package", ["dlcourse", "autograder"])
def test_every_room_of_a_package_stands_in_the_readme(root: Path, package: str) -> None:
    tree = (root / "README.md").read_text().partition("## The tree")[2].split("```")[1]
    rooms = {path.parent.name for path in (root / package).glob("*/__init__.py")}
    of_package = re.search(rf"^{package}/.*\n((?: .*\n)*)", tree, re.M)
    assert of_package is not None
    named = {name.strip("/") for name in re.findall(r"^  (\w+/)", of_package[1], re.M)}
    assert named == rooms


def test_the_tree_in_the_readme_exists(root: Path) -> None:
    tree = (root / "README.md").read_text().partition("## The tree")[2].split("```")[1]
    parent = root
    for line in tree.splitlines():
        if named := re.match(r"( *)([\w.]+)/\s", line):
            parent = root if not named[1] else parent
            assert (parent / named[2]).is_dir(), line
            parent = root / named[2] if not named[1] else parent
