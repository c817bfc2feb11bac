"""Turning what was handed in into submissions, without running or trusting any of it.

What an LMS hands out comes in many layouts, and what learners put into it in many more. Here every
file becomes part of a submission, and every submission names a notebook to grade or says in one
sentence why there is none. Nothing is lost silently and nothing stops a batch.

The layouts are those of :data:`autograder.collect.layouts.LAYOUTS`.

What a learner handed in may be a notebook, a folder or a zip of a notebook and its weights, as
``dlcourse.submit`` and ``otter export`` make them.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import IntEnum
from pathlib import Path
from typing import Any, Final

from autograder.collect.archive import Archive, ArchiveError, TooLarge
from autograder.collect.companions import companions
from autograder.collect.files import (
    MAX_FILES,
    MAX_INNER_ZIPS,
    NOTEBOOK,
    NOTEBOOK_ALIASES,
    File,
    Workdir,
    in_archive,
    stem,
)
from autograder.collect.identity import Identity
from autograder.collect.layouts import Upload, find_uploads
from autograder.collect.notebook import MAX_FILE, Cell, Notebook, Unreadable, read_file

__all__ = [
    "Cell",
    "Notebook",
    "Submission",
    "Unreadable",
    "find_submissions",
    "learner_id",
    "read_notebook",
]

# Bounds of one learner's submission: far above an honest one, low enough for a class of them.
MAX_NOTEBOOKS: Final = 50
MAX_WEIGHTS: Final = 16
MAX_WEIGHTS_BYTES: Final = 256 * 2**20

WEIGHT_SUFFIXES: Final = (".h5", ".keras", ".npz", ".npy", ".safetensors")

_ZIP: Final = b"PK\x03\x04"
_SAFE_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,120}")
_LATEST: Final = {
    "canvas": "the one with Canvas's highest file number counts",
    "gradescope": "the one with Gradescope's highest submission number counts",
    "blackboard": "the latest attempt counts",
    "brightspace": "the one that Brightspace received last counts",
    "ilias": "the one that ILIAS received last counts",
    "nbgrader": "the one that was submitted last counts",
    "otter": "the one that was exported last counts",
}


class NameMatch(IntEnum):
    """How well a notebook fits the assignment by the name in its metadata, the best first."""

    SAME = 0
    NONE = 1
    OTHER = 2
    UNREADABLE = 3


@dataclass(frozen=True)
class Submission:
    """What one learner handed in for one assignment.

    Attributes:
        learner: who handed it in: unique in the batch unless superseded, fit for a file's name.
        path: the file or folder that was handed in.
        identity: who that is for the LMS, where the layout tells it.
        order: of two submissions of a learner in one layout, the one with the higher is the later.
        notebook: the file to grade; None when there is none.
        weights: files of trained weights by name: opaque bytes, for a sandbox to open.
        companions: the other files beside the notebook, by their path relative to it.
        notes: what the learner should know about what was and was not graded, a sentence each.
        unreadable: set when there is nothing to grade.
        superseded: why another submission of the same learner counts in place of this one.
        digest: SHA-256 of the notebook and the files beside it; where nothing can be graded, of
            what tells the files that were handed in from others.
    """

    learner: str
    path: Path
    identity: Identity = field(default_factory=Identity)
    order: float = 0.0
    notebook: Path | None = None
    weights: dict[str, Path] = field(default_factory=dict)
    companions: dict[str, Path] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    unreadable: Unreadable | None = None
    superseded: str = ""
    digest: str = ""


def read_notebook(submission: Submission) -> Notebook | Unreadable:
    """Read a submission's notebook as data. Never raises on account of what was handed in."""
    if submission.unreadable is not None:
        return submission.unreadable
    if submission.notebook is None:
        return Unreadable("There is no notebook in what was handed in.")
    return read_file(submission.notebook)


def find_submissions(
    paths: Sequence[Path], assignment_name: str, workdir: Path, layout: str = ""
) -> list[Submission]:
    """Find every submission in the files, folders and zips that were named.

    Args:
        paths: notebooks, zips and folders. A zip among a class's files is always one learner's,
            and can never speak for another.
        assignment_name: which assignment is graded, for instance ``week01``: chooses among several
            notebooks of one learner.
        workdir: an existing folder for what is taken out of zips; it must outlive the submissions.
        layout: one of :data:`autograder.collect.layouts.LAYOUTS`; by what is seen where empty.

    Returns:
        The submissions, sorted by learner; superseded ones follow the one that counts.

    Raises:
        LayoutError: when it is not clear whether one learner or a class handed something in.
    """
    taken = Workdir(Path(tempfile.mkdtemp(prefix="submissions-", dir=workdir)))
    by_learner: dict[str, list[Upload]] = {}
    for upload in find_uploads([Path(p) for p in paths], assignment_name, taken, layout):
        by_learner.setdefault(learner_id(upload.learner), []).append(upload)
    found: list[Submission] = []
    for learner in sorted(by_learner):
        found += _settled(_Selector(learner, by_learner[learner], assignment_name, taken))
    return found


def read_as(found: Sequence[Submission]) -> str:
    """How what was named has been read, as ``5 learners (canvas)``."""
    learners: dict[str, set[str]] = {}
    for submission in found:
        learners.setdefault(submission.identity.layout, set()).add(submission.learner)
    number = len(set().union(*learners.values()))
    many = "" if number == 1 else "s"
    layouts = ", ".join(
        name if len(learners) == 1 else f"{name}: {len(of)}" for name, of in learners.items()
    )
    return f"{number} learner{many} ({layouts})"


def in_shard(submission: Submission, part: int, parts: int) -> bool:
    """Whether a submission belongs to one of several equal parts of a class.

    All that one learner handed in belongs to the same part, on every machine.
    """
    drawn = hashlib.sha256(submission.learner.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(drawn[:8], "big") % parts == part


def _settled(choice: _Selector) -> list[Submission]:
    try:
        return choice.submissions()
    except OSError as error:
        why = f"The grading machine could not unpack this: {error.strerror}."
    except Exception as error:  # one odd submission must not cost the others their marks
        why = f"The grader failed to read this ({type(error).__name__}); tell your instructor."
    return [_row(choice.learner, choice.uploads[0], unreadable=Unreadable(why))]


@dataclass(frozen=True)
class _Candidate:
    """A notebook that could be the one to grade, and how well it fits."""

    upload: Upload
    file: File
    path: Path
    says: NameMatch = NameMatch.SAME
    fits: int = 0
    reason: str = ""

    @property
    def order(self) -> tuple[float | str, ...]:
        """Sorts the best candidate first: what it says it is, then the latest, then its name."""
        by_name = self.fits if self.says == NameMatch.NONE else 0
        recency = (-self.upload.order, self.fits, -self.file.when)
        return (self.says, by_name, *recency, len(self.file.parts), self.shown)

    @property
    def shown(self) -> str:
        return _shown("/".join(self.file.parts))

    def supersedes(self, other: _Candidate) -> bool:
        """Whether the other is an earlier try at the same thing, not just another file."""
        return self.upload is not other.upload and other.says in (self.says, NameMatch.UNREADABLE)


class _Selector:
    """Chooses what to grade among all that one learner handed in."""

    def __init__(
        self, learner: str, uploads: list[Upload], assignment: str, workdir: Workdir
    ) -> None:
        self.learner = learner
        # What was typed in counts only where no file was handed in.
        self.uploads = [u for u in uploads if not u.typed] or uploads[:1]
        self.assignment = assignment
        self.workdir = workdir
        self.files: list[list[File]] = []
        self.problems = [u.problem for u in self.uploads if u.problem]

    def submissions(self) -> list[Submission]:
        self.files = [self._opened(upload) for upload in self.uploads]
        candidates = sorted(self._candidates(), key=lambda c: c.order)
        if not candidates:
            return [_row(self.learner, self.uploads[0], unreadable=Unreadable(self._nothing()))]
        best, others = candidates[0], candidates[1:]
        weights, left_out = self._weights(best)
        beside, left_beside = companions(self._other_files(best), best.file, self.workdir)
        notes = [*self._why(best, others), *left_out, *left_beside, *self.problems]
        chosen = replace(
            _row(self.learner, best.upload),
            notebook=best.path,
            weights=weights,
            companions=beside,
            notes=tuple(dict.fromkeys(notes)),
            digest=_digest(best.path, {**beside, **weights}),
        )
        return [chosen, *self._superseded(best, others)]

    def _opened(self, upload: Upload) -> list[File]:
        """The hand-in's files, with those of its zips in place of the zips."""
        files: list[File] = []
        for file in upload.files:
            if file.problem:
                self.problems.append(file.problem)
                continue
            if self._is_zip(file):
                files += self._with_inner_zips(self._inside(file))
            else:
                files.append(file)
        return files

    def _inside(self, file: File) -> list[File]:
        """The files in a zip."""
        try:
            inside = in_archive(self.workdir.on_disk(file, MAX_FILE + MAX_WEIGHTS_BYTES))
        except ArchiveError as error:
            self.problems.append(str(error))
            return []
        if not inside:
            self.problems.append("The zip is empty; hand in the .ipynb file.")
        if len(inside) > MAX_FILES:
            self.problems.append(
                f"The zip holds more than {MAX_FILES:,} files; only the first were looked at."
            )
        return inside[:MAX_FILES]

    def _with_inner_zips(self, files: list[File]) -> list[File]:
        """The files of a zip; where no notebook is among them, with those of the zips in it.

        A zip in one of these stays closed.
        """
        zips = [f for f in files if f.name.lower().endswith(".zip")][:MAX_INNER_ZIPS]
        if any(_is_notebook(f) for f in files):
            return files
        inner = [member for file in zips for member in self._inside(file)]
        if not any(_is_notebook(f) for f in inner):
            return files
        return [*(f for f in files if f not in zips), *inner]

    def _is_zip(self, file: File) -> bool:
        if file.name.lower().endswith(".zip"):
            return True
        return file.name.lower().endswith(NOTEBOOK) and _head(file) == _ZIP

    def _candidates(self) -> Iterator[_Candidate]:
        """The notebooks among the files, or the only file whatever it is called."""
        listed = [(h, f) for h, files in zip(self.uploads, self.files, strict=True) for f in files]
        likely = [(h, f) for h, f in listed if f.name.lower().endswith(NOTEBOOK)]
        likely = likely or [(h, f) for h, f in listed if f.name.lower().endswith(NOTEBOOK_ALIASES)]
        if not likely and len(listed) == 1 and not _is_weights(listed[0][1]):
            likely = listed
        if len(likely) > MAX_NOTEBOOKS:
            likely.sort(key=lambda one: (self._fits(one[1]), len(one[1].parts)))
            self.problems.append(
                f"There are {len(likely)} notebooks; only {MAX_NOTEBOOKS} of them were looked at."
            )
        for upload, file in likely[:MAX_NOTEBOOKS]:
            try:
                path = self.workdir.on_disk(file, MAX_FILE)
            except ArchiveError as error:
                self.problems.append(str(error))
                continue
            one = _Candidate(upload, file, path)
            yield self._ranked(one) if len(likely) > 1 else one

    def _ranked(self, one: _Candidate) -> _Candidate:
        notebook = read_file(one.path)
        if isinstance(notebook, Unreadable):
            return replace(one, says=NameMatch.UNREADABLE, reason=notebook.reason)
        says = NameMatch.OTHER if notebook.assignment else NameMatch.NONE
        if notebook.assignment == self.assignment:
            says = NameMatch.SAME
        return replace(one, says=says, fits=self._fits(one.file))

    def _fits(self, file: File) -> int:
        """0 for the assignment's own name, 1 for one that holds it, 2 for others."""
        name = re.sub(r"(-\d+| ?\(\d+\))$", "", stem(file.name).lower())  # a download's number
        return 0 if name == self.assignment.lower() else 1 if self.assignment.lower() in name else 2

    def _nothing(self) -> str:
        if self.problems:
            return self.problems[0]
        names = [f.name for files in self.files for f in files]
        if not names:
            return "There are no files in the folder; hand in the .ipynb file."
        if len(names) == 1:
            return f"{_shown(names[0])} is a file of weights; hand in the notebook with it."
        listed = _listed([_shown(n) for n in names])
        return f"There is no notebook among the {len(names)} files handed in ({listed})."

    def _why(self, best: _Candidate, others: list[_Candidate]) -> Iterator[str]:
        """Say which notebook was graded where several were handed in together."""
        beside = [c.shown for c in others if not best.supersedes(c)]
        if not beside:
            return
        reason = "its name fits best"
        if best.says == NameMatch.SAME and all(c.says != NameMatch.SAME for c in others):
            reason = f"it says that it is {self.assignment}"
        yield (
            f"Of {len(beside) + 1} notebooks, {best.shown} was graded because {reason}; "
            f"not graded: {_listed(beside)}."
        )

    def _superseded(self, best: _Candidate, others: list[_Candidate]) -> Iterator[Submission]:
        for other in others:
            if not best.supersedes(other):
                continue
            rule = _LATEST.get(best.upload.identity.layout, "the most recently changed one counts")
            if other.reason and not best.reason:
                rule = "this one cannot be read"
            why = f"{best.shown} of the same learner was graded in its place: {rule}."
            unreadable = Unreadable(other.reason) if other.reason else None
            row = _row(self.learner, other.upload, unreadable=unreadable)
            yield replace(row, notebook=other.path, superseded=why)

    def _weights(self, best: _Candidate) -> tuple[dict[str, Path], list[str]]:
        """The weights that came with the chosen notebook, and why others are left out."""
        weights: dict[str, Path] = {}
        left_out: list[str] = []
        budget = MAX_WEIGHTS_BYTES
        for file in self._weight_files(best):
            try:
                _refuse_weights(file.name, weights)
                path = self.workdir.on_disk(file, budget)
                size = path.stat().st_size
                if size > budget:
                    raise TooLarge
                budget -= size
                weights[file.name] = path
            except TooLarge:
                most, name = MAX_WEIGHTS_BYTES // 2**20, _shown(file.name)
                left_out.append(f"The weights take more than {most} MB; {name} was left out.")
            except ArchiveError as error:
                left_out.append(str(error))
        return weights, left_out

    def _weight_files(self, best: _Candidate) -> list[File]:
        found = [f for f in self._with(best) if _is_weights(f)]
        return sorted(found, key=lambda f: (len(f.parts), f.parts))

    def _other_files(self, best: _Candidate) -> list[File]:
        apart = (best.file, *(f for f in self._with(best) if _is_weights(f) or _is_notebook(f)))
        return [f for f in self._with(best) if f not in apart]

    def _with(self, best: _Candidate) -> Iterator[File]:
        """The files that belong to the notebook: those of its upload, and those of uploads that
        hold no notebook, since Canvas hands out each file on its own."""
        for upload, files in zip(self.uploads, self.files, strict=True):
            if upload is best.upload or not any(_is_notebook(f) for f in files):
                yield from files


def _refuse_weights(name: str, weights: dict[str, Path]) -> None:
    if name in weights:
        raise ArchiveError(f"{_shown(name)} came twice; the first was kept.")
    if not _SAFE_NAME.fullmatch(name):
        raise ArchiveError(f"The weights called {_shown(name)} were left out: rename the file.")
    if len(weights) >= MAX_WEIGHTS:
        raise ArchiveError(f"Only the first {MAX_WEIGHTS} files of weights were kept.")


def _row(learner: str, upload: Upload, unreadable: Unreadable | None = None) -> Submission:
    return Submission(
        learner=learner,
        path=upload.path,
        identity=_cleaned(upload.identity),
        order=upload.order,
        unreadable=unreadable,
        digest=_digest_of_files(upload.files) if unreadable else "",
    )


def _cleaned(identity: Identity) -> Identity:
    """The same, each text on one line and harmless."""
    texts: dict[str, Any] = {
        name: _clean(text) for name, text in asdict(identity).items() if isinstance(text, str)
    }
    return replace(identity, **texts)


def _head(file: File) -> bytes:
    """The first bytes of a file; empty where it cannot be read."""
    try:
        if file.disk is not None:
            with file.disk.open("rb") as opened:
                return opened.read(len(_ZIP))
        assert file.archive is not None
        assert file.member is not None
        with Archive(file.archive) as archive:
            return archive.head(file.member)
    except (OSError, ArchiveError):
        return b""


def _is_weights(file: File) -> bool:
    return file.name.lower().endswith(WEIGHT_SUFFIXES)


def _is_notebook(file: File) -> bool:
    """Whether a file is called a notebook; a .json file is more often data."""
    return file.name.lower().endswith((NOTEBOOK, f"{NOTEBOOK}.txt", f"{NOTEBOOK}.json"))


def _clean(text: str) -> str:
    """Text from outside as one line that no table, page or terminal takes for anything else."""
    text = unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode("utf-8"))
    return "".join(c for c in text if c.isprintable()).strip()[:100]


def _shown(name: str) -> str:
    cleaned = _clean(name)
    return cleaned if len(cleaned) <= 60 else f"{cleaned[:30]}...{cleaned[-25:]}"


def _listed(names: list[str]) -> str:
    return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")


def learner_id(raw: str) -> str:
    """A learner's id that can be a file's name, a table's cell and a key of the gradebook.

    Letters of any alphabet, digits, blanks and ``._@+'-`` stay, but it cannot begin as a hidden
    file or a spreadsheet's formula does. Where that changes the name, digits of its hash follow, so
    that two learners never become one. Two ways to write one letter in Unicode are one name.
    """
    raw = unicodedata.normalize("NFC", raw)
    kept = "".join(c for c in _clean(raw) if c.isalnum() or c in " ._@+'-").lstrip(" ._@+'-")
    if kept == raw:
        return kept
    mark = hashlib.sha256(raw.encode("utf-8", "surrogatepass")).hexdigest()[:6]
    return f"{kept or 'unnamed'}-{mark}"


def _digest_of_files(files: Sequence[File]) -> str:
    """SHA-256 of what tells these files from others: names, and contents or their checksums."""
    digest = hashlib.sha256()
    for file in files:
        digest.update("/".join(file.parts).encode("utf-8", "surrogatepass") + b"\0")
        if file.member is not None:
            digest.update(f"{file.member.info.CRC} {file.member.info.file_size}\0".encode())
        elif file.disk is not None and not file.problem:
            try:
                with file.disk.open("rb") as opened:
                    digest.update(hashlib.file_digest(opened, "sha256").digest())
            except OSError as error:
                digest.update(str(error.errno).encode())
    return digest.hexdigest()


def _digest(notebook: Path, beside: dict[str, Path]) -> str:
    """SHA-256 of what is graded: the notebook's bytes, then each other file's name and bytes."""
    digest = hashlib.sha256()
    for name, path in [("", notebook), *sorted(beside.items())]:
        try:
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").digest()
        except OSError:
            return ""
        digest.update(name.encode() + b"\0" + content)
    return digest.hexdigest()
