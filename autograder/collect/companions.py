"""The files that a notebook needs beside it: modules of the learner's own, small data, pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from autograder.collect.archive import ArchiveError
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
    left_out: list[str] = []
    budget = MAX_COMPANIONS_BYTES
    for name, file in _beside(files, notebook):
        try:
            if name in taken or len(taken) >= MAX_COMPANIONS:
                raise ArchiveError("too many")
            path = workdir.on_disk(file, budget)
            size = path.stat().st_size
            if size > budget:
                raise ArchiveError("too large")
        except (ArchiveError, OSError):
            left_out.append(name)
            continue
        budget -= size
        taken[name] = path
    return taken, [_sentence(left_out)] if left_out else []


def _beside(files: Sequence[File], notebook: File) -> Iterator[tuple[str, File]]:
    """The files below the notebook's folder with their relative paths, the nearest first."""
    folder = notebook.parts[:-1]
    for file in sorted(files, key=lambda f: (len(f.parts), f.parts)):
        parts = file.parts[len(folder) :]
        if file.parts[: len(folder)] == folder and all(map(_SAFE_PART.fullmatch, parts)):
            yield "/".join(parts), file


def _sentence(names: Sequence[str]) -> str:
    shown = ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
    return (
        f"{shown} did not come beside the notebook: {MAX_COMPANIONS} files of together "
        f"{MAX_COMPANIONS_BYTES // 2**20} MB do"
    )
