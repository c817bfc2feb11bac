"""The files of what was handed in, on disk or in an archive, as one tree of folders."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from autograder.collect.archive import Archive, ArchiveError, Member

MAX_FILES: Final = 2_000
MAX_LEVELS: Final = 12
# Zips in one zip that are opened: each may take as much of the disk as the outer one.
MAX_INNER_ZIPS: Final = 3

NOTEBOOK: Final = ".ipynb"
# What browsers and mail programs make of a notebook's name.
NOTEBOOK_ALIASES: Final = (".ipynb.txt", ".ipynb.json", ".json")

_IGNORED: Final = frozenset(
    {"__MACOSX", "__pycache__", "node_modules", "site-packages", "venv", "Thumbs.db", "desktop.ini"}
)


@dataclass(frozen=True)
class File:
    """A file somewhere in what was handed in: on disk, or a member of an archive.

    Attributes:
        parts: its name below what was handed in, folder by folder.
        when: seconds since the epoch at which it was last changed.
        disk: its path; None for a member of an archive.
        archive: the path of the archive that holds it; None for a file on disk.
        member: which member of the archive.
        problem: why it cannot be read, one sentence, or empty.
    """

    parts: tuple[str, ...]
    when: float
    disk: Path | None = None
    archive: Path | None = None
    member: Member | None = None
    problem: str = ""

    @property
    def name(self) -> str:
        """The last part of its name."""
        return self.parts[-1]

    def under(self, levels: int) -> File:
        """The same file, called from a folder so many levels further down."""
        return replace(self, parts=self.parts[levels:])


class Workdir:
    """Where members of archives are put, each under a number for a name."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._taken = 0

    def on_disk(self, file: File, limit: int) -> Path:
        """The file's path, after taking it out of its archive where it is in one.

        Raises:
            ArchiveError: when it cannot be read, or holds more than ``limit`` bytes.
        """
        if file.problem:
            raise ArchiveError(file.problem)
        if file.disk is not None:
            return file.disk
        assert file.archive is not None
        assert file.member is not None
        self._taken += 1
        target = self.path / f"{self._taken:06d}"
        with Archive(file.archive) as archive:
            archive.take(file.member, target, limit)
        return target


def in_archive(archive: Path) -> list[File]:
    """The files in an archive, without those that an operating system put there.

    Raises:
        ArchiveError: when it cannot be read.
    """
    with Archive(archive) as opened:
        members = opened.members()
    files = [File(m.parts, m.when, archive=archive, member=m, problem=m.problem) for m in members]
    return [f for f in files if not _ignored(f.parts)]


def stem(name: str) -> str:
    """A file's name without the endings of notebooks and zips, or else without its last one."""
    for suffix in (*NOTEBOOK_ALIASES, NOTEBOOK, ".zip"):
        if name.lower().endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)]
    return Path(name).stem


@dataclass
class Entry:
    """A file or a folder in a :class:`Folder`, with all files in it."""

    folder: bool
    files: list[File] = field(default_factory=list)

    def add(self, file: File) -> None:
        """Take a file in; of too many only the first ones, and a file that says so."""
        if len(self.files) < MAX_FILES:
            self.files.append(file)
        elif len(self.files) == MAX_FILES:
            problem = f"There are more than {MAX_FILES:,} files; only the first were looked at."
            self.files.append(File(file.parts, 0.0, problem=problem))

    @property
    def order(self) -> float:
        """When the newest of its files was written, in seconds since the epoch."""
        return max((f.when for f in self.files), default=0.0)

    @property
    def holds_work(self) -> bool:
        """Whether there is a notebook in it, or a zip that may hold one."""
        return any(is_work(f.name) for f in self.files)


class Folder:
    """A folder on disk, or in an archive.

    Attributes:
        path: where it is; in an archive, the archive.
        name: what it is called; empty for an archive's own top.
        entries: what stands in it, by name, sorted.
    """

    def __init__(self, path: Path, files: list[File] | None = None, name: str = "") -> None:
        self.path = path
        self.name = path.name if files is None else name
        self._files = files
        self.entries = _entries(path) if files is None else _grouped(files)

    @property
    def in_archive(self) -> bool:
        """Whether it is one of an archive's."""
        return self._files is not None

    def at_work(self) -> list[str]:
        """The names of the entries that hold a notebook or a zip."""
        return [name for name, entry in self.entries.items() if entry.holds_work]

    def child(self, name: str) -> Folder:
        """A folder in this one."""
        if self._files is None:
            return Folder(self.path / name)
        inside = [f.under(1) for f in self._files if f.parts[0] == name and len(f.parts) > 1]
        return Folder(self.path, inside, name)

    def place(self, name: str) -> Path:
        """The path of an entry; of an archive's, the archive's."""
        return self.path if self.in_archive else self.path / name


def is_work(name: str) -> bool:
    """Whether a file of this name may hold what was handed in."""
    return name.lower().endswith((NOTEBOOK, *NOTEBOOK_ALIASES[:2], ".zip"))


def _grouped(files: list[File]) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    for file in sorted(files, key=lambda f: f.parts[0]):
        entries.setdefault(file.parts[0], Entry(len(file.parts) > 1)).add(file)
    return entries


def _entries(root: Path) -> dict[str, Entry]:
    """What stands at the top of a folder, sorted by name. Links are not followed."""
    entries: dict[str, Entry] = {}
    for item in _scan(root):
        if _ignored((item.name,)):
            continue
        entry = entries[item.name] = Entry(item.is_dir(follow_symlinks=False))
        if not entry.folder:
            entry.add(_on_disk(item, (item.name,)))
            continue
        for file in _walk(Path(item.path), (item.name,)):
            entry.add(file)
            if len(entry.files) > MAX_FILES:
                break
    return entries


def _scan(folder: Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as items:
        return sorted(items, key=lambda item: item.name)


def _walk(folder: Path, parts: tuple[str, ...]) -> Iterator[File]:
    """The files below a folder, those nearest to it first."""
    level = [(folder, parts)]
    for _ in range(MAX_LEVELS):
        below = []
        for place, above in level:
            try:
                items = [i for i in _scan(place) if not _ignored((i.name,))]
            except OSError as error:
                yield File(above, 0.0, problem=f"A folder could not be opened: {error.strerror}.")
                continue
            for item in items:
                if item.is_dir(follow_symlinks=False):
                    below.append((Path(item.path), (*above, item.name)))
                else:
                    yield _on_disk(item, (*above, item.name))
        level = below


def _on_disk(item: os.DirEntry[str], parts: tuple[str, ...]) -> File:
    try:
        status = item.stat(follow_symlinks=False)
    except OSError as error:
        return File(parts, 0.0, problem=f"A file could not be opened: {error.strerror}.")
    problem = ""
    if stat.S_ISLNK(status.st_mode):
        problem = "This is a link, which grading does not follow; hand in the file itself."
    elif not stat.S_ISREG(status.st_mode):
        problem = "This is not a file that can be read; hand in the notebook file."
    return File(parts, status.st_mtime, disk=Path(item.path), problem=problem)


def _ignored(parts: tuple[str, ...]) -> bool:
    """Whether an operating system or a tool put the file there, not its author."""
    return any(part in _IGNORED or part.startswith(".") for part in parts)
