"""What a check may ask of a worker, and for how long."""

from __future__ import annotations

import pytest

from autograder.judge import remote
from autograder.judge.remote import Allowance, Budget, RemoteAnswer
from autograder.workers.questions import Inquiry, Questions
from autograder.workers.worker import Snapshot
from dlcourse.check.answer import AnswerError, Status


class Clock:
    """Time that passes only when somebody says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(remote, "time", made)
    return made


class Slow(Questions):
    """A worker that takes some seconds for each answer."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self.clock = clock
        self.seconds = seconds
        self.allowed: list[float] = []

    def ask(self, inquiry: Inquiry, seconds: float) -> int:
        self.clock.now += self.seconds
        self.allowed.append(seconds)
        return 1


def answer(worker: Questions, budget: Budget) -> RemoteAnswer:
    return RemoteAnswer(worker, {}, budget)


def test_answers_to_one_check_share_its_seconds(clock: Clock) -> None:
    worker = Slow(clock, 20.0)
    asked = answer(worker, Budget(seconds=50.0))
    assert [asked.x, asked.x, asked.x] == [1, 1, 1]
    assert worker.allowed == [50.0, 30.0, 10.0]
    with pytest.raises(AnswerError, match="longer than 50 s"):
        _ = asked.x


def test_what_the_check_itself_computes_is_not_the_learners_time(clock: Clock) -> None:
    asked = answer(Slow(clock, 1.0), Budget(seconds=50.0))
    for _ in range(10):
        clock.now += 1000.0
        assert asked.x == 1


def test_all_checks_of_a_submission_share_an_allowance(clock: Clock) -> None:
    worker, allowance = Slow(clock, 40.0), Allowance(100.0)
    for _ in range(3):
        assert answer(worker, Budget(allowance=allowance)).x == 1
    assert worker.allowed == [60.0, 60.0, 20.0]
    with pytest.raises(AnswerError, match="all answers took longer than 100 s"):
        _ = answer(worker, Budget(allowance=allowance)).x


def test_an_answer_that_is_known_already_costs_nothing(clock: Clock) -> None:
    known = {"x": Snapshot(Status.DEFINED, 7, "value")}
    allowance = Allowance(0.0)
    asked = RemoteAnswer(Slow(clock, 1.0), known, Budget(allowance=allowance))
    assert asked.x == 7
