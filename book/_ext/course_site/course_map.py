"""``{course-map}``: the path of the twelve weeks, in which each topic says what it needs.

A topic is a chapter. What it needs is read in its line of prerequisites: each chapter linked there,
and each week named there as a whole, with a link to its own page or without one. A week that this
site lacks is shown as to come, from ``book/syllabus.yml``. The lines between topics are drawn by
``_static/front_page.js``; without it each topic still says by number what it needs.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from .study_time import WORDS_A_MINUTE, chapters_of, study_time, words_of, written_weeks
from .weeks import index_of, link_to, week_of

SYLLABUS = "book/syllabus.yml"

_PREREQUISITES = re.compile(r"^\*\*Prerequisites:\*\* (.*)$", re.MULTILINE)
_LINK = re.compile(r"\[[^]]*\]\(([^)#]+)\.md[^)]*\)")
_WEEK = re.compile(r"\bweek (\d+)")
_TITLE = re.compile(r"^# (.+)$", re.MULTILINE)


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("course-map", CourseMapDirective)


@dataclass(frozen=True)
class Topic:
    """A chapter on the map.

    Attributes:
        name: of its page.
        number: week and place in it, such as ``3.2``.
        title: its heading.
        needs: names of the chapters that it needs.
        needs_weeks: weeks that it names as a whole.
        minutes: to read it.
    """

    name: str
    number: str
    title: str
    needs: tuple[str, ...]
    needs_weeks: tuple[int, ...]
    minutes: float


def prerequisites(name: str, source: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The chapters that a chapter's line of prerequisites links to, and the weeks that it names."""
    line = _PREREQUISITES.search(source)
    if line is None:
        return (), ()
    folder = posixpath.dirname(name)
    linked = [posixpath.normpath(posixpath.join(folder, path)) for path in _LINK.findall(line[1])]
    chapters = dict.fromkeys(page for page in linked if re.match(r"book/week\d\d/\d", page))
    whole = [week_of(page) for page in linked if re.fullmatch(r"book/week\d\d/index", page)]
    named = map(int, _WEEK.findall(_LINK.sub("", line[1])))
    weeks = dict.fromkeys([*whole, *named])
    covered = {week_of(page) for page in chapters}
    return tuple(chapters), tuple(week for week in weeks if week not in covered)


def topic(root: Path, path: Path, number: str) -> Topic:
    """Read a chapter."""
    source = path.read_text(encoding="utf-8")
    name = path.relative_to(root).with_suffix("").as_posix()
    title = _TITLE.search(source.partition("\n---\n")[2])
    needs, weeks = prerequisites(name, source)
    minutes = words_of(source) / WORDS_A_MINUTE
    return Topic(name, number, title[1] if title else name, needs, weeks, minutes)


def topics_of(root: Path, week: int) -> list[Topic]:
    """The chapters of a week, in order."""
    return [
        topic(root, path, f"{week}.{place}")
        for place, path in enumerate(chapters_of(root, week), start=1)
    ]


def syllabus(root: Path) -> list[dict[str, Any]]:
    """The twelve weeks as ``book/syllabus.yml`` has them."""
    found: list[dict[str, Any]] = yaml.safe_load((root / SYLLABUS).read_text(encoding="utf-8"))
    return found


def own_words(root: Path, week: int) -> dict[str, Any]:
    """Title and needed weeks of a week whose pages are written, whether or not a site has them."""
    index = root / f"{index_of(week)}.md"
    if not index.is_file():
        return {}
    title = _TITLE.search(index.read_text(encoding="utf-8"))
    topics = topics_of(root, week)
    needs = {week_of(name) for one in topics for name in one.needs}
    needs |= {other for one in topics for other in one.needs_weeks}
    return {"title": title[1] if title else "", "needs": sorted(needs - {week})}


class CourseMapDirective(SphinxDirective):
    """The map."""

    def run(self) -> list[nodes.Node]:
        """Draw a row for each week."""
        self.root = Path(self.env.app.srcdir)
        self.env.note_dependency(str(self.root / SYLLABUS))
        written = written_weeks(self.env.found_docs)
        by_week = {week: topics_of(self.root, week) for week in written}
        self.numbers = {one.name: one.number for week in by_week.values() for one in week}
        rows = nodes.container(classes=["course-map"])
        for told in syllabus(self.root):
            week = {**told, **own_words(self.root, told["week"])}
            topics = by_week.get(week["week"])
            rows += self.to_come(week) if topics is None else self.row(week, topics)
        rows += nodes.raw("", '<p class="map-status" role="status" hidden></p>', format="html")
        return [rows]

    def head(self, week: Mapping[str, Any], told: str) -> nodes.container:
        """What stands at the beginning of a row."""
        head = nodes.container(classes=["map-head"])
        line = nodes.paragraph(classes=["map-week"])
        line += link_to(self.env, index_of(week["week"]), f"Week {week['week']}")
        head += line
        head += nodes.paragraph(text=week["title"], classes=["map-title"])
        head += nodes.paragraph(text=told, classes=["map-time"])
        return head

    def row(self, week: Mapping[str, Any], topics: Sequence[Topic]) -> nodes.container:
        """A week that this site has."""
        time = study_time(self.root, week["week"])
        row = nodes.container(classes=["map-row"])
        row += self.head(week, f"{time.hours:.1f} h and exercises")
        boxes = nodes.container(classes=["map-topics"])
        for one in topics:
            self.env.note_dependency(str(self.root / f"{one.name}.md"))
            boxes += self.box(one)
        row += boxes
        return row

    def box(self, one: Topic) -> nodes.container:
        """A topic: its title as a link, and by number what it needs."""
        box = nodes.container(classes=["map-topic"])
        known = sorted(self.numbers[name] for name in one.needs if name in self.numbers)
        weeks = [week for week in sorted(one.needs_weeks) if index_of(week) in self.env.found_docs]
        data = f'data-topic="{one.number}" data-needs="{" ".join([*known, *map(str, weeks)])}"'
        begin = f'<span class="map-data" {data} data-minutes="{one.minutes:.1f}" hidden></span>'
        box += nodes.raw("", begin, format="html")
        title = nodes.paragraph(classes=["map-name"])
        title += [nodes.inline("", f"{one.number} ", classes=["map-number"])]
        title += link_to(self.env, one.name, one.title)
        box += [title, nodes.paragraph(text=self.needs(known, weeks), classes=["map-needs"])]
        return box

    def needs(self, chapters: Sequence[str], weeks: Sequence[int]) -> str:
        """What a topic needs, in words."""
        parts = [*(f"week {week}" for week in weeks), *chapters]
        return f"needs {', '.join(parts)}" if parts else "needs no other chapter"

    def to_come(self, week: Mapping[str, Any]) -> nodes.container:
        """A week that this site lacks."""
        row = nodes.container(classes=["map-row", "map-to-come"])
        row += self.head(week, "to come")
        boxes = nodes.container(classes=["map-topics"])
        box = nodes.container(classes=["map-topic"])
        needed = week.get("needs", [])
        data = f'data-topic="{week["week"]}" data-needs="{" ".join(map(str, needed))}"'
        box += nodes.raw("", f'<span class="map-data" {data} hidden></span>', format="html")
        box += nodes.paragraph(text=week["about"], classes=["map-name"])
        box += nodes.paragraph(text=self.needs([], needed), classes=["map-needs"])
        boxes += box
        row += boxes
        return row
