"""A course made from this one: whose it is, what it holds, and that a mistake leaves nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autograder.commands.terminal import FAILED, OK
from autograder.course.repository import read_repository
from tests.publish.conftest import git, run

OTHER = "https://github.com/other-school/networks"
ROSTER = "id,first_name,last_name,email,seat\nana,Ana,Díaz,ana@example.org,4\nbo,,,,\n"


@pytest.fixture
def made(repository: Path) -> Path:
    """The new course's folder."""
    return repository.parent / "networks"


@pytest.fixture
def roster(repository: Path) -> Path:
    path = repository.parent / "class.csv"
    path.write_text("\ufeff" + ROSTER, encoding="utf-8")
    return path


def new_course(repository: Path, made: Path, *words: str) -> int:
    return run(repository, "new-course", str(made), "--repository", OTHER, "--no-site", *words)


def students(made: Path) -> dict[str, str | None]:
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{made}/build/nbgrader/gradebook.db") as gradebook:
        return {student.id: student.email for student in gradebook.students}


def test_its_address_and_term_are_its_own(repository: Path, made: Path) -> None:
    assert new_course(repository, made, "--term", "term-2027-spring") == OK
    found = read_repository(made)
    assert (found.url, found.branch) == (OTHER, "term-2027-spring")
    text = (made / "assignments" / "week99" / "week99.ipynb").read_text()
    assert "other-school/networks/blob/term-2027-spring/assignments" in text
    assert "some-school" not in text


def test_its_notebooks_are_released(repository: Path, made: Path) -> None:
    new_course(repository, made)
    assert run(made, "notebooks", "--check") == OK
    assert run(made, "release", "--check") == OK


def test_its_secret_is_new_and_decides_its_bundles(
    repository: Path, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_course(repository, made)
    source = made / "build" / "nbgrader" / "source" / "week99" / "week99.ipynb"
    own = source.read_text()
    run(made, "release")  # with the secret of the environment
    assert source.read_text() != own
    monkeypatch.delenv("AUTOGRADER_SECRET")
    run(made, "release")  # with the file's
    assert source.read_text() == own
    assert (made / ".course-secret").stat().st_mode & 0o077 == 0


def test_a_secret_of_the_environment_is_told(repository: Path, made: Path, capsys: Any) -> None:
    new_course(repository, made)
    assert "AUTOGRADER_SECRET is set here" in capsys.readouterr().out


def test_its_learners_are_in_nbgraders_gradebook(
    repository: Path, made: Path, roster: Path
) -> None:
    assert new_course(repository, made, "--roster", str(roster)) == OK
    assert students(made) == {"ana": "ana@example.org", "bo": None}


def test_its_one_commit_holds_all_but_secret_and_roster(
    repository: Path, made: Path, roster: Path
) -> None:
    (repository / ".gitignore").unlink()  # nothing but the names keeps them out
    git(repository, "add", "-A")
    new_course(repository, made, "--roster", str(roster))
    names = set(git(made, "ls-files").split())
    assert names == set(git(repository, "ls-files").split()) | {"notebooks/week99/01_one.ipynb"}
    assert git(made, "log", "--format=%s").strip() == f"The course at {OTHER}"


def test_what_git_does_not_track_is_left_behind(repository: Path, made: Path) -> None:
    (repository / ".course-secret").write_text("0" * 64)
    (repository / "marks.csv").write_text("ana,20")
    new_course(repository, made)
    assert not (made / "marks.csv").exists()
    assert (made / ".course-secret").read_text() != "0" * 64


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,mark\nana,20\n", "has no column `id`; its columns are: name, mark"),
        ("id\nana\nana\n", "rows 2 and 3 have id ana"),
        ("id,email\n,a@example.org\n", "row 2: the column `id` is empty"),
        ("", "has no column `id`"),
    ],
)
def test_a_roster_that_cannot_be_read_is_told_before_anything_is_written(
    repository: Path, made: Path, roster: Path, text: str, said: str, capsys: Any
) -> None:
    roster.write_text(text)
    assert new_course(repository, made, "--roster", str(roster)) == FAILED
    assert said in capsys.readouterr().err
    assert not made.exists()


def test_a_folder_that_holds_something_is_left_as_it_is(
    repository: Path, made: Path, capsys: Any
) -> None:
    made.mkdir()
    (made / "mine").write_text("mine")
    assert new_course(repository, made) == FAILED
    assert "is not an empty folder" in capsys.readouterr().err
    assert [path.name for path in made.iterdir()] == ["mine"]


def test_a_course_whose_release_fails_leaves_nothing(repository: Path, made: Path) -> None:
    source = repository / "solutions" / "week99" / "week99.md"
    source.write_text(source.read_text().replace("points:", "marks:"))
    assert new_course(repository, made) == FAILED
    assert {path.name for path in repository.parent.iterdir()} == {"course"}


def test_an_address_that_is_no_repository_is_refused(
    repository: Path, made: Path, capsys: Any
) -> None:
    words = ["--repository", "https://example.org/course", "--no-site"]
    assert run(repository, "new-course", str(made), *words) == FAILED
    assert "https://github.com/OWNER/NAME" in capsys.readouterr().err
    assert not made.exists()
