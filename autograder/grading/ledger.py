"""The ledger: what has been graded, so that a grade is written once and work resumes.

One SQLite file. A result is keyed by everything that decides it: the bytes handed in, the bundle
that they were graded with, and the grader itself. Running the same command again finds what is
there and grades the rest.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from autograder.collect.identity import Identity
from autograder.errors import AutograderError
from autograder.grading.class_rows import ClassRow
from autograder.grading.results import GradedSubmission, Status
from dlcourse.check import Outcome, Result

PATIENCE = 30.0
"""Seconds to wait for another process that writes the ledger."""

VERSION = 1
"""The version of the tables, in SQLite's ``user_version``; 0 was without it."""

_TABLES = (
    "CREATE TABLE IF NOT EXISTS belongs_to (assignment TEXT NOT NULL, course TEXT NOT NULL)",
    """CREATE TABLE IF NOT EXISTS graded (
        key TEXT PRIMARY KEY,
        learner TEXT NOT NULL,
        result TEXT NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS recorded (
        number INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        work TEXT NOT NULL,
        checks TEXT NOT NULL,
        answers BLOB NOT NULL
    )""",
    "CREATE INDEX IF NOT EXISTS recorded_work ON recorded (work)",
    """CREATE TABLE IF NOT EXISTS class_row (
        number INTEGER PRIMARY KEY,
        learner TEXT NOT NULL,
        key TEXT NOT NULL,
        path TEXT NOT NULL,
        digest TEXT NOT NULL,
        identity TEXT NOT NULL,
        received REAL NOT NULL,
        readable INTEGER NOT NULL,
        bundle TEXT NOT NULL,
        superseded TEXT NOT NULL
    )""",
)
_ROW = "learner, key, path, digest, identity, received, readable, bundle, superseded"


@dataclass(frozen=True)
class Record:
    """What is needed to grade a submission again without running it.

    Attributes:
        work: a digest of what was run and how, without the checks.
        checks: the fingerprint of each check by name (see Checks.fingerprint).
        answers: the recording of what the worker answered; see autograder.judge.recording.
    """

    work: str
    checks: dict[str, str]
    answers: bytes


def key_of(parts: Iterable[bytes]) -> str:
    """The key of a result: a digest of all that decides it, each part with its length."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


class LedgerError(AutograderError):
    """The ledger could not be read or written; says why and what to do."""


class Ledger:
    """Results by key. One writer; a result that is there is never replaced.

    Every method raises :class:`LedgerError` when the file cannot be read or written.

    Raises:
        LedgerError: when the file is not a ledger.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._lock = threading.Lock()
        with self._explained():
            self._connection = sqlite3.connect(path, timeout=PATIENCE, check_same_thread=False)
            # A killed process loses at most the result that it was writing.
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=FULL")
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                self._make_tables()

    def _make_tables(self) -> None:
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        tables = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'graded'"
        (there,) = self._connection.execute(tables).fetchone()
        if version > VERSION or (there and version < VERSION):
            age = "a later" if version > VERSION else "an earlier"
            raise LedgerError(
                f"the ledger {self.path} was written by {age} version of autograder, which this "
                "one does not read. Its tables and feedback stay as they are; grade into another "
                "folder with --out."
            )
        for table in _TABLES:
            self._connection.execute(table)
        self._connection.execute(f"PRAGMA user_version = {VERSION}")

    def claim(self, assignment: str, course: str) -> None:
        """Note which assignment of which course is graded here.

        Args:
            assignment: its name.
            course: a digest that tells the course from others.

        Raises:
            LedgerError: when the ledger is another's.
        """
        with self._lock, self._explained(), self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            owner = self._connection.execute("SELECT assignment, course FROM belongs_to").fetchone()
            if owner is None:
                self._connection.execute(
                    "INSERT INTO belongs_to (assignment, course) VALUES (?, ?)",
                    (assignment, course),
                )
                return
        folder = self.path.parent
        if owner[0] != assignment:
            raise LedgerError(
                f"{folder} holds the marks of {owner[0]}, and they stay as they are. Grade "
                f"{assignment} into a folder of its own, such as --out graded/{assignment}."
            )
        if owner[1] != course:
            raise LedgerError(
                f"{folder} holds marks of {assignment} that were given with another course's "
                "secret, and so with other hidden data; they stay as they are. Grade into "
                "another folder with --out, or put the secret back."
            )

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn SQLite's errors into one that says what to do."""
        try:
            yield
        except sqlite3.Error as error:
            raise LedgerError(
                f"the ledger {self.path} could not be used: {error}. {_what_to_do(str(error))}, "
                "and give the same command again; every result that the ledger holds stays."
            ) from error

    def find(self, key: str) -> GradedSubmission | None:
        """The result under ``key``, if it has been graded."""
        with self._lock, self._explained():
            row = self._connection.execute(
                "SELECT result FROM graded WHERE key = ?", (key,)
            ).fetchone()
        return _read(row[0]) if row else None

    def record(self, key: str, graded: GradedSubmission, record: Record | None = None) -> None:
        """Write a result. One that was lost is not recorded, so that it is graded again."""
        if graded.status is Status.LOST:
            return
        with self._lock, self._explained(), self._connection:
            self._connection.execute(
                "INSERT OR IGNORE INTO graded (key, learner, result) VALUES (?, ?, ?)",
                (key, graded.learner, json.dumps(_written(graded))),
            )
            if record:
                row = (key, record.work, json.dumps(record.checks), record.answers)
                self._connection.execute(
                    "INSERT OR IGNORE INTO recorded (key, work, checks, answers) "
                    "VALUES (?, ?, ?, ?)",
                    row,
                )

    def class_rows(self) -> list[ClassRow]:
        """What the reports are written from: each learner's submissions, in order."""
        with self._lock, self._explained():
            found = self._connection.execute(
                f"SELECT {_ROW} FROM class_row ORDER BY learner, number"
            ).fetchall()
        return [_class_row(*values) for values in found]

    def keep_class_rows(self, rows: Sequence[ClassRow]) -> None:
        """Make these the rows of the learners that they name; other learners' stay."""
        with self._lock, self._explained(), self._connection:
            self._connection.executemany(
                "DELETE FROM class_row WHERE learner = ?", {(row.learner,) for row in rows}
            )
            self._connection.executemany(
                f"INSERT INTO class_row ({_ROW}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [_values(row) for row in rows],
            )

    def earlier(self, work: str) -> tuple[GradedSubmission, Record] | None:
        """The latest result of the same work under whatever checks, with its record."""
        with self._lock, self._explained():
            row = self._connection.execute(
                "SELECT result, checks, answers FROM recorded JOIN graded USING (key) "
                "WHERE work = ? ORDER BY number DESC LIMIT 1",
                (work,),
            ).fetchone()
        return (_read(row[0]), Record(work, json.loads(row[1]), row[2])) if row else None

    def take_in(self, other: Path) -> int:
        """Copy what another ledger holds and this one does not: a shard's results.

        Returns:
            How many results were new.

        Raises:
            LedgerError: when the file is not a ledger.
        """
        Ledger(other).close()  # raises where it is none, or another version's
        before = len(self)
        with self._lock, self._explained():
            self._connection.execute("ATTACH DATABASE ? AS other", (str(other),))
            try:
                with self._connection:
                    self._connection.execute(
                        "INSERT OR IGNORE INTO graded (key, learner, result) "
                        "SELECT key, learner, result FROM other.graded"
                    )
                    self._connection.execute(
                        "INSERT OR IGNORE INTO recorded (key, work, checks, answers) "
                        "SELECT key, work, checks, answers FROM other.recorded ORDER BY number"
                    )
            finally:
                self._connection.execute("DETACH DATABASE other")
        return len(self) - before

    def __len__(self) -> int:
        with self._lock, self._explained():
            return int(self._connection.execute("SELECT COUNT(*) FROM graded").fetchone()[0])

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def _what_to_do(error: str) -> str:
    if "full" in error:
        return "Make room on its disk"
    if "locked" in error:
        return "Wait for the end of another run that writes it, or name another folder with --out"
    if "not a database" in error or "malformed" in error:
        return "Name another folder with --out"
    return "See that the folder can be written"


def _values(row: ClassRow) -> tuple[str | float, ...]:
    return (
        row.learner,
        row.key,
        str(row.path),
        row.digest,
        json.dumps(asdict(row.identity)),
        row.received,
        row.readable,
        row.bundle,
        row.superseded,
    )


def _class_row(
    learner: str,
    key: str,
    path: str,
    digest: str,
    identity: str,
    received: float,
    readable: int,
    bundle: str,
    superseded: str,
) -> ClassRow:
    who = Identity(**json.loads(identity))
    return ClassRow(
        learner, key, Path(path), digest, who, received, bool(readable), bundle, superseded
    )


def _written(graded: GradedSubmission) -> dict[str, Any]:
    fields = asdict(replace(graded, recording=None))
    for passing in ("recording", "gpu_out_of_memory", "starved", "by_hand"):
        del fields[passing]
    return {**fields, "path": str(graded.path)}


def _read(text: str) -> GradedSubmission:
    fields = json.loads(text)
    fields["checks"] = tuple(
        Result(**{**check, "outcome": Outcome(check["outcome"])}) for check in fields["checks"]
    )
    fields["path"] = Path(fields["path"])
    fields["flags"] = tuple(fields.get("flags", ()))
    fields["status"] = Status(fields["status"])
    fields["identity"] = Identity(**fields["identity"])
    return GradedSubmission(**fields)
