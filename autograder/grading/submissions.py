"""Turning what was handed in into submissions, without running or trusting any of it.

What an LMS hands out comes in many layouts, and what learners put into it in many more. Here every
file becomes part of a submission, and every submission names a notebook to grade or says in one
sentence why there is none. Nothing is lost silently and nothing stops a batch.

Layouts, recognised by name:

=========== ======================================================== ==================
layout      what it looks like                                       who handed it in
=========== ======================================================== ==================
canvas      ``doejane_12345_67890_week01.ipynb``, ``_LATE_``         name and number
moodle      ``Jane Doe_123_assignsubmission_file_/week01.ipynb``     name and number
gradescope  ``submission_123/`` beside ``submission_metadata.yml``   ``:sid`` in there
nbgrader    ``submitted/jane/week01/week01.ipynb``                   ``jane``
plain       ``jane.ipynb``, ``jane.zip``, ``jane/week01.ipynb``      ``jane``
=========== ======================================================== ==================

Each file or folder in these places may be a notebook, a folder or a zip of a notebook and its
weights, as ``dlcourse.submit`` and ``otter export`` make them.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import yaml

from autograder.grading.archive import Archive, ArchiveError, Member
from autograder.grading.notebook import MAX_FILE, Cell, Notebook, Unreadable, read_file

__all__ = ["Cell", "Notebook", "Submission", "Unreadable", "find_submissions", "read_notebook"]

# Bounds of one learner's submission: far above an honest one, low enough for a class of them.
MAX_FILES: Final = 2_000
MAX_WEIGHTS: Final = 16
MAX_WEIGHTS_BYTES: Final = 256 * 2**20
MAX_METADATA: Final = 64 * 2**20
MAX_LEVELS: Final = 12

WEIGHT_SUFFIXES: Final = (".h5", ".keras", ".npz", ".npy", ".safetensors")

_NOTEBOOK_SUFFIXES: Final = (".ipynb", ".ipynb.txt", ".ipynb.json", ".json")
_ZIP: Final = b"PK\x03\x04"
_IGNORED: Final = frozenset(
    {"__MACOSX", "__pycache__", "node_modules", "site-packages", "venv", "Thumbs.db", "desktop.ini"}
)
# The LMS writes the beginning of these names and the learner the end: so the first match counts.
_CANVAS: Final = re.compile(
    r"(?P<name>[^_].*?)_(?:LATE_)?(?P<user>\d+)_(?:question_\d+_)?(?P<number>\d+)_(?P<file>.+)",
    re.IGNORECASE,
)
_MOODLE: Final = re.compile(
    r"(?P<name>.+?)_(?P<user>\d+)_assignsubmission_(?:file|onlinetext)_?(?P<file>.*)"
)
_GRADESCOPE: Final = "submission_metadata.yml"


@dataclass(frozen=True)
class Submission:
    """What one learner handed in for one assignment.

    Attributes:
        learner: who handed it in: unique in the batch unless superseded, fit for a file's name.
        name: the learner's name, where the layout tells it.
        lms_id: the number or id by which the LMS knows the learner, where the layout tells it.
        path: the file or folder that was handed in.
        layout: how the learner was told: canvas, moodle, gradescope, nbgrader or plain.
        notebook: the file to grade; None when there is none.
        weights: files of trained weights by name: opaque bytes, for a sandbox to open.
        notes: what the learner should know about what was and was not graded, a sentence each.
        unreadable: set when there is nothing to grade.
        superseded: set when another submission of the learner counts in place of this one.
        digest: SHA-256 of the notebook and the weights; empty when there is no notebook.
    """

    learner: str
    path: Path
    name: str = ""
    lms_id: str = ""
    layout: str = "plain"
    notebook: Path | None = None
    weights: dict[str, Path] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    unreadable: Unreadable | None = None
    superseded: str = ""
    digest: str = ""

    @property
    def gradable(self) -> bool:
        """Whether there is a notebook to grade, and it is the one that counts."""
        return self.notebook is not None and not self.superseded


def read_notebook(submission: Submission) -> Notebook | Unreadable:
    """Read a submission's notebook as data. Never raises on account of what was handed in."""
    if submission.unreadable is not None:
        return submission.unreadable
    if submission.notebook is None:
        return Unreadable("There is no notebook in what was handed in.")
    return read_file(submission.notebook)


def find_submissions(
    paths: Sequence[Path], assignment_name: str, workdir: Path
) -> list[Submission]:
    """Find every submission in the files, folders and zips that were named.

    Args:
        paths: notebooks, zips and folders, in any layout of the module's table. A zip is taken as
            a whole class's download only when it is the only path and its names are an LMS's: a
            learner's own zip can never speak for another learner.
        assignment_name: which assignment is graded, for instance ``week01``: chooses among several
            notebooks of one learner.
        workdir: an existing folder for what is taken out of zips; it must outlive the submissions.

    Returns:
        The submissions, sorted by learner; superseded ones follow the one that counts.
    """
    finder = _Finder(assignment_name, workdir)
    return finder.find([Path(p) for p in paths])


@dataclass(frozen=True)
class _File:
    """A file somewhere in what was handed in: on disk, or a member of an archive."""

    parts: tuple[str, ...]
    when: float
    disk: Path | None = None
    archive: Path | None = None
    member: Member | None = None
    problem: str = ""

    @property
    def name(self) -> str:
        return self.parts[-1]

    def under(self, levels: int) -> _File:
        return replace(self, parts=self.parts[levels:])


@dataclass(frozen=True)
class _Handin:
    """Files that were handed in together."""

    learner: str
    path: Path
    files: tuple[_File, ...]
    when: float
    name: str = ""
    lms_id: str = ""
    layout: str = "plain"
    problem: str = ""


@dataclass(frozen=True)
class _Candidate:
    """A notebook that could be the one to grade, and how well it fits."""

    handin: _Handin
    file: _File
    path: Path
    rank: tuple[int, int]
    reason: str

    @property
    def order(self) -> tuple[object, ...]:
        return (*self.rank, -self.handin.when, -self.file.when, len(self.file.parts), self.shown)

    @property
    def shown(self) -> str:
        return _shown("/".join(self.file.parts))


_RULES: Final = {
    "canvas": "Canvas's highest file number counts",
    "gradescope": "the latest time of submission counts",
    "nbgrader": "the most recently changed file counts",
    "moodle": "the most recently changed file counts",
    "plain": "the most recently changed file counts",
}
