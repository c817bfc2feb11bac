"""Mutants are made of every solution, and a check that looks away lets them live."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.assignment.source import read_assignment
from autograder.evidence.mutate import MutationError, examine, mutants

HEAD = """---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {display_name: Python 3, language: python, name: python3}
course:
  week: 9
  title: Small
  minutes: 1
  points: 2
  limits:
    cpu: {cell: 5, notebook: 10, memory: 1}
    gpu: {cell: 5, notebook: 10, memory: 1}
---
# Small

```{code-cell} ipython3
:tags: [setup]
import numpy as np
from dlcourse.check import check
```

(spread)=
## Spread

Say how far apart the values are.

```{code-cell} ipython3
:tags: [answer]
def spread(x):
    # BEGIN SOLUTION
    if len(x) == 0:
        return 0.0
    return np.max(x) - np.min(x)
    # END SOLUTION
```

```{code-cell} ipython3
:tags: [check]
@check("spread", points=1, hint="Greatest minus least.")
def of_three(answer):
    assert answer.spread(np.array([1.0, 4.0, 2.0])) == 3.0, "It is 3."
```
"""
EMPTY = """
```{code-cell} ipython3
:tags: [hidden-check]
@check("spread", points=1, hidden=True, hint="Nothing is not apart.")
def of_nothing(answer):
    assert answer.spread(np.array([])) == 0.0, "It is 0."
```
"""
WRONG = """
```{code-cell} ipython3
---
tags: [wrong-answer]
name: sums
caught_by: [of_three]
---
def spread(x):
    return 0.0
```
"""


def source(tmp_path: Path, *parts: str) -> Path:
    path = tmp_path / "week09" / "week09.md"
    path.parent.mkdir()
    text = "".join([HEAD, *parts])
    path.write_text(text if EMPTY in parts else text.replace("points: 2", "points: 1"))
    return path


def test_each_operator_constant_and_function_is_changed_once() -> None:
    made = mutants("f", "def f(x, y):\n    z = -x.T @ y + 3\n    z += 1\n    return max(z, 0) < 2")
    names = " | ".join(m.name for m in made)
    for part in (
        "x.real", "y @ -x.T", "- 3", "+ 4", "+ 2", "z += 2", "min(z, 0)", "<= 2", "> 2", "pass",
        "+x.T",
    ):  # fmt: skip
        assert part in names, part
    assert len({m.source for m in made}) == len(made)


def test_a_mutant_of_the_case_that_no_check_looks_at_survives(tmp_path: Path) -> None:
    assignment = read_assignment(source(tmp_path, WRONG))
    alive = [v for v in examine(assignment, "cpu", "s") if not v.caught_by]
    assert any("return 0.0" in v.mutant.name for v in alive)
    assert not any("np.max" in v.mutant.name for v in alive)


def test_a_check_of_the_case_catches_it(tmp_path: Path) -> None:
    assignment = read_assignment(source(tmp_path, EMPTY, WRONG))
    assert all(v.caught_by for v in examine(assignment, "cpu", "s"))


def test_an_excuse_for_a_mutant_that_is_caught_is_refused(tmp_path: Path) -> None:
    path = source(tmp_path, EMPTY, WRONG)
    path.with_name("equivalent_mutants.yaml").write_text("spread:\n  'no such line': reason\n")
    with pytest.raises(MutationError, match="no mutant survives"):
        examine(read_assignment(path), "cpu", "s")
