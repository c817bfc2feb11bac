"""The record of a verification: what makes it stale, what is repeated, and that it cannot lie."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.assignment.source import Assignment, read_assignment
from autograder.commands.main import main
from autograder.evidence import verification
from autograder.evidence.records import Record, RecordError, new_record, read_records, write_record
from autograder.evidence.verification import (
    ANSWERS,
    COMMANDS,
    GRADERS,
    MUTANTS,
    SECONDS,
    contradictions,
    other_marks,
    part_basis,
    part_staleness,
    record_answers,
    record_graders,
    repetition,
    stale_parts,
    uncompared,
    verification_path,
)
from autograder.evidence.verify import Comparison, VerifiedAnswer, verify_answers
from autograder.grading.batch import GradingConfig
from autograder.workers.pool import WorkerPool
from dlcourse.check import Outcome
from tests.conftest import ROOT, SECRET
from tests.sample import SAMPLE

TRAINED = """\
import keras
from dlcourse import data

images = data.small_digits()
"""

LAST = "    return e / e.sum(axis=1, keepdims=True)\n"

FOUND: dict[str, Any] = {
    ANSWERS: {"outcomes": {"solution": {"seconds": 20.0}, "softmax-a": {"seconds": 20.0}}},
    GRADERS: {"points": {"solution": 1.0, "stub": 0.0}, "known to differ": {}},
    MUTANTS: {"questions": {}},
}


@pytest.fixture(scope="module")
def recorded_weeks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two recorded weeks: 98 uses Keras and the small digits, 99 neither."""
    course = tmp_path_factory.mktemp("recorded")
    for package in ("dlcourse", "autograder"):
        copied = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, course / package, ignore=copied)
    for name in ("nbgrader_config.py", "_config.yml"):
        shutil.copy(ROOT / name, course)
    plain, trained = "import numpy as np\n", f"import numpy as np\n{TRAINED}"
    for week, text in ((98, SAMPLE.replace(plain, trained, 1)), (99, SAMPLE)):
        folder = course / "solutions" / f"week{week}"
        folder.mkdir(parents=True)
        source = text.replace("week: 99", f"week: {week}")
        (folder / f"week{week}.md").write_text(source, encoding="utf-8")
    record_all(course)
    return course


@pytest.fixture
def weeks(recorded_weeks: Path, tmp_path: Path) -> Path:
    """A copy of the two weeks, to change."""
    return shutil.copytree(recorded_weeks, tmp_path / "course")


def record_all(course: Path) -> None:
    for assignment in read(course):
        for part, found in FOUND.items():
            record = new_record(part_basis(assignment, course, part), found, 60.0)
            write_record(verification_path(assignment), part, record)


def read(course: Path) -> list[Assignment]:
    return [read_assignment(p) for p in sorted(course.glob("solutions/*/*.md"))]


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def stale(course: Path) -> dict[str, set[str]]:
    """By week and part, what has changed."""
    found = {
        f"{a.name} {part}": set(part_staleness(a, course, part).inputs)
        for a in read(course)
        for part in COMMANDS
    }
    return {name: inputs for name, inputs in found.items() if inputs}


def every_part(week: str, changed: str) -> dict[str, set[str]]:
    return {f"{week} {part}": {changed} for part in COMMANDS}


def test_records_just_made_are_not_stale(weeks: Path) -> None:
    assert [line for a in read(weeks) for line in stale_parts(a, weeks)] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[1.0], ", "[1.0, 1.0], "),  # a check
        ("e = np.exp(z - z.max(axis=1, keepdims=True))", "e = np.exp(z)"),  # the solution
        ("return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)", "return z"),  # a wrong answer
        ("caught_by: [survives_large_scores]", "caught_by: [rows_sum_to_one]"),
        (f"{LAST}    # END SOLUTION\n", f"    # END SOLUTION\n{LAST}"),  # the stub
    ],
)
def test_a_changed_question_makes_its_week_stale(weeks: Path, old: str, new: str) -> None:
    change(weeks / "solutions/week98/week98.md", old, new)
    assert stale(weeks) == every_part("week98", "question softmax")


def test_a_changed_cell_that_all_questions_share_makes_its_week_stale(weeks: Path) -> None:
    change(weeks / "solutions/week99/week99.md", "1e4, (8, 10)", "1e5, (8, 10)")
    assert stale(weeks) == every_part("week99", "cells of all questions")


def test_a_changed_helper_makes_stale_the_weeks_that_use_it(weeks: Path) -> None:
    change(weeks / "dlcourse/data/loaders.py", "def small_digits() ->", "def small_digits(n=1) ->")
    assert stale(weeks) == every_part("week98", "dlcourse.data.loaders")


def test_a_changed_assertion_makes_all_weeks_stale(weeks: Path) -> None:
    change(weeks / "dlcourse/check/expect.py", "atol: float = 1e-7", "atol: float = 1e-6")
    name = "dlcourse.check.expect"
    assert stale(weeks) == every_part("week98", name) | every_part("week99", name)


def test_a_changed_judge_makes_all_weeks_stale(weeks: Path) -> None:
    change(weeks / "autograder/judge/remote.py", "seconds: float = 60.0", "seconds: float = 50.0")
    assert set(stale(weeks)) == {f"week{w} {p}" for w in (98, 99) for p in (ANSWERS, GRADERS)}


def test_a_changed_bundle_makes_only_the_comparison_of_graders_stale(weeks: Path) -> None:
    change(weeks / "nbgrader_config.py", "c = get_config()", "c = get_config()  \nx = 1")
    assert stale(weeks) == {f"week{w} {GRADERS}": {"nbgrader_config.py"} for w in (98, 99)}


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("solutions/week98/week98.md", "Turn each row", "Make of each row"),
        ("solutions/week98/week98.md", '    """Row-wise', '    # Said elsewhere.\n    """Row-wise'),
        ("solutions/week98/week98.md", "minutes: 10", "minutes: 20"),
        ("dlcourse/data/loaders.py", "def emoji() ->", "def emoji(n=1) ->"),
        ("dlcourse/check/expect.py", "def expect_close(", "# A comment.\ndef expect_close("),
        ("autograder/report/feedback.py", "def ", "def another():\n    return 1\n\n\ndef "),
        ("autograder/publish/public.py", "PUBLIC_FILES = (", "PUBLIC_FILES = (\n    'a',"),
        ("autograder/workers/launch.py", "def ", "def another():\n    return 1\n\n\ndef "),
        ("autograder/collect/layouts.py", "MAX_LEVELS", "MAX_DEPTH"),
    ],
)
def test_what_decides_no_verdict_makes_nothing_stale(
    weeks: Path, path: str, old: str, new: str
) -> None:
    change(weeks / path, old, new)
    assert stale(weeks) == {}


def test_a_changed_threshold_makes_its_question_stale(weeks: Path) -> None:
    source = weeks / "solutions/week99/week99.md"
    change(source, "    z = hidden_scores(rng)\n", '    z = threshold("speed")\n')
    evidence = source.with_name("calibration.json")
    calibrated = {"thresholds": {"speed": {"cpu": {"threshold": 0.5}}}}
    evidence.write_text(json.dumps(calibrated))
    record_all(weeks)
    calibrated["thresholds"]["speed"]["gpu"] = {"threshold": 0.9}
    evidence.write_text(json.dumps(calibrated))
    assert stale(weeks) == {}
    calibrated["thresholds"]["speed"]["cpu"] = {"threshold": 0.6}
    evidence.write_text(json.dumps(calibrated))
    assert stale(weeks) == every_part("week99", "question softmax")


def with_other_keras(weeks: Path) -> None:
    """Make the records say that they were made with another Keras."""
    for path in weeks.glob("solutions/*/verification.json"):
        for name, record in read_records(path).items():
            if "keras" in record["versions"]:
                record["versions"]["keras"] = "3.0.0"
            write_record(path, name, record)


def test_another_keras_is_told_for_the_weeks_that_use_it_and_makes_none_stale(
    weeks: Path,
) -> None:
    with_other_keras(weeks)
    week98, week99 = read(weeks)
    (told,) = part_staleness(week98, weeks, ANSWERS).versions
    assert told.startswith("keras ")
    assert told.endswith("(recorded: 3.0.0)")
    assert part_staleness(week99, weeks, ANSWERS).versions == ()
    assert stale_parts(week98, weeks) == []


def test_weeks_with_other_libraries_are_drawn_first(weeks: Path) -> None:
    with_other_keras(weeks)
    for seed in range(8):
        commit(weeks, f"commit {seed}")
        drawn = repetition(read(weeks), weeks, weeks=1)
        assert drawn.answers["week98"]
        assert not drawn.answers["week99"]


@pytest.mark.parametrize("part", [ANSWERS, GRADERS, MUTANTS])
def test_a_missing_record_names_the_command_that_makes_it(weeks: Path, part: str) -> None:
    week98, _ = read(weeks)
    path = verification_path(week98)
    path.write_text(json.dumps({n: r for n, r in read_records(path).items() if n != part}))
    (line,) = stale_parts(week98, weeks)
    command = COMMANDS[part].format("week98")
    assert line == (
        f"{week98.path}: verification of the {part} has no record; run `make records`, or "
        f"`autograder {command}`"
    )


def compared(name: str) -> list[Comparison]:
    return [Comparison(name, {"softmax": 1.0}, {}, {}, frozenset())]


def test_a_comparison_of_graders_can_be_recorded_in_parts(weeks: Path) -> None:
    _, week99 = read(weeks)
    for name in ("solution", "wrong-answers-1"):
        basis = part_basis(week99, weeks, GRADERS)
        record_graders(week99, basis, compared(name), 2.0)
    record = read_records(verification_path(week99))[GRADERS]
    assert record["points"] == {"solution": 1.0, "stub": 0.0, "wrong-answers-1": 1.0}
    lacking = uncompared(week99, weeks)
    assert lacking
    assert set(lacking).isdisjoint(record["points"])


def test_what_was_compared_before_a_change_is_not_kept(weeks: Path) -> None:
    change(weeks / "solutions/week99/week99.md", "1e4, (8, 10)", "1e5, (8, 10)")
    _, week99 = read(weeks)
    assert {"solution", "stub"} <= set(uncompared(week99, weeks))
    record_graders(week99, part_basis(week99, weeks, GRADERS), compared("stub"), 2.0)
    record = read_records(verification_path(week99))[GRADERS]
    assert record["points"] == {"stub": 1.0}


# What is repeated ---------------------------------------------------------------------------


def commit(folder: Path, message: str) -> None:
    for arguments in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", message]):
        name = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
        subprocess.run(["git", "-C", str(folder), *name, *arguments], check=False)


def test_all_answers_of_a_question_that_the_change_touches_are_repeated(weeks: Path) -> None:
    commit(weeks, "one")
    commit(weeks, "none")
    change(weeks / "dlcourse/__init__.py", '"""', '"""Also. ')
    commit(weeks, "two")
    change(
        weeks / "solutions/week99/week99.md", "dense_parameters = 3 * 4\n", "dense_parameters = 3\n"
    )
    again = repetition(read(weeks), weeks, weeks=0)
    assert again.answers["week98"] == set()
    assert again.answers["week99"] == {"solution", "stub", "parameter_count-forgets-the-biases"}
    assert len(again.graders["week99"]) == 1


def test_all_questions_are_repeated_where_a_shared_cell_changed(weeks: Path) -> None:
    for message in ("one", "two"):
        change(weeks / "solutions/week98/week98.md", "images = data", f"{message} = images = data")
        commit(weeks, message)
    assert len(repetition(read(weeks), weeks, weeks=0).answers["week98"]) == 5


def test_a_reworded_text_touches_nothing(weeks: Path) -> None:
    commit(weeks, "one")
    change(weeks / "solutions/week98/week98.md", "Turn each row", "Make of each row")
    commit(weeks, "two")
    assert not any(repetition(read(weeks), weeks, weeks=0).answers.values())


def test_without_git_only_what_is_drawn_is_repeated(weeks: Path) -> None:
    again = repetition(read(weeks), weeks, weeks=1)
    assert sum(map(bool, again.answers.values())) == 1
    assert sum(map(bool, again.graders.values())) == 1


def test_the_drawn_answers_of_a_week_fit_into_their_time(weeks: Path) -> None:
    outcomes = {f"softmax-{n}": {"seconds": 7.0 + n} for n in range(40)}
    for assignment in read(weeks):
        path = verification_path(assignment)
        record = read_records(path)[ANSWERS] | {"outcomes": outcomes}
        write_record(path, ANSWERS, record)
    for names in repetition(read(weeks), weeks).answers.values():
        assert len(names) > 1
        assert sum(outcomes[name]["seconds"] for name in names) <= SECONDS


# Records that lie ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(warm=False) as made:
        yield made


def answers(assignment: Assignment, pool: WorkerPool, name: str) -> list[VerifiedAnswer]:
    grading = GradingConfig(assignment, {}, "cpu", SECRET)
    root = assignment.path.parents[2]
    return list(verify_answers(grading, root, pool, only=name.__eq__))


def recorded(assignment: Assignment, found: list[VerifiedAnswer]) -> Record:
    root = assignment.path.parents[2]
    path = record_answers(assignment, part_basis(assignment, root, ANSWERS), found, "strict")
    return read_records(path)[ANSWERS]


def test_a_record_says_what_each_answer_got(sample: Assignment, pool: WorkerPool) -> None:
    found = [
        *answers(sample, pool, "solution"),
        *answers(sample, pool, "stub"),
        *answers(sample, pool, "softmax-exponentiates-raw-scores"),
    ]
    record = recorded(sample, found)
    outcomes = {
        name: {k: v for k, v in what.items() if k != "seconds"}
        for name, what in record["outcomes"].items()
    }
    assert outcomes == {
        "solution": {"correct": 4},
        "stub": {"not attempted": 4},
        "softmax-exponentiates-raw-scores": {"correct": 1, "caught by": ["survives_large_scores"]},
    }
    assert contradictions(record, found) == []


def test_a_record_of_an_answer_that_does_not_get_what_it_should_is_caught(
    sample: Assignment, pool: WorkerPool
) -> None:
    name = "parameter_count-forgets-the-biases"
    record = recorded(sample, answers(sample, pool, name))
    change(sample.path, "dense_parameters = 3 * 4\n", "dense_parameters = 4 * 4\n")
    right = read_assignment(sample.path)
    record["inputs"] = dict(part_basis(right, sample.path.parents[2], ANSWERS).inputs)
    lies = contradictions(record, answers(right, pool, name))
    assert "should catch this answer but is correct" in lies[0]
    assert lies[1].startswith(f"{name}: the record says ")


def test_nothing_is_recorded_where_code_changed_after_it_was_loaded(
    weeks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    week98, _ = read(weeks)
    before = verification_path(week98).read_bytes()
    monkeypatch.setattr(verification, "STARTED", 0.0)
    with pytest.raises(RecordError, match="was changed while week98 was verified"):
        record_answers(week98, part_basis(week98, weeks, ANSWERS), [], "strict")
    assert verification_path(week98).read_bytes() == before


def test_a_record_that_lacks_an_answer_is_caught() -> None:
    answer = VerifiedAnswer("solution", {"a": Outcome.CORRECT}, 1.0, ())
    assert contradictions({"outcomes": {}}, [answer]) != []


def test_a_record_of_other_marks_is_caught() -> None:
    equal = Comparison("stub", {"a": 1.0}, {"a": 1.0}, {"a": 1.0})
    assert other_marks({"points": {"stub": 1.0}}, [equal]) == []
    assert other_marks({"points": {"stub": 2.0}}, [equal]) == [
        "stub: the record says 2.0 points, repeated 1.0"
    ]
    different = Comparison("stub", {"a": 1.0}, {"a": 1.0}, {"a": 0.0})
    (line,) = other_marks({"points": {"stub": 1.0}}, [different])
    assert "do not agree" in line


# The commands -------------------------------------------------------------------------------


def fair(course: Path) -> Path:
    """The sample with two hidden checks and two wrong answers in each question."""
    path = course / "solutions/week99/week99.md"
    start, _, rest = path.read_text(encoding="utf-8").partition("(parameter_count)=")
    assert rest
    path.write_text(start.replace("points: 5", "points: 3"), encoding="utf-8")
    second = start[start.index("```{code-cell} ipython3\n:tags: [hidden-check]") :]
    second = second[: second.index("```\n") + 4].replace("survives_large_scores", "survives_more")
    more = second.replace("points=2", "points=0")
    change(
        path,
        "```{code-cell} ipython3\n---\ntags: [wrong",
        f"{more}\n```{{code-cell}} ipython3\n---\ntags: [wrong",
    )
    text = path.read_text(encoding="utf-8")
    text = text.replace("survives_large_scores]", "survives_large_scores, survives_more]")
    path.write_text(text, encoding="utf-8")
    return path


def test_verify_records_and_leaves_alone_what_is_recorded(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = fair(course).with_name(verification.FILE)
    assert main(["--root", str(course), "verify", "99", "--tier", "cpu"]) == 0
    first = path.read_bytes()
    assert list(read_records(path)) == [ANSWERS]
    capsys.readouterr()
    assert main(["--root", str(course), "verify", "--stale", "--tier", "cpu"]) == 0
    assert "week99: verification of the answers is recorded" in capsys.readouterr().out
    assert path.read_bytes() == first


def test_what_is_not_as_it_should_be_is_not_recorded(course: Path) -> None:
    path = fair(course)
    change(path, "return e / e.sum(axis=0)", "return e / e.sum(axis=1, keepdims=True)")
    assert main(["--root", str(course), "verify", "99", "--tier", "cpu"]) == 1
    assert not path.with_name(verification.FILE).exists()


def test_mutate_records_what_the_checks_caught(course: Path) -> None:
    assert main(["--root", str(course), "mutate", "99", "--tier", "cpu", "--least", "0"]) == 0
    record = read_records(course / "solutions/week99" / verification.FILE)[MUTANTS]
    counts = record["questions"]["parameter_count"]
    assert counts["mutants"] == counts["caught"] > 0
