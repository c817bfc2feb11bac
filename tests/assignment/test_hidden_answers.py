"""What a hidden check asks for depends on the course's secret: nobody can know its answers.

A question that is the same in every course has an answer that can be looked up, and an answer that
comes out the same for every draw can be written down. Trained networks are left out: their hidden
data are drawn, and what is asked of them is told.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.assignment.source import Assignment, find_assignments, read_assignment
from autograder.assignment.thresholds import read_thresholds
from autograder.judge.checks import Checks, load_checks
from autograder.sandbox.channel import Handle, encode
from dlcourse.check import Check, Outcome, Reference
from dlcourse.check.answer import LocalHandle, to_plain
from tests.conftest import ROOT
from tests.harness.chosen import chosen_weeks

SECRETS = ("one course's secret", "another course's secret")


def digest(value: object) -> str:
    """Plain data as a digest; empty for what is none, and is not compared."""
    if isinstance(value, LocalHandle):
        return ""
    handles = lambda thing: Handle(0, type(thing).__name__)  # noqa: E731
    plain = to_plain(value, handles)
    return hashlib.sha256(b"".join(bytes(part) for part in encode(plain))).hexdigest()


class Listening:
    """The solution as an answer; notes what each call was given and returned."""

    def __init__(self, reference: Reference) -> None:
        self._reference = reference
        self._touched: set[str] = set()
        self.calls: list[tuple[str, str, str]] = []

    def _unfinished(self) -> None:
        return None

    def __getattr__(self, name: str) -> Any:
        self._touched.add(name)
        value = getattr(self._reference, name)
        return self._noted(name, value) if isinstance(value, LocalHandle) else value

    def _noted(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def called(*args: Any, **kwargs: Any) -> Any:
            result = function(*args, **kwargs)
            self.calls.append((name, digest([args, kwargs]), digest(result)))
            return result

        return called


# Checks of which an answer is the same for whatever is drawn, since that is what is asked, or
# that look at what a function did and not at what it returned.
THE_SAME_FOR_ALL = {
    "stays_finite_for_huge_scores",  # 1 and 0
    "survives_lists_without_entries",  # 0
    "unfreezes_exactly_the_layers_asked_for",  # returns nothing
    "leaves_out_every_bad_step_and_survives_zeros",  # zeros
    "packs_and_pools_where_nothing_is_there",  # no rows
    "gives_no_false_alarms",  # nothing, where nothing is wrong
}


def asked(loaded: Checks, check: Check) -> list[tuple[str, str, str]]:
    """What a check asks the solution, which must be right."""
    own = next(c for c in loaded.by_question[check.question] if c.name == check.name)
    answer = Listening(loaded.references[check.question])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert loaded.ask(own, answer).outcome is Outcome.CORRECT
    return answer.calls


def constants(one: list[tuple[str, str, str]], other: list[tuple[str, str, str]]) -> str:
    """A function of which every answer in a check is the same in two courses, or an empty text.

    One answer among several that is, for an empty list for instance, gives nothing away.
    """
    for name in dict.fromkeys(name for name, _, _ in one):
        mine, theirs = ([(g, r) for n, g, r in calls if n == name] for calls in (one, other))
        results = [result for _, result in mine]
        if not all(results):
            continue  # it builds something, which is looked at by other questions
        if mine == theirs:
            return f"{name} is asked the same in every course"
        if results == [result for _, result in theirs]:
            return f"{name} returns the same in every course"
    return ""


def hidden_checks(assignment: Assignment) -> list[str]:
    """The names of the hidden checks of questions without a trained network."""
    return [
        check.name
        for question in assignment.questions
        if not any(c.thresholds for c in question.checks)
        for check in question.checks
        if check.hidden
    ]


@pytest.mark.parametrize("path", find_assignments(ROOT, []), ids=lambda path: path.stem)
def test_hidden_answers_depend_on_the_secret(
    path: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, everything: bool
) -> None:
    if not everything and path.stem not in chosen_weeks(ROOT, "hidden answers"):
        pytest.skip("neither touched by the change nor drawn by the commit")
    monkeypatch.chdir(tmp_path)  # solutions that train keep their weights where they run
    assignment = read_assignment(path)
    thresholds = read_thresholds(assignment)
    one, other = (load_checks(assignment, thresholds, "cpu", secret) for secret in SECRETS)
    wanted = set(hidden_checks(assignment)) - THE_SAME_FOR_ALL
    found = {
        check.name: told
        for checks in one.by_question.values()
        for check in checks
        if check.name in wanted and (told := constants(asked(one, check), asked(other, check)))
    }
    assert found == {}


def test_a_constant_question_and_a_constant_answer_are_found() -> None:
    assert constants([("f", "a", "1")], [("f", "a", "1")]) == "f is asked the same in every course"
    assert constants([("f", "a", "1")], [("f", "b", "1")]) == "f returns the same in every course"
    assert constants([("f", "a", "1"), ("f", "c", "2")], [("f", "b", "1"), ("f", "d", "3")]) == ""
