"""The grader killed at random moments, and given again: nothing lost, nothing doubled."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.grading.ledger import Ledger, Record
from autograder.grading.results import GradedSubmission, Status
from dlcourse.check import Outcome, Result
from tests.harness import kills


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "size"), [(5, 16), pytest.param(20, 40, marks=pytest.mark.exhaustive)]
)
def test_random_kills_lose_nothing_and_double_nothing(
    tmp_path: Path, number: int, size: int
) -> None:
    """A sample of what ``python -m benchmarks.kills --kills 500`` does."""
    total = kills.Counts()
    class_ = kills.make_class(tmp_path, size)
    for counts in kills.measure(class_, number, 5, tmp_path):
        total.add(counts)
    assert total.problems == []
    assert total.left == 0
    assert sum(total.kills.values()) >= number
    assert total.kills.keys() == set(kills.KINDS)


# That the test above would see a fault: each kind of it, made by hand in a ledger.

RESULT = Result("share", "adds_up", 1.0, False, "", Outcome.CORRECT, "")
ADA = GradedSubmission("ada", Path("ada.ipynb"), Status.GRADED, "", (RESULT,), 0.5, "cpu", "strict")
RECORD = Record("work", {"adds_up": "print"}, b"answers")


def written(path: Path, spoil: Callable[[Ledger], object] = lambda _: None) -> dict[str, Any]:
    """What kills.read_ledger finds in a ledger of two grades."""
    ledger = Ledger(path)
    ledger.record("key-1", ADA, RECORD)
    ledger.record("key-2", ADA)
    spoil(ledger)
    ledger._connection.commit()
    ledger.close()
    return {"ledger": kills.read_ledger(path)}


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DELETE FROM graded WHERE key = 'key-2'", "1 lost, 0 more, 0 changed"),
        ("INSERT INTO graded SELECT 'key-3', learner, result FROM graded LIMIT 1", "1 more"),
        ("UPDATE graded SET result = replace(result, 'correct', 'error')", "2 changed"),
        ("DELETE FROM recorded", "1 changed"),
    ],
)
def test_a_spoiled_ledger_is_seen(tmp_path: Path, statement: str, said: str) -> None:
    right = written(tmp_path / "right.sqlite")
    wrong = written(tmp_path / "wrong.sqlite", lambda made: made._connection.execute(statement))
    assert list(kills.differences(right, right)) == []
    (found,) = kills.differences(right, wrong)
    assert said in found


def test_recorded_answers_without_their_grade_are_seen(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="without their grade"):
        written(
            tmp_path / "ledger.sqlite",
            lambda made: made._connection.execute("DELETE FROM graded WHERE key = 'key-1'"),
        )


def test_times_make_no_difference(tmp_path: Path) -> None:
    right = written(tmp_path / "right.sqlite")
    slower = json.dumps({"seconds": 9.0})
    change = f"UPDATE graded SET result = json_patch(result, '{slower}')"
    later = written(tmp_path / "later.sqlite", lambda made: made._connection.execute(change))
    assert list(kills.differences(right, later)) == []
