"""What a person is told to look at, and what an honest notebook is not flagged for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autograder.assignment.source import Assignment
from autograder.collect.notebook import CODE, Cell
from autograder.grading.flags import LONG_TEXT, MANY_NUMBERS, all_flags, digest_of_weights, flags_of
from autograder.grading.results import GradedSubmission, Status
from tests.judge.test_run import SOFTMAX

WEIGHTS = np.random.default_rng(0).normal(size=(50, MANY_NUMBERS // 50))


def flags(sample: Assignment, source: str) -> tuple[str, ...]:
    return flags_of(sample, [Cell(4, CODE, source, None)])


@pytest.mark.parametrize(
    "source",
    [
        f"packed = b'{'aB3/' * (LONG_TEXT // 4)}'",
        f"weights = {WEIGHTS.tolist()}",
        f'text = "{" ".join(["0x1F"] * LONG_TEXT)}"',
    ],
)
def test_a_literal_that_could_carry_weights_is_flagged(sample: Assignment, source: str) -> None:
    assert flags(sample, source) == ("cell 5 holds a long literal, which could carry weights",)


@pytest.mark.parametrize("call", ["net.set_weights(w)", "v.assign(w)", "keras.load_model('x')"])
def test_a_call_that_gives_weights_is_flagged(sample: Assignment, call: str) -> None:
    (flag,) = flags(sample, call)
    assert "gives a network its weights" in flag


@pytest.mark.parametrize(
    "source", [SOFTMAX, "x = np.linspace(0, 1, 500)", f"# {'a line of a note. ' * 200}"]
)
def test_an_honest_cell_is_not(sample: Assignment, source: str) -> None:
    assert flags(sample, source) == ()


def test_what_the_assignment_itself_holds_is_not_flagged(sample: Assignment) -> None:
    text = f"packed = '{'aB3/' * LONG_TEXT}'"
    sample.path.write_text(sample.path.read_text() + text)
    assert flags(sample, text) == ()


def row(learner: str, weights: str) -> GradedSubmission:
    path = Path(learner)
    return GradedSubmission(
        learner, path, Status.GRADED, "", (), 0.0, "cpu", "none", weights=weights
    )


def test_equal_weights_of_two_learners_are_flagged_at_both(tmp_path: Path) -> None:
    for name, content in {"a": b"1", "b": b"1", "c": b"2"}.items():
        (tmp_path / name).write_bytes(content)
    digests = {name: digest_of_weights({"net.weights.npz": tmp_path / name}) for name in "abc"}
    rows = [row(name, digest) for name, digest in digests.items()] + [row("d", ""), row("e", "")]
    assert list(all_flags(rows)) == [
        ("a", "the weights are those of b"),
        ("b", "the weights are those of a"),
    ]
