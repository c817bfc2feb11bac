"""Reading a learner's notebook as data.

The file may be anything: fifty megabytes of outputs, a web page, a bomb. So this is no general JSON
reader. It walks the file's bytes once, steps over what grading does not need without building it,
and hands only short pieces (a cell's source, a few metadata) to ``json``. What it keeps follows the
notebook format (https://nbformat.readthedocs.io), versions 3 and 4, and is lenient wherever a
cell could still be run: a wrong kernel, a missing id or an unknown key is no reason for no marks.
"""

from __future__ import annotations

import codecs
import json
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

# Bounds of what is read. They stand well above what a learner hands in (the largest honest
# notebooks carry tens of megabytes of figures) and low enough that a batch of such files fits in
# the memory of a small machine.
MAX_FILE: Final = 100 * 2**20
MAX_CELLS: Final = 10_000
MAX_CELL: Final = 2 * 2**20
MAX_SOURCE: Final = 32 * 2**20
MAX_BRACKETS: Final = 3_000_000
MAX_WALKED: Final = 200_000
MAX_KEY: Final = 200
MAX_METADATA: Final = 64 * 2**10

CODE, MARKDOWN, RAW = "code", "markdown", "raw"

_SPACE: Final = re.compile(rb"[ \t\r\n\0]*+")
_STRING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
# Everything up to and with the next bracket that stands outside strings.
_TO_BRACKET: Final = re.compile(
    rb'(?:[^"\[\]{}]++|"[^"\\]*+(?:\\.[^"\\]*+)*+")*+([\[\]{}])', re.DOTALL
)
_LITERAL: Final = re.compile(rb"[^\s\0,:\[\]{}\"]++")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_GRADE_ID: Final = re.compile(r"[A-Za-z0-9_.\-]{1,200}")
_PYTHON: Final = frozenset({"python", "python3", "ipython"})


@dataclass(frozen=True)
class Unreadable:
    """Why a submission cannot be graded, in one sentence that its learner can act on."""

    reason: str


@dataclass(frozen=True)
class Cell:
    """One cell of what was handed in.

    Attributes:
        index: where it stands among the notebook's cells, from 0.
        kind: ``code``, ``markdown`` or ``raw``.
        source: its text, with line feeds only.
        grade_id: the name that the release gave to the cell; None for a cell that it has not named.
        cell_id: the notebook format's own name of the cell, where it has one.
    """

    index: int
    kind: str
    source: str
    grade_id: str | None
    cell_id: str | None = None


@dataclass(frozen=True)
class Notebook:
    """What grading needs of a notebook.

    Attributes:
        cells: in the file's order.
        assignment: the assignment that the notebook says it is; empty where it says none.
        version: the notebook format's major version, 4 where the file does not say.
        notes: what was mended or left out on reading, each one sentence.
    """

    cells: tuple[Cell, ...]
    assignment: str
    version: int
    notes: tuple[str, ...] = ()

    @property
    def code(self) -> list[Cell]:
        """The code cells."""
        return [c for c in self.cells if c.kind == CODE]


class _NotANotebook(Exception):
    """Carries the reason out of the reader."""


def read_file(path: Path) -> Notebook | Unreadable:
    """Read the notebook in a file. Whatever the file holds, the answer is one of the two."""
    try:
        return parse(_bytes_of(path))
    except _NotANotebook as error:
        return Unreadable(str(error))


def read_bytes(data: bytes) -> Notebook | Unreadable:
    """Read the notebook in ``data``. Whatever the bytes are, the answer is one of the two."""
    try:
        return parse(data)
    except _NotANotebook as error:
        return Unreadable(str(error))


def _bytes_of(path: Path) -> bytes:
    try:
        # A link or a pipe that was put in a file's place is not opened.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise _NotANotebook("This is not a file; hand in the notebook file itself.")
            data = file.read(MAX_FILE + 1)
    except OSError as error:
        reason = error.strerror or "the system gives no reason"
        raise _NotANotebook(f"The file could not be opened: {reason}.") from None
    if len(data) > MAX_FILE:
        raise _NotANotebook(
            f"The file is larger than {MAX_FILE // 2**20} MB; clear the notebook's outputs, "
            "save it and hand it in again."
        )
    return data


def parse(data: bytes) -> Notebook:
    """Read the notebook in ``data``, or raise :class:`_NotANotebook`."""
    if not data:
        raise _NotANotebook("The file is empty; save the notebook and hand it in again.")
    if not data.strip(b"\0 \t\r\n"):
        raise _NotANotebook(
            "The file holds no text, only blank bytes: its contents were lost when it was saved "
            "or uploaded, so hand it in again."
        )
    data = _utf8(data)
    start = _skip_space(data, 0)
    if data[start : start + 1] != b"{":
        raise _NotANotebook(_what_else(data[start : start + 1000]))
    return _NotebookReader(data).read(start)


# The first four bytes of ASCII text in other encodings: which of them are null.
_WIDE: Final[dict[tuple[bool, ...], str]] = {
    (False, True, True, True): "utf-32-le",
    (True, True, True, False): "utf-32-be",
    (False, True, False, True): "utf-16-le",
    (True, False, True, False): "utf-16-be",
}
# Longer marks first: UTF-32's begins with UTF-16's.
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def _utf8(data: bytes) -> bytes:
    """The same text in UTF-8 without a byte order mark, where another Unicode encoding is used."""
    marked = [name for mark, name in _MARKS if data.startswith(mark)]
    encoding = marked[0] if marked else _WIDE.get(tuple(b == 0 for b in data[:4]), "")
    if not encoding:
        return data
    if encoding == "utf-8-sig":
        return data[len(codecs.BOM_UTF8) :]
    return data.decode(encoding, errors="replace").encode("utf-8", errors="replace")


_OTHER_FILES: Final = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x89HDF", "a file of weights"),
    (b"PK", "a zip archive"),
)


def _what_else(head: bytes) -> str:
    """Say what a file that is no JSON object seems to be."""
    for magic, what in _OTHER_FILES:
        if head.startswith(magic):
            return f"This is {what}, not a notebook; hand in the .ipynb file."
    lowered = head.lstrip(b"<!-").lower()
    if head.startswith(b"<") and (lowered.startswith((b"doctype html", b"html", b"?xml"))):
        return (
            "This is a web page, not a notebook; use File > Download > Download .ipynb and hand in "
            "that file."
        )
    if _SCRIPT.match(head):
        return (
            "This is a Python script, not a notebook: the cells' names are lost in it; hand in the "
            ".ipynb file."
        )
    if head.startswith((b"[", b'"')):
        return "This is JSON but not a notebook: it has no cells."
    return "This is not a notebook: the text does not begin as one; hand in the .ipynb file."


# How a script begins: a comment, an import, a definition or a docstring.
_SCRIPT: Final = re.compile(rb"\s*(#|import |from \w|def |class |@\w|'''|\"\"\")")


def _skip_space(data: bytes, at: int) -> int:
    match = _SPACE.match(data, at)
    assert match is not None  # the pattern also matches nothing
    return match.end()


class _Json:
    """Steps through JSON text without building what is stepped over."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.brackets = 0
        self.walked = 0

    def broken(self, at: int, expected: str) -> _NotANotebook:
        if _skip_space(self.data, at) >= len(self.data):
            return _NotANotebook(
                "The notebook is cut short: the file ends in the middle; save it and hand it in "
                "again."
            )
        line = self.data.count(b"\n", 0, at) + 1
        return _NotANotebook(f"The file is not a readable notebook: line {line} lacks {expected}.")

    def overfull(self) -> _NotANotebook:
        return _NotANotebook(
            "The notebook holds too many values; clear its outputs, save it and hand it in again."
        )

    def end_of(self, at: int) -> int:
        """Where the value that begins at ``at`` ends."""
        first = self.data[at : at + 1]
        if first == b'"':
            return self._end(_STRING.match(self.data, at), at)
        if first in (b"{", b"["):
            return self._end_of_nested(at)
        return self._end(_LITERAL.match(self.data, at), at)

    def _end(self, match: re.Match[bytes] | None, at: int) -> int:
        if match is None:
            # An open string runs to the end of the file; anything else is wrong right here.
            cut = self.data[at : at + 1] == b'"'
            raise self.broken(len(self.data) if cut else at, "a value")
        return match.end()

    def _end_of_nested(self, at: int) -> int:
        depth = 0
        while True:
            match = _TO_BRACKET.match(self.data, at)
            if match is None:
                raise self.broken(len(self.data), "a closing bracket")
            self.brackets += 1
            if self.brackets > MAX_BRACKETS:
                raise self.overfull()
            depth += 1 if match[1] in b"[{" else -1
            at = match.end()
            if depth == 0:
                return at

    def elements(self, at: int) -> Iterator[tuple[int, int]]:
        """Start and end of each value in the array that begins at ``at``."""
        for _, start, end in self._walk(at, b"]", keyed=False):
            yield start, end

    def members(self, at: int) -> Iterator[tuple[str, int, int]]:
        """Key, start and end of each value in the object that begins at ``at``."""
        return self._walk(at, b"}", keyed=True)

    def _walk(self, at: int, close: bytes, keyed: bool) -> Iterator[tuple[str, int, int]]:
        start = _skip_space(self.data, at + 1)
        if self.data.startswith(close, start):
            return
        while True:
            self.walked += 1
            if self.walked > MAX_WALKED:
                raise self.overfull()
            key = ""
            if keyed:
                key, start = self._key(start)
            end = self.end_of(start)
            yield key, start, end
            at = _skip_space(self.data, end)
            if self.data.startswith(close, at):
                return
            start = self._after(at, b",")

    def _key(self, start: int) -> tuple[str, int]:
        """An object's key, and where its value begins."""
        if not self.data.startswith(b'"', start):
            raise self.broken(start, "a key")
        end = self.end_of(start)
        key = str(self.value(start, end)) if end - start <= MAX_KEY else ""
        return key, self._after(_skip_space(self.data, end), b":")

    def _after(self, at: int, mark: bytes) -> int:
        """The next place that is not blank after the ``mark`` that must stand at ``at``."""
        if not self.data.startswith(mark, at):
            raise self.broken(at, f"a {mark.decode()!r}")
        return _skip_space(self.data, at + len(mark))

    def value(self, start: int, end: int) -> Any:
        """Build a short value; None for one that is too long or that ``json`` refuses."""
        if end - start > MAX_CELL:
            return None
        try:
            return json.loads(self.data[start:end].decode("utf-8", "replace"), strict=False)
        except (ValueError, RecursionError):
            return None


class _NotebookReader(_Json):
    """Picks a notebook's cells and the few metadata that matter out of the JSON text."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.cells: list[Cell] = []
        self.notes: dict[str, None] = {}
        self.source = 0
        self.assignment = ""

    def read(self, at: int) -> Notebook:
        top = {key: (start, end) for key, start, end in self.members(at)}
        version = self.value(*top["nbformat"]) if "nbformat" in top else 4
        if "metadata" in top:
            self._notebook_metadata(top["metadata"][0])
        if not self._all_cells(top):
            raise _NotANotebook(self._no_cells(top))
        major = version if isinstance(version, int) and 0 < version < 100 else 4
        return Notebook(tuple(self.cells), self.assignment, major, tuple(self.notes))

    def _all_cells(self, top: dict[str, tuple[int, int]]) -> bool:
        """Read the cells of format 4, or of every worksheet of format 3. False: there are none."""
        if "cells" in top and self._is(b"[", top["cells"][0]):
            self._some_cells(top["cells"][0])
            return True
        if "worksheets" not in top or not self._is(b"[", top["worksheets"][0]):
            return False
        for start, _ in self.elements(top["worksheets"][0]):
            sheet = dict(self._object(start))
            if "cells" in sheet and self._is(b"[", sheet["cells"][0]):
                self._some_cells(sheet["cells"][0])
        return True

    def _no_cells(self, top: dict[str, tuple[int, int]]) -> str:
        if "doc_id" in top or "url" in top:
            return (
                "This file is only a link to a document in the cloud; use File > Download > "
                "Download .ipynb and hand in that file."
            )
        return "This is JSON but not a notebook: it has no cells."

    def _is(self, opening: bytes, at: int) -> bool:
        return self.data.startswith(opening, at)

    def _object(self, at: int) -> Iterator[tuple[str, tuple[int, int]]]:
        """The members of what should be an object: none where it is something else."""
        if self._is(b"{", at):
            for key, start, end in self.members(at):
                yield key, (start, end)

    def _some_cells(self, at: int) -> None:
        for start, _ in self.elements(at):
            if len(self.cells) >= MAX_CELLS:
                raise _NotANotebook(
                    f"The notebook has more than {MAX_CELLS:,} cells; hand in the released "
                    "notebook with your answers in it."
                )
            self._cell(start)

    def _cell(self, at: int) -> None:
        index = len(self.cells)
        if not self._is(b"{", at):
            self.notes[f"Cell {index + 1} is not a cell and was left out."] = None
            self.cells.append(Cell(index, RAW, "", None))
            return
        parts = dict(self._object(at))
        kind = self.value(*parts["cell_type"]) if "cell_type" in parts else None
        kind = kind if kind in (CODE, MARKDOWN) else RAW
        # Format 3 calls a code cell's text its input.
        text = parts.get("source") or parts.get("input")
        source = self._source(index, kind, text) if text else ""
        grade_id = self._grade_id(parts["metadata"][0]) if "metadata" in parts else None
        identity = self._short(parts.get("id"))
        named = isinstance(identity, str) and _GRADE_ID.fullmatch(identity) is not None
        self.cells.append(Cell(index, kind, source, grade_id, identity if named else None))

    def _source(self, index: int, kind: str, where: tuple[int, int]) -> str:
        start, end = where
        self.source += min(end - start, MAX_CELL + 1)
        if self.source > MAX_SOURCE:
            raise _NotANotebook(
                f"The notebook's cells hold more than {MAX_SOURCE // 2**20} MB of text; keep data "
                "out of the cells."
            )
        if end - start > MAX_CELL:
            if kind == CODE:
                raise _NotANotebook(
                    f"Cell {index + 1} holds more than {MAX_CELL // 2**20} MB of code; keep data "
                    "out of the cells."
                )
            self.notes[f"The text of cell {index + 1} is too long and was left out."] = None
            return ""
        return self._text(index, self.value(start, end))

    def _text(self, index: int, source: Any) -> str:
        if isinstance(source, list) and all(isinstance(line, str) for line in source):
            # Some editors write the lines without their ends, where the format has them.
            source = ("" if any("\n" in line for line in source) else "\n").join(source)
        if not isinstance(source, str):
            self.notes[f"Cell {index + 1} holds no text and was left out."] = None
            return ""
        clean = source.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
        clean = _SURROGATE.sub("\ufffd", clean)
        if "\0" in clean:
            self.notes["Null characters were taken out of the cells."] = None
            clean = clean.replace("\0", "")
        if "\ufffd" in clean:
            self.notes["Some characters are not Unicode text and were replaced by �."] = None
        return clean

    def _grade_id(self, at: int) -> str | None:
        """``metadata.nbgrader.grade_id``, where it is a name that a release could give."""
        found = self._short(dict(self._object(at)).get("nbgrader"))
        name = found.get("grade_id") if isinstance(found, dict) else None
        return name if isinstance(name, str) and _GRADE_ID.fullmatch(name) else None

    def _short(self, where: tuple[int, int] | None) -> Any:
        if where is None or where[1] - where[0] > MAX_METADATA:
            return None
        return self.value(*where)

    def _notebook_metadata(self, at: int) -> None:
        parts = dict(self._object(at))
        for tool, key in (("otter", "assignment_name"), ("dlcourse", "assignment")):
            said = self._short(parts.get(tool))
            name = said.get(key) if isinstance(said, dict) else None
            if isinstance(name, str) and _GRADE_ID.fullmatch(name):
                self.assignment = name
        self._language(parts)

    def _language(self, parts: dict[str, tuple[int, int]]) -> None:
        for tool, key in (("language_info", "name"), ("kernelspec", "language")):
            said = self._short(parts.get(tool))
            name = said.get(key) if isinstance(said, dict) else None
            if isinstance(name, str) and name.isalnum() and name.lower() not in _PYTHON:
                self.notes[f"The notebook says its language is {name[:20]}; it ran as Python."] = (
                    None
                )
