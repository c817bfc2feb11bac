"""Finding who handed in what, in the layouts in which an LMS hands it out.

One learner or a class is never guessed: several notebooks of the assignment in one place are a
class, in a folder as in a zip and at any depth. Where that leaves two readings, nothing is graded
and :class:`LayoutError` says what was seen and how to name the layout.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Final

import yaml

from autograder.collect.archive import ArchiveError
from autograder.collect.files import (
    MAX_INNER_ZIPS,
    MAX_LEVELS,
    NOTEBOOK,
    Entry,
    File,
    Folder,
    Workdir,
    in_archive,
    is_work,
    stem,
)
from autograder.collect.identity import Identity
from autograder.collect.lms_names import EntryName, ilias, read_name, without_time
from autograder.collect.notebook import MAX_FILE, Notebook, read_file
from autograder.errors import AutograderError

MAX_METADATA: Final = 64 * 2**20
MAX_LOG: Final = 64 * 2**10
# Notebooks that are read to tell a class from one learner.
MAX_READ: Final = 200

ONE: Final = "one"
PLAIN: Final = "plain"
LAYOUTS: Final[dict[str, str]] = {
    "canvas": "doejane_12345_67890_week01.ipynb",
    "moodle": "Jane Doe_123_assignsubmission_file_/week01.ipynb",
    "gradescope": "submission_123/week01.ipynb beside submission_metadata.yml",
    "blackboard": "Week 1_jdoe_attempt_2026-11-20-10-00-00_week01.ipynb",
    "brightspace": "12345-67890 - Jane Doe - Nov 20, 2026 1000 AM/week01.ipynb",
    "ilias": "Doe_Jane_jdoe_1001/week01.ipynb",
    "sakai": "Doe, Jane(jdoe)/Submission attachment(s)/week01.ipynb",
    "nbgrader": "submitted/jdoe/week01/week01.ipynb, or jdoe+week01+TIME/week01.ipynb",
    "otter": "week01_2026_01_01T10_00_00_000000.zip, each of a learner",
    PLAIN: "jane.ipynb, jane.zip or jane/week01.ipynb, each called after its learner",
    ONE: "everything in a path that was named belongs to one learner",
}
"""The layouts by name, with what they look like."""

_GRADESCOPE: Final = "submission_metadata.yml"
_SUBMITTED: Final = "submitted"
_INBOUND: Final = "inbound"
_FEEDBACK: Final = "feedback attachment"
_ILIAS_FOLDERS: Final = frozenset({"submissions", "abgaben", "einreichungen"})
_ATTEMPT: Final = re.compile(r".+?_attempt_\d{4}(?:-\d\d){5}")
_LOG_NAME: Final = re.compile(r"[^:\n]{1,40}:[ \t]*(?P<name>[^\n]*?)[ \t]*\((?P<login>[^()\n]+)\)")
_DOWNLOADED_AGAIN: Final = re.compile(r"(-\d+| ?\(\d+\)|-copy\d*)$", re.IGNORECASE)


class LayoutError(AutograderError):
    """What was named can be read in two ways, or not in the layout that was named."""


@dataclass(frozen=True)
class Upload:
    """Files that one learner handed in together.

    Attributes:
        learner: who it was, as the layout says it.
        path: the file or folder as the instructor has it.
        files: what is in it; a zip among them is not opened here.
        order: of two hand-ins of a learner the one with the higher order is the later.
        identity: who the learner is, where the layout tells it.
        typed: a text or a link was handed in in place of a file.
        problem: why there are no files, or empty.
    """

    learner: str
    path: Path
    files: tuple[File, ...]
    order: float
    identity: Identity = field(default_factory=Identity)
    typed: bool = False
    problem: str = ""


def find_uploads(
    paths: Sequence[Path], assignment: str, workdir: Workdir, layout: str = ""
) -> list[Upload]:
    """Everything that was handed in at these paths.

    Args:
        paths: files and folders.
        assignment: the name of the assignment that is graded.
        workdir: where members of archives are put.
        layout: one of :data:`LAYOUTS`; by what is seen where it is empty.

    Raises:
        LayoutError: when it is not clear whether one learner or a class handed something in.
    """
    if layout and layout not in LAYOUTS:
        raise LayoutError(f"{layout!r} is no layout; known are {', '.join(LAYOUTS)}.")
    inputs = [_InputPath(path, assignment, workdir, layout) for path in paths]
    found: list[Upload] = []
    for one in inputs:
        try:
            found += one.uploads()
        except LayoutError:
            raise
        except Exception as error:  # one odd path must not cost the others their marks
            problem = f"The grader failed to read this ({type(error).__name__})."
            found.append(Upload(stem(one.path.name), one.path, (), 0.0, problem=problem))
    _refuse_class_among_learners(inputs)
    return _told_apart(found, assignment)


def _refuse_class_among_learners(inputs: Sequence[_InputPath]) -> None:
    """Refuse a class's zip among learners' zips: one learner's could speak for all the others."""
    zips = [one for one in inputs if one.zip_of]
    classes = [one for one in zips if one.zip_of == "class"]
    if classes and len(classes) < len(zips):
        raise LayoutError(
            f"{classes[0].path} holds what several learners handed in, and the other zips what one "
            "did. Grade the class's download by a command of its own into the same --out; or, if "
            "it is one learner's, say --layout one."
        )


class _InputPath:
    """One path that the instructor named.

    Attributes:
        zip_of: for a zip whose name is no LMS's, whether a ``class`` or ``one`` learner made it.
    """

    def __init__(self, path: Path, assignment: str, workdir: Workdir, layout: str) -> None:
        self.path = path
        self.assignment = assignment
        self.workdir = workdir
        self.layout = layout
        self.zip_of = ""
        # week01 and week02 are named alike.
        alike = re.sub(r"\d+", r"\\d+", re.escape(assignment.lower()))
        self._any_assignment = re.compile(alike)

    def uploads(self) -> list[Upload]:
        """What was handed in here."""
        try:
            status = self.path.stat()
            if stat.S_ISDIR(status.st_mode):
                return self._folder(Folder(self.path))
        except OSError as error:
            return [self._nothing(f"There is nothing to grade here: {error.strerror}.")]
        if not stat.S_ISREG(status.st_mode):
            return [self._nothing("This is neither a file nor a folder.")]
        if self._may_be_a_class():
            whole = self._zip(self.path)
            self.zip_of = "class" if whole else "one"
            if whole:
                return whole
        file = File((self.path.name,), status.st_mtime, disk=self.path)
        entry = Entry(False, [file])
        return [self._named(self.path.name, self.path, entry)]

    def _may_be_a_class(self) -> bool:
        if self.path.suffix.lower() != ".zip" or self.layout == ONE:
            return False
        return read_name(self.path.name, folder=False) is None

    def _nothing(self, problem: str) -> Upload:
        return Upload(stem(self.path.name), self.path, (), 0.0, problem=problem)

    # A folder or a zip as a whole

    def _folder(self, folder: Folder) -> list[Upload]:
        if self.layout == ONE:
            return [self._one_learners(folder)]
        if self.layout:
            return self._as_told(folder)
        for holder in (_SUBMITTED, _INBOUND):
            if holder in folder.entries and folder.entries[holder].folder:
                return self._folder(folder.child(holder))
        if self._is_one_learners(folder):
            return [self._one_learners(folder)]
        found = self._class_in(folder) or self._only_zip(folder)
        if found:
            return found
        if self._has_own_name_only(folder):
            return [self._one_learners(folder)]
        return self._class(folder) or [self._nothing("There are no submissions in this folder.")]

    def _one_learners(self, folder: Folder) -> Upload:
        files = tuple(f for entry in folder.entries.values() for f in entry.files)
        owner = folder.path.resolve()
        if owner.name == self.assignment and owner.parent.name:
            owner = owner.parent
        return self._named(owner.name, folder.path, Entry(True, list(files)))

    def _is_one_learners(self, folder: Folder) -> bool:
        """Whether a folder on disk is one learner's by its name or by its first level."""
        if not folder.entries or folder.path.suffix == NOTEBOOK:
            return True
        if read_name(folder.name, folder=True):
            return True
        return self.assignment in folder.entries and folder.entries[self.assignment].folder

    def _has_own_name_only(self, folder: Folder) -> bool:
        """Whether the assignment's own notebook stands in the folder, with none that competes."""
        files = [n for n, e in folder.entries.items() if not e.folder and is_work(n)]
        return any(self._is_own_name(n) for n in files)

    def _only_zip(self, folder: Folder) -> list[Upload]:
        """The class in the only zip of a folder, where it is a class's."""
        names = folder.at_work()
        if len(names) != 1 or folder.entries[names[0]].folder or not names[0].endswith(".zip"):
            return []
        if read_name(names[0], folder=False):
            return []
        place = folder.place(names[0])
        found = self._zip(self.workdir.on_disk(folder.entries[names[0]].files[0], 2**31))
        return [replace(upload, path=place) for upload in found]

    def _zip(self, path: Path) -> list[Upload]:
        """What a class handed in, in a zip; nothing where the zip is one learner's own."""
        try:
            top = Folder(path, in_archive(path))
        except ArchiveError:
            return []  # it is read again as one learner's zip, which then says why not
        if self.layout:
            return self._as_told(top)
        return self._class_in(top) or self._only_zip(top)

    def _as_told(self, top: Folder) -> list[Upload]:
        """What is there in the layout that the instructor named."""
        for folder in _levels(top):
            if self.layout == PLAIN:
                names = folder.at_work()
                if len(names) != 1 or not folder.entries[names[0]].folder:
                    return self._class(folder, PLAIN)
            elif self._looks_like(folder, self.layout):
                return self._class(folder, self.layout)
        raise LayoutError(
            f"Nothing in {self.path} is named as in the layout {self.layout} "
            f"({LAYOUTS[self.layout]}). Seen: {_some(top.entries)}."
        )

    def _class_in(self, top: Folder) -> list[Upload]:
        """What a class handed in somewhere in a folder; nothing where there is no class."""
        known = self._known_folders(top)
        if known and (not top.in_archive or all(self._is_whole(f) for f in known)):
            return [upload for folder in known for upload in self._class(folder)]
        return _sections_told_apart(
            [(f.name, self._class(f, PLAIN)) for f in self._plain_folders(top)]
        )

    # Layouts with names of their own

    def _known_folders(self, folder: Folder, level: int = 0) -> list[Folder]:
        """The folders, this one or some below it, that an LMS's names fill."""
        if self._layout_of(folder):
            return [folder]
        names = folder.at_work()
        if level >= MAX_LEVELS or not all(folder.entries[name].folder for name in names):
            return []
        found: list[Folder] = []
        for name in names:
            below = self._known_folders(folder.child(name), level + 1)
            if not below:
                return []
            found += below
        return found

    def _layout_of(self, folder: Folder) -> str:
        if folder.name == _SUBMITTED:
            return "nbgrader"
        for layout in LAYOUTS:
            if layout not in ("otter", PLAIN, ONE) and self._looks_like(folder, layout):
                return layout
        return ""

    def _looks_like(self, folder: Folder, layout: str) -> bool:
        entries = folder.entries
        if layout == "gradescope":
            return _GRADESCOPE in entries and not entries[_GRADESCOPE].folder
        if layout == "ilias":
            return self._looks_like_ilias(folder)
        if any(read_name(n, e.folder, layout) for n, e in entries.items() if e.holds_work):
            return True
        if layout != "nbgrader":
            return False
        mine = [e for e in entries.values() if e.folder and self._in_tree(e)]
        return len(mine) > 1 or (bool(mine) and bool(self.layout))

    def _looks_like_ilias(self, folder: Folder) -> bool:
        names = [name for name in folder.at_work() if folder.entries[name].folder]
        if not names or not all(ilias(name, folder=True) for name in names):
            return False
        told = self.layout == "ilias" or folder.name.lower() in _ILIAS_FOLDERS
        return told or len(names) > 1

    def _in_tree(self, entry: Entry) -> tuple[File, ...]:
        """The files of this assignment in a learner's folder of nbgrader's tree."""
        return tuple(f.under(2) for f in entry.files if f.parts[1:2] == (self.assignment,))

    def _is_whole(self, folder: Folder) -> bool:
        """Whether all work in a folder is named as its layout names it: no learner's own zip is."""
        layout = self._layout_of(folder)
        if layout == "gradescope" or folder.name == _SUBMITTED:
            return True
        entries = [(name, folder.entries[name]) for name in folder.at_work()]
        return all(
            read_name(name, entry.folder, layout) or (layout == "nbgrader" and self._in_tree(entry))
            for name, entry in entries
        )

    # Names that are only the learners'

    def _plain_folders(self, top: Folder) -> list[Folder]:
        """The folders whose entries are called after their learners; none for one learner's.

        Raises:
            LayoutError: when it could be either.
        """
        level, names = top, top.at_work()
        while len(names) == 1 and level.entries[names[0]].folder:
            works = [f for f in level.entries[names[0]].files if is_work(f.name)]
            if len(works) < 2:
                return []
            level = level.child(names[0])
            names = level.at_work()
        if len(names) < 2:
            return []
        own = [n for n in names if self._is_own_name(n)]
        others = [n for n in names if not self._any_assignment.fullmatch(_bare(n))]
        if own or level.in_archive:
            ours = self._ours(level, own + others)
            own, others = [n for n in own if n in ours], [n for n in others if n in ours]
        if len(others) > 1:
            return self._sections(level, others)
        if len(own) + len(others) > 1:
            raise self._unclear(level, own + others)
        return []

    def _sections(self, level: Folder, names: Sequence[str]) -> list[Folder]:
        """The folders of a class's sections where each holds several learners, or the class's."""
        if not all(level.entries[name].folder for name in names):
            return [level]
        several = [n for n in names if self._several_learners(level.entries[n])]
        if not several:
            return [level]
        if len(several) < len(names):
            raise self._unclear(level, several)
        return [below for name in names for below in self._plain_folders(level.child(name))]

    def _several_learners(self, entry: Entry) -> bool:
        """Whether several files with names of their own stand at the top of a folder."""
        files = [f.under(1) for f in entry.files if len(f.parts) == 2 and is_work(f.parts[1])]
        named = [f for f in files if not self._any_assignment.fullmatch(_bare(f.name))]
        return len(named) > 1 and sum(self._says_so(f) for f in named) > 1

    def _is_own_name(self, name: str) -> bool:
        return _bare(name) == self.assignment.lower()

    def _ours(self, level: Folder, names: Sequence[str]) -> list[str]:
        """The entries that hold a notebook which says that it is of this assignment.

        Where none does in a zip that was named, those that hold a notebook which says nothing.
        """
        ours = [n for n in names if any(self._says_so(f) for f in level.entries[n].files)]
        if ours or not level.in_archive or level.path != self.path:
            return ours
        return [n for n in names if any(self._says_nothing(f) for f in level.entries[n].files)]

    def _says_so(self, file: File) -> bool:
        return self.assignment in self._says(file)

    def _says_nothing(self, file: File) -> bool:
        return "" in self._says(file)

    def _says(self, file: File) -> set[str]:
        """Which assignments a notebook, or those in a zip, say they are."""
        said = set()
        with suppress(ArchiveError, OSError):
            for notebook in islice(self._notebooks(file), MAX_READ):
                read = read_file(self.workdir.on_disk(notebook, MAX_FILE))
                if isinstance(read, Notebook):
                    said.add(read.assignment)
        return said

    def _notebooks(self, file: File, zips: int = 2) -> Iterator[File]:
        """A notebook itself, or those in a zip and in the zips in it."""
        if file.name.lower().endswith(NOTEBOOK):
            yield file
        if not zips or not file.name.lower().endswith(".zip"):
            return
        inside = in_archive(self.workdir.on_disk(file, 2**30 if zips > 1 else 2**28))
        inner = [f for f in inside if f.name.lower().endswith(".zip")][:MAX_INNER_ZIPS]
        for member in [f for f in inside if f not in inner] + inner:
            yield from self._notebooks(member, zips - 1)

    def _unclear(self, folder: Folder, names: Sequence[str]) -> LayoutError:
        where = self.path if not folder.name or folder.path == self.path else folder.path
        return LayoutError(
            f"{where} holds several notebooks of {self.assignment} ({_some(names)}), and their "
            "names do not tell whether one learner or a class handed them in. Say which: "
            "`--layout one` if it is one learner's, `--layout plain` if each is called after its "
            f"learner, or the name of its layout: {', '.join(list(LAYOUTS)[:-2])}."
        )

    # Uploads

    def _class(self, folder: Folder, layout: str = "") -> list[Upload]:
        """What each learner handed in, in the folder of a class."""
        layout = layout or self._layout_of(folder) or PLAIN
        submitters = self._submitters(folder) if layout == "gradescope" else {}
        logs = self._logs(folder) if layout == "blackboard" else {}
        strays = layout == PLAIN or not self._is_whole(folder)
        found: list[Upload] = []
        for name, entry in folder.entries.items():
            place, mine = folder.place(name), self._in_tree(entry)
            if name == _GRADESCOPE and layout == "gradescope":
                continue
            if name in submitters:
                found += _group(name, submitters, place, entry)
            elif entry.folder and mine and layout in ("nbgrader", PLAIN):
                identity = Identity("nbgrader", login=name)
                found.append(Upload(name, place, mine, entry.order, identity))
            elif folder.name != _SUBMITTED:  # there, other folders are of other assignments
                found += self._entry(name, place, entry, layout, logs, strays)
        return found

    def _entry(
        self,
        name: str,
        place: Path,
        entry: Entry,
        layout: str,
        logs: dict[str, tuple[str, str]],
        strays: bool,
    ) -> Iterator[Upload]:
        """The hand-in that one entry of a class's folder is."""
        said = self._said(name, entry, layout)
        if said is None:
            if strays or entry.holds_work:
                yield self._named(name, place, entry)
            return
        if said.assignment not in ("", self.assignment):
            return
        if layout == "blackboard":
            said = _with_log(said, name, logs)
        if said.entry == "log" and _has_files(name, logs):
            return
        uploads = _by_time(said, place, entry) if layout == "ilias" else ()
        yield from uploads or (_upload(said, place, entry),)

    def _said(self, name: str, entry: Entry, layout: str) -> EntryName | None:
        if layout == "ilias":
            return ilias(name, entry.folder)
        return read_name(name, entry.folder)

    def _named(self, name: str, path: Path, entry: Entry) -> Upload:
        """A hand-in by the name that the LMS or the instructor gave to a file or a folder."""
        said = read_name(name, entry.folder)
        if said is None:
            learner = name.removesuffix(NOTEBOOK) if entry.folder else stem(name)
            return Upload(learner, path, tuple(entry.files), entry.order)
        return _upload(said, path, entry)

    def _logs(self, folder: Folder) -> dict[str, tuple[str, str]]:
        """Name and login of whoever made each of Blackboard's attempts, by the attempt's name."""
        logs: dict[str, tuple[str, str]] = {}
        for name, entry in folder.entries.items():
            match = _ATTEMPT.match(name)
            if match and not entry.folder:
                key = match[0]
                if name == f"{key}.txt":
                    logs[key] = self._log(entry.files[0])
                else:
                    logs.setdefault(f"{key} files", ("", ""))
        return logs

    def _log(self, file: File) -> tuple[str, str]:
        try:
            with self.workdir.on_disk(file, MAX_LOG).open("rb") as opened:
                head = opened.read(500).decode("utf-8-sig", "replace")
        except (OSError, ArchiveError):
            return "", ""
        match = _LOG_NAME.match(head)
        return (match["name"], match["login"]) if match else ("", "")

    def _submitters(self, folder: Folder) -> dict[str, list[Identity]]:
        """Who handed in each folder of a Gradescope export; nobody where its list is unreadable."""
        try:
            path = self.workdir.on_disk(folder.entries[_GRADESCOPE].files[0], MAX_METADATA)
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


def _levels(top: Folder) -> Iterator[Folder]:
    """A folder and those below it, the nearest first."""
    level = [top]
    for _ in range(MAX_LEVELS):
        yield from level
        level = [f.child(n) for f in level for n, e in f.entries.items() if e.folder]


def _bare(name: str) -> str:
    """A file's name in small letters, without its ending and the number of a second download."""
    return _DOWNLOADED_AGAIN.sub("", stem(name).lower()).strip()


def _some(names: Iterable[str]) -> str:
    listed = list(names)
    shown = ", ".join("".join(c for c in n if c.isprintable())[:60] for n in listed[:4])
    return f"{shown}, ..." if len(listed) > 4 else shown or "nothing"


def _upload(said: EntryName, path: Path, entry: Entry) -> Upload:
    """A hand-in by what its name says."""
    files = tuple(entry.files)
    if said.identity.layout == "sakai":  # what the instructor has given back is not handed in
        files = tuple(f for f in files if not any(_is_feedback(part) for part in f.parts[:-1]))
    if said.file and not entry.folder:
        files = tuple(replace(f, parts=(said.file,)) for f in files)
    order = entry.order if said.order is None else said.order
    typed = said.entry != "file"
    problem = "A text or a link was handed in, and no file; hand in the notebook." if typed else ""
    return Upload(said.learner, path, () if typed else files, order, said.identity, typed, problem)


def _is_feedback(folder: str) -> bool:
    return folder.lower().startswith(_FEEDBACK)


def _by_time(said: EntryName, place: Path, entry: Entry) -> tuple[Upload, ...]:
    """Each file in a learner's folder of ILIAS's by the time that stands before its name."""
    timed = [f for f in entry.files if without_time(f.name) != f.name]
    if not timed:
        return ()
    rest = tuple(f for f in entry.files if f not in timed)
    uploads = [
        Upload(
            said.learner,
            place,
            (replace(f, parts=(*f.parts[:-1], without_time(f.name))), *rest),
            float(f.name[:14]),
            said.identity,
        )
        for f in timed
    ]
    return tuple(uploads)


def _has_files(name: str, logs: dict[str, tuple[str, str]]) -> bool:
    match = _ATTEMPT.match(name)
    return match is not None and f"{match[0]} files" in logs


def _with_log(said: EntryName, name: str, logs: dict[str, tuple[str, str]]) -> EntryName:
    """The same, with the name and the login that Blackboard's own log of the attempt tells."""
    match = _ATTEMPT.match(name)
    who, login = logs.get(match[0] if match else "", ("", ""))
    if not login or f"_{login}_attempt_" not in name:
        return said
    return replace(said, learner=login, identity=replace(said.identity, login=login, name=who))


def _submitters_of(said: object) -> list[Identity]:
    listed = said.get(":submitters") if isinstance(said, dict) else None
    return [
        Identity(
            "gradescope",
            name=_text(one.get(":name")),
            student_id=_text(one.get(":sid")),
            email=_text(one.get(":email")),
        )
        for one in (listed if isinstance(listed, list) else [])
        if isinstance(one, dict)
    ]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _group(
    folder: str, submitters: dict[str, list[Identity]], path: Path, entry: Entry
) -> Iterator[Upload]:
    """One hand-in for each member of the group that handed a folder in on Gradescope."""
    number = float(re.sub(r"\D", "", folder)[:15] or 0)
    files = tuple(f.under(1) if len(f.parts) > 1 else f for f in entry.files)
    for who in submitters[folder] or [Identity("gradescope")]:
        learner = who.student_id or who.email or who.name
        if learner == who.name:
            # A name alone is no identity: another folder of the same name is another learner.
            namesakes = [
                f for f, all_ in submitters.items() if any(o.name == learner for o in all_)
            ]
            learner = learner if len(namesakes) == 1 else f"{learner} {folder}".strip()
        yield Upload(learner, path, files, number, who)


def _sections_told_apart(sections: list[tuple[str, list[Upload]]]) -> list[Upload]:
    """The hand-ins of a class's sections; learners of one name in two sections stay two."""
    named = [{u.learner for u in uploads} for _, uploads in sections]
    found = []
    for (section, uploads), mine in zip(sections, named, strict=True):
        twice = {n for n in mine if sum(n in other for other in named) > 1}
        for u in uploads:
            apart = u.identity.layout == PLAIN and u.learner in twice
            found.append(replace(u, learner=f"{u.learner} - {section}") if apart else u)
    return found


def _told_apart(uploads: list[Upload], assignment: str) -> list[Upload]:
    """Call files of one name (``a/week01.ipynb b/week01.ipynb``) after their folders."""
    names = [(u.learner, u.path.parent) for u in uploads if u.identity.layout == PLAIN]
    alike = {n for n, _ in names if len({parent for m, parent in names if m == n}) > 1}
    return [
        _by_folder(u, assignment) if u.identity.layout == PLAIN and u.learner in alike else u
        for u in uploads
    ]


def _by_folder(upload: Upload, assignment: str) -> Upload:
    folder = upload.path.resolve().parent
    if folder.name == upload.learner:
        folder = folder.parent
    if said := read_name(folder.name, folder=True):
        return replace(upload, learner=said.learner, identity=said.identity)
    own = _bare(upload.learner) == assignment.lower()
    learner = folder.name if own else f"{upload.learner} - {folder.name}"
    return replace(upload, learner=learner) if folder.name else upload
