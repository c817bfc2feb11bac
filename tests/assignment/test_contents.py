"""A table of contents with some weeks only."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.errors import CourseError
from autograder.publish.contents import contents_of

TABLE = Path(__file__).parents[2] / "_toc.yml"


def test_week_one_alone_leaves_out_the_others_and_keeps_the_guides() -> None:
    text = str(contents_of(TABLE, [1]))
    assert "book/week01/02_neuron" in text
    assert "book/guides/operators" in text
    assert "week02" not in text


def test_a_part_without_chapters_is_left_out(tmp_path: Path) -> None:
    table = tmp_path / "_toc.yml"
    weeks = [f"{{chapters: [{{file: book/week0{n}/index}}]}}" for n in (1, 3)]
    table.write_text(f"root: book/intro\nparts: [{', '.join(weeks)}]")
    assert len(contents_of(table, [1])["parts"]) == 1


def test_a_week_that_is_not_there_is_an_error() -> None:
    with pytest.raises(CourseError, match="week 99"):
        contents_of(TABLE, [1, 99])


def test_some_weeks_alone_have_no_projects_which_build_on_many(tmp_path: Path) -> None:
    table = tmp_path / "_toc.yml"
    week = "{chapters: [{file: book/week01/index}]}"
    projects = "{chapters: [{file: book/projects/index}]}"
    table.write_text(f"root: book/intro\nparts: [{week}, {projects}]")
    assert "projects" not in str(contents_of(table, [1]))
