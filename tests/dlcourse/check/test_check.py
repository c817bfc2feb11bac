"""Checks: four outcomes, messages that may be shown, and what graders see."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dlcourse import check as checks
from dlcourse.check import (
    Check,
    CheckFailed,
    Outcome,
    Reference,
    check,
    collecting,
    grade,
    measure,
    run_check,
    threshold,
)
from dlcourse.check.answer import LocalAnswer
from dlcourse.check.expect import Mismatch, expect_array, expect_close


def made(function: Any, *, hidden: bool = False) -> Check:
    with collecting() as found:
        check("q", points=2, hint="Look again.", hidden=hidden)(function)
    return found[0]


def double_is_right(answer: Any) -> None:
    expect_close(answer.double(np.array([1.0, 2.0])), [2.0, 4.0], "Twice each value.")


RIGHT = {"double": lambda x: 2 * x}
WRONG = {"double": lambda x: x + 1}


@pytest.mark.parametrize(
    ("namespace", "outcome"),
    [
        (RIGHT, Outcome.CORRECT),
        (WRONG, Outcome.NOT_YET),
        ({"double": lambda x: x / "a"}, Outcome.ERROR),
        ({"double": ...}, Outcome.NOT_ATTEMPTED),
        ({}, Outcome.NOT_ATTEMPTED),
    ],
)
def test_four_outcomes(namespace: dict[str, Any], outcome: Outcome) -> None:
    assert run_check(made(double_is_right), LocalAnswer(namespace)).outcome is outcome


def test_only_a_correct_check_earns_its_points() -> None:
    assert run_check(made(double_is_right), LocalAnswer(RIGHT)).earned == 2
    assert run_check(made(double_is_right), LocalAnswer(WRONG)).earned == 0


def test_a_public_message_quotes_what_was_expected() -> None:
    result = run_check(made(double_is_right), LocalAnswer(WRONG))
    assert result.message == "Twice each value. Expected [2., 4.], got [2., 3.]."


def test_a_message_has_a_bound_whatever_it_quotes() -> None:
    def long(answer: Any) -> None:
        raise AssertionError("x" * 8_000_000)

    message = run_check(made(long), LocalAnswer(RIGHT)).message
    assert len(message) < 5_000
    assert message.endswith("(7,996,000 more characters)")


def test_a_number_alone_is_quoted_without_its_point() -> None:
    with pytest.raises(Mismatch) as caught:
        expect_close(3.0, 2.0, "Twice the value.")
    assert caught.value.detail == "Expected 2, got 3."


def test_a_hidden_message_quotes_no_value() -> None:
    result = run_check(made(double_is_right, hidden=True), LocalAnswer(WRONG))
    assert result.message == "Twice each value."


@pytest.mark.parametrize("kind", [type("Leak", (Exception,), {}), ValueError, KeyError])
def test_a_hidden_check_does_not_name_the_exception(kind: type[Exception]) -> None:
    """Which of the built-in exceptions is raised is some bits of a hidden input."""

    def peek(x: Any) -> None:
        raise kind(str(x))

    result = run_check(made(double_is_right, hidden=True), LocalAnswer({"double": peek}))
    assert result.outcome is Outcome.ERROR
    assert result.message == "double(...) raised an exception on the hidden input."


def test_a_librarys_assertion_in_a_hidden_check_is_not_quoted() -> None:
    def uses_numpy(answer: Any) -> None:
        np.testing.assert_allclose(answer.double(np.array([7.25])), [14.5])

    result = run_check(made(uses_numpy, hidden=True), LocalAnswer(WRONG))
    assert "7.25" not in result.message
    assert "14.5" not in result.message


def test_an_unusable_answer_is_not_yet_and_says_so() -> None:
    def uses_shape(answer: Any) -> None:
        assert answer.double(1).shape == (1,)

    result = run_check(made(uses_shape), LocalAnswer(RIGHT))
    assert result.outcome is Outcome.NOT_YET
    assert "could not use what your code returned" in result.message


def test_a_leftover_placeholder_makes_a_failure_not_attempted() -> None:
    scope = checks.run_source("def double(x):\n    y = ...\n    return x\n", "<cell left>")
    result = run_check(made(double_is_right), LocalAnswer(scope))
    assert result.outcome is Outcome.NOT_ATTEMPTED


def test_a_leftover_placeholder_does_not_spoil_a_right_answer() -> None:
    scope = checks.run_source("def double(x):\n    y = ...\n    return 2 * x\n", "<cell right>")
    assert run_check(made(double_is_right), LocalAnswer(scope)).outcome is Outcome.CORRECT


def test_measured_values_travel_with_the_result() -> None:
    def measures(answer: Any) -> None:
        assert measure("accuracy", 0.75) > 0.9, "Too low."

    result = run_check(made(measures), LocalAnswer({}))
    assert result.measured == {"accuracy": 0.75}
    assert result.outcome is Outcome.NOT_YET


def test_threshold_answers_for_the_tier_in_use() -> None:
    with checks.using_thresholds({"accuracy": {"cpu": 0.9, "gpu": 0.97}}, "gpu"):
        assert threshold("accuracy") == 0.97


def test_an_unknown_threshold_names_the_known_ones() -> None:
    with (
        checks.using_thresholds({"accuracy": {"cpu": 0.9}}, "cpu"),
        pytest.raises(KeyError, match="accuracy"),
    ):
        threshold("loss")


def test_in_a_notebook_a_check_shows_and_does_not_raise(capsys: Any) -> None:
    scope = {"check": check, "double": lambda x: x}
    exec('@check("q", points=1)\ndef c(answer):\n    assert answer.double(1) == 2, "Twice."', scope)
    shown = capsys.readouterr().out
    assert "✗ Not yet" in shown
    assert "Twice." in shown


def test_under_nbgrader_a_check_raises(monkeypatch: Any) -> None:
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    scope = {"check": check, "double": lambda x: x}
    source = '@check("q", points=1)\ndef c(answer):\n    assert answer.double(1) == 2, "Twice."'
    with pytest.raises(CheckFailed, match="Twice"):
        exec(source, scope)


def test_hidden_checks_still_to_come_are_announced(capsys: Any) -> None:
    checks.start("w", hidden={"q": (2, 3.0)})
    exec('@check("q", points=1)\ndef c(answer):\n    answer.f()', {"check": check, "f": lambda: 1})
    assert "2 hidden checks count 3 points more." in capsys.readouterr().out


SOURCE = (
    '@check("q", points=1, hidden=True)\n'
    "def agrees(answer, reference, rng):\n"
    "    x = rng.normal(size=3)\n"
    '    expect_close(answer.double(x), reference.double(x), "Twice each value.")\n'
)
SETUP = "from dlcourse.check import check\nfrom dlcourse.check.expect import expect_close\n"


def test_grade_passes_a_right_answer() -> None:
    grade(RIGHT, SOURCE, setup=SETUP, solution=["def double(x):\n    return 2 * x"], seed=[1])


def test_grade_raises_on_a_wrong_answer_with_its_message() -> None:
    with pytest.raises(CheckFailed, match="not yet: Twice each value"):
        grade(WRONG, SOURCE, setup=SETUP, solution=["def double(x):\n    return 2 * x"], seed=[1])


def test_grade_takes_its_names_from_the_setup_and_not_from_the_learner() -> None:
    learner = {**WRONG, "expect_close": lambda *a, **k: None, "check": None}
    with pytest.raises(CheckFailed):
        grade(learner, SOURCE, setup=SETUP, solution=["def double(x):\n    return 2 * x"])


def test_a_reference_runs_no_further_than_needed() -> None:
    reference = Reference(["def f():\n    return 1", "raise RuntimeError('trains for an hour')"])
    assert reference.f() == 1


def test_expect_array_names_a_wrong_shape() -> None:
    with pytest.raises(AssertionError, match=r"softmax\(z\) has the wrong shape. It is \(3,\)"):
        expect_array(np.zeros(3), (1, 3), name="softmax(z)")


@pytest.mark.parametrize("value", [None, "text", [[1], [1, 2]], {"a": 1}, object()])
def test_expect_array_refuses_what_is_no_array(value: Any) -> None:
    with pytest.raises(AssertionError):
        expect_array(value)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (np.array([1.0, None]), "an array whose dtype is object"),
        (object(), "of the type object"),
        ({1}, "of the type set"),
        (np.ones, "of the type function"),
    ],
)
def test_expect_array_says_of_what_type_the_learners_value_is(value: Any, kind: str) -> None:
    answer = LocalAnswer({"f": lambda: value})
    with pytest.raises(AssertionError, match=rf"f\(\) is not an array of numbers. It is {kind}"):
        expect_array(answer.f(), name="f()")


def test_expect_close_says_that_nan_is_there() -> None:
    with pytest.raises(AssertionError, match="nan"):
        expect_close(np.array([np.nan]), [1.0], "Divide.")


def test_a_check_that_passes_tells_what_it_measured_and_what_it_asks_for(capsys: Any) -> None:
    checks.start("w", thresholds={"accuracy": {"cpu": 0.9, "gpu": 0.9}})
    source = (
        '@check("q", points=1)\ndef c(answer):\n'
        '    assert measure("accuracy", answer.f()) >= threshold("accuracy")'
    )
    exec(source, {"check": check, "measure": measure, "threshold": threshold, "f": lambda: 0.9421})
    assert "Measured: 0.942; the bar is 0.900." in capsys.readouterr().out
