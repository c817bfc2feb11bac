"""nbgrader's gradebook, imported without the rest of nbgrader."""

from __future__ import annotations

from autograder.importing import package_alone

with package_alone("nbgrader"):
    from nbgrader.api import (
        Grade,
        Gradebook,
        GradeCell,
        InvalidEntry,
        MissingEntry,
        Notebook,
        SolutionCell,
        SourceCell,
        SubmittedNotebook,
    )
    from nbgrader.dbutil import ALEMBIC_DIR
    from nbgrader.utils import compute_checksum, is_grade, is_locked, is_solution

__all__ = [
    "ALEMBIC_DIR",
    "Grade",
    "GradeCell",
    "Gradebook",
    "InvalidEntry",
    "MissingEntry",
    "Notebook",
    "SolutionCell",
    "SourceCell",
    "SubmittedNotebook",
    "compute_checksum",
    "is_grade",
    "is_locked",
    "is_solution",
]
