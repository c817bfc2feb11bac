"""What a run looks at of what grows with the course: all that the change touches, and a few drawn.

The commit draws, so that a run is the same whenever it is repeated, and runs of one commit after
another look at all. ``--everything`` looks at all at once.
"""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

from autograder.assignment.source import find_assignments, read_assignment
from autograder.evidence.records import base_of, commit_of, draw
from autograder.evidence.verification import touched_questions

WEEKS = 2
"""How many weeks are drawn besides those that the change touches."""


@cache
def changed_files(root: Path) -> frozenset[str]:
    """Files of the working tree that differ from the commit compared with, new ones included.

    Relative to the root, with ``/``. Empty where there is no commit to compare with.
    """
    base = base_of(root)
    if not base:
        return frozenset()
    commands = (
        ["diff", "--name-only", "-z", base],
        ["ls-files", "--others", "--exclude-standard", "-z"],
    )
    told = [
        subprocess.run(["git", "-C", str(root), *one], capture_output=True, check=True).stdout
        for one in commands
    ]
    return frozenset(name for name in b"".join(told).decode().split("\0") if name)


@cache
def touched_weeks(root: Path) -> frozenset[str]:
    """Assignments of which a question's text changed."""
    base = base_of(root)
    found = (read_assignment(path) for path in find_assignments(root, []))
    return frozenset(one.name for one in found if touched_questions(one, root, base))


def chosen_weeks(root: Path, purpose: str) -> frozenset[str]:
    """Assignments that a test looks at: those touched and those drawn, which the purpose seeds."""
    names = [path.stem for path in find_assignments(root, [])]
    drawn = draw(names, WEEKS, f"{commit_of(root)} {purpose}")
    return touched_weeks(root) | frozenset(drawn)
