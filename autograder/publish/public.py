"""The learners' half of the repository: what may be published, and nothing else."""

from __future__ import annotations

import subprocess
from pathlib import Path

from autograder.errors import CommandError

# What learners and readers get. A new top-level file is private until it is named here.
PUBLIC_FOLDERS = ("assignments", "book", "dlcourse", "notebooks")
PUBLIC_FILES = (
    "CITATION.cff",
    "LICENSE",
    "LICENSE-CC-BY-4.0",
    "_config.yml",
    "_toc.yml",
    "environment.yml",
    "pyproject.toml",
)


def write_public(root: Path, out: Path) -> list[Path]:
    """Copy the public files that git tracks into an empty folder.

    Returns:
        The files written, relative to ``out``.

    Raises:
        CommandError: when ``out`` holds something already: nothing is overwritten or mixed.
        CommandError: when ``root`` is no git repository.
    """
    if out.exists() and any(out.iterdir()):
        raise CommandError(f"{out} is not empty; name an empty or a missing folder")
    written = []
    for path in _tracked(root):
        if path.parts[0] in PUBLIC_FOLDERS or path.as_posix() in PUBLIC_FILES:
            target = out / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((root / path).read_bytes())
            written.append(path)
    return written


def _tracked(root: Path) -> list[Path]:
    command = ["git", "-C", str(root), "ls-files", "-z"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CommandError(
            f"{root} is not a git repository: {done.stderr.strip()}; name it with --root"
        )
    paths = [Path(name) for name in done.stdout.split("\0") if name]
    return [p for p in paths if (root / p).is_file()]
