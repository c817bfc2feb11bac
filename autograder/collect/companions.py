"""The files that a notebook needs beside it: modules of the learner's own, small data, pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from autograder.collect.archive import ArchiveError, TooLarge
from autograder.collect.files import File, Workdir

# Far above what an assignment's notebook has beside it, low enough for a class of them.
MAX_COMPANIONS: Final = 100
MAX_COMPANIONS_BYTES: Final = 64 * 2**20

_SAFE_PART: Final = re.compile(r"[^\W.][\w .,@+()\-]{0,120}")


def companions(
    files: Sequence[File], notebook: File, workdir: Workdir
) -> tuple[dict[str, Path], list[str]]:
    """Take out the files that stand in a notebook's folder or below it.

    Args:
        files: what was handed in with the notebook, without notebooks and weights.
        notebook: the notebook; the files' paths are relative to its folder.
        workdir: where members of archives are put.

    Returns:
        The files on disk by their path relative to the notebook, and a sentence for each that was
        left out, which the learner may need to know.
    """
    taken: dict[str, Path] = {}
    too_much: list[str] = []
    unreadable: list[str] = []
    budget = MAX_COMPANIONS_BYTES
    for name, file in _beside(files, notebook):
        if name in taken or len(taken) >= MAX_COMPANIONS:
            too_much.append(name)
            continue
        try:
            path = workdir.on_disk(file, budget)
            size = path.stat().st_size
        except TooLarge:
            too_much.append(name)
        except (ArchiveError, OSError):
            unreadable.append(name)
        else:
            if size > budget:
                too_much.append(name)
                continue
            budget -= size
            taken[name] = path
    return taken, list(_left_out(too_much, unreadable))


def _beside(files: Sequence[File], notebook: File) -> Iterator[tuple[str, File]]:
    """The files below the notebook's folder with their relative paths, the nearest first."""
    folder = notebook.parts[:-1]
    for file in sorted(files, key=lambda f: (len(f.parts), f.parts)):
        parts = file.parts[len(folder) :]
        if file.parts[: len(folder)] == folder and all(map(_SAFE_PART.fullmatch, parts)):
            yield "/".join(parts), file


def _left_out(too_much: Sequence[str], unreadable: Sequence[str]) -> Iterator[str]:
    """A sentence for each reason why files were left out."""
    if too_much:
        yield (
            f"{_some(too_much)} did not come beside the notebook: there is room for "
            f"{MAX_COMPANIONS} files and {MAX_COMPANIONS_BYTES // 2**20} MB in all."
        )
    if unreadable:
        yield (
            f"{_some(unreadable)} did not come beside the notebook: the upload is damaged there, "
            "or the file is protected by a password."
        )


def _some(names: Sequence[str]) -> str:
    """The first names of several, cut where a name is long."""
    return ", ".join(name[-60:] for name in names[:3]) + (", ..." if len(names) > 3 else "")
