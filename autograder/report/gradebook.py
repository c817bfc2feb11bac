"""Marks in nbgrader's gradebook, so that formgrader, manual grading and its exporters work on."""

from __future__ import annotations

import json
import logging
import re
import sqlite3
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import nbformat
from alembic.script import ScriptDirectory
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SAWarning, SQLAlchemyError

from autograder.assignment.source import MANUAL_STUB, Answer, Assignment, CheckSource, Manual
from autograder.errors import AutograderError
from autograder.grading.results import GradedSubmission
from autograder.release.learner import answer_id, check_id, code, manual_cells, manual_id, role_of
from autograder.report.files import file_name
from autograder.report.nbgrader_database import (
    ALEMBIC_DIR,
    Grade,
    Gradebook,
    GradeCell,
    InvalidEntry,
    MissingEntry,
    Notebook,
    SolutionCell,
    SourceCell,
    SubmittedNotebook,
    compute_checksum,
    is_grade,
    is_locked,
    is_solution,
)
from autograder.report.outputs import joined
from autograder.report.wording import best_of_each, clean, listed, number

T = TypeVar("T")

PATIENCE = 60.0
"""Seconds to wait for a locked gradebook."""

# One attempt waits this many seconds inside SQLite; between attempts we wait ourselves, so that
# two writers that block each other both let go.
_ATTEMPT = 1
# Submissions in one transaction. Another process may wait for it: nbgrader does so for 5 s.
_AT_ONCE = 20
# What nbgrader and its CSV export can carry: ids become folder names and unquoted CSV cells.
_STUDENT = re.compile(r"[^\s,\"'/\\=+\-@.][^\x00-\x1f,\"/\\]{0,126}")


class GradebookError(AutograderError):
    """The gradebook could not be written; says why and what to do."""


def write_gradebook(
    assignment: Assignment,
    graded: Sequence[GradedSubmission],
    out: Path,
    *,
    database: str | None = None,
    source: dict[str, Any] | None = None,
    course: str = "default_course",
    patience: float | None = None,
) -> str:
    """Write marks into nbgrader's gradebook: the automatic score of each grade cell.

    The grade cell of a check is ``question__check``. Grading again replaces automatic scores;
    manual scores, extra credit and comments stay. Where a mark by hand exists and the automatic
    score changes, the cell is marked for review. All scores of a submission change at once or not
    at all. Of several submissions by one learner the best counts; superseded and lost ones are left
    out.

    An assignment that ``nbgrader generate_assignment`` made stays as it is. Where there is none it
    is made, with a notebook of the assignment's name.

    Args:
        assignment: what was graded.
        graded: the submissions.
        out: the folder that holds ``gradebook.db``, unless ``database`` names another.
        database: URL of the gradebook, for instance ``sqlite:////course/gradebook.db``.
        source: nbgrader's source notebook (``autograder.release.nbgrader.source_notebook``).
            Given it, an assignment that is made gets the very cells that
            ``nbgrader generate_assignment`` would record, so that this command can follow later;
            else it gets those that are graded.
        course: the course that an assignment which is made belongs to.
        patience: seconds to wait for another process that holds the gradebook locked; PATIENCE
            by default.

    Returns:
        The gradebook's URL, without its password.

    Raises:
        GradebookError: when it stays locked, is none, or holds another version of the assignment.
        OSError: when ``out`` cannot be written.
    """
    with opened(out, database, course=course, patience=patience) as (gradebook, wait):
        wait.until_free(lambda: _assignment(gradebook, assignment, source), gradebook)
        for some in _batches(best_of_each(graded)):
            wait.until_free(lambda some=some: _record(gradebook, assignment, some), gradebook)  # type: ignore[misc]
        return wait.shown


@contextmanager
def opened(
    out: Path,
    database: str | None = None,
    *,
    course: str = "default_course",
    patience: float | None = None,
) -> Iterator[tuple[Gradebook, Wait]]:
    """The gradebook, which is made where it is a file that is missing, and how to wait for it.

    Args:
        out: the folder that holds ``gradebook.db``, unless ``database`` names another.
        database: URL of the gradebook.
        course: the course of an assignment that is made.
        patience: seconds to wait for another process that holds it locked; PATIENCE by default.

    Raises:
        GradebookError: when it stays locked or is none.
        OSError: when ``out`` cannot be written.
    """
    url = make_url(database or f"sqlite:///{(out / 'gradebook.db').resolve()}")
    shown = url.render_as_string(hide_password=True)
    if url.get_backend_name() == "sqlite" and "timeout" not in url.query:
        url = url.update_query_dict({"timeout": str(_ATTEMPT)})
    address = url.render_as_string(hide_password=False)
    with _explained(shown), _quiet():
        _make_file(url.database if url.get_backend_name() == "sqlite" else None)
        wait = Wait(shown, PATIENCE if patience is None else patience)
        with wait.until_free(lambda: Gradebook(address, course)) as gradebook:
            yield gradebook, wait


def make_empty(out: Path) -> None:
    """Make ``gradebook.db`` in a folder where there is none.

    Raises:
        OSError: when ``out`` cannot be written.
    """
    _make_file(str(out / "gradebook.db"))


def student_id(submission: str) -> str:
    """The id under which nbgrader knows a learner.

    The submission's id, unless nbgrader's folders or its unquoted CSV could not carry it.
    """
    if _STUDENT.fullmatch(submission) and clean(submission) == submission:
        return submission
    return file_name(submission)


@dataclass(frozen=True)
class Wait:
    """Tries again, with growing pauses, while another process holds the gradebook."""

    shown: str
    patience: float

    def until_free(self, step: Callable[[], T], gradebook: Any = None) -> T:
        """What a step returns, once no other process holds the gradebook.

        Raises:
            GradebookError: when it stays locked.
        """
        deadline = time.monotonic() + self.patience
        pause = 0.05
        while True:
            try:
                return step()
            except (SQLAlchemyError, InvalidEntry) as error:
                if gradebook is not None:
                    gradebook.db.rollback()
                if not _is_locked(error):
                    raise
                if time.monotonic() + pause > deadline:
                    raise GradebookError(
                        f"the gradebook {self.shown} stayed locked by another process for "
                        f"{number(self.patience)} s. Close what uses it (formgrader, another "
                        "grading run) and give the same command again; all other results are "
                        "written, and marks that are in the gradebook already stay right."
                    ) from error
            time.sleep(pause)
            pause = min(2 * pause, 1.0)


def _is_locked(error: Exception) -> bool:
    # Of two that add a learner at once, one finds the learner there when it tries again.
    return (
        re.search(r"\b(locked|deadlock|lock timeout|UNIQUE constraint|duplicate key)\b", str(error))
        is not None
    )


@contextmanager
def _explained(shown: str) -> Iterator[None]:
    """Turn a database's errors into one that says what to do."""
    try:
        yield
    except (SQLAlchemyError, InvalidEntry, MissingEntry) as error:
        first = clean(str(error)).split("\n", 1)[0]
        todo = "Grade into another folder with --out, or name another gradebook."
        if "no such column" in first or "no such table" in first:
            todo = "If it was made by an older nbgrader, run `nbgrader db upgrade` beside it."
        raise GradebookError(
            f"the gradebook {shown} could not be written: {first}. {todo}"
        ) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep nbgrader from printing a traceback for each attempt that met a lock.

    Its way of adding a submission also makes SQLAlchemy warn, without consequence.
    """
    log = logging.getLogger("tornado.application")
    before, log.disabled = log.disabled, True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SAWarning)
            yield
    finally:
        log.disabled = before


def _make_file(name: str | None) -> None:
    """Make an empty gradebook where there is none, so that it is there whole or not at all."""
    path = Path(name) if name else None
    if path is None or path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".gradebook.") as folder:
        made = Path(folder) / path.name
        _stamp(made)
        Gradebook(f"sqlite:///{made.resolve()}").close()
        if not path.exists():
            made.rename(path)


def _stamp(path: Path) -> None:
    """Note the version of nbgrader's schema, as nbgrader does by starting the alembic command."""
    head = ScriptDirectory(ALEMBIC_DIR).get_current_head()
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        database.execute("INSERT INTO alembic_version (version_num) VALUES (?)", [head])


def _assignment(
    gradebook: Gradebook, assignment: Assignment, source: dict[str, Any] | None
) -> None:
    """Make the assignment and its notebook, or see that what is there fits."""
    try:
        gradebook.find_assignment(assignment.name)
    except MissingEntry:
        gradebook.add_assignment(assignment.name)
    try:
        notebook = gradebook.find_notebook(assignment.name, assignment.name)
    except MissingEntry:
        _add_notebook(gradebook, assignment, _as_recorded(assignment, source))
    else:
        _check_fit(assignment, {cell.name: cell.max_score for cell in notebook.grade_cells})


def _check_fit(assignment: Assignment, known: dict[str, float]) -> None:
    wanted = {check_id(c): c.points for c in assignment.checks}
    wanted |= {manual_id(m): m.points for m in assignment.manual}
    missing = sorted(wanted.keys() - known.keys())
    unequal = sorted(name for name in wanted.keys() & known.keys() if wanted[name] != known[name])
    if not missing and not unequal:
        return
    parts = []
    if missing:
        parts.append(f"it lacks the grade cells {listed(missing)}")
    if unequal:
        parts.append(f"it counts other points for {listed(unequal)}")
    raise GradebookError(
        f"the gradebook holds another version of {assignment.name}: {' and '.join(parts)}. Run "
        f"`nbgrader generate_assignment {assignment.name} --force` beside it, or, where nbgrader "
        "refuses since submissions exist, grade into another folder with --out."
    )


def _graded_cells(assignment: Assignment) -> dict[str, Any]:
    """A notebook of only the cells that are graded."""
    cells = []
    for cell in assignment.cells:
        if isinstance(cell, Answer):
            name = answer_id(cell.question)
            cells.append(code(name, cell.solution, role_of(name, solution=True)))
        elif isinstance(cell, CheckSource):
            name = check_id(cell)
            cells.append(code(name, cell.source, role_of(name, points=cell.points)))
        elif isinstance(cell, Manual):
            cells += manual_cells(cell, MANUAL_STUB)
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def _as_recorded(assignment: Assignment, source: dict[str, Any] | None) -> Any:
    """A source notebook as ``nbgrader generate_assignment`` records it: no solutions, checksums.

    Without a source, a notebook of the graded cells.
    """
    stubs = {answer_id(c.question): c.stub for c in assignment.cells if isinstance(c, Answer)}
    recorded = nbformat.from_dict(source or _graded_cells(assignment))
    stubs |= {manual_id(m): MANUAL_STUB for m in assignment.manual}
    for cell in recorded.cells:
        cell["source"] = stubs.get(cell["id"], cell["source"])
        if is_grade(cell) or is_solution(cell) or is_locked(cell):
            cell.metadata.nbgrader.checksum = compute_checksum(cell)
    return recorded


def _add_notebook(gradebook: Gradebook, assignment: Assignment, recorded: Any) -> None:
    """Add the notebook and all its cells in one transaction."""
    notebook = Notebook(
        name=assignment.name,
        assignment=gradebook.find_assignment(assignment.name),
        kernelspec=json.dumps(recorded.metadata.get("kernelspec", {})),
    )
    for cell in recorded.cells:
        _add_cell(notebook, cell)
    gradebook.db.add(notebook)
    gradebook.db.commit()


def _add_cell(notebook: Notebook, cell: Any) -> None:
    named = {"name": cell.metadata.get("nbgrader", {}).get("grade_id"), "notebook": notebook}
    if is_grade(cell):
        points = float(cell.metadata.nbgrader.points)
        GradeCell(max_score=points, cell_type=cell.cell_type, **named)
    if is_solution(cell):
        SolutionCell(**named)
    if is_grade(cell) or is_solution(cell) or is_locked(cell):
        SourceCell(
            cell_type=cell.cell_type,
            locked=is_locked(cell),
            source=cell.source,
            checksum=cell.metadata.nbgrader.checksum,
            **named,
        )


def _batches(graded: Sequence[GradedSubmission]) -> Iterator[Sequence[GradedSubmission]]:
    for start in range(0, len(graded), _AT_ONCE):
        yield graded[start : start + _AT_ONCE]


def _record(gradebook: Gradebook, assignment: Assignment, some: Sequence[GradedSubmission]) -> None:
    """Write some submissions' automatic scores in one transaction."""
    with _not_committing(gradebook):
        for one in some:
            _record_one(gradebook, assignment, one)
    gradebook.db.commit()


@contextmanager
def _not_committing(gradebook: Gradebook) -> Iterator[None]:
    """nbgrader commits a learner, a submission and a cell one by one, each a wait for the disk."""
    gradebook.db.commit = gradebook.db.flush
    try:
        yield
    finally:
        del gradebook.db.commit


def _record_one(gradebook: Gradebook, assignment: Assignment, one: GradedSubmission) -> None:
    student = student_id(one.learner)
    try:
        gradebook.find_student(student)
    except MissingEntry:
        who = one.identity
        gradebook.add_student(
            student,
            last_name=clean(who.name, 120) or None,
            email=clean(who.email, 120) or None,
            lms_user_id=who.number or who.participant or who.student_id or None,
        )
    gradebook.update_or_create_submission(assignment.name, student)
    found = {(c.question, c.name): c.earned for c in one.checks}
    earned = {check_id(c): found.get((c.question, c.name), 0.0) for c in assignment.checks}
    # A row that was graded with other checks says nothing of those that it does not know.
    unknown = {check_id(c) for c in assignment.checks if (c.question, c.name) not in found}
    written = _written_by_hand(assignment, one)
    for name, grade in _grades(gradebook, assignment, student):
        if name in earned and not (one.checks and name in unknown):
            _score(grade, earned[name])
        elif name in written:
            _leave_to_people(grade, written[name])


def _grades(
    gradebook: Gradebook, assignment: Assignment, student: str
) -> Iterator[tuple[str, Grade]]:
    """The grades of a submission, by the names of their cells; those that are missing are made."""
    notebook = gradebook.find_notebook(assignment.name, assignment.name)
    try:
        submitted = gradebook.find_submission_notebook(notebook.name, assignment.name, student)
    except MissingEntry:  # the submission is older than the notebook
        submitted = SubmittedNotebook(
            notebook=notebook, assignment=gradebook.find_submission(assignment.name, student)
        )
    grades = {grade.cell_id: grade for grade in submitted.grades}
    for cell in notebook.grade_cells:
        yield cell.name, grades.get(cell.id) or Grade(cell_id=cell.id, notebook=submitted)
    gradebook.db.add(submitted)  # and with it the grades made here


def _score(grade: Grade, earned: float) -> None:
    changed = grade.auto_score != earned
    grade.auto_score = earned
    if grade.manual_score is None:
        grade.needs_manual_grade = False
    elif changed:  # a mark given by hand stands, but its reason may be gone
        grade.needs_manual_grade = True


def _written_by_hand(assignment: Assignment, one: GradedSubmission) -> dict[str, bool]:
    """Of each cell that people mark, whether the learner has written anything there."""
    cells = one.notebook["cells"] if one.notebook else []
    texts = {c["metadata"].get("grade_id"): joined(c["source"]).strip() for c in cells}
    names = [manual_id(m) for m in assignment.manual]
    return {name: texts.get(name, "") not in ("", MANUAL_STUB) for name in names}


def _leave_to_people(grade: Grade, written: bool) -> None:
    """Ask for a mark where something is written. What is not costs nobody's time: it has 0."""
    grade.auto_score = None if written else 0.0
    grade.needs_manual_grade = written and grade.manual_score is None
