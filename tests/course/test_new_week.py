"""The skeleton of a week: an author starts from what is right and changes it piece by piece."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jupytext
import pytest
import yaml

from autograder.assignment.source import Role, read_assignment
from autograder.commands.main import main
from autograder.commands.terminal import FAILED, OK
from autograder.course.new_week import write_new_week
from autograder.errors import CommandError
from autograder.evidence.verify import verify
from autograder.grading.batch import GradingConfig
from autograder.workers.pool import WorkerPool
from tests.conftest import SECRET


def test_the_skeleton_verifies_without_a_finding(course: Path) -> None:
    write_new_week(course, 42)
    assignment = read_assignment(course / "solutions" / "week42" / "week42.md")
    grading = GradingConfig(assignment, {}, "cpu", SECRET)
    with WorkerPool(warm=False) as pool:
        assert verify(grading, course, pool) == []


def test_the_skeleton_shows_every_part_of_a_question(course: Path) -> None:
    write_new_week(course, 42)
    assignment = read_assignment(course / "solutions" / "week42" / "week42.md")
    (question,) = assignment.questions
    assert question.answer is not None
    assert "..." in question.answer.stub
    assert len(question.checked(hidden=False)) == 1
    assert len(question.checked(hidden=True)) == 2
    assert len(question.wrong_answers) == 2
    assert assignment.code(Role.HIDDEN_SETUP)


def test_the_chapter_of_the_skeleton_runs(course: Path) -> None:
    write_new_week(course, 42)
    text = (course / "book" / "week42" / "01_first_chapter.md").read_text(encoding="utf-8")
    scope: dict[str, object] = {}
    for cell in jupytext.reads(text, fmt="md:myst").cells:
        if cell.cell_type == "code":
            exec(cell.source, scope)
    assert "X" in scope


def test_the_lines_for_the_contents_name_the_pages_that_were_written(course: Path) -> None:
    made = write_new_week(course, 7)
    (chapter,) = yaml.safe_load(made.contents)
    named = [chapter["file"], *(s["file"] for s in chapter["sections"])]
    assert {f"{name}.md" for name in named} == {
        str(path) for path in made.files if path.parts[0] == "book"
    }


def test_where_a_file_of_the_week_exists_nothing_is_written(course: Path) -> None:
    chapter = course / "book" / "week07" / "01_first_chapter.md"
    chapter.parent.mkdir(parents=True)
    chapter.write_text("An author's own.", encoding="utf-8")
    with pytest.raises(CommandError, match=r"01_first_chapter\.md exists already"):
        write_new_week(course, 7)
    assert chapter.read_text(encoding="utf-8") == "An author's own."
    assert not (course / "solutions" / "week07").exists()
    assert not (chapter.parent / "index.md").exists()


def test_the_command_says_what_to_add_to_the_contents(course: Path, capsys: Any) -> None:
    assert main(["--root", str(course), "new-week", "7"]) == OK
    said = capsys.readouterr().out
    assert "_toc.yml" in said
    assert "      - file: book/week07/index\n" in said


def test_a_number_that_is_none_of_a_week_is_refused(course: Path, capsys: Any) -> None:
    assert main(["--root", str(course), "new-week", "0"]) == FAILED
    assert "there is no week 0" in capsys.readouterr().err
