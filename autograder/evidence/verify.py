"""Verification: the solution passes, each wrong answer is caught by the checks meant for it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.assignment.source import Assignment
from autograder.assignment.thresholds import read_thresholds
from autograder.collect.submissions import find_submissions
from autograder.evidence.parity import Marks, nbgrader_marks, otter_marks
from autograder.evidence.variants import (
    NBGRADER,
    OTTER,
    Variant,
    combined_variants,
    disturbed_notebooks,
    mismatch,
    variants,
)
from autograder.grading.batch import GradingConfig, Pool, grade_one
from autograder.grading.results import GradedSubmission
from autograder.release.learner import dump
from autograder.release.release import as_nbgrader_releases, make_learner
from dlcourse.check import Outcome


@dataclass(frozen=True)
class Finding:
    """Something that is not as the source says it should be."""

    variant: str
    question: str
    check: str
    problem: str

    def __str__(self) -> str:
        return f"{self.variant}: {self.question}.{self.check} {self.problem}"


def grade_notebook_text(
    grading: GradingConfig, name: str, text: str, pool: Pool, *, question: str = ""
) -> GradedSubmission:
    """Grade a notebook that is at hand as text, the way a handed-in file is graded.

    With ``question``, no check is asked but those of that question.
    """
    checks = grading.checks()
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / f"{name}.ipynb"
        path.write_text(text, encoding="utf-8")
        (submission,) = find_submissions([path], grading.assignment.name, Path(scratch))
        return grade_one(checks.of(question) if question else checks, submission, pool)


@dataclass(frozen=True)
class VerifiedAnswer:
    """What became of one submission made from the source.

    Attributes:
        name: ``solution``, ``stub``, or a wrong answer with its question before it.
        outcomes: by check, of those that were asked.
        findings: what is not as it should be.
    """

    name: str
    outcomes: Mapping[str, Outcome]
    seconds: float
    findings: tuple[Finding, ...]


def verify(
    grading: GradingConfig,
    root: Path,
    pool: Pool,
    *,
    only: Callable[[str], bool] = lambda name: True,
    watch: Callable[[str], None] = lambda name: None,
) -> list[Finding]:
    """Grade the solution, the stub and each wrong answer; return what is not as it should be."""
    answers = verify_answers(grading, root, pool, only=only, watch=watch)
    findings = [finding for answer in answers for finding in answer.findings]
    return [*findings, *shortfalls(grading.assignment)]


def verify_answers(
    grading: GradingConfig,
    root: Path,
    pool: Pool,
    *,
    only: Callable[[str], bool] = lambda name: True,
    watch: Callable[[str], None] = lambda name: None,
) -> Iterator[VerifiedAnswer]:
    """Grade the solution, the stub and each wrong answer, one after the other."""
    learner = as_nbgrader_releases(make_learner(grading.assignment, grading.thresholds, root))
    for variant in variants(grading.assignment, learner):
        if not only(variant.name):
            continue
        watch(variant.name)
        text = dump(variant.notebook)
        graded = grade_notebook_text(grading, variant.name, text, pool, question=variant.question)
        yield VerifiedAnswer(
            variant.name,
            {r.name: r.outcome for r in graded.checks if (r.question, r.name) in variant.expected},
            graded.seconds,
            tuple(_compare(variant, graded)),
        )


def _compare(variant: Variant, graded: GradedSubmission) -> Iterator[Finding]:
    for result in graded.checks:
        problem = mismatch(variant.expected[result.question, result.name], result.outcome)
        if problem:
            problem += f" ({result.message})" if result.message else ""
        elif result.outcome is not Outcome.CORRECT and not result.message:
            problem = "fails without a message"
        if problem:
            yield Finding(variant.name, result.question, result.name, problem)


def shortfalls(assignment: Assignment) -> Iterator[Finding]:
    """The course's rule: two hidden checks and two wrong answers for each question."""
    for question in (q for q in assignment.questions if q.answer):
        hidden = len(question.checked(hidden=True))
        wrong = len(question.wrong_answers)
        if hidden < 2 or wrong < 2:
            problem = f"has {hidden} hidden checks and {wrong} wrong answers; both should be two"
            yield Finding("source", question.name, "", problem)
        unhinted = [c.name for c in question.checks if not c.hint]
        for name in unhinted:
            yield Finding("source", question.name, name, "has no hint")


@dataclass(frozen=True)
class Comparison:
    """One submission's points by question, in three graders."""

    submission: str
    ours: Marks
    nbgrader: Marks
    otter: Marks
    differs: frozenset[str] = frozenset()
    """The graders that may give other marks."""

    @property
    def equal(self) -> bool:
        """Whether all three give the same marks, but for those that may give others."""
        return all(theirs == self.ours for g, theirs in self._theirs() if g not in self.differs)

    def _theirs(self) -> Iterator[tuple[str, Marks]]:
        yield NBGRADER, self.nbgrader
        yield OTTER, self.otter


def compared_names(assignment: Assignment, root: Path) -> list[str]:
    """What :func:`compare_graders` calls its submissions."""
    learner = make_learner(assignment, read_thresholds(assignment), root)
    combined = [name for name, _ in combined_variants(assignment, learner)]
    return combined + [d.name for d in disturbed_notebooks(assignment, learner)]


def compare_graders(
    grading: GradingConfig,
    root: Path,
    pool: Pool,
    *,
    only: Callable[[str], bool] = lambda name: True,
    watch: Callable[[str], None] = lambda grader: None,
) -> list[Comparison]:
    """Grade the same submissions here, with nbgrader and with otter-grader.

    Raises:
        GraderError: when one of the other graders does not grade.
    """
    assignment = grading.assignment
    learner = as_nbgrader_releases(make_learner(assignment, read_thresholds(assignment), root))
    submissions = {n: book for n, book in combined_variants(assignment, learner) if only(n)}
    disturbed = [d for d in disturbed_notebooks(assignment, learner) if only(d.name)]
    submissions |= {d.name: d.notebook for d in disturbed}
    if not submissions:
        return []
    watch("autograder")
    ours = {
        name: _by_question(assignment, grade_notebook_text(grading, name, dump(book), pool))
        for name, book in submissions.items()
    }
    theirs: list[Mapping[str, Marks]] = []
    for grader, grade in ((NBGRADER, nbgrader_marks), (OTTER, otter_marks)):
        watch(grader)
        with tempfile.TemporaryDirectory() as scratch:
            theirs.append(grade(assignment, submissions, root, Path(scratch), grading.secret))
    differs = {d.name: d.differs for d in disturbed}
    return [
        Comparison(n, ours[n], theirs[0][n], theirs[1][n], differs.get(n, frozenset()))
        for n in submissions
    ]


def _by_question(assignment: Assignment, graded: GradedSubmission) -> Marks:
    return {
        q.name: sum(c.earned for c in graded.checks if c.question == q.name)
        for q in assignment.questions
    }
