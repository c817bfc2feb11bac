"""A small course's repository, for what is written from it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from autograder.assignment.source import Assignment
from autograder.assignment.thresholds import read_thresholds
from autograder.commands.main import main
from autograder.publish.chapters import write_notebooks
from autograder.release.learner import dump
from autograder.release.release import Places, as_nbgrader_releases, make_learner
from tests.conftest import ROOT

URL = "https://github.com/some-school/deep-learning"
CHAPTER = """---
kernelspec: {display_name: Python 3, language: python, name: python3}
---
# One

See [the guide](../guides/learners.md).

```{code-cell} ipython3
1 + 1
```
"""


def git(folder: Path, *words: str) -> str:
    command = ["git", "-C", str(folder), *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def run(course: Path, *words: str) -> int:
    return main(["--root", str(course), *words])


def release(course: Path, assignment: Assignment) -> None:
    """Write the notebooks that are committed."""
    made = make_learner(assignment, read_thresholds(assignment), course)
    path = Places(course).learner(assignment.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dump(as_nbgrader_releases(made)))
    write_notebooks(course)


@pytest.fixture
def repository(course: Path, sample: Assignment, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The instructors' repository of a small course with an address, committed."""
    for variable in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{variable}_NAME", "An instructor")
        monkeypatch.setenv(f"GIT_{variable}_EMAIL", "instructor@example.org")
    (course / "dlcourse").unlink()
    (course / "dlcourse").mkdir()
    (course / "dlcourse" / "__init__.py").write_text('"""The course."""\n\n__version__ = "3.1"\n')
    for name in ("LICENSE", "LICENSE-CC-BY-4.0", "CITATION.cff", "constraints.txt", ".gitignore"):
        shutil.copy(ROOT / name, course)
    book = course / "book"
    (book / "week99").mkdir(parents=True)
    (book / "guides").mkdir()
    (book / "references.bib").write_text("")
    (book / "guides" / "learners.md").write_text("# Guide\n")
    (book / "week99" / "01_one.md").write_text(CHAPTER)
    config = (course / "_config.yml").read_text().replace("your_organisation", "some-school")
    (course / "_config.yml").write_text(
        config.replace("deep-learning-in-twelve-weeks", "deep-learning")
    )
    release(course, sample)
    git(course, "init", "-q")
    git(course, "add", "-A")
    return course
