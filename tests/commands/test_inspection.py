"""``autograder inspect`` and ``leaderboard``: what they print, and what they leave behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from autograder.assignment.source import Assignment
from autograder.collect.identity import Identity
from autograder.commands.main import main
from autograder.commands.terminal import FAILED, OK
from autograder.grading.class_rows import ClassRow
from autograder.grading.ledger import Ledger
from autograder.grading.results import GradedSubmission, Status
from autograder.release.learner import dump, fill, solve
from autograder.release.release import make_learner
from dlcourse.check import Outcome, Result


def graded(learner: str, accuracy: float) -> GradedSubmission:
    check = Result("q", "c", 1.0, True, "", Outcome.CORRECT, "", {"accuracy": accuracy})
    fields: dict[str, Any] = {"reason": "", "checks": (check,), "seconds": 1.0, "tier": "cpu"}
    return GradedSubmission(learner, Path("x.ipynb"), Status.GRADED, isolation="strict", **fields)


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


def test_a_leaderboard_is_written_beside_the_marks(tmp_path: Path, capsys: Any) -> None:
    folder = tmp_path / "graded"
    ledger = Ledger(folder / "ledger.sqlite")
    for learner in ("ada", "bob"):
        row = ClassRow(learner, learner, Path("x.ipynb"), learner, Identity(), 0.0, True, "b")
        ledger.record(learner, graded(learner, 0.75))
        ledger.keep_class_rows([row])
    ledger.close()
    (tmp_path / "names.csv").write_text("submission,name\nada,Countess\n")
    words = ["leaderboard", str(folder), "--quantity", "accuracy"]
    assert main([*words, "--names", str(tmp_path / "names.csv")]) == OK
    assert "1 of 1 who asked to be shown" in capsys.readouterr().out
    page = (folder / "leaderboard.md").read_text()
    assert "| 1 | Countess | 0.75 |" in page
    assert "bob" not in page


def test_a_leaderboard_needs_a_folder_of_marks(tmp_path: Path, capsys: Any) -> None:
    words = ["leaderboard", str(tmp_path), "--quantity", "accuracy", "--names", "names.csv"]
    assert main(words) == FAILED
    assert "name the folder that grade wrote with --out" in capsys.readouterr().err
