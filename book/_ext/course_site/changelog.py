"""``CHANGELOG.md``: its versions, their entries, and when each entry was written.

An entry is known by the beginning of its text, so a sentence that is added later leaves its address
as it is. Its dates come from git, and from ``book/changes.json``, which a copy of the course has
that lacks the history. Run as a script with the repository's path, this prints what belongs there.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

CHANGELOG = "CHANGELOG.md"
DATES = "book/changes.json"
SLUG_WORDS = 8
"""How many words of an entry are in its address."""
TITLE_LENGTH = 100

_VERSION = re.compile(r"## (?P<name>\S+), (?P<when>.+)")
_COMMIT = "\0"
# Two pluses: a line that a merge has and none of the branches that it joins.
_ADDED = re.compile(r"\++- (?P<text>.*)")
_MARKS = re.compile(r"[`*]|\]\([^)]*\)|\[")


@dataclass(frozen=True)
class Entry:
    """One change.

    Attributes:
        kind: the heading under which it stands, ``Added`` for instance.
        text: Markdown, on one line.
    """

    kind: str
    text: str

    @property
    def slug(self) -> str:
        """Its name in addresses, made of its first words."""
        return slug_of(self.text)

    @property
    def title(self) -> str:
        """Its first sentence in plain text, or as many words of it as fit."""
        plain = _MARKS.sub("", self.text)
        sentence = re.split(r"(?<=[.?!]) ", plain, maxsplit=1)[0].rstrip(".")
        if len(sentence) <= TITLE_LENGTH:
            return sentence
        return sentence[: sentence.rindex(" ", 0, TITLE_LENGTH)].rstrip(",;:") + "…"


@dataclass(frozen=True)
class Version:
    """A version with its entries; ``date`` is None where it is not released."""

    name: str
    date: str | None
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Written:
    """When an entry was first written and when last changed, in RFC 3339."""

    published: str
    updated: str


def slug_of(text: str) -> str:
    """The first words of an entry, with hyphens."""
    return "-".join(re.findall(r"[a-z0-9]+", _MARKS.sub("", text).lower())[:SLUG_WORDS])


def read_changelog(text: str) -> list[Version]:
    """The versions in the order in which they stand, the newest first.

    Raises:
        ValueError: when two entries of a version begin with the same words: their addresses would
            be the same.
    """
    versions = []
    for found in re.split(r"^(?=## )", text, flags=re.MULTILINE)[1:]:
        head, _, body = found.partition("\n")
        match = _VERSION.fullmatch(head.strip())
        if match is None:
            raise ValueError(f"{CHANGELOG}: {head!r} is not '## VERSION, DATE or not released yet'")
        entries = tuple(_entries(body))
        _refuse_equal_beginnings(entries)
        date = re.fullmatch(r"\d{4}-\d\d-\d\d", match["when"])
        versions.append(Version(match["name"], date[0] if date else None, entries))
    return versions


def _entries(body: str) -> Iterator[Entry]:
    kind = ""
    for line in body.splitlines():
        if line.startswith("### "):
            kind = line.removeprefix("### ").strip()
        elif line.startswith("- "):
            yield Entry(kind, line.removeprefix("- ").strip())


def _refuse_equal_beginnings(entries: tuple[Entry, ...]) -> None:
    slugs = [entry.slug for entry in entries]
    for slug in slugs:
        if slugs.count(slug) > 1:
            raise ValueError(
                f"{CHANGELOG}: two entries begin with {slug.replace('-', ' ')!r}; begin one of "
                f"them otherwise, its first {SLUG_WORDS} words are its address"
            )


def dates_of(root: Path) -> dict[str, Written]:
    """When each entry was written, by its slug; empty where nobody knows.

    What is stored stands above git's dates: it is older. A shallow clone knows the day of its last
    commit only, which is no entry's.
    """
    stored = root / DATES
    known = json.loads(stored.read_text(encoding="utf-8")) if stored.is_file() else {}
    return {**_dates_of_git(root), **{slug: Written(*dates) for slug, dates in known.items()}}


def _dates_of_git(root: Path) -> dict[str, Written]:
    if _git(root, "rev-parse", "--is-shallow-repository").strip() != "false":
        return {}
    wanted = ("--no-color", "--reverse", "-p", "--cc", "--unified=0", "--format=%x00%aI")
    return dates_in(_git(root, "log", *wanted, "--", CHANGELOG))


def dates_in(log: str) -> dict[str, Written]:
    """Dates from ``git log --reverse -p`` of the file, each commit begun by NUL and its date."""
    texts: dict[str, str] = {}
    found: dict[str, Written] = {}
    for commit in log.split(_COMMIT)[1:]:
        date, *lines = commit.splitlines()
        for line in lines:
            if (added := _ADDED.match(line)) is None:
                continue
            text = added["text"].strip()
            slug = slug_of(text)
            if texts.get(slug) != text:  # else it was only moved
                found[slug] = _rewritten(found.get(slug), date)
            texts[slug] = text
    return found


def _rewritten(before: Written | None, date: str) -> Written:
    """Rebased commits need not stand in the order of their dates, but a change comes last."""
    if before is None:
        return Written(date, date)
    dates = sorted((before.published, before.updated, date), key=datetime.fromisoformat)
    return Written(dates[0], dates[-1])


def date_of(version: Version, entry: Entry, dates: Mapping[str, Written]) -> Written | None:
    """When an entry was written; else the day of its version; None where it has neither."""
    if entry.slug in dates:
        return dates[entry.slug]
    if version.date is None:
        return None
    return Written(f"{version.date}T00:00:00Z", f"{version.date}T00:00:00Z")


def _git(root: Path, *words: str) -> str:
    """What git prints; nothing where there is no git or no repository."""
    try:
        command = ["git", "-C", str(root), *words]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    except FileNotFoundError:
        return ""
    return done.stdout if done.returncode == 0 else ""


def main(root: Path) -> None:
    """Print the dates of a repository's entries as JSON."""
    dates = dates_of(root)
    slugs = [
        entry.slug
        for version in read_changelog((root / CHANGELOG).read_text(encoding="utf-8"))
        for entry in version.entries
        if entry.slug in dates
    ]
    told = {slug: [dates[slug].published, dates[slug].updated] for slug in slugs}
    print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
