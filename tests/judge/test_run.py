"""One submission before the judge: what is asked, when, and what a lost worker costs."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from autograder.assignment.source import Assignment, Code, Role
from autograder.judge.answers import question_ends
from autograder.judge.checks import Checks, load_checks
from autograder.judge.given import PlannedCell
from autograder.judge.run import MOST_WORKERS, MissingDataError, SubmissionRun
from autograder.sandbox.channel import ChannelError
from autograder.sandbox.surroundings import MOST_NAMES
from autograder.workers.questions import Inquiry
from autograder.workers.worker import WorkerDied
from dlcourse.check import Check, Outcome
from dlcourse.check.allowance import may_ask
from tests.conftest import SECRET
from tests.judge.fake_worker import FakePool, FakeWorker

IMPORTS = "import numpy as np"
SOFTMAX = (
    "def softmax(z):\n"
    "    e = np.exp(z - z.max(axis=1, keepdims=True))\n"
    "    return e / e.sum(axis=1, keepdims=True)\n"
)
COUNT = "dense_parameters = 16"


def hear(
    sample: Assignment,
    *cells: Any,
    pool: FakePool | None = None,
    lost_at: frozenset[str] = frozenset(),
) -> SubmissionRun:
    pairs = [c if isinstance(c, tuple) else (None, c) for c in cells]
    planned = [PlannedCell(source, name, i) for i, (name, source) in enumerate(pairs)]
    checks = load_checks(sample, {}, "cpu", SECRET)
    run = SubmissionRun(checks, planned, sample.limits["cpu"], lost_at=lost_at)
    run.run((pool or FakePool()).worker)
    return run


def marks(run: SubmissionRun) -> float:
    return sum(r.earned for r in run.results.values())


def test_a_solved_notebook_gets_everything(sample: Assignment) -> None:
    assert marks(hear(sample, IMPORTS, SOFTMAX, COUNT)) == 5


def test_an_empty_notebook_is_not_attempted(sample: Assignment) -> None:
    outcomes = {r.outcome for r in hear(sample).results.values()}
    assert outcomes == {Outcome.NOT_ATTEMPTED}


def test_a_name_used_for_something_else_later_keeps_its_question(sample: Assignment) -> None:
    assert marks(hear(sample, IMPORTS, SOFTMAX, COUNT, "for softmax in range(3): pass")) == 5


def test_public_checks_are_asked_before_any_hidden_input_exists(
    sample: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    ask = Checks.ask

    def noted(checks: Checks, check: Check, *rest: Any) -> Any:
        asked.append(check.hidden)
        return ask(checks, check, *rest)

    monkeypatch.setattr(Checks, "ask", noted)
    hear(sample, IMPORTS, SOFTMAX, COUNT)
    assert asked == sorted(asked)
    assert set(asked) == {False, True}


def test_the_last_definition_counts(sample: Assignment) -> None:
    assert marks(hear(sample, IMPORTS, "def softmax(z):\n    return z", SOFTMAX, COUNT)) == 5


NO_DATA = "from dlcourse.data import DataError\nraise DataError('no mnist.npz in /data.')"


def with_given(sample: Assignment, source: str) -> Assignment:
    code = (cell for cell in sample.cells if isinstance(cell, Code))
    plain = replace(next(code), role=Role.PLAIN, source=source)
    return replace(sample, cells=(*sample.cells, plain))


def test_data_that_the_machine_lacks_are_no_mistake_of_a_learners(sample: Assignment) -> None:
    with pytest.raises(MissingDataError, match=r"set DLCOURSE_DATA .*: no mnist\.npz in /data\."):
        hear(with_given(sample, NO_DATA), NO_DATA, SOFTMAX, COUNT)


def test_an_answer_that_asks_for_other_data_is_the_learners(sample: Assignment) -> None:
    assert marks(hear(sample, IMPORTS, NO_DATA, SOFTMAX, COUNT)) == 5


def test_a_fatal_cell_costs_its_own_question_only(sample: Assignment) -> None:
    pool = FakePool()
    run = hear(sample, IMPORTS, "softmax = DIE()", COUNT, pool=pool)
    assert marks(run) == 2
    assert run.stopped
    assert run.results["rows_sum_to_one"].outcome is Outcome.NOT_ATTEMPTED
    assert "cell 2: the notebook's process ended itself" in run.complaints
    assert len(pool.logs) == 2


def test_a_cell_that_was_ended_by_what_an_earlier_one_had_left_behind_counts(
    sample: Assignment,
) -> None:
    run = hear(sample, IMPORTS, "LINGER()", SOFTMAX, COUNT)
    assert marks(run) == 5
    assert run.complaints == ["cell 2: the notebook's process ended itself"]


def test_two_cells_that_are_named_alike_are_tried_again_both(sample: Assignment) -> None:
    sources = [IMPORTS, "LINGER(2)", "pass", "pass", SOFTMAX, COUNT]
    # Cells that were put back have no number.
    places = [0, 1, None, None, 2, 3]
    cells = [
        PlannedCell(source, None, place) for source, place in zip(sources, places, strict=True)
    ]
    run = SubmissionRun(load_checks(sample, {}, "cpu", SECRET), cells, sample.limits["cpu"])
    run.run(FakePool().worker)
    assert marks(run) == 5
    assert run.complaints == ["cell 2: the notebook's process ended itself"]


def test_a_cell_that_ends_its_own_process_in_each_try_is_left_out_for_good(
    sample: Assignment,
) -> None:
    pool = FakePool()
    run = hear(sample, IMPORTS, "LINGER()", "DIE()", SOFTMAX, COUNT, pool=pool)
    assert marks(run) == 5
    assert len(pool.logs) == 4


def test_a_fatal_call_costs_its_own_check_only(sample: Assignment) -> None:
    again = "safe = softmax\ndef softmax(z):\n    if len(z) > 1: DIE()\n    return safe(z)\n"
    run = hear(sample, IMPORTS, SOFTMAX + again, COUNT)
    assert run.results["survives_large_scores"].outcome is Outcome.ERROR
    assert marks(run) == 3
    assert run.stopped


def test_a_notebook_that_keeps_ending_is_given_up(sample: Assignment) -> None:
    pool = FakePool()
    run = hear(sample, *(["DIE()"] * 20), SOFTMAX, pool=pool)
    assert len(pool.logs) == MOST_WORKERS
    assert marks(run) == 0
    assert all(r.message for r in run.results.values())


def test_a_fault_of_the_machine_is_no_result(sample: Assignment) -> None:
    with pytest.raises(WorkerDied):
        hear(sample, IMPORTS, "MACHINE()")


def test_a_call_that_is_lost_twice_costs_its_own_check_only(sample: Assignment) -> None:
    again = "safe = softmax\ndef softmax(z):\n    if len(z) > 1: MACHINE()\n    return safe(z)\n"
    places = set()
    with pytest.raises(WorkerDied) as lost:
        hear(sample, IMPORTS, SOFTMAX + again, COUNT)
    places.add(lost.value.place)
    run = hear(sample, IMPORTS, SOFTMAX + again, COUNT, lost_at=frozenset(places))
    assert "killed" in run.results["survives_large_scores"].message
    assert marks(run) == 3
    assert run.stopped


@pytest.mark.parametrize("error", [RuntimeError, ChannelError, RecursionError])
def test_whatever_a_check_raises_over_an_answer_is_a_row(
    sample: Assignment, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    ask = FakeWorker.ask

    def breaks(worker: FakeWorker, inquiry: Inquiry, seconds: float) -> Any:
        if inquiry.call is None:
            return ask(worker, inquiry, seconds)
        raise error("an answer that cannot be sent back")

    monkeypatch.setattr(FakeWorker, "ask", breaks)
    run = hear(sample, IMPORTS, SOFTMAX, COUNT)
    assert marks(run) == 2
    assert any("survives_large_scores" in told for told in run.complaints)


def test_no_cell_runs_after_a_check_was_asked(sample: Assignment) -> None:
    """Outputs made after a hidden input has entered the process could carry it out."""
    source = "seen = []\ndef softmax(z):\n    seen.append(z)\n    return z"
    run = hear(sample, IMPORTS, source, COUNT, "print(seen)", "assert not seen")
    assert [r.status for r in run.records.values()] == ["ok"] * 5


def test_an_error_in_a_cell_is_reported_and_the_next_runs(sample: Assignment) -> None:
    run = hear(sample, IMPORTS, "1 / 0", SOFTMAX, COUNT)
    assert marks(run) == 5
    assert run.complaints == ["cell 2: ZeroDivisionError: division by zero"]
    assert not run.stopped


def test_a_notebook_of_too_many_names_to_copy_is_graded_as_it_ended(sample: Assignment) -> None:
    many = f"globals().update({{f'n{{i}}': i for i in range({MOST_NAMES})}})"
    run = hear(sample, IMPORTS, many, SOFTMAX, COUNT, "dense_parameters = 0")
    assert run.results["rows_sum_to_one"].outcome is Outcome.CORRECT
    assert marks(run) == 4


STUB = ("softmax__answer", "def softmax(z):\n    ...")
ANSWERED = ("softmax__answer", SOFTMAX)
CHECKED = ("softmax__survives_large_scores", "pass")
NAIVE = "def softmax(z):\n    return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)"
INDENTED = "\n".join("    " + line for line in SOFTMAX.splitlines())


class TestNames:
    """What the graded cell defines is graded, or what stands where the learner wrote instead."""

    def softmax(self, sample: Assignment, *cells: Any) -> float:
        run = hear(sample, IMPORTS, *cells)
        return sum(r.earned for r in run.results.values() if r.question == "softmax")

    @pytest.mark.parametrize(
        "again",
        [
            "loss, softmax = 0.3, 0.9",
            "softmax = np.eye(3)",
            "for softmax in range(3): pass",
            "import math as softmax",
            "class softmax: pass",
            "del softmax",
            NAIVE,
            "if True:\n    def softmax(z): return z",
            "exec('softmax = 1')",
            "softmax = lambda z: z",
            "softmax = ...",
            "def softmax(z): ...",
            "globals()['softmax'] = 3",
        ],
    )
    def test_a_name_bound_again_below_its_question_changes_nothing(
        self, sample: Assignment, again: str
    ) -> None:
        assert self.softmax(sample, ANSWERED, CHECKED, again) == 3

    def test_an_answer_below_may_bind_the_name_of_another_question(
        self, sample: Assignment
    ) -> None:
        below = ("parameter_count__answer", "loss, softmax = 1, 2\ndense_parameters = 16")
        assert marks(hear(sample, IMPORTS, ANSWERED, CHECKED, below)) == 5

    def test_the_learner_is_told_cell_and_name(self, sample: Assignment) -> None:
        run = hear(sample, IMPORTS, ANSWERED, CHECKED, "x = 1", "softmax = 3")
        told = "cell 5 uses the name `softmax` again; what cell 2 made of it is graded"
        assert run.remarks == [told]

    def test_nothing_is_told_of_a_name_that_is_used_once(self, sample: Assignment) -> None:
        assert hear(sample, IMPORTS, ANSWERED, CHECKED, "y = softmax").remarks == []

    @pytest.mark.parametrize(
        "own",
        [
            SOFTMAX,
            f"if True:\n{INDENTED}",
            f"try:\n{INDENTED}\nexcept ImportError: raise",
            f"with np.errstate():\n{INDENTED}",
            f"for _ in range(1):\n{INDENTED}",
            "import functools\n"
            f"def same(f):\n    return functools.wraps(f)(lambda z: f(z))\n@same\n{SOFTMAX}",
            f"exec({SOFTMAX!r})",
            f"def make():\n    global softmax\n{INDENTED}\nmake()",
            f"{SOFTMAX}\nsoftmax, other = softmax, 1",
            f"{SOFTMAX}\nprint(softmax := softmax)",
            f"{SOFTMAX}\n1 / 0",
            f"{SOFTMAX}\nclass Softmax:\n    run = staticmethod(softmax)\n"
            "    def __call__(self, z): return self.run(z)\nsoftmax = Softmax()",
        ],
    )
    def test_an_answer_in_a_cell_of_ones_own_counts(self, sample: Assignment, own: str) -> None:
        assert self.softmax(sample, STUB, CHECKED, own) == 3
        assert self.softmax(sample, own, STUB, CHECKED) == 3
        assert self.softmax(sample, STUB, own, CHECKED) == 3
        assert self.softmax(sample, STUB, CHECKED, own, "softmax = 0.5") == 3

    def test_a_value_is_no_answer_to_a_function_that_was_not_written(
        self, sample: Assignment
    ) -> None:
        run = hear(sample, IMPORTS, STUB, CHECKED, "loss, softmax = 1.0, 0.5")
        assert run.results["rows_sum_to_one"].outcome is Outcome.NOT_ATTEMPTED

    def test_an_answer_moved_to_the_end_counts(self, sample: Assignment) -> None:
        assert self.softmax(sample, CHECKED, "x = 1", ANSWERED) == 3

    def test_of_an_answer_cell_copied_the_written_one_counts(self, sample: Assignment) -> None:
        assert self.softmax(sample, STUB, ANSWERED, CHECKED) == 3
        assert self.softmax(sample, ANSWERED, STUB, CHECKED) == 3
        assert self.softmax(sample, ANSWERED, CHECKED, STUB) == 3
        assert self.softmax(sample, STUB, CHECKED, ANSWERED) == 3

    def test_an_answer_cell_may_be_split(self, sample: Assignment) -> None:
        head = ("softmax__answer", "def exps(z): return np.exp(z - z.max(axis=1, keepdims=True))")
        tail = "def softmax(z):\n    return exps(z) / exps(z).sum(axis=1, keepdims=True)"
        assert self.softmax(sample, head, tail, CHECKED, "def exps(z): return z") == 3

    def test_a_name_used_for_an_array_before_the_checks_is_the_function_it_was(
        self, sample: Assignment
    ) -> None:
        run = hear(sample, IMPORTS, ANSWERED, "softmax = softmax(np.eye(2))", CHECKED)
        assert run.results["survives_large_scores"].outcome is Outcome.CORRECT
        assert run.remarks != []

    def test_a_function_mended_before_the_checks_is_what_they_see(self, sample: Assignment) -> None:
        assert self.softmax(sample, ("softmax__answer", NAIVE), SOFTMAX, CHECKED) == 3
        assert self.softmax(sample, ("softmax__answer", NAIVE), CHECKED, SOFTMAX) == 1

    def test_an_unfinished_answer_may_be_finished_below(self, sample: Assignment) -> None:
        half = ("parameter_count__answer", "dense_parameters = ...")
        assert marks(hear(sample, IMPORTS, ANSWERED, half, "dense_parameters = 16")) == 5

    def test_deleted_check_cells_cost_nothing(self, sample: Assignment) -> None:
        assert self.softmax(sample, ANSWERED, "softmax = 1") == 3

    def test_what_a_function_uses_is_as_it_was_at_its_question(self, sample: Assignment) -> None:
        assert self.softmax(sample, ANSWERED, CHECKED, "del np", "sum = max = 0") == 3

    def test_a_helper_written_below_is_found(self, sample: Assignment) -> None:
        answer = ("softmax__answer", "def softmax(z): return below(z)")
        assert self.softmax(sample, answer, CHECKED, SOFTMAX.replace("softmax", "below")) == 3

    def test_the_same_holds_after_a_lost_worker(self, sample: Assignment) -> None:
        pool = FakePool()
        cells = (ANSWERED, CHECKED, "softmax = 1", "DIE()", COUNT)
        run = hear(sample, IMPORTS, *cells, pool=pool)
        assert marks(run) == 5
        assert len(run.remarks) == 1


class TestQuestionEnds:
    ANSWER = ("softmax__answer", "def softmax(z): ...")
    CHECK = ("softmax__rows_sum_to_one", "check")
    LAST = ("softmax__survives_large_scores", "check")

    def end(self, sample: Assignment, *cells: tuple[str | None, str]) -> int:
        return question_ends(sample, cells)["softmax"]

    def test_the_last_check_cell_ends_a_question(self, sample: Assignment) -> None:
        cells = [self.ANSWER, (None, "x = 1"), self.CHECK, self.LAST, (None, "softmax = 3")]
        assert self.end(sample, *cells) == 3

    def test_without_its_check_cells_the_answer_cell_does(self, sample: Assignment) -> None:
        assert self.end(sample, self.ANSWER, (None, "softmax = 3")) == 0

    def test_a_check_cell_without_its_id_is_known_by_its_text(self, sample: Assignment) -> None:
        public = '@check("softmax", points=1)\ndef rows_sum_to_one(answer): ...'
        hidden = 'hidden_check("softmax", "survives_large_scores", points=2)'
        assert self.end(sample, (None, SOFTMAX), (None, public)) == 1
        assert self.end(sample, (None, public), (None, hidden), (None, SOFTMAX)) == 1

    def test_a_copied_check_cell_further_down_does_not_end_it(self, sample: Assignment) -> None:
        assert self.end(sample, self.ANSWER, self.LAST, (None, "x = 1"), self.LAST) == 1

    def test_a_copied_question_ends_with_the_copy(self, sample: Assignment) -> None:
        assert self.end(sample, self.ANSWER, self.LAST, self.ANSWER, self.LAST) == 3

    def test_an_answer_moved_below_its_checks_ends_it(self, sample: Assignment) -> None:
        assert self.end(sample, self.LAST, self.ANSWER) == 1

    def test_a_question_without_any_cell_has_no_end(self, sample: Assignment) -> None:
        assert self.end(sample, (None, "x = 1"), (None, "softmax = 2")) == -1


@pytest.mark.parametrize(("calls", "outcome"), [(200, Outcome.ERROR), (250, Outcome.CORRECT)])
def test_a_check_asks_as_often_as_its_author_said(
    sample: Assignment, monkeypatch: pytest.MonkeyPatch, calls: int, outcome: Outcome
) -> None:
    @may_ask(calls)
    def asks_at_each_of_250_steps(answer: Any) -> None:
        for _ in range(250):
            answer.softmax(np.array([[1.0, 2.0]]))

    load = load_checks

    def with_long_check(*given: Any) -> Checks:
        checks = load(*given)
        asked = checks.by_question["softmax"]
        asked[-1] = replace(asked[-1], function=asks_at_each_of_250_steps)
        return checks

    monkeypatch.setattr(sys.modules[__name__], "load_checks", with_long_check)
    assert hear(sample, IMPORTS, SOFTMAX).results["survives_large_scores"].outcome is outcome
