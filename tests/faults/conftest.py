"""A small class for the fault tests, and the grading command as a course gives it."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import kills
from benchmarks.kills import Class


@pytest.fixture
def small_class(tmp_path: Path) -> Class:
    """Six submissions: right, wrong, fatal, raising, untouched, unreadable."""
    return kills.make_class(tmp_path, 6)
