"""Results in the form that Gradescope reads."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder.assignment.source import Assignment
from autograder.grading.results import GradedSubmission
from autograder.report.files import file_names, write_whole
from autograder.report.wording import WITHOUT_MARK, clean, in_order
from dlcourse.check import Outcome, Result
from dlcourse.check.display import SYMBOLS, WORDS

_LONGEST = 4_000


# When learners see a hidden check. Gradescope allows any number of submissions, so that anything
# but a late answer would let a learner probe the hidden data.
_HIDDEN = "after_published"


def write_gradescope(
    assignment: Assignment, graded: Sequence[GradedSubmission], out: Path
) -> list[Path]:
    """Write ``results.json`` as Gradescope's autograder specification says.

    One submission goes to ``out/results.json``; of several, each to a folder of its own. A lost or
    superseded submission gets no file: Gradescope then says that the autograder failed, and gives
    no mark.

    Args:
        assignment: what was graded.
        graded: the submissions.
        out: the folder; ``/autograder/results`` inside Gradescope.

    Returns:
        The files written.

    Raises:
        OSError: when ``out`` cannot be written.

    Source: https://gradescope-autograders.readthedocs.io/en/latest/specs/
    """
    rows = in_order(graded)
    folders = [Path()] if len(rows) == 1 else [Path(n) for n in file_names(g.learner for g in rows)]
    return [
        write_whole(
            out / folder / "results.json",
            json.dumps(results(assignment, one), indent=1, ensure_ascii=False),
        )
        for folder, one in zip(folders, rows, strict=True)
        if one.status not in WITHOUT_MARK
    ]


def results(assignment: Assignment, one: GradedSubmission) -> dict[str, Any]:
    """One submission's results as Gradescope wants them."""
    said: dict[str, Any] = {
        "output": clean(one.reason, _LONGEST),
        "output_format": "text",
        "stdout_visibility": "hidden",
        "tests": [_test(assignment, result) for result in one.checks],
    }
    if not one.checks:  # Gradescope wants a score somewhere
        said["score"] = one.marks
    return said


def _test(assignment: Assignment, result: Result) -> dict[str, Any]:
    titles = {q.name: q.title for q in assignment.questions}
    return {
        "name": f"{titles.get(result.question, result.question)}: {result.name.replace('_', ' ')}",
        "name_format": "text",
        "score": result.earned,
        "max_score": result.points,
        "status": "passed" if result.outcome is Outcome.CORRECT else "failed",
        "visibility": _HIDDEN if result.hidden else "visible",
        "output": _output(result),
        "output_format": "text",
    }


def _output(result: Result) -> str:
    lines = [f"{SYMBOLS[result.outcome]} {WORDS[result.outcome]}"]
    if result.message:
        lines.append(clean(result.message, _LONGEST))
    if result.hint and not result.hidden and result.outcome is not Outcome.CORRECT:
        lines.append(f"Hint: {clean(result.hint, _LONGEST)}")
    return "\n".join(lines)
