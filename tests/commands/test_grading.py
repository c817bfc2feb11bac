"""``autograder grade`` inside Gradescope, and into a gradebook that the course has already."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from autograder.commands.main import main
from autograder.commands.terminal import OK
from tests.conftest import SECRET
from tests.harness.course import hand_in, small_course
from tests.sample import SAMPLE


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what one command wrote that was told of Gradescope and of a gradebook."""
    folder = tmp_path_factory.mktemp("graded")
    source = folder / "week99.md"
    source.write_text(SAMPLE, encoding="utf-8")
    made = small_course(source, folder / "course")
    hand_in({"my work": made.solved}, folder / "submission")
    words = [
        *("--root", str(made.root), "grade", "99", str(folder / "submission")),
        *("--layout", "one", "--out", str(folder / "out")),
        *("--gradescope", str(folder / "results")),
        *("--gradebook", f"sqlite:///{folder / 'course.db'}"),
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOGRADER_SECRET", SECRET)
        assert main(words) == OK
    return folder


def test_gradescope_finds_its_results_where_the_command_was_told(graded: Path) -> None:
    results = json.loads((graded / "results" / "results.json").read_text(encoding="utf-8"))
    assert sum(test["score"] for test in results["tests"]) == 5
    assert {test["visibility"] for test in results["tests"]} == {"visible", "after_published"}


def test_a_gradebook_that_is_named_gets_the_marks_and_no_other_is_made(graded: Path) -> None:
    with closing(sqlite3.connect(graded / "course.db")) as book:
        assert book.execute("SELECT id FROM student").fetchall() == [("submission",)]
    assert not (graded / "out" / "gradebook.db").exists()


def test_a_part_of_a_class_writes_no_results_for_gradescope(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["grade", "99", "x.ipynb", "--out", "out", "--shard", "0/2", "--gradescope", "results"]
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert "not allowed with" in capsys.readouterr().err
