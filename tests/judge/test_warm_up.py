"""Checks made warm have what they compare with, and no more of the solution."""

from __future__ import annotations

from pathlib import Path

from autograder.judge.checks import load_checks
from tests.harness import course
from tests.harness.course import SECRET


def test_what_checks_compare_with_is_there_before_the_first_is_asked(tmp_path: Path) -> None:
    made = course.small_course(course.SOURCES / "trivial.md", tmp_path)
    checks = load_checks(made.assignment, {}, "cpu", SECRET)
    share = checks.references["share"]
    assert "share" not in share._scope
    checks.warm_up()
    assert "share" in share._scope


def test_a_solution_that_fails_is_left_to_the_check_that_asks(tmp_path: Path) -> None:
    made = course.small_course(course.SOURCES / "trivial.md", tmp_path)
    checks = load_checks(made.assignment, {}, "cpu", SECRET)
    checks.references["share"]._cells[:] = ["raise ValueError('not now')"]
    checks.warm_up()
