"""Every assignment of the course: fair, released as its source says, and equal in three graders."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.assignment.source import Assignment, find_assignments, read_assignment
from autograder.assignment.thresholds import read_thresholds
from autograder.evidence.calibrate import BASELINE_PASSES, HONEST_FAILS, read_evidence, stale
from autograder.evidence.verify import compare_graders, verify
from autograder.grading.batch import GradingConfig
from autograder.release.release import drift, leaks
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


def test_nothing_that_learners_get_holds_the_instructors_half(assignment: Assignment) -> None:
    assert leaks(assignment, ROOT, SECRET, []) == []


@pytest.mark.slow
def test_the_site_holds_nothing_of_the_instructors_half(assignment: Assignment, site: Path) -> None:
    assert leaks(assignment, ROOT, SECRET, [site]) == []


def test_thresholds_have_evidence_of_these_very_programs(assignment: Assignment) -> None:
    assert stale(assignment) == []


def test_evidence_keeps_both_chances(assignment: Assignment) -> None:
    for tiers in read_evidence(assignment)["thresholds"].values():
        assert {"cpu", "gpu"} <= tiers.keys()
        for found in tiers.values():
            assert found["chance_honest_solution_fails"] <= HONEST_FAILS
            assert max(found["chance_baseline_passes"].values()) <= BASELINE_PASSES


@pytest.mark.slow
def test_each_answer_gets_what_it_should(assignment: Assignment, pool: WorkerPool) -> None:
    assert [str(f) for f in verify(grading(assignment), ROOT, pool)] == []


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_three_graders_give_the_same_marks(assignment: Assignment, pool: WorkerPool) -> None:
    """A sample, smaller for all weeks but the first; ``make parity`` compares everything."""
    sample = {"wrong-answers-1"}
    if assignment.path == SOURCES[0]:
        sample |= {"solution", "stub", "name-used-again", "given-cell-changed"}
    compared = compare_graders(grading(assignment), ROOT, pool, only=sample.__contains__)
    assert {c.submission for c in compared} == sample
    assert [c for c in compared if not c.equal] == []


def test_a_solved_notebook_is_worth_all_points(assignment: Assignment) -> None:
    assert sum(c.points for c in assignment.checks) == assignment.points


def test_sources_stay_out_of_the_public_half(root: Path) -> None:
    from autograder.publish.public import PUBLIC_FILES, PUBLIC_FOLDERS

    private = {"solutions", "autograder", "tests", "benchmarks", "build"}
    assert private.isdisjoint(PUBLIC_FOLDERS)
    assert not any(name.startswith(tuple(private)) for name in PUBLIC_FILES)
