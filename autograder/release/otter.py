"""otter-grader's half of a release: ``autograder.zip``, and a folder for ``grader.check``."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autograder.assignment.source import Assignment, CheckSource, Question
from autograder.assignment.thresholds import Thresholds
from autograder.release.grade_calls import grade_call
from autograder.release.learner import Notebook, code, dump, markdown

# Zip files carry times; a fixed one keeps bundles the same byte for byte.
_EPOCH = (1980, 1, 1, 0, 0, 0)


def test_file(
    assignment: Assignment,
    question: Question,
    thresholds: Thresholds,
    secret: str,
    *,
    hidden: bool,
) -> str:
    """otter's test file of one question: one test case for each check (``OK_FORMAT = False``).

    ``hidden`` says whether hidden checks are in it; learners get a file without them.
    """
    checks = [c for c in question.checks if hidden or not c.hidden]
    head = [
        "from otter.test_files import test_case",
        "",
        "OK_FORMAT = False",
        f"name = {question.name!r}",
        f"points = {sum(c.points for c in checks):g}",
        "",
    ]
    cases = [_case(assignment, check, thresholds, secret) for check in checks]
    return "\n".join([*head, *cases])


def _case(assignment: Assignment, check: CheckSource, thresholds: Thresholds, secret: str) -> str:
    call = grade_call(assignment, check, thresholds, secret, "env", indent="    ")
    return "\n".join(
        [
            "",
            f"@test_case(name={check.name!r}, points={check.points:g}, hidden={check.hidden})",
            f"def test_{check.name}(env):",
            "    from dlcourse.check import grade",
            "",
            call,
            "",
        ]
    )


def write_autograder_zip(
    assignment: Assignment, thresholds: Thresholds, secret: str, root: Path, out: Path
) -> None:
    """Write the zip that ``otter run`` and Gradescope take, hidden checks included.

    ``dlcourse`` itself travels in the zip, so that grading installs nothing from a repository.
    """
    from otter.generate import main as generate

    with tempfile.TemporaryDirectory() as name, _working_directory(Path(name)):
        work = Path(name)
        _write_tests(assignment, thresholds, secret, work / "tests", hidden=True)
        config = {"assignment_name": assignment.name, "show_stdout": False, "show_hidden": False}
        (work / "otter_config.json").write_text(json.dumps(config, indent=2), encoding="utf-8")
        (work / "requirements.txt").write_text("\n".join(_requirements(root)), encoding="utf-8")
        left_out = shutil.ignore_patterns("__pycache__")
        shutil.copytree(root / "dlcourse", work / "dlcourse", ignore=left_out)
        generate(
            tests_dir="tests",
            output_path="autograder.zip",
            config="otter_config.json",
            requirements="requirements.txt",
            no_environment=True,
            files=["dlcourse"],
        )
        out.parent.mkdir(parents=True, exist_ok=True)
        _copy_reproducibly(work / "autograder.zip", out)


def _write_tests(
    assignment: Assignment, thresholds: Thresholds, secret: str, folder: Path, *, hidden: bool
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for question in (q for q in assignment.questions if q.checks):
        text = test_file(assignment, question, thresholds, secret, hidden=hidden)
        (folder / f"{question.name}.py").write_text(text, encoding="utf-8")


def _requirements(root: Path) -> list[str]:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    return list(project["project"]["dependencies"])


@contextmanager
def _working_directory(path: Path) -> Iterator[None]:
    """otter takes its inputs from the working directory."""
    before = Path.cwd()
    os.chdir(path)
    try:
        yield
    finally:
        os.chdir(before)


def _copy_reproducibly(source: Path, target: Path) -> None:
    with zipfile.ZipFile(source) as given, zipfile.ZipFile(target, "w") as made:
        for name in sorted(n for n in given.namelist() if not n.endswith("/")):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = 0o755 << 16 if name == "run_autograder" else 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(entry, given.read(name))


def student_notebook(assignment: Assignment, learner: Notebook) -> Notebook:
    """The learner's notebook with ``grader.check`` cells, for those who use otter's own checks."""
    cells = []
    last = {q.name: q.checks[-1] for q in assignment.questions if q.checks}
    ends = {f"{q}__{check.name}"[:64]: q for q, check in last.items()}
    for cell in learner["cells"]:
        cells.append(cell)
        if cell["id"] == "open-in-colab":
            cells.append(markdown("otter-note", "This copy also runs otter-grader's checks."))
            source = f'import otter\n\ngrader = otter.Notebook("{assignment.name}.ipynb")'
            cells.append(code("otter-start", source))
        if cell["id"] in ends:
            question = ends[cell["id"]]
            cells.append(code(f"otter-{question}"[:64], f'grader.check("{question}")'))
    return {**learner, "cells": cells}


def write_student_folder(
    assignment: Assignment, learner: Notebook, thresholds: Thresholds, folder: Path
) -> None:
    """Write otter's student folder: the notebook and the public tests."""
    _write_tests(assignment, thresholds, "", folder / "tests", hidden=False)
    path = folder / f"{assignment.name}.ipynb"
    path.write_text(dump(student_notebook(assignment, learner)), encoding="utf-8")
