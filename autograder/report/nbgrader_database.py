"""nbgrader's gradebook, imported without the rest of nbgrader.

``import nbgrader`` imports four extensions of Jupyter's server, and through them nbconvert and a
web client: half a second of processor time for nothing that a gradebook needs. So the modules are
imported below a package whose own code has not run. That package does not stay: whoever imports
nbgrader later gets all of it, with the very modules that were imported here.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def _package_alone(name: str) -> Iterator[None]:
    """Inside, modules of a package can be imported, and its own code does not run for that."""
    if name in sys.modules:
        yield
        return
    spec = importlib.util.find_spec(name)
    if spec is None:
        raise ModuleNotFoundError(
            f"{name} is not installed; install this project's extra `instructor`", name=name
        )
    sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        yield
    finally:
        del sys.modules[name]


with _package_alone("nbgrader"):
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
