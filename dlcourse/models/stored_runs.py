"""Trainings that were measured once and stored, a line each: how projects keep and read theirs.

Training the approaches that a project's page shows takes longer than a page may. A script of the
project trains them, run by run, and the page reads what was measured.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol, TypeVar

__all__ = ["Run", "by_approach", "keep", "read"]


class Run(Protocol):
    """One training of an approach; a frozen dataclass whose fields JSON can hold."""

    @property
    def approach(self) -> str:
        """What was trained."""

    @property
    def seed(self) -> int:
        """Of the training."""


R = TypeVar("R", bound=Run)


def by_approach(runs: Iterable[R]) -> dict[str, list[R]]:
    """The runs of each approach, in the order of seeds."""
    found: dict[str, list[R]] = {}
    for run in sorted(runs, key=lambda run: run.seed):
        found.setdefault(run.approach, []).append(run)
    return found


def read(path: Path, make: Callable[..., R]) -> list[R]:
    """The runs in a file, none if there is no file.

    Args:
        path: of the file.
        make: the runs' class; where JSON has a list, it is given a tuple.
    """
    return [make(**{name: _frozen(x) for name, x in row.items()}) for row in _rows(path)]


def keep(run: Any, path: Path) -> None:
    """Add a run, a dataclass, to a file of one line each."""
    lines = ",\n".join(json.dumps(row) for row in [*_rows(path), asdict(run)])
    path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def _rows(path: Path) -> list[dict[str, Any]]:
    return list(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else []


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
