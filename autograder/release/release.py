"""Releasing: from one source, what learners get and what each grader needs."""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat

from autograder.assignment.source import Assignment
from autograder.assignment.thresholds import Thresholds, read_thresholds
from autograder.course.repository import read_repository
from autograder.release import otter
from autograder.release.leaks import Leak, find_leaks, fragments
from autograder.release.learner import Notebook, dump, learner_notebook
from autograder.release.nbgrader import source_notebook


@dataclass(frozen=True)
class Places:
    """Where a release lies under a folder: the repository's root, or a scratch copy of it."""

    root: Path

    def learner(self, name: str) -> Path:
        """The learner's notebook: committed, and what Colab opens."""
        return self.root / "assignments" / name / f"{name}.ipynb"

    def nbgrader(self, name: str) -> Path:
        """nbgrader's source notebook."""
        return self.root / "build" / "nbgrader" / "source" / name / f"{name}.ipynb"

    def otter_zip(self, name: str) -> Path:
        """otter's autograder.zip."""
        return self.root / "build" / "otter" / name / "autograder.zip"

    def otter_student(self, name: str) -> Path:
        """otter's student folder."""
        return self.root / "build" / "otter" / name / "student"


def as_nbgrader_releases(notebook: Notebook) -> Notebook:
    """A copy whose cells carry what ``nbgrader generate_assignment`` adds: locks and checksums."""
    from nbgrader.utils import compute_checksum

    made = copy.deepcopy(notebook)
    for cell in made["cells"]:
        metadata = cell["metadata"].get("nbgrader")
        if metadata is None:
            continue
        metadata["cell_type"] = cell["cell_type"]
        metadata["checksum"] = compute_checksum(nbformat.from_dict(cell))
        cell["metadata"]["deletable"] = False
        if metadata["locked"]:
            cell["metadata"]["editable"] = False
    return made


def make_learner(assignment: Assignment, thresholds: Thresholds, root: Path) -> Notebook:
    """The learner's notebook of this course: with its address and its package."""
    repository = read_repository(root)
    relative = Places(Path()).learner(assignment.name).as_posix()
    return learner_notebook(
        assignment,
        thresholds,
        colab_url=repository.colab(relative),
        install=repository.requirement,
    )


def release(assignment: Assignment, places: Places, root: Path, secret: str) -> list[Path]:
    """Write an assignment's release and return the files written.

    Args:
        assignment: the source.
        places: where to write.
        root: the repository, from which ``dlcourse`` is bundled for otter.
        secret: the course secret; bundles carry numbers drawn from it, never the secret.
    """
    thresholds = read_thresholds(assignment)
    learner = make_learner(assignment, thresholds, root)
    name = assignment.name
    written = [places.learner(name), places.nbgrader(name)]
    source = source_notebook(assignment, learner, thresholds, secret)
    for path, made in zip(written, (as_nbgrader_releases(learner), source), strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dump(made), encoding="utf-8")
    otter.write_autograder_zip(assignment, thresholds, secret, root, places.otter_zip(name))
    otter.write_student_folder(assignment, learner, thresholds, places.otter_student(name))
    return [*written, places.otter_zip(name), *sorted(places.otter_student(name).rglob("*.*"))]


def drift(assignment: Assignment, root: Path) -> list[str]:
    """What of the committed release differs from what the source gives: one line each."""
    path = Places(root).learner(assignment.name)
    wanted = dump(as_nbgrader_releases(make_learner(assignment, read_thresholds(assignment), root)))
    if not path.is_file():
        return [f"{path}: missing; run `autograder release {assignment.name}`"]
    found = path.read_text(encoding="utf-8")
    if found != wanted:
        line = _first_difference(found.splitlines(), wanted.splitlines())
        return [
            f"{path}:{line}: differs from what {assignment.path.name} gives; "
            f"run `autograder release {assignment.name}`"
        ]
    return []


def _first_difference(found: Sequence[str], wanted: Sequence[str]) -> int:
    pairs = zip(found, wanted, strict=False)
    differing = (n for n, (a, b) in enumerate(pairs, start=1) if a != b)
    return next(differing, min(len(found), len(wanted)) + 1)


def leaks(assignment: Assignment, root: Path, secret: str, sites: Sequence[Path]) -> list[Leak]:
    """Leaks in everything that learners get: what is committed, bundled and built."""
    with tempfile.TemporaryDirectory() as scratch:
        places = Places(Path(scratch))
        release(assignment, places, root, secret)
        made = [places.learner(assignment.name), places.otter_student(assignment.name)]
        found = find_leaks(fragments(assignment), [*made, *_there(root / "assignments")])
    written = _there(root / "notebooks", root / "dlcourse", *sites)
    return found + find_leaks(fragments(assignment, lines=2), written)


def _there(*folders: Path) -> list[Path]:
    return [folder for folder in folders if folder.is_dir()]
