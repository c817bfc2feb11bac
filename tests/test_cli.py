"""The command line: exit codes, and errors that say what to do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from autograder.assignment.source import Assignment
from autograder.commands.main import main
from autograder.commands.terminal import FAILED, OK, USAGE


def run(course: Path, *words: str) -> int:
    return main(["--root", str(course), *words])


@pytest.mark.parametrize(
    "command",
    [
        "new-week",
        "release",
        "verify",
        "calibrate",
        "grade",
        "notebooks",
        "public",
        "secret",
        "doctor",
    ],
)
def test_every_command_has_help(command: str, capsys: Any) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert command in capsys.readouterr().out


def test_no_command_is_a_usage_error() -> None:
    with pytest.raises(SystemExit) as ended:
        main([])
    assert ended.value.code == 2


def test_release_writes_and_then_checks(course: Path, sample: Assignment, capsys: Any) -> None:
    assert run(course, "release", "99") == OK
    assert "assignments/week99/week99.ipynb" in capsys.readouterr().out
    assert run(course, "release", "99", "--check") == OK


def test_release_renews_what_the_first_page_says_of_the_assignments(
    course: Path, sample: Assignment
) -> None:
    facts = course / "book" / "facts.json"
    facts.parent.mkdir(exist_ok=True)
    facts.write_text("{}")
    assert run(course, "release", "99") == OK
    assert json.loads(facts.read_text())["weeks"]["99"]["minutes"] == sample.minutes
    facts.write_text("{}")
    assert run(course, "release", "99", "--check") == FAILED


def test_release_check_fails_on_drift(course: Path, sample: Assignment, capsys: Any) -> None:
    run(course, "release", "99")
    text = sample.path.read_text(encoding="utf-8")
    sample.path.write_text(text.replace("Each row must", "Every row must"), encoding="utf-8")
    assert run(course, "release", "99", "--check") == FAILED
    assert "differs from what week99.md gives" in capsys.readouterr().err


def test_release_check_fails_on_a_leak_in_the_site(
    course: Path, sample: Assignment, tmp_path: Path, capsys: Any
) -> None:
    run(course, "release", "99")
    site = tmp_path / "site"
    site.mkdir()
    leak = "<p>def hidden_scores(rng): <b>return</b> rng.normal(0.0, 1e4, (8, 10))</p>"
    (site / "page.html").write_text(leak, encoding="utf-8")
    assert run(course, "release", "99", "--check", "--site", str(site)) == FAILED
    assert "page.html: holds hidden set-up" in capsys.readouterr().err


def test_an_authors_mistake_is_one_line_with_its_place(
    course: Path, sample: Assignment, capsys: Any
) -> None:
    text = sample.path.read_text(encoding="utf-8")
    sample.path.write_text(text.replace("points: 5", "points: 7"), encoding="utf-8")
    assert run(course, "release", "99") == FAILED
    error = capsys.readouterr().err
    assert "week99.md:" in error
    assert "Traceback" not in error


def test_an_unknown_week_names_the_known_ones(course: Path, capsys: Any) -> None:
    assert run(course, "release", "5") == FAILED
    assert "Known: week99" in capsys.readouterr().err


def test_no_secret_says_how_to_make_one(
    course: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.delenv("AUTOGRADER_SECRET")
    assert run(course, "release", "99") == FAILED
    assert "autograder secret" in capsys.readouterr().err
    assert run(course, "secret") == OK
    assert run(course, "release", "99") == OK


def test_a_secret_is_private_and_never_replaced(course: Path, capsys: Any) -> None:
    assert run(course, "secret") == OK
    path = course / ".course-secret"
    before = path.read_text(encoding="utf-8")
    assert path.stat().st_mode & 0o777 == 0o600
    assert run(course, "secret") == FAILED
    assert path.read_text(encoding="utf-8") == before


def test_grading_a_file_that_is_not_there_is_an_error(course: Path, capsys: Any) -> None:
    words = ["grade", "99", str(course / "nobody.ipynb"), "--out", str(course / "out")]
    assert run(course, *words) == USAGE
    assert "nobody.ipynb does not exist" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "known"),
    [
        (["verify", "99"], "solution, stub, softmax-"),
        (["verify", "99", "--parity"], "solution, stub, wrong-answers-1"),
        (["mutate", "99"], "softmax"),
    ],
    ids=["answers", "graders", "mutants"],
)
def test_a_text_that_no_name_contains_is_an_error_that_names_the_known_ones(
    course: Path, sample: Assignment, words: list[str], known: str, capsys: Any
) -> None:
    assert run(course, *words, "--only", "nobody") == FAILED
    error = capsys.readouterr().err
    assert "'nobody'" in error
    assert known in error


def test_a_text_that_only_one_graders_part_knows_says_what_the_other_part_is_called(
    course: Path, sample: Assignment, capsys: Any
) -> None:
    assert run(course, "verify", "99", "--parity", "--only", "softmax") == FAILED
    error = capsys.readouterr().err
    assert "wrong-answers-1" in error
    assert "name-used-again" in error
