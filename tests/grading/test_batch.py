"""A batch: a row for everything that was handed in, each graded once."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.assignment.source import Assignment
from autograder.collect.submissions import Submission, find_submissions
from autograder.grading import batch
from autograder.grading.batch import GradingConfig, grade_batch, grade_one
from autograder.grading.ledger import Ledger
from autograder.grading.results import GradedSubmission, Status
from autograder.grading.shared_lock import SharedLock
from autograder.judge.checks import Checks, load_checks
from autograder.release.learner import dump, fill, solve
from autograder.release.release import make_learner
from autograder.sandbox.outputs import CellRecord
from autograder.workers.worker import Death, WorkerDied
from tests.conftest import SECRET
from tests.judge.fake_worker import FakePool
from tests.judge.test_run import NO_DATA, with_given
from tests.waiting import LOST

# The fake worker knows no magics, and the sample's first cell installs with one.
START = "pass"


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "PAUSE", 0.0)


@pytest.fixture
def handed_in(course: Path, sample: Assignment, tmp_path: Path) -> Path:
    folder = tmp_path / "handed-in"
    folder.mkdir()
    learner = make_learner(sample, {}, course)
    for cell in learner["cells"]:
        if cell["id"] == "start":
            cell["source"] = START
    solved = solve(sample, learner)
    wrong = fill(solved, {"parameter_count": "dense_parameters = 12"})
    lost = fill(solved, {"softmax": "MACHINE(1)", "parameter_count": "MACHINE(2)"})
    (start,) = [cell for cell in lost["cells"] if cell["id"] == "start"]
    start["source"] = "MACHINE(0)"
    for name, notebook in {"ada": solved, "bob": wrong, "stub": learner, "eve": lost}.items():
        (folder / f"{name}.ipynb").write_text(dump(notebook), encoding="utf-8")
    (folder / "zoe.ipynb").write_text("<html>not a notebook</html>", encoding="utf-8")
    return folder


def run(
    sample: Assignment, folder: Path, ledger: Ledger, pool: FakePool, **options: object
) -> dict[str, GradedSubmission]:
    work = folder.parent / "work"
    work.mkdir(exist_ok=True)
    found = find_submissions([folder], sample.name, work)
    grading = GradingConfig(sample, {}, "cpu", SECRET)
    graded = grade_batch(grading, found, pool, ledger, **options)  # type: ignore[arg-type]
    return {g.learner: g for g in graded}


def test_everything_handed_in_is_a_row(sample: Assignment, handed_in: Path, tmp_path: Path) -> None:
    rows = run(sample, handed_in, Ledger(tmp_path / "ledger.sqlite"), FakePool())
    assert {n: (g.status.value, g.marks) for n, g in rows.items()} == {
        "ada": ("graded", 5),
        "bob": ("graded", 4),
        "stub": ("graded", 0),
        "eve": ("lost", 0),
        "zoe": ("unreadable", 0),
    }
    assert rows["zoe"].reason
    assert all(len(g.checks) == 4 for g in rows.values())


def test_the_executed_notebook_has_every_cell(
    sample: Assignment, handed_in: Path, tmp_path: Path
) -> None:
    row = run(sample, handed_in, Ledger(tmp_path / "ledger.sqlite"), FakePool())["ada"]
    assert row.notebook is not None
    assert [c["cell_type"] for c in row.notebook["cells"]].count("markdown") == 6


def test_a_second_run_grades_only_what_was_lost(
    sample: Assignment, handed_in: Path, tmp_path: Path
) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    first = run(sample, handed_in, ledger, FakePool())
    again = FakePool()
    second = run(sample, handed_in, ledger, again)
    assert len(again.logs) == batch.TRIES  # eve's, and nobody else's
    assert {n: g.marks for n, g in first.items()} == {n: g.marks for n, g in second.items()}
    assert second["ada"].notebook == first["ada"].notebook


def test_a_changed_check_grades_everything_again(
    sample: Assignment, handed_in: Path, tmp_path: Path
) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    run(sample, handed_in, ledger, FakePool())
    text = sample.path.read_text(encoding="utf-8")
    sample.path.write_text(text.replace("The biases count too", "Biases count"), encoding="utf-8")
    again = FakePool()
    run(sample, handed_in, ledger, again)
    assert len(again.logs) == 3 + batch.TRIES


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_marks_do_not_depend_on_the_number_of_workers(
    sample: Assignment, handed_in: Path, tmp_path: Path, workers: int
) -> None:
    rows = run(sample, handed_in, Ledger(tmp_path / "l.sqlite"), FakePool(), workers=workers)
    assert [(n, g.marks) for n, g in rows.items()] == [
        ("ada", 5),
        ("bob", 4),
        ("eve", 0),
        ("stub", 0),
        ("zoe", 0),
    ]


def test_a_stopped_batch_keeps_what_is_done(
    sample: Assignment, handed_in: Path, tmp_path: Path
) -> None:
    stop = threading.Event()
    ledger = Ledger(tmp_path / "ledger.sqlite")
    rows = run(
        sample, handed_in, ledger, FakePool(), stop=stop, watch=lambda _: stop.set(), workers=1
    )
    assert 1 <= len(rows) < 5
    rest = run(sample, handed_in, ledger, FakePool())
    assert len(rest) == 5


def test_a_lost_submission_is_not_in_the_ledger(
    sample: Assignment, handed_in: Path, tmp_path: Path
) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    rows = run(sample, handed_in, ledger, FakePool())
    assert rows["eve"].status is Status.LOST
    assert len(ledger) == 4


def test_without_a_given_cells_data_nobody_is_marked(
    sample: Assignment, handed_in: Path, tmp_path: Path
) -> None:
    for name in ("ada", "bob"):
        path = handed_in / f"{name}.ipynb"
        notebook = json.loads(path.read_text())
        code = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
        notebook["cells"].append({**code, "source": NO_DATA, "id": "data", "metadata": {}})
        path.write_text(json.dumps(notebook))
    ledger = Ledger(tmp_path / "ledger.sqlite")
    rows = run(with_given(sample, NO_DATA), handed_in, ledger, FakePool())
    assert [rows[name].status for name in ("ada", "bob")] == [Status.LOST] * 2
    assert "no mnist.npz in /data." in rows["ada"].reason
    assert len(ledger) == 2


def test_the_ledger_gives_back_what_was_recorded(
    sample: Assignment, handed_in: Path, tmp_path: Path
) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    graded = run(sample, handed_in, ledger, FakePool())["bob"]
    ledger.record("key", graded)
    assert ledger.find("key") == graded


def test_a_grade_is_written_once(sample: Assignment, handed_in: Path, tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    rows = run(sample, handed_in, ledger, FakePool())
    ledger.record("key", rows["ada"])
    ledger.record("key", rows["bob"])
    found = ledger.find("key")
    assert found is not None
    assert found.learner == "ada"


class Flaky(FakePool):
    """The machine loses the first workers."""

    def __init__(self, lost: int) -> None:
        super().__init__()
        self.lost = lost

    def worker(self, **options: Any) -> Any:
        if self.lost:
            self.lost -= 1
            raise WorkerDied(Death.LOST, "the zygote was killed")
        return super().worker(**options)


def one(folder: Path, name: str, assignment: Assignment) -> Submission:
    work = folder.parent / "work"
    work.mkdir(exist_ok=True)
    (found,) = find_submissions([folder / name], assignment.name, work)
    return found


def test_a_worker_lost_to_the_machine_is_replaced(
    sample: Assignment, handed_in: Path, tmp_path: Path
) -> None:
    rows = run(sample, handed_in, Ledger(tmp_path / "l.sqlite"), Flaky(batch.TRIES - 1))
    assert rows["ada"].marks == 5
    assert rows["ada"].status is Status.GRADED


def test_a_machine_that_fails_twice_at_one_place_costs_nothing(
    sample: Assignment, handed_in: Path, tmp_path: Path
) -> None:
    path = handed_in / "ada.ipynb"
    path.write_text(path.read_text().replace("3 * 4 + 4", "(MACHINE(0), MACHINE(1), 16)[2]"))
    (handed_in / "eve.ipynb").unlink()
    row = run(sample, handed_in, Ledger(tmp_path / "l.sqlite"), FakePool())["ada"]
    assert (row.status, row.marks) == (Status.GRADED, 5)


def test_a_worker_that_is_lost_at_one_place_in_every_try_was_ended_by_its_notebook(
    sample: Assignment, handed_in: Path, tmp_path: Path
) -> None:
    path = handed_in / "ada.ipynb"
    path.write_text(path.read_text().replace("3 * 4 + 4", "MACHINE()"))
    ledger = Ledger(tmp_path / "ledger.sqlite")
    row = run(sample, handed_in, ledger, FakePool())["ada"]
    assert (row.status, row.marks) == (Status.STOPPED, 3)
    assert "at the same place in every try" in row.reason
    assert run(sample, handed_in, ledger, FakePool())["ada"].checks == row.checks


class Short(FakePool):
    """A GPU that has memory for one notebook at a time."""

    gpus = ("/dev/nvidia0",)

    def __init__(self) -> None:
        super().__init__()
        self.running = self.asked = 0
        self.lock, self.shared = threading.Lock(), threading.Event()

    @contextlib.contextmanager
    def worker(self, **options: Any) -> Iterator[Any]:
        self._count(1)
        try:
            with super().worker(**options) as made:
                made.namespace["GPU"] = self.gpu
                yield made
        finally:
            self._count(-1)

    def _count(self, more: int) -> None:
        with self.lock:
            self.running += more
            if self.running > 1:
                self.shared.set()

    def gpu(self) -> None:
        with self.lock:
            self.asked += 1
            first, full = self.asked == 1, self.running > 1
        # The first one meets another, however late that comes.
        if full or (first and self.shared.wait(LOST)):
            raise ResourceExhaustedError("OOM when allocating tensor")


class ResourceExhaustedError(Exception):
    pass


@pytest.mark.parametrize("gpus", [(), ("/dev/nvidia0",)])
def test_a_notebook_that_found_a_shared_gpu_full_runs_once_more_alone(
    sample: Assignment, handed_in: Path, tmp_path: Path, gpus: tuple[str, ...]
) -> None:
    for name in ("ada", "bob"):
        path = handed_in / f"{name}.ipynb"
        text = path.read_text().replace("def softmax(z)", "GPU()\\ndef softmax(z)")
        path.write_text(text)
    pool = Short()
    pool.gpus = gpus  # type: ignore[assignment]
    rows = run(sample, handed_in, Ledger(tmp_path / "l.sqlite"), pool, workers=4)
    right = {"ada": 5, "bob": 4}
    assert ({n: rows[n].marks for n in right} == right) is bool(gpus)


class Crowded(FakePool):
    """Workers of which two at a time get no processor: the first two meet, however late."""

    def __init__(self) -> None:
        super().__init__()
        self.slow = 0
        self.lock, self.meeting = threading.Lock(), threading.Barrier(2)

    @contextlib.contextmanager
    def worker(self, **options: Any) -> Iterator[Any]:
        with super().worker(**options) as made:
            run_cell = made.run_cell

            def timed(source: str, seconds: float, watch: Any = ()) -> CellRecord:
                record: CellRecord = run_cell(source, seconds, watch)
                if "SLOW" not in source:
                    return record
                with self.lock:
                    self.slow += 1
                    made.starved = self.slow <= 2
                if not made.starved:
                    return record
                self.meeting.wait(LOST)
                return replace(record, status="timeout")

            made.run_cell = timed
            yield made


def test_what_ran_out_of_time_beside_others_is_tried_again_alone(
    sample: Assignment, handed_in: Path, tmp_path: Path
) -> None:
    for name in ("ada", "bob"):
        path = handed_in / f"{name}.ipynb"
        path.write_text(path.read_text().replace("def softmax(z)", "# SLOW\\ndef softmax(z)"))
    pool = Crowded()
    rows = run(sample, handed_in, Ledger(tmp_path / "l.sqlite"), pool, workers=2)
    assert all("longer than" not in rows[name].reason for name in ("ada", "bob"))


def test_one_alone_has_nobody_beside() -> None:
    lock, beside, seen = SharedLock(), [0], []

    def work(alone: bool) -> None:
        with lock.exclusive() if alone else lock.shared():
            beside[0] += 1
            time.sleep(0.002)
            if alone:
                seen.append(beside[0])
            beside[0] -= 1

    threads = [threading.Thread(target=work, args=(n % 5 == 0,)) for n in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LOST)
    assert seen == [1] * 8


class WithWeights(FakePool):
    """Workers that say what became of the weights; without weights another answer comes out."""

    def __init__(self, used: dict[str, str], retrained: str = "") -> None:
        super().__init__()
        self.used = used
        self.retrained = retrained

    @contextlib.contextmanager
    def worker(self, *, files: Any = None, **options: Any) -> Iterator[Any]:
        with super().worker(**options) as made:
            made.weights = lambda: self.used
            if not files:
                original = made.run_cell

                def run_cell(source: str, seconds: float, watch: Any = ()) -> CellRecord:
                    retrained = source.replace("3 * 4 + 4", self.retrained or "3 * 4 + 4")
                    record: CellRecord = original(retrained, seconds, watch)
                    return record

                made.run_cell = run_cell
            yield made


class TestWeights:
    @pytest.fixture
    def ada(self, sample: Assignment, handed_in: Path) -> Submission:
        found = one(handed_in, "ada.ipynb", sample)
        weights = handed_in / "net.weights.npz"
        weights.write_bytes(b"arrays")
        return replace(found, weights={weights.name: weights})

    @pytest.fixture
    def checks(self, sample: Assignment) -> Checks:
        return GradingConfig(sample, {}, "cpu", SECRET).checks()

    def test_an_audit_that_agrees_says_so(self, checks: Checks, ada: Submission) -> None:
        pool = WithWeights({"net": ""})
        row = grade_one(checks, ada, pool, audit=True)
        assert row.audit == "agrees"
        assert len(pool.logs) == 2

    def test_an_audit_that_disagrees_names_the_checks_and_leaves_the_marks(
        self, checks: Checks, ada: Submission
    ) -> None:
        row = grade_one(checks, ada, WithWeights({"net": ""}, retrained="12"), audit=True)
        assert row.audit.startswith("DISAGREES; parameter_count.")
        assert "was correct with the weights" in row.audit
        assert row.marks == 5

    def test_without_an_audit_nothing_is_trained_again(
        self, checks: Checks, ada: Submission
    ) -> None:
        pool = WithWeights({"net": ""})
        assert grade_one(checks, ada, pool).audit == ""
        assert len(pool.logs) == 1

    def test_weights_that_were_not_used_are_named_and_audited_whatever_the_notebook_says(
        self, checks: Checks, ada: Submission
    ) -> None:
        pool = WithWeights({"net": "they come from a training on other data"})
        row = grade_one(checks, ada, pool, audit=True)
        assert "net was trained again" in row.reason
        assert "other data" in row.reason
        assert row.audit == "agrees"
        assert len(pool.logs) == 2

    def test_a_notebook_that_clears_the_note_on_its_weights_is_audited(
        self, checks: Checks, ada: Submission
    ) -> None:
        assert grade_one(checks, ada, WithWeights({}, "12"), audit=True).audit.startswith("DIS")

    def test_an_audit_draws_its_share_and_always_the_same(
        self, sample: Assignment, ada: Submission
    ) -> None:
        several = [replace(ada, digest=str(n)) for n in range(2000)]
        grading = GradingConfig(sample, {}, "cpu", SECRET, audit=0.1)
        drawn = [grading.audits(s) for s in several]
        assert 140 <= sum(drawn) <= 260
        assert drawn == [grading.audits(s) for s in several]
        assert drawn != [replace(grading, secret="other").audits(s) for s in several]
        assert not any(replace(grading, audit=0.0).audits(s) for s in several)
        assert all(replace(grading, audit=1.0).audits(s) for s in several)
        assert not grading.audits(replace(ada, weights={}))


def handed(folder: Path, *cells: tuple[str, str | None, str], name: str = "own") -> Submission:
    """A notebook of cells, each its kind, its grade_id and its text."""
    folder.mkdir(exist_ok=True)
    made = [
        {
            "cell_type": kind,
            "source": source,
            "metadata": {"nbgrader": {"grade_id": grade_id}} if grade_id else {},
        }
        for kind, grade_id, source in cells
    ]
    book = {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (folder / f"{name}.ipynb").write_text(json.dumps(book), encoding="utf-8")
    (submission,) = find_submissions([folder / f"{name}.ipynb"], "week99", folder)
    return submission


class TestCellsThatChanged:
    ANSWER = (
        "def softmax(z):\n"
        "    e = np.exp(z - z.max(axis=1, keepdims=True))\n"
        "    return e / e.sum(axis=1, keepdims=True)"
    )

    def grade(self, sample: Assignment, submission: Submission) -> GradedSubmission:
        checks = load_checks(sample, {}, "cpu", SECRET)
        return grade_one(checks, submission, FakePool())

    @pytest.mark.parametrize(("kind", "words"), [("markdown", "a Markdown"), ("raw", "a raw")])
    @pytest.mark.parametrize("grade_id", ["softmax__answer", None])
    def test_an_answer_turned_into_text_says_so(
        self, sample: Assignment, tmp_path: Path, kind: str, words: str, grade_id: str | None
    ) -> None:
        cells = (("markdown", None, "Hello"), (kind, grade_id, self.ANSWER))
        row = self.grade(sample, handed(tmp_path / "in", *cells))
        assert row.marks == 0
        assert row.reason.startswith(
            f"cell 2, the answer to Softmax, is {words} cell and did not run: make it a code cell"
        )

    def test_a_text_copy_of_an_answer_that_ran_is_no_matter(
        self, sample: Assignment, tmp_path: Path
    ) -> None:
        cells = (("raw", "softmax__answer", self.ANSWER), ("code", None, self.ANSWER))
        row = self.grade(sample, handed(tmp_path / "in", *cells))
        assert row.marks == 3
        assert "did not run" not in row.reason

    def test_outputs_stand_at_the_learners_own_cells_when_others_were_put_back(
        self, sample: Assignment, tmp_path: Path
    ) -> None:
        cells = (
            ("markdown", None, "Hello"),
            ("code", "softmax__answer", self.ANSWER),
            ("code", "submit", "submit()"),
            ("code", None, "1 / 0"),
        )
        row = self.grade(sample, handed(tmp_path / "in", *cells))
        assert row.marks == 3
        assert row.notebook is not None
        shown = row.notebook["cells"]
        assert [c["source"] for c in shown] == [source for _, _, source in cells]
        assert [c.get("execution_count") for c in shown] == [None, 1, None, 1]
        assert "is missing; it ran all the same; cell 4: ZeroDivisionError" in row.reason

    def test_what_is_told_first_is_what_was_graded(
        self, sample: Assignment, tmp_path: Path
    ) -> None:
        cells = (
            ("code", "softmax__answer", self.ANSWER),
            ("code", None, "softmax = 3"),
            *[("code", None, f"undefined_{i}") for i in range(5)],
        )
        row = self.grade(sample, handed(tmp_path / "in", *cells))
        assert row.reason.startswith("cell 2 uses the name `softmax` again; what cell 1 made of it")
