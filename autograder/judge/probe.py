"""When to ask what: the judge's plan for a notebook, and the asking."""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograder.assignment.learner import answer_id, check_id
from autograder.assignment.source import Assignment, Question, defined_names
from autograder.judge.checks import Checks
from autograder.judge.remote import Asked, Budget, RemoteAnswer
from dlcourse.check import Check, Outcome, Result, bars, run_check

# Seconds that one check may take in the worker, beyond what the cell limit allows anyway.
CHECK_SECONDS = 60.0


def plan(assignment: Assignment, cells: Sequence[tuple[str, str]]) -> dict[int, list[str]]:
    """After which code cell each question is asked: the last one that concerns it.

    A question is asked right then, so that a crash further down does not erase it. A cell concerns
    a question when it carries one of its ids, or defines one of its names: so copied, reordered,
    renamed and deleted cells still find their way.

    Args:
        assignment: the source.
        cells: for each code cell in order, its ``grade_id`` (or nothing) and its source.

    Returns:
        For each index into ``cells`` the questions to ask after it. The last index takes those
        that no cell concerns.
    """
    after: dict[int, list[str]] = {}
    for question in assignment.questions:
        concerned = [i for i, cell in enumerate(cells) if _concerns(question, *cell)]
        after.setdefault(max(concerned, default=len(cells) - 1), []).append(question.name)
    return after


def _concerns(question: Question, grade_id: str, source: str) -> bool:
    ids = {answer_id(question.name), *(check_id(c) for c in question.checks)}
    names = question.answer.names if question.answer else ()
    return grade_id in ids or any(name in _defined(source) for name in names)


def _defined(source: str) -> set[str]:
    try:
        return set(defined_names(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # Magics, or a cell that does not parse: read the lines that look like definitions.
        pattern = r"^(?:(?:def|class)\s+)?(\w+)\s*(?:=(?!=)|\(|:)"
        return set(re.findall(pattern, source, flags=re.MULTILINE))


def ask(checks: Checks, question: str, worker: Asked) -> list[Result]:
    """Run one question's checks against a worker.

    Raises:
        WorkerDied: when the worker does; the question's results are lost with it.
    """
    results = []
    with bars(checks.thresholds, checks.tier):
        for check in checks.by_question[question]:
            answer = RemoteAnswer(worker, Budget(seconds=CHECK_SECONDS))
            reference = checks.references[question]
            results.append(run_check(check, answer, reference=reference, rng=checks.rng(check)))
    return results


def unreached(checks: Checks, question: str, outcome: Outcome, message: str) -> list[Result]:
    """Results of a question that could not be asked."""
    return [_without(check, outcome, message) for check in checks.by_question[question]]


def _without(check: Check, outcome: Outcome, message: str) -> Result:
    return Result(
        check.question, check.name, check.points, check.hidden, check.hint, outcome, message
    )
