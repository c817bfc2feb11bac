"""The same submissions through nbgrader and otter-grader, with their own commands.

Both run submissions without a sandbox, so only the course's own variants go through here.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from autograder.assignment.source import Assignment
from autograder.errors import AutograderError
from autograder.release.learner import Notebook, check_id, dump
from autograder.release.release import Places, release

# Points by question: the finest marks that all three graders report.
Marks = dict[str, float]


class GraderError(AutograderError):
    """nbgrader or otter-grader did not grade; the message carries the end of its output."""


def nbgrader_marks(
    assignment: Assignment, submissions: Mapping[str, Notebook], root: Path, work: Path, secret: str
) -> dict[str, Marks]:
    """Grade with ``nbgrader generate_assignment`` and ``nbgrader autograde`` in a scratch course.

    Args:
        assignment: the source.
        submissions: notebooks by name.
        root: the repository.
        work: an empty folder.
        secret: the course secret.

    Raises:
        GraderError: when a command fails.
    """
    from nbgrader.api import Gradebook

    shutil.copy(root / "nbgrader_config.py", work)
    places = Places(work)
    release(assignment, places, root, secret)
    _run([*_nbgrader("generate_assignment"), assignment.name, "--force", "--create"], work)
    for name, notebook in submissions.items():
        folder = work / "build" / "nbgrader" / "submitted" / name / assignment.name
        folder.mkdir(parents=True)
        (folder / f"{assignment.name}.ipynb").write_text(dump(notebook), encoding="utf-8")
    _run([*_nbgrader("autograde"), assignment.name, "--create"], work)
    with Gradebook(f"sqlite:///{work / 'build' / 'nbgrader' / 'gradebook.db'}") as book:
        return {name: _from_gradebook(assignment, book, name) for name in submissions}


def _nbgrader(command: str) -> list[str]:
    return [sys.executable, "-m", "nbgrader", command]


def _from_gradebook(assignment: Assignment, book: object, name: str) -> Marks:
    submission = book.find_submission(assignment.name, name)  # type: ignore[attr-defined]
    points = {g.name: g.auto_score or 0.0 for n in submission.notebooks for g in n.grades}
    return {q.name: sum(points[check_id(c)] for c in q.checks) for q in assignment.questions}


def otter_marks(
    assignment: Assignment, submissions: Mapping[str, Notebook], root: Path, work: Path, secret: str
) -> dict[str, Marks]:
    """Grade with ``otter run``, one command for each submission.

    Raises:
        GraderError: when a command fails.
    """
    places = Places(work)
    release(assignment, places, root, secret)
    found: dict[str, Marks] = {}
    for name, notebook in submissions.items():
        folder = work / "otter" / name
        folder.mkdir(parents=True)
        path = folder / f"{assignment.name}.ipynb"
        path.write_text(dump(notebook), encoding="utf-8")
        zip_path = str(places.otter_zip(assignment.name))
        command = [sys.executable, "-m", "otter", "run", str(path), "-a", zip_path]
        _run([*command, "-o", str(folder)], work)
        results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
        found[name] = _from_results(assignment, results)
    return found


def _from_results(assignment: Assignment, results: dict[str, Any]) -> Marks:
    """Points from the file that otter writes for Gradescope.

    It has one test for each question, and one without a score that sums up the public ones. A
    question that people mark and no check has no test there, and no points from any grader.
    """
    scored = [test for test in results["tests"] if "score" in test]
    scores = {str(test["name"]).partition(" - ")[0]: test["score"] for test in scored}
    return {q.name: float(scores[q.name]) if q.checks else 0.0 for q in assignment.questions}


def _run(command: Sequence[str], folder: Path) -> None:
    # nbgrader calls `alembic` by name, and it lies beside the interpreter.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    environment = {**os.environ, "PATH": path, "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        tail = (done.stdout + done.stderr)[-2000:]
        raise GraderError(f"{' '.join(command[2:5])} ended with {done.returncode}:\n{tail}")
