"""What a run looks at of what grows with the course: all that the change touches, and a few drawn.

The commit draws, so that a run is the same whenever it is repeated, and runs of one commit after
another look at all. ``--everything`` looks at all at once.
"""

from __future__ import annotations

import subprocess
from collections.abc import Collection
from functools import cache
from pathlib import Path

from autograder.assignment.source import find_assignments, read_assignment
from autograder.evidence.pages import pages_to_repeat
from autograder.evidence.records import base_of, commit_of, draw
from autograder.evidence.verification import touched_questions

WEEKS = 2
"""How many weeks are drawn besides those that the change touches."""
PAGES = 12
"""How many pages are drawn; where the change touches what all pages show, four times as many."""
OF_ALL_PAGES = ("_config.yml", "constraints.txt", "book/_ext/", "book/_static/")
FIGURES = "book/_static/interactive/"


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


def chosen_weeks(root: Path, purpose: str, count: int = WEEKS) -> frozenset[str]:
    """Assignments that a test looks at: those touched and those drawn, which the purpose seeds."""
    names = [path.stem for path in find_assignments(root, [])]
    drawn = draw(names, count, f"{commit_of(root)} {purpose}")
    return touched_weeks(root) | frozenset(drawn)


def touched_pages(root: Path, pages: Collection[str]) -> frozenset[str]:
    """Those of some pages, such as ``book/notation``, whose text or interactive figure changed."""
    changed = changed_files(root)
    figures = [Path(name).stem for name in changed if name.startswith(FIGURES)]
    shown = {page: root / f"{page}.md" for page in pages}
    texts = {page: path.read_text("utf-8") for page, path in shown.items() if path.is_file()}
    return frozenset(
        page
        for page, text in texts.items()
        if f"{page}.md" in changed or any(f"{{interactive}} {name}\n" in text for name in figures)
    )


@cache
def chosen_pages(root: Path, pages: tuple[str, ...]) -> frozenset[str]:
    """Pages that a browser looks at: those touched, those that this run executes, those drawn."""
    shared = any(
        name.startswith(OF_ALL_PAGES) and not name.startswith(FIGURES)
        for name in changed_files(root)
    )
    drawn = draw(pages, 4 * PAGES if shared else PAGES, f"{commit_of(root)} pages")
    return touched_pages(root, pages) | {*drawn, *pages_to_repeat(root)}
