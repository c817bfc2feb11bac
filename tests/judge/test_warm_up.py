"""Checks made warm have what they compare with, and no more of the solution."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.assignment.source import read_assignment
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


def test_a_solution_that_fails_fails_for_the_check_that_asks_too(tmp_path: Path) -> None:
    made = course.small_course(course.SOURCES / "trivial.md", tmp_path)
    source = made.assignment.path.read_text(encoding="utf-8")
    right = "return counts / counts.sum(axis=1, keepdims=True)"
    assert right in source
    text = source.replace("```{code-cell} ipython3\n:tags: [answer]\ndef share", _RAISES, 1)
    made.assignment.path.write_text(text, encoding="utf-8")
    checks = load_checks(read_assignment(made.assignment.path), {}, "cpu", SECRET)
    checks.warm_up()
    with pytest.raises(Exception, match="not now"):
        _ = checks.references["share"].share


_RAISES = """```{code-cell} ipython3
:tags: [plain]
raise ValueError("not now")
```

```{code-cell} ipython3
:tags: [answer]
def share"""
