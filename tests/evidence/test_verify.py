"""Verification: it finds what is not as the source says, and asks no more than it must."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.assignment.source import Assignment, read_assignment
from autograder.collect.notebook import Cell
from autograder.evidence import parity
from autograder.evidence.variants import disturbed_notebooks
from autograder.evidence.verify import Finding, verify
from autograder.grading.batch import NOT_RUN, GradingConfig
from autograder.judge.checks import Checks, load_checks
from autograder.judge.given import planned_cells
from autograder.judge.run import SubmissionRun
from autograder.release.release import make_learner
from autograder.workers.pool import WorkerPool
from tests.conftest import SECRET
from tests.judge.fake_worker import FakePool
from tests.sample import REPORT, SAMPLE


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(warm=False) as made:
        yield made


def found(assignment: Assignment, pool: WorkerPool, only: str = "") -> list[Finding]:
    """What verification finds, but for how many checks and wrong answers a question has."""
    grading = GradingConfig(assignment, {}, "cpu", SECRET)
    findings = verify(grading, assignment.path.parents[2], pool, only=lambda n: only in n)
    return [f for f in findings if f.variant != "source"]


def changed(assignment: Assignment, old: str, new: str) -> Assignment:
    text = assignment.path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    assignment.path.write_text(text.replace(old, new), encoding="utf-8")
    return read_assignment(assignment.path)


def test_where_all_is_as_the_source_says_nothing_is_found(
    sample: Assignment, pool: WorkerPool
) -> None:
    assert found(sample, pool) == []


def test_a_wrong_answer_that_is_right_is_found(sample: Assignment, pool: WorkerPool) -> None:
    right = changed(sample, "dense_parameters = 3 * 4\n", "dense_parameters = 4 * 4\n")
    (finding,) = found(right, pool, "forgets-the-biases")
    assert finding.check == "counts_weights_and_biases"
    assert finding.problem == "should catch this answer but is correct"


def test_a_check_that_should_let_a_wrong_answer_pass_is_found(
    sample: Assignment, pool: WorkerPool
) -> None:
    fraction = changed(sample, "dense_parameters = 3 * 4\n", "dense_parameters = 12.0\n")
    (finding,) = found(fraction, pool, "forgets-the-biases")
    assert finding.check == "is_a_whole_number"
    assert finding.problem.startswith("should be correct but is ")


def test_a_solution_that_is_wrong_is_found(sample: Assignment, pool: WorkerPool) -> None:
    wrong = changed(sample, "    3 * 4 + 4\n", "    3 * 4 + 3\n")
    (finding,) = found(wrong, pool, "solution")
    assert finding.check == "counts_weights_and_biases"
    assert finding.problem == (
        "should be correct but is not yet (The biases count too: one a unit.)"
    )


def test_a_stub_that_holds_an_answer_is_found(sample: Assignment, pool: WorkerPool) -> None:
    given = changed(
        sample,
        "dense_parameters = (\n    # BEGIN SOLUTION",
        "dense_parameters = (\n    17 or\n    # BEGIN SOLUTION",
    )
    problems = {f.problem.split(" (")[0] for f in found(given, pool, "stub")}
    assert problems == {
        "should be not attempted but is correct",
        "should be not attempted but is not yet",
    }


def test_a_wrong_answer_is_asked_the_checks_of_its_question_only(
    sample: Assignment, pool: WorkerPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    ask = Checks.ask

    def noted(self: Checks, check: Any, *rest: Any) -> Any:
        asked.append(check.name)
        return ask(self, check, *rest)

    monkeypatch.setattr(Checks, "ask", noted)
    assert found(sample, pool, "forgets-the-biases") == []
    assert asked == ["is_a_whole_number", "counts_weights_and_biases"]


def test_too_few_wrong_answers_are_told(sample: Assignment, pool: WorkerPool, course: Path) -> None:
    grading = GradingConfig(sample, {}, "cpu", SECRET)
    problems = [str(f) for f in verify(grading, course, pool, only=lambda name: False)]
    few = "has 1 hidden checks and 1 wrong answers; both should be two"
    assert f"source: parameter_count. {few}" in problems


def test_what_happens_to_a_notebook_costs_no_right_answer(sample: Assignment, course: Path) -> None:
    learner = make_learner(sample, {}, course)
    checks = load_checks(sample, {}, "cpu", SECRET)
    marks = {}
    for disturbed in disturbed_notebooks(sample, learner):
        cells = disturbed.notebook["cells"]
        read = [
            Cell(i, c["cell_type"], c["source"].replace("%pip", "pass #"), _id(c), c["id"])
            for i, c in enumerate(cells)
        ]
        planned, _ = planned_cells(sample, read, NOT_RUN)
        run = SubmissionRun(checks, planned, sample.limits["cpu"])
        run.run(FakePool().worker)
        marks[disturbed.name] = sum(r.earned for r in run.results.values())
    assert marks.pop("answer-as-text") == 2
    assert len(marks) == 8
    assert set(marks.values()) == {5}


def _id(cell: dict[str, Any]) -> str | None:
    found: str | None = cell["metadata"].get("nbgrader", {}).get("grade_id")
    return found


def test_an_assignment_without_given_cells_has_no_disturbed_notebooks(
    sample: Assignment, course: Path
) -> None:
    bare = replace(
        sample, cells=tuple(c for c in sample.cells if getattr(c, "role", "") != "setup")
    )
    assert disturbed_notebooks(bare, make_learner(sample, {}, course)) == []


def test_a_question_that_only_a_person_marks_asks_for_nothing(
    sample: Assignment, pool: WorkerPool
) -> None:
    sample.path.write_text(SAMPLE + REPORT, encoding="utf-8")
    reported = read_assignment(sample.path)
    grading = GradingConfig(reported, {}, "cpu", SECRET)
    findings = verify(grading, reported.path.parents[2], pool)
    assert {f.question for f in findings} == {q.name for q in reported.questions[:2]}
    assert {f.variant for f in findings} == {"source"}


def test_otters_results_have_no_points_of_a_question_that_only_a_person_marks(
    sample: Assignment,
) -> None:
    sample.path.write_text(SAMPLE + REPORT, encoding="utf-8")
    reported = read_assignment(sample.path)
    checked = [q.name for q in reported.questions if q.checks]
    results = {"tests": [{"name": f"{name} - 1", "score": 1.0} for name in checked]}
    marks = parity._from_results(reported, results)
    assert marks == dict.fromkeys(checked, 1.0) | {"report": 0.0}
    with pytest.raises(KeyError):  # one with checks may not be missing
        parity._from_results(reported, {"tests": []})
