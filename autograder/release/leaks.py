"""Leaks: whatever of the instructor's half stands in a file that a learner receives."""

from __future__ import annotations

import html
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.assignment.source import (
    BEGIN,
    END,
    LEARNER_ROLES,
    Answer,
    Assignment,
    CheckSource,
    Code,
    Manual,
    Role,
    WrongAnswer,
)
from autograder.assignment.thresholds import evidence_path

# Shorter fragments stand in every program: `return z`, `import numpy as np`.
SHORTEST = 20
_TEXT = {".ipynb", ".py", ".md", ".html", ".js", ".json", ".txt", ".yml", ".csv", ".svg"}
_TAG = re.compile(r"<[^>]*>")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Fragment:
    """A piece of the instructor's half, squeezed to what survives re-formatting."""

    what: str
    text: str


@dataclass(frozen=True)
class Leak:
    """A fragment found where a learner can read it."""

    path: Path
    what: str

    def __str__(self) -> str:
        return f"{self.path}: holds {self.what}"


def squeeze(text: str) -> str:
    """Text without white space, escapes and kinds of quotes: JSON and HTML compare equal."""
    plain = text.replace("\\n", "\n").replace("\\t", "\t")
    return _SPACE.sub("", plain).replace("\\", "").replace('"', "'")


def fragments(assignment: Assignment, *, lines: int = 1) -> list[Fragment]:
    """What no learner may receive, less what the learner's own cells show anyway.

    Hidden code is cut into runs of so many lines. One line is right for files that are generated
    from the source. Pages and packages are written by hand about the same mathematics and may
    share a line with a hidden check by chance; two lines in a row are a copy.
    """
    shown = squeeze("\n".join(_shown(assignment)))
    found: dict[str, Fragment] = {}
    for what, text in _kept_back(assignment, lines):
        squeezed = squeeze(text)
        if len(squeezed) >= SHORTEST and squeezed not in shown:
            found.setdefault(squeezed, Fragment(what, squeezed))
    return list(found.values())


def _shown(assignment: Assignment) -> Iterator[str]:
    for cell in assignment.cells:
        if isinstance(cell, Answer):
            yield cell.stub
        elif (isinstance(cell, CheckSource) and not cell.hidden) or (
            isinstance(cell, Code) and cell.role in LEARNER_ROLES
        ):
            yield cell.source


def _kept_back(assignment: Assignment, lines: int) -> Iterator[tuple[str, str]]:
    for cell in assignment.cells:
        if isinstance(cell, Answer):
            for region in solution_regions(cell.solution):
                yield f"the solution of {cell.question}", region
        elif isinstance(cell, CheckSource) and cell.hidden:
            # The name and the points are announced; the body is not.
            body = cell.source[cell.source.index("\ndef ") + 1 :].split("\n", 1)[1]
            for run in _runs(body, lines):
                yield f"hidden check {cell.name}", run
        elif isinstance(cell, WrongAnswer):
            yield f"wrong answer {cell.name}", cell.source
        elif isinstance(cell, Manual):
            for run in _runs(cell.solution, lines):
                yield f"what a good {cell.name} says", run
        elif isinstance(cell, Code) and cell.role is Role.HIDDEN_SETUP:
            for run in _runs(cell.source, lines):
                yield "hidden set-up", run
    yield from _evidence(assignment)


def _runs(source: str, length: int) -> Iterator[str]:
    """Every run of so many lines in a row, blank lines not counted."""
    lines = [line for line in source.splitlines() if line.strip()]
    for start in range(max(1, len(lines) - length + 1)):
        yield "\n".join(lines[start : start + length])


def solution_regions(solution: str) -> Iterator[str]:
    """The text of each marked region of a solution."""
    inside: list[str] | None = None
    for line in solution.splitlines():
        if line.strip() == BEGIN:
            inside = []
        elif line.strip() == END:
            yield "\n".join(inside or [])
            inside = None
        elif inside is not None:
            inside.append(line)


def _evidence(assignment: Assignment) -> Iterator[tuple[str, str]]:
    path = evidence_path(assignment)
    if path.is_file():
        evidence = json.loads(path.read_text(encoding="utf-8"))
        for name, tiers in evidence.get("thresholds", {}).items():
            for tier, found in tiers.items():
                for group, runs in found.get("runs", {}).items():
                    if len(set(runs)) == 1:
                        continue  # 500, 500, 500: a full score, and what other files may say
                    text = ", ".join(str(v) for v in runs[:4])
                    yield f"calibration runs of {name} ({tier}, {group})", text


def find_leaks(pieces: Iterable[Fragment], paths: Iterable[Path]) -> list[Leak]:
    """Look for the fragments in files, in folders and inside zip files."""
    pieces = list(pieces)
    leaks = []
    for path in paths:
        for name, text in _texts(path):
            forms = {squeeze(text), squeeze(html.unescape(_TAG.sub("", text)))}
            for piece in pieces:
                if any(piece.text in form for form in forms):
                    leaks.append(Leak(name, piece.what))
    return leaks


def _texts(path: Path) -> Iterator[tuple[Path, str]]:
    if path.is_dir():
        for child in sorted(path.rglob("*")):
            if child.is_file():
                yield from _texts(child)
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield path / name, archive.read(name).decode("utf-8", "replace")
    elif path.suffix in _TEXT:
        text = path.read_text(encoding="utf-8", errors="replace")
        yield path, _unpacked(text) if path.suffix == ".ipynb" else text


def _unpacked(text: str) -> str:
    """A notebook's strings one by one: line ends inside JSON strings are escapes."""
    try:
        return "\n".join(_strings(json.loads(text)))
    except ValueError:
        return text


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        if value and all(isinstance(v, str) for v in value):
            yield "".join(value)
        else:
            for item in value:
                yield from _strings(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield str(key)
            yield from _strings(item)
