"""How long a week takes: its chapters' words, its cells' run time, its assignment's estimate.

``{study-time}`` is a table of these. Nobody types the numbers: words are counted in the chapters'
sources, run times stand in ``execution.json`` beside them, and the assignments' estimates in
``book/facts.json``. The reading speed is that of adults who read English non-fiction silently, 238
words a minute (Brysbaert 2019); code counts by its words as well. Exercises come on top.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from .run_times import table
from .weeks import index_of, link_to

WORDS_A_MINUTE = 238
FACTS = "book/facts.json"

_HEAD = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_OPTIONS = re.compile(r"^---\n.*?\n---\n", re.DOTALL | re.MULTILINE)
_FENCE = re.compile(r"^[`:]{3,}.*$", re.MULTILINE)
_TARGET = re.compile(r"\]\([^)]*\)")
_WORD = re.compile(r"\w[\w'\u2019.-]*")


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("study-time", StudyTimeDirective)


def words_of(source: str) -> int:
    """How many words a page has: its prose and its code, without front matter and options."""
    text = _OPTIONS.sub("", _HEAD.sub("", source))
    return len(_WORD.findall(_TARGET.sub("]", _FENCE.sub("", text))))


@dataclass(frozen=True)
class StudyTime:
    """What a week takes, in minutes.

    Attributes:
        reading: of its chapters.
        running: processor time of its cells.
        assignment: the estimate of the assignment's author; 0 where there is none.
    """

    reading: float
    running: float
    assignment: float

    @property
    def hours(self) -> float:
        """All together, in hours."""
        return (self.reading + self.running + self.assignment) / 60


def chapters_of(root: Path, week: int) -> list[Path]:
    """The sources of a week's chapters, in order."""
    return sorted((root / f"book/week{week:02d}").glob("[0-9]*.md"))


def study_time(root: Path, week: int) -> StudyTime:
    """What a week takes."""
    words = sum(words_of(path.read_text(encoding="utf-8")) for path in chapters_of(root, week))
    record = root / f"book/week{week:02d}/execution.json"
    pages = json.loads(record.read_text(encoding="utf-8")) if record.is_file() else {}
    facts = json.loads((root / FACTS).read_text(encoding="utf-8"))["weeks"]
    return StudyTime(
        reading=words / WORDS_A_MINUTE,
        running=sum(page["processor_seconds"] for page in pages.values()) / 60,
        assignment=facts.get(str(week), {}).get("minutes", 0),
    )


def written_weeks(found: Sequence[str] | set[str]) -> list[int]:
    """The weeks that a site has, by the names of its pages."""
    return [week for week in range(1, 13) if index_of(week) in found]


class StudyTimeDirective(SphinxDirective):
    """A table of the weeks that this site has."""

    def run(self) -> list[nodes.Node]:
        """Count, and make the table."""
        root = Path(self.env.app.srcdir)
        rows = []
        for week in written_weeks(self.env.found_docs):
            time = study_time(root, week)
            rows.append(
                [
                    link_to(self.env, index_of(week), f"Week {week}"),
                    nodes.Text(f"{time.reading:.0f} min"),
                    nodes.Text(f"{time.running:.0f} min"),
                    nodes.Text(f"{time.assignment:.0f} min"),
                    nodes.Text(f"{time.hours:.1f} h"),
                ]
            )
        header = ["", "Reading", "Cells run", "Assignment", "Together"]
        return [table(header, rows)]
