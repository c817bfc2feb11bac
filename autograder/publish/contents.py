"""The site's table of contents, whole or for some weeks."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

import yaml

from autograder.errors import CourseError

_WEEK = re.compile(r"book/week(\d\d)/")
_PROJECTS = "book/projects/"


def contents_of(table: Path, weeks: Collection[int]) -> dict[str, Any]:
    """The table of contents with the chapters of some weeks, and all that belong to no week.

    Projects build on many weeks, and link to their pages: they are left out.

    Args:
        table: the site's ``_toc.yml`` in Jupyter Book's format ``jb-book``.
        weeks: which weeks to keep.

    Raises:
        CourseError: when the table has no chapter of one of the weeks.
        OSError: when it cannot be read.
    """
    contents: dict[str, Any] = yaml.safe_load(table.read_text(encoding="utf-8"))
    found: set[int] = set()

    def kept(chapter: dict[str, Any]) -> bool:
        file = chapter.get("file", "")
        match = _WEEK.match(file)
        if match:
            found.add(int(match[1]))
            return int(match[1]) in weeks
        return not file.startswith(_PROJECTS)

    parts = [
        {**part, "chapters": [c for c in part["chapters"] if kept(c)]} for part in contents["parts"]
    ]
    if missing := sorted(set(weeks) - found):
        raise CourseError(
            f"{table} has no chapter of week {missing[0]}; add the week's pages "
            "there, or name other weeks"
        )
    return {**contents, "parts": [part for part in parts if part["chapters"]]}
