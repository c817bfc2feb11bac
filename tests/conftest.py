"""A small course in a scratch folder, and the real repository's root."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from autograder.assignment.source import Assignment, read_assignment
from tests.sample import SAMPLE

ROOT = Path(__file__).resolve().parent.parent
SECRET = "a secret for tests"


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course of one small assignment, week99, with all that a release reads."""
    folder = tmp_path / "course"
    source = folder / "solutions" / "week99" / "week99.md"
    source.parent.mkdir(parents=True)
    source.write_text(SAMPLE, encoding="utf-8")
    for name in ("_config.yml", "nbgrader_config.py", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(
        ROOT / "dlcourse", folder / "dlcourse", ignore=shutil.ignore_patterns("__pycache__")
    )
    monkeypatch.setenv("AUTOGRADER_SECRET", SECRET)
    return folder


@pytest.fixture
def sample(course: Path) -> Assignment:
    """The small assignment of :func:`course`."""
    return read_assignment(course / "solutions" / "week99" / "week99.md")
