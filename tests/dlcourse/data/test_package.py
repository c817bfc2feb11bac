"""What ships with the learner's package is really in it."""

from __future__ import annotations

import tomllib
from fnmatch import fnmatch

import pytest

from dlcourse.data.manifest import MANIFEST
from tests.conftest import ROOT

SHIPPED = sorted(one.file for one in MANIFEST if one.package == "dlcourse")


@pytest.mark.parametrize("file", SHIPPED)
def test_a_file_of_the_package_is_installed_with_it(file: str) -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = settings["tool"]["setuptools"]["package-data"]["dlcourse.data"]
    assert (ROOT / "dlcourse" / file).is_file()
    assert any(fnmatch(file, f"data/{pattern}") for pattern in patterns)
