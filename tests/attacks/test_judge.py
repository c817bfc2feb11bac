"""What the judge does with a learner's bytes is bounded before it is done."""

from __future__ import annotations

import ast
from difflib import SequenceMatcher

import numpy as np
import pytest

from autograder.assignment.source import Assignment
from autograder.collect.notebook import CODE, Cell
from autograder.grading.regrade import record_of
from autograder.grading.results import GradedSubmission, Status
from autograder.judge import given
from autograder.judge.answers import MOST
from autograder.judge.checks import load_checks
from autograder.judge.recording import Recording
from autograder.workers.worker import Snapshot
from dlcourse.check.answer import Status as NameStatus
from tests.conftest import SECRET
from tests.judge.test_run import COUNT, IMPORTS, SOFTMAX, hear, marks


def test_no_cell_is_parsed_that_is_many_times_as_long_as_the_given_one(
    sample: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While Python parses, no other submission's thread runs."""
    parsed: list[int] = []

    def noting(source: str) -> ast.Module:
        parsed.append(len(source))
        return ast.parse(source)

    monkeypatch.setattr(given, "parse", noting)
    parts = "f'" + "{x}" * 5000 + "'"
    cells = [Cell(i, CODE, f"{IMPORTS}\n{parts}", name) for i, name in enumerate((None, "cell-1"))]
    given.planned_cells(sample, cells)
    longest = max(len(cell.source) for cell in given._given_cells(sample))
    assert max(parsed, default=0) <= given.LONGER * longest


def test_a_cell_of_a_million_lines_is_compared_with_none(
    sample: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[int] = []

    class Counting(SequenceMatcher[str]):
        def ratio(self) -> float:
            compared.append(1)
            return super().ratio()

    monkeypatch.setattr(given, "SequenceMatcher", Counting)
    assert not given._alike_in_lines("x = 1\n" * 10**6, "x = 1\ny = 2")
    assert given._alike_in_lines("x = 1\ny = 3\nz = 1", "x = 1\ny = 2\nz = 1")
    assert compared == [1]


def test_values_of_names_that_would_fill_the_judges_memory_are_errors(sample: Assignment) -> None:
    huge = f"dense_parameters = np.zeros({MOST + 8}, np.uint8)"
    run = hear(sample, IMPORTS, SOFTMAX, huge)
    told = [r.message for r in run.results.values() if r.question == "parameter_count"]
    assert any("MemoryError" in text for text in told)
    assert marks(run) == 3
    assert marks(hear(sample, IMPORTS, SOFTMAX, COUNT)) == 5


def test_answers_that_cannot_be_kept_stop_no_batch(sample: Assignment) -> None:
    recording = Recording()
    recording.begin({"x": Snapshot(NameStatus.DEFINED, "\x01" * 2**24, "value")})
    row = GradedSubmission(
        "ada", sample.path, Status.GRADED, "", (), 0.0, "cpu", "none", recording=recording
    )
    assert recording.whole
    assert record_of(load_checks(sample, {}, "cpu", SECRET), row, "work") is None


TWO_FACES = """
class Changing:
    asked = 0
    def get_weights(self):
        Changing.asked += 1
        return [np.full(3, float(Changing.asked))]

dense_parameters = Changing()
"""


def test_a_network_shows_every_check_the_weights_that_it_had_before_any(
    sample: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[float] = []

    def checked(answer: object) -> None:
        seen.extend(float(w[0]) for w in answer.dense_parameters.get_weights())  # type: ignore[attr-defined]

    checks = load_checks(sample, {}, "cpu", SECRET)
    name = "dense_parameters"
    monkeypatch.setattr(type(checks), "looked_at", {name: ("get_weights",)})
    for made in checks.by_question["parameter_count"]:
        object.__setattr__(made, "function", checked)
    monkeypatch.setattr("tests.judge.test_run.load_checks", lambda *_: checks)
    hear(sample, IMPORTS, SOFTMAX, TWO_FACES)
    assert len(seen) >= 2
    assert set(seen) == {1.0}
    assert np.isfinite(seen).all()
