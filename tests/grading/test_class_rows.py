"""A folder of marks knows what it holds, and reports are written from all of it."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.assignment.source import Assignment, read_assignment
from autograder.collect.identity import Identity
from autograder.collect.submissions import Submission, Unreadable, find_submissions
from autograder.evidence.used_code import used_code
from autograder.grading.batch import GradingConfig, grade_batch, whole_class
from autograder.grading.class_rows import ClassRow, merged, speaks_for_others
from autograder.grading.ledger import Ledger, LedgerError
from autograder.grading.lock import only_writer
from autograder.grading.results import GradedSubmission, Status
from autograder.release.learner import dump, solve
from autograder.release.release import make_learner
from tests.conftest import ROOT, SECRET
from tests.judge.fake_worker import FakePool


@pytest.fixture
def solved(course: Path, sample: Assignment) -> str:
    return dump(solve(sample, make_learner(sample, {}, course)))


def row(name: str, received: float = 0.0, **said: object) -> ClassRow:
    fields: dict[str, object] = {
        "learner": "ada", "key": name, "path": Path(name), "digest": name,
        "identity": Identity("canvas", number="1"), "received": received, "readable": True,
        "bundle": "b",
    }  # fmt: skip
    return ClassRow(**{**fields, **said})  # type: ignore[arg-type]


def counting(rows: list[ClassRow]) -> list[str]:
    return [r.key for r in rows if not r.superseded]


def test_a_later_attempt_supersedes_an_earlier_one_in_whichever_order_they_are_graded() -> None:
    old, new = row("old", 1), row("new", 2)
    assert counting(merged([old], [new])) == ["new"]
    assert counting(merged([new], [old])) == ["new"]


def test_an_unreadable_attempt_costs_no_readable_one() -> None:
    assert counting(merged([row("old", 1)], [row("new", 2, readable=False)])) == ["old"]
    assert counting(merged([row("old", 2, readable=False)], [row("new", 1)])) == ["new"]


def test_the_same_work_and_the_same_file_make_no_second_row() -> None:
    old = row("old")
    assert len(merged([old], [replace(old, path=Path("elsewhere"))])) == 1
    assert len(merged([old], [replace(old, digest="changed", key="new")])) == 1


def test_other_learners_keep_their_rows(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    ledger.keep_class_rows([row("a"), row("b", learner="bob")])
    ledger.keep_class_rows([row("c")])
    assert [r.key for r in ledger.class_rows()] == ["c", "b"]


def grade(
    sample: Assignment, ledger: Ledger, folder: Path, files: dict[str, str]
) -> dict[str, Status]:
    folder.mkdir()
    work = folder.parent / "work"
    work.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    found = find_submissions([folder / name for name in files], sample.name, work)
    run = grade_batch(GradingConfig(sample, {}, "cpu", SECRET), found, FakePool(), ledger)
    return {g.learner: g.status for g in whole_class(ledger, run)}


def test_one_late_file_adds_a_row_and_leaves_the_others(
    sample: Assignment, solved: str, tmp_path: Path
) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    first = {"ada.ipynb": solved, "bob.ipynb": "{"}
    assert len(grade(sample, ledger, tmp_path / "class", first)) == 2
    assert grade(sample, ledger, tmp_path / "late", {"cyd.ipynb": solved}) == {
        "ada": Status.GRADED,
        "bob": Status.UNREADABLE,
        "cyd": Status.GRADED,
    }


def test_identity_reaches_the_rows_and_follows_the_last_download(
    sample: Assignment, solved: str, tmp_path: Path
) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    grade(sample, ledger, tmp_path / "1", {"doejane_7_8_week99.ipynb": solved})
    grade(sample, ledger, tmp_path / "2", {"doejane_LATE_7_8_week99.ipynb": solved})
    (only,) = whole_class(ledger)
    assert only.identity == Identity("canvas", name="doejane", number="7", late=True)


def test_a_folder_of_another_week_or_course_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    Ledger(path).claim("week01", "ours")
    Ledger(path).claim("week01", "ours")
    with pytest.raises(LedgerError, match=r"holds the marks of week01.*--out graded/week02"):
        Ledger(path).claim("week02", "ours")
    with pytest.raises(LedgerError, match=r"another course's secret"):
        Ledger(path).claim("week01", "theirs")


def test_a_ledger_of_another_version_is_refused_in_a_clear_sentence(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with closing(sqlite3.connect(path)) as old, old:
        old.execute("CREATE TABLE graded (key TEXT, submission TEXT, result TEXT)")
    with pytest.raises(LedgerError, match=r"an earlier version .*another folder with --out"):
        Ledger(path)
    later = tmp_path / "later.sqlite"
    with closing(sqlite3.connect(later)) as new, new:
        new.execute("PRAGMA user_version = 99")
    with pytest.raises(LedgerError, match="a later version"):
        Ledger(later)


def test_an_old_reason_does_not_stand_for_a_new_file(sample: Assignment) -> None:
    grading = GradingConfig(sample, {}, "cpu", SECRET)
    one = Submission("ada", Path("ada.zip"), unreadable=Unreadable("The zip is empty."))
    other = replace(one, unreadable=Unreadable("The zip is locked with a password."))
    assert grading.key(one, "strict") != grading.key(other, "strict")


def test_a_changed_grader_grades_anew(sample: Assignment, monkeypatch: pytest.MonkeyPatch) -> None:
    from autograder.grading import batch

    grading = GradingConfig(sample, {}, "cpu", SECRET)
    one = Submission("ada", Path("ada.ipynb"), digest="d")
    before = grading.key(one, "strict")
    monkeypatch.setattr(batch, "code_digest", lambda: "another")
    assert grading.key(one, "strict") != before


def test_all_code_that_decides_a_result_is_in_the_digest_of_the_grader() -> None:
    from autograder.grading.code_digest import digested_files

    # They hold no rule: classes of errors and of rows, the ledger itself, and the digest.
    decide_nothing = {
        *("autograder.errors", "autograder.importing", "autograder.collect.identity"),
        *("autograder.grading.code_digest", "autograder.grading.ledger"),
        "autograder.grading.results",
    }
    starts = ["autograder.grading.batch.grade_one", "autograder.grading.batch.GradingConfig"]
    starts += ["autograder.sandbox.serve", "autograder.workers.pool"]
    digested = {path.with_suffix("") for path in digested_files()}
    missing = {
        module
        for module in used_code(ROOT, names=starts).modules
        if not {p := ROOT.joinpath(*module.split(".")), p / "__init__"} & digested
    }
    assert missing <= decide_nothing


def test_a_notebook_of_another_week_says_so_in_its_row(
    sample: Assignment, solved: str, tmp_path: Path
) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    other = solved.replace('"assignment": "week99"', '"assignment": "week07"')
    assert other != solved
    grade(sample, ledger, tmp_path / "class", {"ada.ipynb": other})
    (only,) = whole_class(ledger)
    assert only.reason.startswith("This is the notebook of week07, and week99 was graded")


def test_a_second_command_waits_for_the_first_and_says_so(tmp_path: Path) -> None:
    order: list[str] = []
    waits = threading.Event()

    def second() -> None:
        with only_writer(tmp_path, waits.set):
            order.append("second")

    with only_writer(tmp_path):
        thread = threading.Thread(target=second)
        thread.start()
        assert waits.wait(120)
        order.append("first")
    thread.join(120)
    assert order == ["first", "second"]


HIDDEN_INPUT = "    z = hidden_scores(rng)\n"


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("    z = no_such_name(rng)\n", "NameError"),
        ("    z = int(hidden_scores)\n", "TypeError"),
        ("    z = hidden_scores(rng)[0, 0, 0]\n", "IndexError"),
        ("    z = reference.softmax(None)\n", "AttributeError in the reference solution"),
        ("    z = reference.soft_max(rng)\n", "AttributeError"),
    ],
)
def test_a_fault_in_a_hidden_check_costs_that_check_and_names_its_line(
    sample: Assignment, solved: str, tmp_path: Path, line: str, fault: str
) -> None:
    only, number = graded_with(sample, line, solved, tmp_path)
    assert only.status is Status.GRADED
    assert f"survives_large_scores itself failed ({fault} at week99.md:{number})" in only.reason
    assert only.marks == only.max_marks - 2


def test_a_hidden_check_that_stumbles_over_an_answer_names_its_line(
    sample: Assignment, solved: str, tmp_path: Path
) -> None:
    line = "    z = hidden_scores(rng); answer.softmax(z)[99]\n"
    only, number = graded_with(sample, line, solved, tmp_path)
    told = f"could not use what the answer returned (IndexError at week99.md:{number})"
    assert f"survives_large_scores {told}" in only.reason
    assert only.marks == only.max_marks - 2


def graded_with(
    sample: Assignment, line: str, solved: str, tmp_path: Path
) -> tuple[GradedSubmission, int]:
    """The row of a solved notebook where the hidden check begins with another line, and where."""
    text = sample.path.read_text(encoding="utf-8")
    assert HIDDEN_INPUT in text
    sample.path.write_text(text.replace(HIDDEN_INPUT, line), encoding="utf-8")
    ledger = Ledger(tmp_path / "ledger.sqlite")
    grade(read_assignment(sample.path), ledger, tmp_path / "class", {"ada.ipynb": solved})
    (only,) = whole_class(ledger)
    return only, text[: text.index(HIDDEN_INPUT)].count("\n") + 1


def from_zip(path: str, *learners: str) -> list[Submission]:
    return [Submission(who, Path(path), Identity("canvas")) for who in learners]


def test_a_zip_that_names_a_few_of_a_class_speaks_for_others() -> None:
    before = [row(who, learner=who, path=Path("class.zip")) for who in ("ann", "bob", "cid")]
    told = speaks_for_others(before, from_zip("eve.zip", "ann", "eve"))
    assert told == (Path("eve.zip"), ["ann"])


@pytest.mark.parametrize(
    "found",
    [
        from_zip("class (1).zip", "ann", "bob", "cid", "dan"),
        from_zip("class.zip", "ann"),
        from_zip("ann.zip", "ann"),
        from_zip("next.zip", "dan", "eve"),
        from_zip("ann.ipynb", "ann", "bob"),
    ],
)
def test_a_new_download_and_one_learners_zip_do_not(found: list[Submission]) -> None:
    before = [row(who, learner=who, path=Path("class.zip")) for who in ("ann", "bob", "cid")]
    assert speaks_for_others(before, found) is None


def test_two_files_that_cannot_be_read_for_one_reason_are_two(
    sample: Assignment, tmp_path: Path
) -> None:
    """Of what cannot be read the reason alone says too little."""
    grading = GradingConfig(sample, {}, "cpu", SECRET)
    keys = set()
    for number, content in enumerate((b"one", b"another")):
        folder = tmp_path / str(number) / "ada"
        folder.mkdir(parents=True)
        (folder / "notes.txt").write_bytes(content)
        (folder / "more.txt").write_bytes(content)
        work = tmp_path / f"work-{number}"
        work.mkdir()
        (found,) = find_submissions([folder], sample.name, work, "one")
        assert found.unreadable
        keys.add(grading.key(found, "strict"))
    assert len(keys) == 2
