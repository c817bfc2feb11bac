"""Finding who handed in what, in the layouts in which an LMS hands it out.

Only names are looked at here. An LMS writes a part of each name (Canvas's and Moodle's numbers,
Gradescope's list) and the learner the rest, so a name is read from the LMS's end.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import yaml

from autograder.collect.archive import Archive, ArchiveError, Member

MAX_FILES: Final = 2_000
MAX_LEVELS: Final = 12
MAX_METADATA: Final = 64 * 2**20

NOTEBOOK: Final = ".ipynb"
# What browsers and mail programs make of a notebook's name.
NOTEBOOK_ALIASES: Final = (".ipynb.txt", ".ipynb.json", ".json")

_IGNORED: Final = frozenset(
    {"__MACOSX", "__pycache__", "node_modules", "site-packages", "venv", "Thumbs.db", "desktop.ini"}
)
_CANVAS: Final = re.compile(
    r"(?P<name>[^_].*?)_(?:LATE_)?(?P<user>\d+)_(?:question_\d+_)?(?P<number>\d+)_(?P<file>.+)",
    re.IGNORECASE,
)
_MOODLE: Final = re.compile(
    r"(?P<name>.+?)_(?P<user>\d+)_assignsubmission_(?:file|onlinetext)_?(?P<file>.*)"
)
_GRADESCOPE: Final = "submission_metadata.yml"
_SUBMITTED: Final = "submitted"


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


@dataclass(frozen=True)
class Upload:
    """Files that one learner handed in together.

    Attributes:
        learner: who it was, as the layout says it.
        path: the file or folder as the instructor has it.
        files: what is in it; a zip among them is not opened here.
        order: of two hand-ins of a learner the one with the higher order is the later.
        name, lms_id: the learner's name and number, where the layout tells them.
        layout: canvas, moodle, gradescope, nbgrader or plain.
        problem: why there are no files, or empty.
    """

    learner: str
    path: Path
    files: tuple[File, ...]
    order: float
    name: str = ""
    lms_id: str = ""
    layout: str = "plain"
    problem: str = ""


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


def find_uploads(paths: Sequence[Path], assignment: str, workdir: Workdir) -> list[Upload]:
    """Everything that was handed in at these paths, in the layouts of this module."""
    found: list[Upload] = []
    for path in paths:
        try:
            found += _Place(path, assignment, workdir).uploads(alone=len(paths) == 1)
        except Exception as error:  # one odd path must not cost the others their marks
            problem = f"The grader failed to read this ({type(error).__name__})."
            found.append(Upload(stem(path.name), path, (), 0.0, problem=problem))
    return _told_apart(found)


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
class _Entry:
    """A file or a folder at the top of a class's folder, with all files in it."""

    folder: bool
    files: list[File] = field(default_factory=list)

    def add(self, file: File) -> None:
        if len(self.files) < MAX_FILES:
            self.files.append(file)
        elif len(self.files) == MAX_FILES:
            problem = f"There are more than {MAX_FILES:,} files; only the first were looked at."
            self.files.append(File(file.parts, 0.0, problem=problem))

    @property
    def order(self) -> float:
        return max((f.when for f in self.files), default=0.0)


class _Place:
    """One path that the instructor named."""

    def __init__(self, path: Path, assignment: str, workdir: Workdir) -> None:
        self.path = path
        self.assignment = assignment
        self.workdir = workdir

    def uploads(self, alone: bool) -> list[Upload]:
        """What was handed in here. ``alone``: no other path was named with it."""
        try:
            status = self.path.stat()
            if stat.S_ISDIR(status.st_mode):
                return self._folder(self.path)
        except OSError as error:
            return [self._nothing(f"There is nothing to grade here: {error.strerror}.")]
        if not stat.S_ISREG(status.st_mode):
            return [self._nothing("This is neither a file nor a folder.")]
        if alone and self.path.suffix.lower() == ".zip" and (whole := self._class_zip()):
            return whole
        file = File((self.path.name,), status.st_mtime, disk=self.path)
        return [_named(self.path.name, self.path, (file,), status.st_mtime)]

    def _nothing(self, problem: str) -> Upload:
        return Upload(stem(self.path.name), self.path, (), 0.0, problem=problem)

    def _folder(self, path: Path) -> list[Upload]:
        entries = _entries(path)
        if _SUBMITTED in entries and entries[_SUBMITTED].folder:
            return self._folder(path / _SUBMITTED)
        if not self._is_one_learners(path, entries):
            return self._class(path, entries, nbgrader=path.name == _SUBMITTED)
        files = tuple(f for entry in entries.values() for f in entry.files)
        owner = path.resolve()
        if owner.name == self.assignment and owner.parent.name:
            owner = owner.parent
        order = max((f.when for f in files), default=0.0)
        return [_named(owner.name, path, files, order, folder=True)]

    def _is_one_learners(self, path: Path, entries: dict[str, _Entry]) -> bool:
        if not entries or path.suffix == NOTEBOOK or _MOODLE.fullmatch(path.name):
            return True
        if self.assignment in entries and entries[self.assignment].folder:
            return True
        handed_in = [name for name, entry in entries.items() if not entry.folder and _is_work(name)]
        return [stem(name) for name in handed_in] == [self.assignment]

    def _class_zip(self) -> list[Upload]:
        """The hand-ins in an LMS's download; none where the zip is one learner's own."""
        try:
            files = in_archive(self.path)
        except ArchiveError:
            return []  # it is read again as one learner's zip, which then says why not
        root, entries = _unwrapped(files)
        known = root == _SUBMITTED or any(_is_lms(name, entry) for name, entry in entries.items())
        return self._class(self.path, entries, nbgrader=root == _SUBMITTED) if known else []

    def _class(self, path: Path, entries: dict[str, _Entry], nbgrader: bool) -> list[Upload]:
        submitters: dict[str, list[_Submitter]] = {}
        if _GRADESCOPE in entries and not entries[_GRADESCOPE].folder:
            submitters = self._submitters(entries.pop(_GRADESCOPE).files[0])
        found: list[Upload] = []
        for name, entry in entries.items():
            place = path / name if path.is_dir() else path
            mine = tuple(f.under(2) for f in entry.files if f.parts[1:2] == (self.assignment,))
            if name in submitters:
                found += _group(name, submitters[name], place, entry)
            elif entry.folder and mine:
                found.append(Upload(name, place, mine, entry.order, layout="nbgrader"))
            elif not nbgrader:  # there, a folder of other assignments is no submission of this one
                found.append(_named(name, place, tuple(entry.files), entry.order, entry.folder))
        return found or [self._nothing("There are no submissions in this folder.")]

    def _submitters(self, file: File) -> dict[str, list[_Submitter]]:
        """Who handed in each folder of a Gradescope export; nobody where its list is unreadable."""
        try:
            path = self.workdir.on_disk(file, MAX_METADATA)
            if path.stat().st_size > MAX_METADATA:
                return {}
            # The base loader makes only strings, lists and dicts, whatever tags the file has.
            loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
            listed = yaml.load(path.read_bytes(), Loader=loader)
        except (OSError, ArchiveError, ValueError, RecursionError, yaml.YAMLError):
            return {}
        if not isinstance(listed, dict):
            return {}
        return {str(folder): _submitters_of(said) for folder, said in listed.items()}


def _named(
    name: str, path: Path, files: tuple[File, ...], order: float, folder: bool = False
) -> Upload:
    """A hand-in by the name that the LMS or the instructor gave to a file or a folder."""
    canvas = None if folder else _CANVAS.fullmatch(name)
    match = canvas or _MOODLE.fullmatch(name)
    if match is None:
        learner = name.removesuffix(NOTEBOOK) if folder else stem(name)
        return Upload(learner, path, files, order)
    if match["file"] and not folder:
        files = tuple(replace(f, parts=(match["file"],)) for f in files)
    return Upload(
        learner=f"{match['name']}_{match['user']}",
        path=path,
        files=files,
        order=float(canvas["number"][:15]) if canvas else order,
        name=match["name"],
        lms_id=match["user"],
        layout="canvas" if canvas else "moodle",
    )


def _is_lms(name: str, entry: _Entry) -> bool:
    if _MOODLE.fullmatch(name) or name == _GRADESCOPE:
        return True
    return not entry.folder and _CANVAS.fullmatch(name) is not None


def _is_work(name: str) -> bool:
    return name.lower().endswith((NOTEBOOK, *NOTEBOOK_ALIASES, ".zip"))


def _unwrapped(files: list[File]) -> tuple[str, dict[str, _Entry]]:
    """The entries below the folders that hold all of an archive, and the last such folder."""
    root = ""
    while files and all(len(f.parts) > 1 and f.parts[0] == files[0].parts[0] for f in files):
        if _MOODLE.fullmatch(files[0].parts[0]):
            break
        root = files[0].parts[0]
        files = [f.under(1) for f in files]
        if root == _SUBMITTED:
            break
    entries: dict[str, _Entry] = {}
    for file in files:
        entries.setdefault(file.parts[0], _Entry(len(file.parts) > 1)).add(file)
    return root, entries


@dataclass(frozen=True)
class _Submitter:
    name: str
    sid: str


def _submitters_of(said: object) -> list[_Submitter]:
    listed = said.get(":submitters") if isinstance(said, dict) else None
    found = []
    for one in listed if isinstance(listed, list) else []:
        if isinstance(one, dict):
            sid = _text(one.get(":sid")) or _text(one.get(":email"))
            found.append(_Submitter(_text(one.get(":name")), sid))
    return found


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _group(
    folder: str, submitters: list[_Submitter], path: Path, entry: _Entry
) -> Iterator[Upload]:
    """One hand-in for each member of the group that handed a folder in on Gradescope."""
    number = float(re.sub(r"\D", "", folder)[:15] or 0)
    files = tuple(f.under(1) if len(f.parts) > 1 else f for f in entry.files)
    for one in submitters or [_Submitter("", "")]:
        learner = one.sid or one.name or folder
        yield Upload(learner, path, files, number, one.name, one.sid, "gradescope")


def _entries(root: Path) -> dict[str, _Entry]:
    """What stands at the top of a folder, sorted by name. Links are not followed."""
    entries: dict[str, _Entry] = {}
    for item in _scan(root):
        if _ignored((item.name,)):
            continue
        entry = entries[item.name] = _Entry(item.is_dir(follow_symlinks=False))
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


def _told_apart(uploads: list[Upload]) -> list[Upload]:
    """Name files that are called alike (``a/week01.ipynb b/week01.ipynb``) after their folders."""
    names = [(h.learner, h.path.parent) for h in uploads if h.layout == "plain"]
    alike = {n for n, _ in names if len({parent for m, parent in names if m == n}) > 1}
    return [_by_folder(h) if h.layout == "plain" and h.learner in alike else h for h in uploads]


def _by_folder(upload: Upload) -> Upload:
    folder = upload.path.resolve().parent
    if folder.name == upload.learner:
        folder = folder.parent
    named = _named(folder.name, upload.path, upload.files, upload.order, folder=True)
    return named if named.learner else upload
