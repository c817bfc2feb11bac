"""What changed in the course: ``{changes}`` tells it on a page, ``feed.xml`` to programs.

Both are made of ``CHANGELOG.md``. The feed is Atom (RFC 4287), lies at the root of the site, and
each page names it in its head. An entry's address on the page with ``{changes}`` is its id in the
feed. An entry that has no date, because nobody committed it yet, is on the page alone.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from docutils import nodes
from docutils.statemachine import StringList
from markdown_it import MarkdownIt
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from .changelog import CHANGELOG, DATES, Entry, Version, Written, date_of, dates_of, read_changelog
from .publication import NOT_INDEXED

LOGGER = logging.getLogger(__name__)
FEED = "feed.xml"
TITLE = "What changed"
LONGEST = 100
"""How many entries the feed has, the newest."""
ATOM = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True)
class Change:
    """An entry of a version, with its dates; ``written`` is None where nobody knows them."""

    version: Version
    entry: Entry
    written: Written | None

    @property
    def anchor(self) -> str:
        """Its place on the page; an element's name there may not hold dots."""
        return f"changed-{self.version.name.replace('.', '-')}-{self.entry.slug}"


def setup(app: Sphinx) -> None:
    """Register the directive, and write the feed beside the pages."""
    app.add_directive("changes", ChangesDirective)
    app.connect("builder-inited", read_changes)
    app.connect("env-purge-doc", forget_page)
    app.connect("env-merge-info", merge_page)
    app.connect("html-page-context", name_feed, priority=910)
    app.connect("build-finished", write_feed)


def read_changes(app: Sphinx) -> None:
    """Read what changed; a course without ``CHANGELOG.md`` has neither page nor feed."""
    app.course_changes = []
    path = Path(app.srcdir) / CHANGELOG
    if not path.is_file():
        return
    dates = dates_of(Path(app.srcdir))
    try:
        versions = read_changelog(path.read_text(encoding="utf-8"))
    except ValueError as error:
        LOGGER.warning("%s", error, type="course")
        return
    app.course_changes = [
        Change(version, entry, date_of(version, entry, dates))
        for version in versions
        for entry in version.entries
    ]


def forget_page(app: Sphinx, env: Any, docname: str) -> None:
    """A page that is read anew may hold the directive no more."""
    if getattr(env, "course_changes_page", None) == docname:
        env.course_changes_page = None


def merge_page(app: Sphinx, env: Any, docnames: set[str], other: Any) -> None:
    """Where pages are read in several processes, one of them has met the directive."""
    if getattr(other, "course_changes_page", None) in docnames:
        env.course_changes_page = other.course_changes_page


class ChangesDirective(SphinxDirective):
    """All entries of the changelog, by version and kind, each with its date and an address."""

    def run(self) -> list[nodes.Node]:
        """A heading for each version and kind, and a list of entries."""
        root = Path(self.env.app.srcdir)
        for name in (CHANGELOG, DATES):
            self.env.note_dependency(str(root / name))
        self.env.course_changes_page = self.env.docname
        found: list[nodes.Node] = [self._feed()] if has_feed(self.env.app) else []
        for (version, kind), changes in self._by_kind().items():
            found.append(nodes.rubric(text=f"{heading(version)}: {kind.lower()}"))
            found.append(nodes.bullet_list("", *map(self._item, changes), classes=["changes"]))
        return found

    def _feed(self) -> nodes.paragraph:
        address = "../" * self.env.docname.count("/") + FEED
        link = nodes.reference("", "feed of changes", refuri=address)
        return nodes.paragraph("", "A feed reader finds the same in the ", link, nodes.Text("."))

    def _by_kind(self) -> dict[tuple[Version, str], list[Change]]:
        grouped: dict[tuple[Version, str], list[Change]] = {}
        for change in self.env.app.course_changes:
            grouped.setdefault((change.version, change.entry.kind), []).append(change)
        return grouped

    def _item(self, change: Change) -> nodes.list_item:
        item = nodes.list_item("", ids=[change.anchor])
        lines = StringList([change.entry.text], source=CHANGELOG)
        self.state.nested_parse(lines, self.content_offset, item)
        if change.written:
            day = nodes.inline(text=change.written.published[:10], classes=["change-date"])
            item[0].insert(0, [day, nodes.Text(" ")])
        return item


def heading(version: Version) -> str:
    """A version as its heading names it."""
    return f"Version {version.name}, {version.date or 'not released yet'}"


def name_feed(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Name the feed in a page's head, where there is one."""
    if pagename in NOT_INDEXED or not has_feed(app):
        return
    told = escape(feed_title(app))
    link = f'<link rel="alternate" type="application/atom+xml" title="{told}" href="{{}}">'
    address = context["pathto"](FEED, 1)
    context["metatags"] = context.get("metatags", "") + "\n    " + link.format(escape(address))


def has_feed(app: Sphinx) -> bool:
    """Whether the site will have a feed: it has an address, and an entry has a date."""
    return bool(app.config.html_baseurl and _dated(app.course_changes))


def feed_title(app: Sphinx) -> str:
    """The title of the feed."""
    return f"{app.config.html_title}: {TITLE.lower()}"


def write_feed(app: Sphinx, exception: Exception | None) -> None:
    """Write the feed beside the pages."""
    if exception is not None or app.builder.format != "html" or not has_feed(app):
        return
    base, changes = app.config.html_baseurl, _dated(app.course_changes)
    name = getattr(app.env, "course_changes_page", None)
    page = urljoin(base, app.builder.get_target_uri(name)) if name else base
    text = feed(changes, feed_title(app), app.config.author, base, page)
    (Path(app.outdir) / FEED).write_bytes(text)


def _dated(changes: list[Change]) -> list[tuple[Written, Change]]:
    return [(change.written, change) for change in changes if change.written]


def feed(
    changes: list[tuple[Written, Change]], title: str, author: str, base: str, page: str
) -> bytes:
    """An Atom feed of changes and their dates, those last written first.

    Args:
        changes: at least one.
        title: the feed's.
        author: whoever is named for all of it.
        base: the site's address.
        page: the address of the page that tells of the same changes.
    """
    newest = sorted(changes, key=lambda dated: utc(dated[0].published), reverse=True)[:LONGEST]
    address = urljoin(base, FEED)
    root = ElementTree.Element("feed", {"xmlns": ATOM, "xml:lang": "en", "xml:base": base})
    _add(root, "title", title)
    _add(root, "id", address)
    _add(root, "updated", max(utc(written.updated) for written, _ in newest))
    _add(root, "link", rel="self", type="application/atom+xml", href=address)
    _add(root, "link", rel="alternate", type="text/html", href=page)
    _add(_add(root, "author"), "name", author)
    for written, change in newest:
        root.append(_entry(written, change, page))
    ElementTree.indent(root)
    told: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return told + b"\n"


def _entry(written: Written, change: Change, page: str) -> ElementTree.Element:
    address = f"{page}#{change.anchor}"
    entry = ElementTree.Element("entry")
    _add(entry, "title", change.entry.title)
    _add(entry, "id", address)
    _add(entry, "published", utc(written.published))
    _add(entry, "updated", utc(written.updated))
    _add(entry, "link", rel="alternate", type="text/html", href=address)
    _add(entry, "category", term=change.entry.kind)
    html = MarkdownIt("commonmark", {"html": False}).render(change.entry.text)
    _add(entry, "content", html.strip(), type="html")
    return entry


def _add(
    parent: ElementTree.Element, tag: str, text: str | None = None, **attributes: str
) -> ElementTree.Element:
    made = ElementTree.SubElement(parent, tag, attributes)
    made.text = text
    return made


def utc(date: str) -> str:
    """A date in one time zone, so that texts are in the order of the instants."""
    return f"{datetime.fromisoformat(date).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
