"""The rows of a class: what each learner handed in, over all commands that graded into one folder.

Reports are written from these rows and never from what one command named. A file that is graded
later adds a row, or competes with what the same learner handed in before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.collect.identity import Identity
from autograder.collect.submissions import Submission


@dataclass(frozen=True)
class ClassRow:
    """One submission of one learner.

    Attributes:
        learner: the learner's id.
        key: the ledger's key of its result.
        path: the file that was graded.
        digest: of what was handed in; empty where nothing could be read.
        identity: who the learner is for the LMS.
        received: of two in one layout, the one with the higher number came later.
        readable: whether there was a notebook to run.
        bundle: a digest of the checks that it was graded with.
        superseded: why another of the same learner counts in its place, or empty.
    """

    learner: str
    key: str
    path: Path
    digest: str
    identity: Identity
    received: float
    readable: bool
    bundle: str
    superseded: str = ""

    def replaces(self, other: ClassRow) -> bool:
        """Whether this is the same submission as an earlier one, or the same file anew."""
        return self.path == other.path or (self.digest != "" and self.digest == other.digest)

    def counts_before(self, other: ClassRow) -> bool:
        """Whether this one counts and not the other, which was graded by an earlier command."""
        if self.readable != other.readable:
            return self.readable
        if self.identity.layout == other.identity.layout:
            return self.received >= other.received
        return True


def merged(earlier: Sequence[ClassRow], now: Sequence[ClassRow]) -> list[ClassRow]:
    """The rows of all learners in ``now``, with what they had handed in before."""
    rows: list[ClassRow] = []
    for learner in dict.fromkeys(row.learner for row in now):
        mine = [row for row in now if row.learner == learner]
        before = [
            row
            for row in earlier
            if row.learner == learner and not any(one.replaces(row) for one in mine)
        ]
        rows += _settled(before, mine)
    return rows


def _settled(before: list[ClassRow], now: list[ClassRow]) -> list[ClassRow]:
    """The same rows, of which only one counts."""
    counts = next((row for row in now if not row.superseded), None)
    if counts is None:
        return before + now
    for number, row in enumerate(before):
        if row.superseded:
            continue
        if counts.counts_before(row):
            before[number] = _superseded(row, counts)
        else:
            now = [_superseded(one, row) if one is counts else one for one in now]
    return before + now


def _superseded(row: ClassRow, by: ClassRow) -> ClassRow:
    rule = "the later one counts" if by.readable == row.readable else "this one cannot be read"
    why = f"{by.path.name} of the same learner was graded in its place: {rule}."
    return replace(row, superseded=why)


def speaks_for_others(
    earlier: Sequence[ClassRow], found: Sequence[Submission]
) -> tuple[Path, list[str]] | None:
    """A zip that names several learners, some of a class that was graded before, but not all.

    A new download of the class names all of it. What names a few may have been made by one of them,
    and would put its contents in the place of what the others handed in.

    Returns:
        The zip and the learners for whom it would speak; None where there is no such zip.
    """
    for path in dict.fromkeys(one.path for one in found if one.path.suffix.lower() == ".zip"):
        mine = {one.learner for one in found if one.path == path}
        layouts = {one.identity.layout for one in found if one.path == path}
        before = {r.learner for r in earlier if r.path != path and r.identity.layout in layouts}
        again = mine & before
        if len(mine) > 1 and again and before - mine:
            return path, sorted(again)
    return None
