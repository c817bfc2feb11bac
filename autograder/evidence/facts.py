"""``python -m autograder.evidence.facts``: counts the assignments for the book's pages.

The learners' half of the repository has no solutions, so what pages say of the assignments is
counted here and written to ``book/facts.json``, which is committed. ``autograder release`` does so
too, and its ``--check`` compares.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from autograder.assignment.source import Assignment, find_assignments, read_assignment

FILE = "book/facts.json"


def facts_of(assignment: Assignment) -> dict[str, float]:
    """What is counted of one assignment; minutes are its author's estimate."""
    questions = [question for question in assignment.questions if question.answer]
    hidden = sum(check.hidden for check in assignment.checks)
    return {
        "minutes": assignment.minutes,
        "points": assignment.points,
        "questions": len(questions),
        "public_checks": len(assignment.checks) - hidden,
        "hidden_checks": hidden,
        "wrong_answers": sum(len(question.wrong_answers) for question in questions),
    }


def training_runs(root: Path) -> int:
    """How many trained networks all calibrated thresholds rest on."""
    runs = 0
    for path in sorted(root.glob("solutions/*/calibration.json")):
        for tiers in json.loads(path.read_text(encoding="utf-8"))["thresholds"].values():
            runs += sum(len(one) for tier in tiers.values() for one in tier["runs"].values())
    return runs


def facts(root: Path) -> dict[str, Any]:
    """All that the site says of the assignments, by week and by project."""
    assignments = [read_assignment(path) for path in find_assignments(root)]
    return {
        "weeks": {str(a.week): facts_of(a) for a in assignments if a.week},
        "projects": {
            str(a.project): {**facts_of(a), "title": a.title, "points_by_hand": a.points_by_hand}
            for a in assignments
            if a.project
        },
        "training_runs": training_runs(root),
    }


def text_of(root: Path) -> str:
    """The file as it should be."""
    return json.dumps(facts(root), indent=1) + "\n"


def outdated(root: Path) -> bool:
    """Whether a repository has the file, and it says something else than it should."""
    path = root / FILE
    return path.is_file() and path.read_text(encoding="utf-8") != text_of(root)


def write(root: Path) -> None:
    """Write the file."""
    (root / FILE).write_text(text_of(root), encoding="utf-8")


if __name__ == "__main__":
    write(Path.cwd())
    sys.stdout.write(f"{FILE} is up to date\n")
