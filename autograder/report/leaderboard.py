"""A leaderboard of a class: what a hidden check measured of those who asked to be shown.

It is made from the class's results alone and is a file; nothing is sent anywhere. A learner is on
it only where the file of names gives a name to show, which may be a made-up one.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import CommandError
from autograder.grading.results import GradedSubmission
from autograder.report.wording import best_of_each, one_line

_COLUMNS = ("submission", "name")


@dataclass(frozen=True)
class Place:
    """One line of a leaderboard.

    Attributes:
        rank: 1 for the best; equal values share a rank, and the next one counts them all.
        name: the name to show.
        value: what was measured.
    """

    rank: int
    name: str
    value: float


def read_names(path: Path) -> dict[str, str]:
    """The names to show, by submission's id, from a CSV file with the columns submission and name.

    Raises:
        CommandError: when a column is missing, a row is not whole, or a submission stands twice.
        OSError: when the file cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise CommandError(f"{path} is not UTF-8 text; save it as a CSV file in UTF-8") from error
    reader = csv.DictReader(text.splitlines())
    if missing := [column for column in _COLUMNS if column not in (reader.fieldnames or ())]:
        raise CommandError(
            f"{path} has no column {missing[0]!r}; its first line must be: submission,name"
        )
    names: dict[str, str] = {}
    for row in reader:
        learner, name = ((row[column] or "").strip() for column in _COLUMNS)
        if not learner or not name:
            raise CommandError(
                f"{path}, line {reader.line_num}: give a submission and the name to show"
            )
        if learner in names:
            raise CommandError(f"{path}, line {reader.line_num}: {learner} stands there twice")
        names[learner] = name
    return names


def leaderboard(
    graded: Iterable[GradedSubmission],
    names: Mapping[str, str],
    quantity: str,
    lowest: bool = False,
) -> list[Place]:
    """Those who asked to be shown, best first; who has no finite measurement is left out.

    Args:
        graded: the class.
        names: the name to show, by submission's id; who has none is left out.
        quantity: what hidden checks measured, by the name that `measure` gave it.
        lowest: whether less is better.

    Raises:
        CommandError: when no hidden check of anybody measured the quantity; what there is is told.
    """
    found: dict[str, dict[str, float]] = {
        one.learner: {k: v for c in one.checks if c.hidden for k, v in c.measured.items()}
        for one in best_of_each(graded)
    }
    known = sorted({name for measured in found.values() for name in measured})
    if quantity not in known:
        there = ", ".join(known) or "nothing"
        raise CommandError(f"no hidden check measured {quantity!r}; measured was: {there}")
    values = [
        (measured[quantity], names[learner])
        for learner, measured in found.items()
        if learner in names and math.isfinite(measured.get(quantity, math.nan))
    ]
    values.sort(key=lambda pair: (pair[0] if lowest else -pair[0], pair[1]))
    return [
        Place(1 + sum(_better(other, value, lowest) for other, _ in values), name, value)
        for value, name in values
    ]


def _better(value: float, other: float, lowest: bool) -> bool:
    return value < other if lowest else value > other


def as_markdown(title: str, quantity: str, places: Sequence[Place]) -> str:
    """The leaderboard as a Markdown page."""
    rows = [f"| {p.rank} | {_cell(p.name)} | {p.value:.4g} |" for p in places]
    head = [f"# {one_line(title)}", "", f"| | | {_cell(quantity)} |", "|---|---|---|"]
    return "\n".join([*head, *rows]) + "\n"


def _cell(text: str) -> str:
    """A text inside of a table's cell: no markup, no other cell."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]()<>#+-.!|~&$" else c for c in one_line(text, 60))
