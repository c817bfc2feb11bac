"""Which cell of a handed-in notebook is the last one of each question."""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograder.assignment.source import Assignment, Question, defined_names
from autograder.release.learner import answer_id, check_id


def last_cells(
    assignment: Assignment, cells: Sequence[tuple[str | None, str]]
) -> dict[int, list[str]]:
    """After which code cell each question is complete: the last one that concerns it.

    A cell concerns a question when it carries one of its ids or defines one of its names. So cells
    that were copied, reordered, renamed or deleted still find their question.

    Args:
        assignment: the source.
        cells: for each code cell in order, its ``grade_id`` (or None) and its source.

    Returns:
        For indices into ``cells`` the questions that are complete after them. Questions that no
        cell concerns are complete after the last one.
    """
    defined = [_defined(source) for _, source in cells]
    complete: dict[int, list[str]] = {}
    for question in assignment.questions:
        ids, names = _ids(question), set(question.answer.names if question.answer else ())
        concerned = [
            i
            for i, (grade_id, _) in enumerate(cells)
            if grade_id in ids or not names.isdisjoint(defined[i])
        ]
        complete.setdefault(max(concerned, default=len(cells) - 1), []).append(question.name)
    return complete


def _ids(question: Question) -> set[str | None]:
    return {answer_id(question.name), *(check_id(c) for c in question.checks)}


def _defined(source: str) -> set[str]:
    try:
        return set(defined_names(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # Magics, or a cell that does not parse: read the lines that look like definitions.
        pattern = r"^(?:(?:def|class)\s+)?(\w+)\s*(?:=(?!=)|\(|:)"
        return set(re.findall(pattern, source, flags=re.MULTILINE))
