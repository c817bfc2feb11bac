"""``autograder inspect``: what it prints, and that it leaves nothing behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from autograder.assignment.source import Assignment
from autograder.commands.main import main
from autograder.commands.terminal import FAILED, OK
from autograder.release.learner import dump, fill, solve
from autograder.release.release import make_learner


def test_inspect_prints_cells_checks_and_the_row_and_writes_nothing(
    course: Path, sample: Assignment, tmp_path: Path, capsys: Any
) -> None:
    learner = make_learner(sample, {}, course)
    answer = "dense_parameters = 12\nraise ValueError('\\x1b[31m[bold]red')"
    path = tmp_path / "ada.ipynb"
    path.write_text(dump(fill(solve(sample, learner), {"parameter_count": answer})), "utf-8")
    before = sorted(tmp_path.rglob("*"))
    words = ["inspect", "99", str(path), "--tier", "cpu"]
    assert main(["--root", str(course), *words]) == OK
    said = capsys.readouterr().out
    assert "error" in said
    assert "[bold]red" in said
    assert "\x1b" not in said
    assert "parameter_count.counts_weights_and_biases (hidden, 0 of 1): not yet" in said
    assert "assert answer.dense_parameters == 16" in said
    assert "status: graded; 4 of 5 points" in said
    assert sorted(tmp_path.rglob("*")) == before


def test_inspect_takes_one_file(
    course: Path, sample: Assignment, tmp_path: Path, capsys: Any
) -> None:
    assert main(["--root", str(course), "inspect", "99", str(tmp_path)]) == FAILED
    assert "is no file; name one notebook" in capsys.readouterr().err
