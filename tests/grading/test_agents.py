"""An agent is graded by episodes that the judge plays; what it does wrong costs episodes.

The real grader runs the notebook in a sandbox and plays against it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from autograder.collect.submissions import find_submissions
from autograder.grading.batch import grade_one
from autograder.grading.results import GradedSubmission, Status
from autograder.judge import remote, run
from autograder.judge.checks import Checks, load_checks
from autograder.workers.pool import WorkerPool
from tests.conftest import SECRET
from tests.harness.course import Course, hand_in, small_course

SECONDS = 2.0

ASSIGNMENT = '''\
---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {name: python3, display_name: Python 3}
course:
  week: 98
  title: An agent
  minutes: 10
  points: 4
  limits:
    cpu: {cell: 20, notebook: 60, memory: 4}
    gpu: {cell: 20, notebook: 60, memory: 8}
---

# An agent

```{code-cell} ipython3
:tags: [setup]
import numpy as np
from dlcourse.agents.episodes import play
from dlcourse.agents.short_rail import LIMIT, short_rails
from dlcourse.check import check, hidden_check
from dlcourse.check.allowance import may_ask
```

(short_rail)=
## A policy

Balance the pole.

```{code-cell} ipython3
:tags: [answer]
def rail_policy(observations):
    """Actions (n,) for observations (n, 4)."""
    # BEGIN SOLUTION
    return (observations @ np.array([0.3, 0.5, 3.0, 1.0]) > 0).astype(int)
    # END SOLUTION
```

```{code-cell} ipython3
:tags: [check]
@check("short_rail", points=1, hint="Push to where the pole falls.")
@may_ask(510)
def balances_half_of_the_time(answer):
    episodes = play(answer.rail_policy, short_rails(6), seeds=range(6), steps=LIMIT)
    assert episodes.returns.mean() >= 250, f"Too short. {episodes.explain_losses()}"
```

```{code-cell} ipython3
:tags: [hidden-check]
@check("short_rail", points=1, hidden=True, hint="As above.")
@may_ask(510)
def balances_some_of_the_time(answer, rng):
    seeds = rng.integers(2**31, size=6)
    episodes = play(answer.rail_policy, short_rails(6), seeds=seeds, steps=LIMIT)
    assert episodes.returns.mean() >= 50, "Too short."
```

(sum)=
## Something else

Add.

```{code-cell} ipython3
:tags: [answer]
def added(a, b):
    """a + b."""
    # BEGIN SOLUTION
    return a + b
    # END SOLUTION
```

```{code-cell} ipython3
:tags: [check]
@check("sum", points=2, hint="Add.")
def adds(answer):
    assert answer.added(1, 2) == 3, "1 and 2 are 3."
```
'''

GOOD = "np.where(observations @ np.array([0.3, 0.5, 3.0, 1.0]) > 0, 1, 0)"
# Each row is what a policy does instead, and what the two checks of it then give.
POLICIES = {
    "as it should": (f"return {GOOD}", (1, 1)),
    "an action that does not exist, in half of the episodes": (
        f"a = {GOOD}\n    a[3:] = 7\n    return a",
        (1, 1),
    ),
    "an action that does not exist, in most episodes": (
        f"a = {GOOD}\n    a[1:] = 7\n    return a",
        (0, 1),
    ),
    "an error after some steps": (
        f"global asked\n    asked += 1\n    assert asked % 7\n    return {GOOD}",
        (0, 0),
    ),
    "too late": (f"import time\n    time.sleep({SECONDS / 20})\n    return {GOOD}", (0, 0)),
    "a word": ("return 'left'", (0, 0)),
}


@pytest.fixture(scope="module")
def agents(tmp_path_factory: pytest.TempPathFactory) -> Course:
    folder = tmp_path_factory.mktemp("agents")
    (source := folder / "week98.md").write_text(ASSIGNMENT, encoding="utf-8")
    return small_course(source, folder / "course")


@pytest.fixture(scope="module")
def checks(agents: Course) -> Checks:
    return load_checks(agents.assignment, {}, "cpu", SECRET)


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(warm=False) as made:
        yield made


@pytest.mark.parametrize("what", POLICIES)
def test_what_an_agent_does_wrong_costs_its_episodes_and_nothing_else(
    what: str,
    agents: Course,
    checks: Checks,
    pool: WorkerPool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if what == "too late":  # it sleeps for longer than this, however fast the machine is
        monkeypatch.setattr(run, "Budget", partial(remote.Budget, seconds=SECONDS))
    body, expected = POLICIES[what]
    source = f"asked = 0\n\n\ndef rail_policy(observations):\n    {body}\n"
    folder = hand_in({"ada": agents.answered({"short_rail": source})}, tmp_path / "in")
    (submission,) = find_submissions([folder], "week98", tmp_path)
    row: GradedSubmission = grade_one(checks, submission, pool)
    assert row.status is Status.GRADED
    points = {c.name: c.points if c.outcome.value == "correct" else 0 for c in row.checks}
    assert (points["balances_half_of_the_time"], points["balances_some_of_the_time"]) == expected
    assert points["adds"] == 2
