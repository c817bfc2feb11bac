"""After a check is mended, only what it asks anew is asked anew."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autograder.assignment.source import Assignment, read_assignment
from autograder.collect.submissions import Submission, find_submissions, in_shard
from autograder.grading.batch import GradingConfig, Progress, grade_batch
from autograder.grading.ledger import Ledger
from autograder.judge import recording
from autograder.judge.recording import AnswerRecorder, NotRecorded, Recording, Replayer
from autograder.release.learner import dump, fill, solve
from autograder.release.release import make_learner
from autograder.sandbox.channel import ChannelError, Handle
from autograder.workers.questions import Inquiry, Questions
from autograder.workers.worker import Snapshot
from dlcourse.check.answer import AnswerError, NotAttempted, Status
from tests.conftest import SECRET
from tests.judge.fake_worker import FakePool

RAW = """def softmax(z):
    return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
"""


@pytest.fixture
def handed_in(course: Path, sample: Assignment, tmp_path: Path) -> list[Submission]:
    folder, work = tmp_path / "in", tmp_path / "work"
    folder.mkdir()
    work.mkdir()
    learner = make_learner(sample, {}, course)
    for cell in learner["cells"]:
        if cell["id"] == "start":
            cell["source"] = "pass"
    solved = solve(sample, learner)
    books = {"ada": solved, "bob": fill(solved, {"softmax": RAW}), "stub": learner}
    for name, notebook in books.items():
        (folder / f"{name}.ipynb").write_text(dump(notebook), encoding="utf-8")
    return find_submissions([folder], sample.name, work)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.sqlite")


def grade(
    sample: Assignment, found: list[Submission], ledger: Ledger, *, reuse: bool = False
) -> tuple[dict[str, float], list[Progress], FakePool]:
    steps: list[Progress] = []
    pool = FakePool()
    assignment = read_assignment(sample.path)
    graded = grade_batch(
        GradingConfig(assignment, {}, "cpu", SECRET),
        found,
        pool,
        ledger,
        reuse=reuse,
        watch=steps.append,
    )
    return {g.learner: g.marks for g in graded}, steps, pool


def mend(sample: Assignment, old: str, new: str) -> None:
    text = sample.path.read_text(encoding="utf-8")
    assert old in text
    sample.path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_mended_check_is_settled_without_a_worker(
    sample: Assignment, handed_in: list[Submission], ledger: Ledger
) -> None:
    before, _, _ = grade(sample, handed_in, ledger)
    assert before["bob"] < before["ada"]
    mend(
        sample,
        'expect_close(answer.softmax(z), reference.softmax(z), "Large scores overflow exp.")',
        'expect_array(np.nan_to_num(answer.softmax(z)), (8, 10), name="softmax(z)")',
    )
    after, steps, pool = grade(sample, handed_in, ledger, reuse=True)
    assert pool.logs == []
    assert after == {**before, "bob": before["bob"] + 2}
    changed = [(c.learner, c.after.name) for s in steps for c in s.changes or ()]
    assert changed == [("bob", "survives_large_scores")]


def test_a_check_that_asks_something_new_runs_the_notebook_again(
    sample: Assignment, handed_in: list[Submission], ledger: Ledger
) -> None:
    grade(sample, handed_in, ledger)
    mend(sample, "np.array([[1.0, 2.0, 3.0]])", "np.array([[1.0, 2.0, 4.0]])")
    after, steps, pool = grade(sample, handed_in, ledger, reuse=True)
    # The stub was never asked to compute anything: not attempted, whatever the numbers.
    assert len(pool.logs) == 2
    assert after["ada"] == 5
    assert sum(s.changes is not None for s in steps) == 1


def test_new_points_are_given_without_a_worker(
    sample: Assignment, handed_in: list[Submission], ledger: Ledger
) -> None:
    before, _, _ = grade(sample, handed_in, ledger)
    text = sample.path.read_text(encoding="utf-8")
    mend(sample, '@check("softmax", points=2', '@check("softmax", points=3')
    mend(sample, "points: 5", "points: 6") if "points: 5" in text else None
    after, steps, pool = grade(sample, handed_in, ledger, reuse=True)
    assert pool.logs == []
    assert after["ada"] == before["ada"] + 1
    assert [c.after.points for s in steps for c in s.changes or () if c.learner == "ada"] == [3]


def test_regrading_twice_changes_nothing_more(
    sample: Assignment, handed_in: list[Submission], ledger: Ledger
) -> None:
    grade(sample, handed_in, ledger)
    mend(sample, '@check("softmax", points=2', '@check("softmax", points=3')
    mend(sample, "points: 5", "points: 6")
    first, _, _ = grade(sample, handed_in, ledger, reuse=True)
    second, steps, pool = grade(sample, handed_in, ledger, reuse=True)
    assert first == second
    assert pool.logs == []
    assert all(s.resumed for s in steps)


def test_grading_without_reuse_runs_everything(
    sample: Assignment, handed_in: list[Submission], ledger: Ledger
) -> None:
    grade(sample, handed_in, ledger)
    mend(sample, '@check("softmax", points=2', '@check("softmax", points=3')
    mend(sample, "points: 5", "points: 6")
    _, _, pool = grade(sample, handed_in, ledger)
    assert len(pool.logs) == 3


class Answering(Questions):
    """Answers with a count, so that no two answers are the same."""

    def __init__(self) -> None:
        self.asked = 0

    def ask(self, inquiry: Inquiry, seconds: float) -> object:
        if inquiry.path == ("broken",):
            raise AnswerError("ValueError", "no", "line 1", "f")
        if inquiry.path == ("missing",):
            raise NotAttempted("f", Status.PARTIAL)
        if inquiry.call is None:
            return Handle(7, "Model")
        self.asked += 1
        return {"n": self.asked, "x": np.full(3, self.asked, np.float32), "t": (1, None, "é")}


class TestRecording:
    def recorded(self) -> Recording:
        made = Recording()
        snapshots = {
            "f": Snapshot(Status.DEFINED, Handle(1, "function")),
            "g": Snapshot(Status.UNTOUCHED),
            "h": Snapshot(Status.DEFINED, AnswerError("ValueError", "m", "w", "s")),
        }
        made.begin(snapshots)
        recorder = AnswerRecorder(Answering(), made, "one")
        recorder.call(Handle(1), [np.ones(2)])
        recorder.call(Handle(1), [np.ones(2)])
        recorder.get(Handle(1), "predict")
        for path in ("broken", "missing"):
            with pytest.raises((AnswerError, NotAttempted)):
                recorder.get(Handle(1), path)
        return Recording.load(made.dump())

    def test_the_same_questions_get_the_same_answers_in_order(self) -> None:
        replayer = Replayer(self.recorded().session_of("one"), "one")
        for n in (1, 2):
            answer = replayer.call(Handle(1), [np.ones(2)])
            assert answer["n"] == n
            assert answer["t"] == (1, None, "é")
            np.testing.assert_array_equal(answer["x"], np.full(3, n, np.float32))
        assert replayer.get(Handle(1), "predict") == Handle(7, "Model")

    def test_errors_are_raised_again(self) -> None:
        replayer = Replayer(self.recorded().session_of("one"), "one")
        with pytest.raises(AnswerError, match="no") as caught:
            replayer.get(Handle(1), "broken")
        assert caught.value.where == "line 1"
        with pytest.raises(NotAttempted):
            replayer.get(Handle(1), "missing")

    def test_pins_come_back(self) -> None:
        snapshots = self.recorded().sessions[0].snapshots
        assert snapshots["f"] == Snapshot(Status.DEFINED, Handle(1, "function"))
        assert snapshots["g"].status is Status.UNTOUCHED
        assert snapshots["h"].value.kind == "ValueError"

    @pytest.mark.parametrize("argument", [np.zeros(2), np.ones(2, np.float32), [1.0, 1.0]])
    def test_another_argument_is_another_question(self, argument: object) -> None:
        replayer = Replayer(self.recorded().session_of("one"), "one")
        with pytest.raises(NotRecorded):
            replayer.call(Handle(1), [argument])

    def test_a_new_check_finds_what_another_asked(self) -> None:
        replayer = Replayer(self.recorded().session_of("two"), "two")
        assert replayer.call(Handle(1), [np.ones(2)])["n"] == 1

    def test_of_too_much_nothing_is_kept(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(recording, "MOST", 100)
        made = Recording()
        made.begin({})
        recorder = AnswerRecorder(Answering(), made, "one")
        recorder.call(Handle(1))
        recorder.call(Handle(1))
        assert not made.whole

    @pytest.mark.parametrize("data", [b"", b"x", b"\x78\x9c\x03\x00\x00\x00\x00\x01"])
    def test_damage_is_a_clear_error(self, data: bytes) -> None:
        with pytest.raises(ChannelError):
            Recording.load(data)


class TestShards:
    def test_every_submission_is_in_one_shard(self, handed_in: list[Submission]) -> None:
        for submission in handed_in:
            assert sum(in_shard(submission, part, 3) for part in range(3)) == 1

    def test_shards_gathered_are_the_whole(
        self, sample: Assignment, handed_in: list[Submission], tmp_path: Path, ledger: Ledger
    ) -> None:
        for part in range(2):
            mine = [s for s in handed_in if in_shard(s, part, 2)]
            shard = Ledger(tmp_path / f"shard{part}.sqlite")
            grade(sample, mine, shard)
            shard.close()
            ledger.take_in(tmp_path / f"shard{part}.sqlite")
            assert ledger.take_in(tmp_path / f"shard{part}.sqlite") == 0
        marks, _, pool = grade(sample, handed_in, ledger)
        assert pool.logs == []
        assert marks == grade(sample, handed_in, Ledger(tmp_path / "alone.sqlite"))[0]
        mend(sample, '@check("softmax", points=2', '@check("softmax", points=3')
        mend(sample, "points: 5", "points: 6")
        assert grade(sample, handed_in, ledger, reuse=True)[2].logs == []


def test_a_mended_check_that_fails_itself_stops_no_batch(
    sample: Assignment, handed_in: list[Submission], ledger: Ledger
) -> None:
    grade(sample, handed_in, ledger)
    mend(sample, "    z = hidden_scores(rng)\n", "    raise OSError('a mistake of the author')\n")
    _, steps, _ = grade(sample, handed_in, ledger, reuse=True)
    rows = {s.graded.learner: s.graded for s in steps}
    assert rows.keys() == {"ada", "bob", "stub"}
    assert "the check survives_large_scores itself failed (OSError at" in rows["ada"].reason
