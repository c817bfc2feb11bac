"""The sample class: complete, told apart, and graded as it is worth."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from autograder.assignment.source import Assignment
from autograder.collect.notebook import Unreadable
from autograder.collect.submissions import find_submissions, read_notebook
from autograder.evidence.sample_class import Expected, compare, make_sample_class, trained
from autograder.grading.batch import GradingConfig, grade_batch
from autograder.grading.ledger import Ledger
from autograder.grading.results import GradedSubmission, Status
from autograder.workers.pool import WorkerPool
from dlcourse.check import Outcome, Result


def test_the_class_has_every_kind_of_submission(sample: Assignment, tmp_path: Path) -> None:
    expected = make_sample_class(sample, tmp_path / "class")
    files = {e.file for e in expected}
    assert len(expected) == len(files) >= 24
    assert files == {p.name for p in (tmp_path / "class").iterdir()}
    for question in sample.questions:
        for wrong in question.wrong_answers:
            assert f"{question.name}-{wrong.name}.ipynb" in files
    assert sum(e.file.startswith("hostile-") for e in expected) >= 6
    assert {"solution.ipynb", "stub.ipynb", "half-done.ipynb", "copied-cells.ipynb"} <= files


def test_grading_finds_them_under_the_names_that_are_expected(
    sample: Assignment, tmp_path: Path
) -> None:
    expected = make_sample_class(sample, tmp_path / "class")
    found = find_submissions([tmp_path / "class"], sample.name, tmp_path)
    assert {(e.learner, e.file) for e in expected} == {(s.learner, s.path.name) for s in found}
    status = {e.file: e.status for e in expected}
    for submission in found:
        unreadable = isinstance(read_notebook(submission), Unreadable)
        assert unreadable == (status[submission.path.name] is Status.UNREADABLE)
        superseded = bool(submission.superseded)
        assert superseded == (status[submission.path.name] is Status.SUPERSEDED)


def test_writing_it_again_gives_the_same_files(sample: Assignment, tmp_path: Path) -> None:
    for name in ("one", "two"):
        make_sample_class(sample, tmp_path / name)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_marks_follow_from_the_source(sample: Assignment, tmp_path: Path) -> None:
    worth = {e.file: e.marks for e in make_sample_class(sample, tmp_path)}
    assert worth["solution.ipynb"] == 5
    assert worth["stub.ipynb"] == 0
    assert worth["softmax-exponentiates-raw-scores.ipynb"] == 1
    assert worth["parameter_count-forgets-the-biases.ipynb"] == 4
    assert worth["half-done.ipynb"] == 3


def test_a_trained_question_is_told_by_its_threshold(sample: Assignment) -> None:
    assert trained(sample) == set()
    check = sample.questions[0].checks[0]
    sample.questions[0].checks[0] = replace(check, source='assert a > threshold("x")')
    assert trained(sample) == {"softmax"}


def _graded(learner: str, marks: float, reason: str = "") -> GradedSubmission:
    check = Result("q", "c", marks, False, "", Outcome.CORRECT)
    return GradedSubmission(
        learner, Path(f"{learner}.ipynb"), Status.GRADED, reason, (check,), 0, "cpu", "strict"
    )


def test_every_difference_is_told() -> None:
    wanted = [
        Expected("a.ipynb", "a", 2),
        Expected("b.ipynb", "b", 2, exact=False),
        Expected("c.ipynb", "c", 2, reason="loop"),
        Expected("d.ipynb", "d", 2, status=Status.STOPPED),
        Expected("e.ipynb", "e", 2),
    ]
    found = [_graded("a", 1), _graded("b", 3), *(_graded(n, 2) for n in "cdf")]
    problems = compare(wanted, found)
    assert [p.split(":")[0] for p in problems] == [f"{n}.ipynb" for n in "abcdef"]
    assert compare(wanted[:2], [_graded("a", 2), _graded("b", 1)]) == []


@pytest.mark.slow
def test_each_submission_gets_what_it_is_worth(sample: Assignment, tmp_path: Path) -> None:
    expected = make_sample_class(sample, tmp_path / "class")
    found = find_submissions([tmp_path / "class"], sample.name, tmp_path)
    ledger = Ledger(tmp_path / "ledger.sqlite")
    with WorkerPool() as pool:
        grading = GradingConfig(sample, {}, "cpu", "a secret for tests")
        graded = grade_batch(grading, found, pool, ledger, workers=2)
    assert compare(expected, graded) == []
