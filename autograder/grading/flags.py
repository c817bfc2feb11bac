"""What in a submission a person should look at, since a network may not be its learner's own.

A flag is no verdict and costs no mark. It goes to the instructor's ``flags.csv`` and not to the
learner.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from autograder.assignment.source import Assignment
from autograder.collect.notebook import Cell
from autograder.grading.results import GradedSubmission

# The smallest network that a week asks for has some thousand weights. Less text than this, or
# fewer numbers, cannot carry it.
LONG_TEXT: Final = 5_000
MANY_NUMBERS: Final = 2_000

# What separates things in code. Between two of these, an encoded string or a list of numbers is
# longer than anything that is written by hand.
_SEPARATOR: Final = re.compile(r"[()\[\]{}:\"'#]")
_NUMBER: Final = re.compile(r"\d+\.\d+|\d{4,}")
_GIVES_WEIGHTS: Final = re.compile(
    r"\.(set_weights|load_weights|assign|load_state_dict)\s*\(|\b(load_model|np\.load)\s*\("
)


def flags_of(assignment: Assignment, cells: Sequence[Cell]) -> tuple[str, ...]:
    """Flags of a notebook's code cells, by what stands in them and not in the assignment's own."""
    own = assignment.path.read_text(encoding="utf-8")
    found: list[str] = []
    for cell in cells:
        if cell.source.strip() in own:
            continue
        number = cell.index + 1
        if _has_long_text(cell.source) or _has_many_numbers(cell.source):
            found.append(f"cell {number} holds a long literal, which could carry weights")
        for match in _GIVES_WEIGHTS.finditer(cell.source):
            call = match[1] or match[2]
            if f"{call}(" not in own:
                found.append(f"cell {number} calls {call}, which gives a network its weights")
    return tuple(dict.fromkeys(found))


def _has_long_text(source: str) -> bool:
    return max(map(len, _SEPARATOR.split(source))) >= LONG_TEXT


def _has_many_numbers(source: str) -> bool:
    return sum(1 for _ in zip(_NUMBER.finditer(source), range(MANY_NUMBERS), strict=False)) == (
        MANY_NUMBERS
    )


def digest_of_weights(weights: Mapping[str, Path]) -> str:
    """SHA-256 of the weights that were handed in; empty where there are none."""
    digest = hashlib.sha256()
    for name, path in sorted(weights.items()):
        with path.open("rb") as file:
            digest.update(name.encode() + b"\0" + hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest() if weights else ""


def all_flags(graded: Sequence[GradedSubmission]) -> Iterator[tuple[str, str]]:
    """Learner and flag, of all submissions; equal weights of two learners among them."""
    same: dict[str, list[str]] = defaultdict(list)
    for one in graded:
        if one.weights:
            same[one.weights].append(one.learner)
    for one in graded:
        for flag in one.flags:
            yield one.learner, flag
        others = [name for name in same[one.weights] if name != one.learner] if one.weights else []
        if others:
            more = ", ..." if len(others) > 3 else ""
            yield one.learner, f"the weights are those of {', '.join(others[:3])}{more}"
