"""How results are put into words: numbers, counts, and text from learners made harmless."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from autograder.grading.results import GradedSubmission, Status

STATUS_WORDS = {
    Status.GRADED: "Graded",
    Status.STOPPED: "Stopped",
    Status.UNREADABLE: "Unreadable",
    Status.SUPERSEDED: "Superseded",
    Status.LOST: "Lost",
}
STATUS_SYMBOLS = {
    Status.GRADED: "✓",
    Status.STOPPED: "■",
    Status.UNREADABLE: "✗",
    Status.SUPERSEDED: "↷",
    Status.LOST: "?",
}

WITHOUT_MARK = frozenset({Status.SUPERSEDED, Status.LOST})
"""A superseded submission leaves the mark to another; a lost one is still to be graded."""

# Escape sequences that terminals obey: colours and cursor moves, titles and links.
_TERMINAL = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\-_]", re.ASCII
)
# Other control characters, marks that turn the direction of reading, halves of surrogate pairs.
_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def clean(text: str, limit: int | None = None) -> str:
    """Text that shows as itself: no terminal codes, control characters or reversed reading.

    Line ends become ``\\n``, other control characters the replacement character U+FFFD. Beyond
    ``limit`` characters it is cut, and says so.
    """
    cut = ""
    if limit is not None and len(text) > limit:
        cut = f" … ({len(text) - limit:,} more characters)"
        text = text[:limit]
    text = _TERMINAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _CONTROL.sub("\ufffd", text) + cut


def one_line(text: str, limit: int | None = None) -> str:
    """:func:`clean` text on one line."""
    return " ".join(clean(text, limit).split())


def number(value: float) -> str:
    """A number with at most four decimals and no trailing zeros, such as ``12.5`` or ``0.9333``."""
    return f"{round(value, 4) + 0.0:.10g}"


def count(n: float, noun: str, plural: str | None = None) -> str:
    """``1 point``, ``2.5 points``; ``plural`` where adding an s will not do."""
    return f"{number(n)} {noun if n == 1 else plural or noun + 's'}"


def listed(words: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def in_order(graded: Iterable[GradedSubmission]) -> list[GradedSubmission]:
    """Submissions by id and path, so that reports do not depend on who finished first.

    Those that another of the same learner supersedes follow it.
    """
    return sorted(
        graded,
        key=lambda g: (
            g.learner, g.status is Status.SUPERSEDED, str(g.path), g.status, -g.marks
        ),
    )  # fmt: skip


def best_of_each(graded: Iterable[GradedSubmission]) -> list[GradedSubmission]:
    """One row a learner for gradebooks, which hold one mark: the best of those with a mark.

    Superseded and lost submissions have none: they are left out, so that they overwrite none.
    """
    best: dict[str, GradedSubmission] = {}
    for one in in_order(graded):
        if one.status not in WITHOUT_MARK and (
            one.learner not in best or one.marks > best[one.learner].marks
        ):
            best[one.learner] = one
    return list(best.values())
