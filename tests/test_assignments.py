"""Every assignment of the course: fair, released as its source says, and equal in three graders."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.assignment.source import Assignment, find_assignments, read_assignment
from autograder.assignment.thresholds import read_thresholds
from autograder.evidence.calibrate import BASELINE_PASSES, HONEST_FAILS, read_evidence, stale
from autograder.evidence.mutate import examine
from autograder.evidence.records import read_records
from autograder.evidence.variants import names
from autograder.evidence.verification import (
    ANSWERS,
    GRADERS,
    MUTANTS,
    Repetition,
    contradictions,
    mutant_counts,
    other_marks,
    part_staleness,
    repetition,
    stale_parts,
    uncompared,
    verification_path,
)
from autograder.evidence.verify import (
    compare_graders,
    compared_names,
    shortfalls,
    verify_answers,
)
from autograder.grading.batch import GradingConfig
from autograder.release.leaks import find_leaks, fragments
from autograder.release.release import drift, leaks, make_learner
from autograder.workers.pool import Limits, WorkerPool
from tests.conftest import ROOT, SECRET

SOURCES = find_assignments(ROOT)


@pytest.fixture(scope="module", params=SOURCES, ids=lambda path: path.stem)
def assignment(request: pytest.FixtureRequest) -> Assignment:
    return read_assignment(request.param)


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(Limits(memory=8 * 2**30)) as made:
        yield made


def grading(assignment: Assignment) -> GradingConfig:
    return GradingConfig(assignment, read_thresholds(assignment), "cpu", SECRET)


def test_there_is_an_assignment() -> None:
    assert SOURCES


def test_the_committed_notebook_is_what_the_source_gives(assignment: Assignment) -> None:
    assert drift(assignment, ROOT) == []


def test_the_set_up_imports_what_the_cells_of_checks_call(assignment: Assignment) -> None:
    # The source's own hidden checks do not call hidden_check; the released notebook's cells do.
    learner = make_learner(assignment, read_thresholds(assignment), ROOT)
    code = ["".join(c["source"]) for c in learner["cells"] if c["cell_type"] == "code"]
    plain = [text for text in code if not re.search(r"^\s*[%!]", text, re.MULTILINE)]
    nodes = [node for text in plain for node in ast.walk(ast.parse(text))]
    imported = {alias.name for n in nodes if isinstance(n, ast.ImportFrom) for alias in n.names}
    called = {n.func.id for n in nodes if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    assert {"check", "hidden_check"} & called <= imported


def test_nothing_that_learners_get_holds_the_instructors_half(assignment: Assignment) -> None:
    assert leaks(assignment, ROOT, SECRET, []) == []


@pytest.mark.slow
def test_the_site_holds_nothing_of_the_instructors_half(site: Path) -> None:
    kept_back = [f for path in SOURCES for f in fragments(read_assignment(path), lines=2)]
    assert find_leaks(kept_back, [site]) == []


def test_thresholds_have_evidence_of_these_very_programs(assignment: Assignment) -> None:
    assert stale(assignment) == []


def test_evidence_keeps_both_chances(assignment: Assignment) -> None:
    for tiers in read_evidence(assignment)["thresholds"].values():
        assert {"cpu", "gpu"} <= tiers.keys()
        for found in tiers.values():
            assert found["chance_honest_solution_fails"] <= HONEST_FAILS
            assert max(found["chance_baseline_passes"].values()) <= BASELINE_PASSES


def test_answers_are_recorded(assignment: Assignment) -> None:
    if told := part_staleness(assignment, ROOT, ANSWERS).versions:
        warnings.warn(f"{assignment.name}: recorded with other {told}", stacklevel=1)
    assert stale_parts(assignment, ROOT, [ANSWERS]) == []


@pytest.mark.exhaustive
def test_graders_and_mutants_are_recorded(assignment: Assignment) -> None:
    assert stale_parts(assignment, ROOT, [GRADERS, MUTANTS]) == []
    assert uncompared(assignment, ROOT) == []


def test_the_source_keeps_the_rules_of_the_course(assignment: Assignment) -> None:
    assert [str(finding) for finding in shortfalls(assignment)] == []


@pytest.fixture(scope="module")
def again() -> Repetition:
    """What the change touches and its commit draws."""
    return repetition([read_assignment(path) for path in SOURCES], ROOT)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_answers_verified_again_get_what_is_recorded(
    assignment: Assignment, pool: WorkerPool, again: Repetition, everything: bool
) -> None:
    chosen = set(names(assignment)) if everything else again.answers[assignment.name]
    if not chosen:
        pytest.skip("neither touched by the change nor drawn by the commit")
    record = read_records(verification_path(assignment))[ANSWERS]
    found = verify_answers(grading(assignment), ROOT, pool, only=chosen.__contains__)
    assert contradictions(record, found) == []


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_graders_compared_again_give_the_marks_recorded(
    assignment: Assignment, pool: WorkerPool, again: Repetition, everything: bool
) -> None:
    record = read_records(verification_path(assignment)).get(GRADERS)
    if record is None:  # one notebook of wrong answers, until all are compared and recorded
        (compared,) = compare_graders(
            grading(assignment), ROOT, pool, only="wrong-answers-1".__eq__
        )
        assert compared.equal
        return
    every = compared_names(assignment, ROOT) if everything else ()
    chosen = set(every) | again.graders.get(assignment.name, frozenset())
    if not chosen:
        pytest.skip("neither touched by the change nor drawn by the commit")
    compared_again = compare_graders(grading(assignment), ROOT, pool, only=chosen.__contains__)
    assert {c.submission for c in compared_again} == chosen
    assert other_marks(record, compared_again) == []


@pytest.mark.exhaustive
@pytest.mark.timeout(1800)
def test_the_checks_catch_the_mutants_that_are_recorded(assignment: Assignment) -> None:
    record = read_records(verification_path(assignment))[MUTANTS]
    verdicts = examine(assignment, "cpu", SECRET)
    assert mutant_counts(verdicts) == record["questions"]


def test_a_solved_notebook_is_worth_all_points(assignment: Assignment) -> None:
    assert sum(c.points for c in assignment.checks) == assignment.points


def test_sources_stay_out_of_the_public_half(root: Path) -> None:
    from autograder.publish.public import PUBLIC_FILES, PUBLIC_FOLDERS

    private = {"solutions", "autograder", "tests", "benchmarks", "build"}
    assert private.isdisjoint(PUBLIC_FOLDERS)
    assert not any(name.startswith(tuple(private)) for name in PUBLIC_FILES)
