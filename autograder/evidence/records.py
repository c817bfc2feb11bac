"""Records of work that takes minutes: what it rests on, whether that still holds, what to repeat.

A record is a JSON object that says what was found, when, in how many seconds and on what machine,
together with its basis: a digest of each input that decides the outcome, and the versions of the
libraries. One whose inputs have changed is stale by source, and is no evidence. One that was made
with other versions of the libraries is told, and repeated before others, so that whoever installs
the course later need not make every record anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

from autograder.errors import AutograderError
from autograder.evidence.used_code import used_code
from autograder.report.files import write_whole

Record = dict[str, Any]


class RecordError(AutograderError):
    """A file of records cannot be read; the message says which and what to do."""


@dataclass(frozen=True)
class Basis:
    """What decides an outcome.

    Attributes:
        inputs: by name, a digest of 16 hex digits. A module's digest is of what is used of it.
        versions: of Python and of the libraries, by distribution.
    """

    inputs: Mapping[str, str]
    versions: Mapping[str, str]


def basis(
    root: Path,
    *,
    texts: Mapping[str, str | bytes],
    cells: Iterable[str] = (),
    names: Iterable[str] = (),
    apart: Collection[str] = (),
    libraries: Iterable[str] = (),
) -> Basis:
    """What an outcome rests on.

    Args:
        root: the repository.
        texts: inputs by the name under which a reader knows them.
        cells: sources of cells that are run, whose imports are followed.
        names: modules or definitions of ``dlcourse`` and ``autograder`` that take part besides.
        apart: packages and modules of the two that decide nothing and are not followed.
        libraries: import names of libraries that take part besides those that are imported.
    """
    used = used_code(root, cells, names, apart)
    inputs = {name: digest(text) for name, text in texts.items()}
    return Basis({**inputs, **used.modules}, versions([*used.libraries, *libraries]))


def digest(text: str | bytes) -> str:
    """The first 16 hex digits of a text's SHA-256."""
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()[:16]


def versions(libraries: Iterable[str]) -> dict[str, str]:
    """The versions of Python and of some libraries, named as one imports them.

    What is not installed is ``absent``.
    """
    found = {"python": f"{sys.version_info.major}.{sys.version_info.minor}"}
    for library in libraries:
        for name in _distributions().get(library, [library]):
            found[name.lower()] = _version(name)
    return dict(sorted(found.items()))


@lru_cache(maxsize=1)
def _distributions() -> Mapping[str, list[str]]:
    return metadata.packages_distributions()


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "absent"


def new_record(basis: Basis, found: Mapping[str, Any], seconds: float) -> Record:
    """A record of what was just found."""
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "seconds": round(seconds, 1),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count() or 1} cores",
        **found,
        "versions": dict(basis.versions),
        "inputs": dict(basis.inputs),
    }


def read_records(path: Path) -> dict[str, Record]:
    """The records in a file, by name; empty when there is no file.

    Raises:
        RecordError: when the file is not what :func:`write_record` writes.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise RecordError(f"{path} is not a file of records ({error}); delete it") from None
    if not isinstance(found, dict) or not all(map(_is_record, found.values())):
        raise RecordError(
            f"{path} is not a file of records: each must have inputs and versions; delete it"
        )
    return found


def _is_record(found: object) -> bool:
    return isinstance(found, dict) and all(
        isinstance(found.get(part), dict) for part in ("inputs", "versions")
    )


def write_record(path: Path, name: str, record: Record) -> None:
    """Put one record into a file, at once; the others in it stay as they are.

    Raises:
        RecordError: when the file holds something else.
    """
    write_records(path, {**read_records(path), name: record})


def write_records(path: Path, records: Mapping[str, Record]) -> None:
    """Write a file of records, sorted by name, at once."""
    write_whole(path, _in_lines(dict(sorted(records.items()))) + "\n")


def _in_lines(value: object, indent: int = 0) -> str:
    """JSON in which an object that fits into a line, and is no whole record, stands in one."""
    short = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict) or (indent > 1 and len(short) <= 96 - indent):
        return short
    pad = " " * (indent + 1)
    lines = [
        f"{pad}{json.dumps(k, ensure_ascii=False)}: {_in_lines(v, indent + 1)}"
        for k, v in value.items()
    ]
    return "{\n" + ",\n".join(lines) + f"\n{' ' * indent}}}" if lines else "{}"


@dataclass(frozen=True)
class Staleness:
    """How a record differs from what it would be made of now.

    Attributes:
        missing: there is no record.
        inputs: what has been added, changed or taken away, by name. Not empty: stale by source.
        versions: the libraries that are others now, such as ``keras 3.12.0 (recorded: 3.11.2)``.
    """

    missing: bool = False
    inputs: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()

    @property
    def by_source(self) -> bool:
        """Whether the record is no evidence of what is there now."""
        return self.missing or bool(self.inputs)

    def __str__(self) -> str:
        """What is the matter, as the end of a sentence; empty when nothing is."""
        if self.missing:
            return "has no record"
        if self.inputs:
            return f"changed since its record was made: {_listed(self.inputs)}"
        if self.versions:
            return f"was recorded with other libraries: {_listed(self.versions)}"
        return ""


def _listed(names: Sequence[str], most: int = 6) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def staleness(record: Record | None, now: Basis) -> Staleness:
    """Compare a record with what decides its outcome now."""
    if record is None:
        return Staleness(missing=True)
    recorded, inputs = record["inputs"], now.inputs
    changed = [n for n in sorted({*recorded, *inputs}) if recorded.get(n) != inputs.get(n)]
    others = [
        f"{name} {version} (recorded: {record['versions'].get(name, 'none')})"
        for name, version in sorted(now.versions.items())
        if record["versions"].get(name) != version
    ]
    return Staleness(inputs=tuple(changed), versions=tuple(others))


def draw(names: Collection[str], count: int, seed: str, first: Collection[str] = ()) -> list[str]:
    """Draw some of the names, those of ``first`` before all others.

    The same seed and names give the same draw, and which of the names are drawn does not depend
    on their order.
    """
    ranked = sorted(names, key=lambda name: (name not in first, digest(f"{seed}\0{name}")))
    return ranked[:count]


def commit_of(root: Path) -> str:
    """The commit that is checked out, which seeds the draw; empty where there is no git."""
    return _git(root, "rev-parse", "HEAD").strip()


def base_of(root: Path, branch: str = "main") -> str:
    """The commit with which the working tree is compared to see what a change touches.

    It is where the branch left ``branch``, or else the commit before the one checked out, so that
    what is not yet committed counts as well. Empty where there is neither, as in a shallow clone.
    """
    head = commit_of(root)
    for name in (f"origin/{branch}", branch):
        left = _git(root, "merge-base", "HEAD", name).strip()
        if left and left != head:
            return left
    return _git(root, "rev-parse", "--verify", "--quiet", "HEAD~1").strip()


def text_at(root: Path, commit: str, path: Path) -> str | None:
    """A file as it was in a commit; None where it was not there, or the commit is not."""
    if not commit:
        return None
    relative = path.resolve().relative_to(root.resolve()).as_posix()
    done = _run_git(root, "show", f"{commit}:./{relative}")
    return done.stdout if done and done.returncode == 0 else None


def touched(root: Path, paths: Iterable[Path]) -> list[Path]:
    """Those of some files whose text is not what it was in :func:`base_of`.

    None where there is no commit to compare with.
    """
    base = base_of(root)
    if not base:
        return []
    return [p for p in paths if text_at(root, base, p) != p.read_text(encoding="utf-8")]


def _git(root: Path, *arguments: str) -> str:
    done = _run_git(root, *arguments)
    return done.stdout if done and done.returncode == 0 else ""


def _run_git(root: Path, *arguments: str) -> subprocess.CompletedProcess[str] | None:
    try:
        return subprocess.run(
            ["git", "-C", str(root), *arguments],
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
    except FileNotFoundError:  # git is not installed
        return None
