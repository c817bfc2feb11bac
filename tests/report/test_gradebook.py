"""Marks in nbgrader's gradebook."""

from __future__ import annotations

import csv
import os
import shutil
import sqlite3
import subprocess
import sys
import sysconfig
import threading
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook
from nbgrader.plugins.export import CsvExportPlugin

from autograder.assignment.source import Assignment
from autograder.grading.results import GradedSubmission, Status
from autograder.release.learner import learner_notebook
from autograder.release.nbgrader import source_notebook
from autograder.report.gradebook import (
    GradebookError,
    _make_file,
    student_id,
    write_gradebook,
)
from autograder.report.wording import best_of_each
from dlcourse.check import Outcome

from .conftest import HOSTILE, Make

FIRST = "softmax__rows_sum_to_one"


@pytest.fixture(autouse=True)
def commands(monkeypatch: pytest.MonkeyPatch) -> None:
    """nbgrader, where the tests call it directly, runs ``alembic`` from the path."""
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])
    monkeypatch.setenv("PATH", path)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty gradebook to copy: making one takes nbgrader two seconds."""
    path = tmp_path_factory.mktemp("empty") / "gradebook.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", "/usr/bin:/bin")  # as from an environment that is not activated
        _make_file(str(path))
    return path


@pytest.fixture
def out(empty: Path, tmp_path: Path) -> Path:
    """A folder with an empty gradebook."""
    shutil.copy(empty, tmp_path)
    return tmp_path


@pytest.fixture
def class_(make: Make) -> list[GradedSubmission]:
    return [
        make("ada"),
        make("bob", Outcome.NOT_YET, Outcome.ERROR),
        make("eve", *[Outcome.NOT_ATTEMPTED] * 4, status=Status.STOPPED, reason="It stopped."),
        make("dan", status=Status.UNREADABLE, checks=()),
        make("flo", status=Status.LOST),
    ]


def opened(out: Path) -> Gradebook:
    return Gradebook(f"sqlite:///{out / 'gradebook.db'}")


def exported(out: Path) -> dict[str, tuple[float, float]]:
    plugin = CsvExportPlugin(to=str(out / "grades.csv"))
    with opened(out) as gradebook:
        plugin.export(gradebook)
    with (out / "grades.csv").open(encoding="utf-8") as file:
        found = csv.DictReader(file)
        return {r["student_id"]: (float(r["score"]), float(r["max_score"])) for r in found}


def test_an_empty_gradebook_is_one_that_nbgrader_makes(empty: Path, tmp_path: Path) -> None:
    Gradebook(f"sqlite:///{tmp_path / 'theirs.db'}").close()
    schema = "SELECT type, name, sql FROM sqlite_master ORDER BY type, name"
    for question in (schema, "SELECT * FROM alembic_version", "SELECT * FROM course"):
        ours, theirs = (
            sqlite3.connect(path).execute(question).fetchall()
            for path in (empty, tmp_path / "theirs.db")
        )
        assert ours == theirs != []


def test_nbgraders_export_gives_the_same_marks(
    assignment: Assignment, class_: list[GradedSubmission], out: Path
) -> None:
    write_gradebook(assignment, class_, out)
    assert exported(out) == {
        "ada": (5.0, 5.0), "bob": (2.0, 5.0), "eve": (0.0, 5.0), "dan": (0.0, 5.0),
    }  # fmt: skip


@pytest.mark.slow
def test_the_export_command_reads_the_gradebook(
    assignment: Assignment, class_: list[GradedSubmission], out: Path
) -> None:
    write_gradebook(assignment, class_, out)
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "export", "--to", "marks.csv",
         f"--db=sqlite:///{out / 'gradebook.db'}"],
        cwd=out, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    with (out / "marks.csv").open(encoding="utf-8") as file:
        marks = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert marks == {"ada": 5.0, "bob": 2.0, "dan": 0.0, "eve": 0.0}


def test_nothing_waits_for_manual_grading(
    assignment: Assignment, class_: list[GradedSubmission], out: Path
) -> None:
    write_gradebook(assignment, class_, out)
    with opened(out) as gradebook:
        rows = gradebook.submission_dicts("week99")
        assert len(rows) == 4
        assert not any(row["needs_manual_grade"] for row in rows)
        assert gradebook.find_notebook("week99", "week99").max_score == 5


def test_cells_have_the_names_that_the_release_gives_them(
    assignment: Assignment, out: Path
) -> None:
    write_gradebook(assignment, [], out)
    with opened(out) as gradebook:
        notebook = gradebook.find_notebook("week99", "week99")
        assert {c.name: c.max_score for c in notebook.grade_cells} == {
            FIRST: 1.0,
            "softmax__survives_large_scores": 2.0,
            "parameter_count__is_a_whole_number": 1.0,
            "parameter_count__counts_weights_and_biases": 1.0,
        }
        assert {c.name for c in notebook.solution_cells} == {
            "softmax__answer", "parameter_count__answer",
        }  # fmt: skip
        answer = gradebook.find_source_cell("softmax__answer", "week99", "week99")
        assert "    ...\n" in f"{answer.source}\n"
        assert "np.exp" not in answer.source


def test_grading_again_replaces_and_never_doubles(
    assignment: Assignment, make: Make, out: Path
) -> None:
    write_gradebook(assignment, [make("ada", Outcome.ERROR)], out)
    for _ in range(2):
        write_gradebook(assignment, [make("ada")], out)
    assert exported(out) == {"ada": (5.0, 5.0)}
    with opened(out) as gradebook:
        assert len(gradebook.find_submission_notebook("week99", "week99", "ada").grades) == 4


def manual(out: Path) -> tuple[Any, ...]:
    with opened(out) as gradebook:
        grade = gradebook.find_grade(FIRST, "week99", "week99", "ada")
        comment = gradebook.find_comment("softmax__answer", "week99", "week99", "ada")
        return (
            grade.auto_score, grade.manual_score, grade.extra_credit, comment.manual_comment,
            grade.needs_manual_grade,
        )  # fmt: skip


def test_what_a_person_entered_stays(assignment: Assignment, make: Make, out: Path) -> None:
    write_gradebook(assignment, [make("ada", Outcome.ERROR)], out)
    with opened(out) as gradebook:
        grade = gradebook.find_grade(FIRST, "week99", "week99", "ada")
        grade.manual_score, grade.extra_credit = 0.5, 0.25
        gradebook.find_comment(
            "softmax__answer", "week99", "week99", "ada"
        ).manual_comment = "Nearly."
        gradebook.db.commit()
    write_gradebook(assignment, [make("ada", Outcome.ERROR)], out)
    assert manual(out) == (0.0, 0.5, 0.25, "Nearly.", False)
    write_gradebook(assignment, [make("ada")], out)
    assert manual(out) == (1.0, 0.5, 0.25, "Nearly.", True)  # now somebody should look again


def test_a_lost_submission_keeps_its_earlier_mark(
    assignment: Assignment, make: Make, out: Path
) -> None:
    write_gradebook(assignment, [make("ada")], out)
    write_gradebook(assignment, [make("ada", Outcome.ERROR, status=Status.LOST)], out)
    assert exported(out) == {"ada": (5.0, 5.0)}


def generated(assignment: Assignment, root: Path) -> Path:
    """What ``nbgrader generate_assignment`` leaves, made by itself."""
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config

    config = Config()
    config.CourseDirectory.root = str(root)
    config.ClearSolutions.code_stub = {"python": "..."}
    import nbformat

    folder = root / "source" / "week99"
    folder.mkdir(parents=True)
    notebook = source(assignment)
    nbformat.write(nbformat.from_dict(notebook), folder / "week99.ipynb")
    said = NbGraderAPI(config=config).generate_assignment("week99", force=True)
    assert said["success"], said
    return root


def source(assignment: Assignment) -> dict[str, Any]:
    learner = learner_notebook(assignment, {}, colab_url="https://x.example", install="dlcourse")
    return source_notebook(assignment, learner, {}, "secret")


def cells(out: Path) -> list[Any]:
    with sqlite3.connect(out / "gradebook.db") as database:
        return sorted(
            database.execute("SELECT name, cell_type, locked, source, checksum FROM source_cell")
        ) + sorted(
            database.execute(
                "SELECT b.name, b.type, g.max_score, g.cell_type FROM base_cell b "
                "LEFT JOIN grade_cells g ON g.id = b.id"
            )
        )


def test_an_assignment_that_nbgrader_generated_is_not_disturbed(
    assignment: Assignment, class_: list[GradedSubmission], tmp_path: Path
) -> None:
    generated(assignment, tmp_path)
    before = cells(tmp_path)
    write_gradebook(assignment, class_, tmp_path)
    assert cells(tmp_path) == before
    assert exported(tmp_path)["bob"] == (2.0, 5.0)


def test_a_made_assignment_has_the_cells_that_nbgrader_would_record(
    assignment: Assignment, class_: list[GradedSubmission], tmp_path: Path
) -> None:
    generated(assignment, tmp_path / "theirs")
    write_gradebook(assignment, class_, tmp_path, source=source(assignment))
    assert cells(tmp_path) == cells(tmp_path / "theirs")


def test_nbgrader_can_generate_after_us(
    assignment: Assignment, class_: list[GradedSubmission], tmp_path: Path
) -> None:
    write_gradebook(assignment, class_, tmp_path, source=source(assignment))
    generated(assignment, tmp_path)
    assert exported(tmp_path)["ada"] == (5.0, 5.0)


def test_another_version_of_the_assignment_is_refused(
    assignment: Assignment, make: Make, out: Path
) -> None:
    write_gradebook(assignment, [make("ada")], out)
    with opened(out) as gradebook:
        gradebook.update_or_create_grade_cell(FIRST, "week99", "week99", max_score=7.0)
    with pytest.raises(GradebookError, match=f"counts other points for {FIRST}"):
        write_gradebook(assignment, [make("ada")], out)


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # nbgrader's own
def test_a_submission_older_than_the_notebook_gets_its_grades(
    assignment: Assignment, make: Make, out: Path
) -> None:
    with opened(out) as gradebook:
        gradebook.add_assignment("week99")
        gradebook.add_student("ada", first_name="Ada")
        gradebook.add_submission("week99", "ada")
    write_gradebook(assignment, [make("ada")], out)
    assert exported(out) == {"ada": (5.0, 5.0)}
    with opened(out) as gradebook:
        assert gradebook.find_student("ada").first_name == "Ada"


def test_a_short_lock_is_waited_for(assignment: Assignment, make: Make, out: Path) -> None:
    write_gradebook(assignment, [make("ada", Outcome.ERROR)], out)
    holder = sqlite3.connect(out / "gradebook.db", check_same_thread=False)
    holder.execute("BEGIN EXCLUSIVE")
    release = threading.Timer(1.5, holder.rollback)
    release.start()
    try:
        write_gradebook(assignment, [make("ada")], out, patience=30)
    finally:
        release.join()
        holder.close()
    assert exported(out) == {"ada": (5.0, 5.0)}


@pytest.mark.parametrize("mode", ["EXCLUSIVE", "IMMEDIATE"])
def test_a_long_lock_ends_in_an_error_that_says_what_to_do(
    assignment: Assignment, make: Make, out: Path, mode: str
) -> None:
    write_gradebook(assignment, [make("ada", Outcome.ERROR)], out)
    holder = sqlite3.connect(out / "gradebook.db")
    holder.execute(f"BEGIN {mode}")
    with pytest.raises(GradebookError, match=r"stayed locked .* for 1\.5 s\. Close what uses it"):
        write_gradebook(assignment, [make("ada")], out, patience=1.5)
    holder.close()
    assert exported(out) == {"ada": (4.0, 5.0)}


def test_a_file_that_is_no_gradebook_is_refused_and_kept(
    assignment: Assignment, make: Make, tmp_path: Path
) -> None:
    (tmp_path / "gradebook.db").write_text("my notes, a good deal longer than a header" * 50)
    with pytest.raises(GradebookError, match="not a database"):
        write_gradebook(assignment, [make("ada")], tmp_path)
    assert (tmp_path / "gradebook.db").read_text().startswith("my notes")


def test_ids_that_nbgrader_cannot_carry_get_a_name_of_their_own(
    assignment: Assignment, make: Make, out: Path
) -> None:
    ids = ["zoë müller", "a,b", "../x", "=1+1", HOSTILE, "", "x" * 300]
    write_gradebook(assignment, [make(id_) for id_ in ids], out)
    assert len(exported(out)) == len(ids)
    assert student_id("zoë müller") == "zoë müller"
    assert all(mark == (5.0, 5.0) for mark in exported(out).values())


def test_the_best_of_several_submissions_counts(make: Make) -> None:
    class_ = [make("ada", Outcome.ERROR), make("ada"), make("ada", status=Status.LOST)]
    assert [one.marks for one in best_of_each(class_)] == [5.0]


def test_a_url_elsewhere_is_used(assignment: Assignment, make: Make, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'course' / 'marks.db'}"
    assert write_gradebook(assignment, [make("ada")], tmp_path, database=url) == url
    assert not (tmp_path / "gradebook.db").exists()
    assert (tmp_path / "course" / "marks.db").is_file()


_IMPORTS = """
import sys
from autograder.report import gradebook
print("nbconvert" in sys.modules, "nbgrader" in sys.modules)
import nbgrader, nbgrader.apps
from nbgrader import api
print(hasattr(nbgrader, "__version__"), api.Gradebook is gradebook.Gradebook)
"""


def test_of_nbgrader_only_the_gradebook_is_imported_and_the_rest_can_follow() -> None:
    command = [sys.executable, "-c", _IMPORTS]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "False False\nTrue True\n"
