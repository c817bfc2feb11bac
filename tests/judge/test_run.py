"""One submission before the judge: what is asked, when, and what a lost worker costs."""

from __future__ import annotations

from typing import Any

import pytest

from autograder.assignment.source import Assignment
from autograder.judge.checks import load_checks
from autograder.judge.last_cells import last_cells
from autograder.judge.run import MOST_WORKERS, SubmissionRun
from autograder.workers.worker import WorkerDied
from dlcourse.check import Outcome
from tests.conftest import SECRET
from tests.judge.fake_worker import FakePool

IMPORTS = "import numpy as np"
SOFTMAX = (
    "def softmax(z):\n"
    "    e = np.exp(z - z.max(axis=1, keepdims=True))\n"
    "    return e / e.sum(axis=1, keepdims=True)\n"
)
COUNT = "dense_parameters = 16"


def hear(sample: Assignment, *cells: Any, pool: FakePool | None = None) -> SubmissionRun:
    pairs = [c if isinstance(c, tuple) else (None, c) for c in cells]
    checks = load_checks(sample, {}, "cpu", SECRET)
    hearing = SubmissionRun(checks, pairs, sample.limits["cpu"])
    hearing.run((pool or FakePool()).worker)
    return hearing


def marks(hearing: SubmissionRun) -> float:
    return sum(r.earned for r in hearing.results.values())


def test_a_solved_notebook_gets_everything(sample: Assignment) -> None:
    assert marks(hear(sample, IMPORTS, SOFTMAX, COUNT)) == 5


def test_an_empty_notebook_is_not_attempted(sample: Assignment) -> None:
    outcomes = {r.outcome for r in hear(sample).results.values()}
    assert outcomes == {Outcome.NOT_ATTEMPTED}


def test_a_name_used_for_something_else_later_keeps_its_question(sample: Assignment) -> None:
    assert marks(hear(sample, IMPORTS, SOFTMAX, COUNT, "for softmax in range(3): pass")) == 5


def test_the_last_definition_counts(sample: Assignment) -> None:
    assert marks(hear(sample, IMPORTS, "def softmax(z):\n    return z", SOFTMAX, COUNT)) == 5


def test_a_fatal_cell_costs_its_own_question_only(sample: Assignment) -> None:
    pool = FakePool()
    hearing = hear(sample, IMPORTS, "softmax = DIE()", COUNT, pool=pool)
    assert marks(hearing) == 2
    assert hearing.stopped
    assert hearing.results["rows_sum_to_one"].outcome is Outcome.NOT_ATTEMPTED
    assert "cell 2: the notebook's process ended itself" in hearing.complaints
    assert len(pool.logs) == 2


def test_a_fatal_call_costs_its_own_check_only(sample: Assignment) -> None:
    again = "safe = softmax\ndef softmax(z):\n    if len(z) > 1: DIE()\n    return safe(z)\n"
    hearing = hear(sample, IMPORTS, SOFTMAX + again, COUNT)
    assert hearing.results["survives_large_scores"].outcome is Outcome.ERROR
    assert marks(hearing) == 3
    assert hearing.stopped


def test_a_notebook_that_keeps_ending_is_given_up(sample: Assignment) -> None:
    pool = FakePool()
    hearing = hear(sample, *(["DIE()"] * 20), SOFTMAX, pool=pool)
    assert len(pool.logs) == MOST_WORKERS
    assert marks(hearing) == 0
    assert all(r.message for r in hearing.results.values())


def test_a_fault_of_the_machine_is_no_result(sample: Assignment) -> None:
    with pytest.raises(WorkerDied):
        hear(sample, IMPORTS, "MACHINE()")


def test_no_cell_runs_after_a_check_was_asked(sample: Assignment) -> None:
    """Outputs made after a hidden input has entered the process could carry it out."""
    source = "seen = []\ndef softmax(z):\n    seen.append(z)\n    return z"
    hearing = hear(sample, IMPORTS, source, COUNT, "print(seen)", "assert not seen")
    assert [r.status for r in hearing.records.values()] == ["ok"] * 5


def test_an_error_in_a_cell_is_reported_and_the_next_runs(sample: Assignment) -> None:
    hearing = hear(sample, IMPORTS, "1 / 0", SOFTMAX, COUNT)
    assert marks(hearing) == 5
    assert hearing.complaints == ["cell 2: ZeroDivisionError: division by zero"]
    assert not hearing.stopped


def test_names_and_ids_find_a_questions_last_cell(sample: Assignment) -> None:
    cells = [
        ("parameter_count__answer", "dense_parameters = 1"),
        (None, SOFTMAX),
        ("softmax__rows_sum_to_one", "check"),
        (None, "%timeit 1\nsoftmax = 3"),
    ]
    assert last_cells(sample, cells) == {3: ["softmax"], 0: ["parameter_count"]}


def test_a_question_that_no_cell_concerns_is_complete_at_the_end(sample: Assignment) -> None:
    assert last_cells(sample, [(None, "x = 1"), (None, "y = 2")]) == {
        1: ["softmax", "parameter_count"]
    }
