"""``python -m course_site.compare BASE SITE``: which pages of two built sites differ, as Markdown.

For whoever reviews a change: what a reader of the site will see changed. A page is what stands in
its article and the files of the site that this shows or loads (pictures, sounds, the script of a
figure); its navigation, its footer with the day of the build and what most pages load are not
compared page by page. What most pages load is named once.
"""

from __future__ import annotations

import argparse
import difflib
import hashlib
import re
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

from .assemble import pages_of

LONGEST_LIST = 200
"""Lines of a list of pages; the summary of a job may hold 1 MiB."""

_ARTICLE = re.compile(r'<article class="bd-article">(.*?)</article>', re.DOTALL)
# A number may stand before a title, and a link to it after it.
_TITLE = re.compile(r'<h1[^>]*>(.*?)(?:<a class="headerlink"|</h1>)', re.DOTALL)
_LOADED = re.compile(r'<(?:script|link|img|source|audio)\b[^>]*?\s(?:src|href)="([^"]+)"')
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class Page:
    """A page of a built site, ``name`` relative to its root."""

    site: Path
    name: str

    @cached_property
    def html(self) -> str:
        """The whole file."""
        return (self.site / self.name).read_text(encoding="utf-8")

    @cached_property
    def article(self) -> str:
        """What a reader came for; the whole page where the theme marks no article."""
        found = _ARTICLE.search(self.html)
        return found[1] if found else self.html

    @property
    def title(self) -> str:
        """Its first heading, else its address."""
        found = _TITLE.search(self.article)
        return unescape(_TAG.sub("", found[1])).strip() if found else self.name

    @property
    def lines(self) -> list[str]:
        """The text of its article, without tags."""
        text = unescape(_TAG.sub("", self.article))
        return [line.strip() for line in text.splitlines() if line.strip()]

    @cached_property
    def files(self) -> dict[str, str]:
        """Files of the site that the page shows or loads: by path, a digest of what they hold."""
        found = {}
        root = self.site.resolve()
        for address in _LOADED.findall(self.html):
            parts = urlsplit(unescape(address))
            if parts.scheme or parts.netloc or not parts.path:
                continue
            path = (self.site / self.name).parent.joinpath(unquote(parts.path)).resolve()
            if path.is_relative_to(root) and path.is_file() and path.suffix != ".html":
                name = path.relative_to(root).as_posix()
                found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        return found


@dataclass(frozen=True)
class Difference:
    """How one site differs from another.

    Attributes:
        added: pages that the other lacks.
        removed: pages that only the other has.
        changed: pages of both that differ, and in a few words how.
        shared: files that differ and that most pages load, or loaded.
    """

    added: list[Page]
    removed: list[Page]
    changed: list[tuple[Page, str]]
    shared: list[str]


def compare(base: Path, site: Path) -> Difference:
    """Compare a site with the one that it was made from."""
    before, now = ({name: Page(one, name) for name in pages_of(one)} for one in (base, site))
    common = sorted({*before} & {*now})
    shared_files = _loaded_by_most(now[name] for name in common)
    shared_files |= _loaded_by_most(before[name] for name in common)
    changed = []
    for name in common:
        if how := _how(before[name], now[name], shared_files):
            changed.append((now[name], how))
    old = {path: digest for name in common for path, digest in before[name].files.items()}
    new = {path: digest for name in common for path, digest in now[name].files.items()}
    return Difference(
        [now[name] for name in sorted({*now} - {*before})],
        [before[name] for name in sorted({*before} - {*now})],
        changed,
        sorted(path for path in shared_files if old.get(path) != new.get(path)),
    )


def _loaded_by_most(pages: Iterable[Page]) -> frozenset[str]:
    """Files that more than half of the pages load, of those that load any.

    Not all: the page of search results and the one for lost readers have files of their own.
    """
    loaded = [page.files for page in pages if page.files]
    count = Counter(path for files in loaded for path in files)
    return frozenset(path for path, times in count.items() if times > len(loaded) / 2)


def _how(before: Page, now: Page, shared_files: frozenset[str]) -> str:
    """How a page differs, or nothing where it does not."""
    told = []
    if before.lines != now.lines:
        told.append(_count_lines(before.lines, now.lines))
    elif before.article != now.article:
        told.append("its HTML")
    old = {path: digest for path, digest in before.files.items() if path not in shared_files}
    new = {path: digest for path, digest in now.files.items() if path not in shared_files}
    if old != new:
        names = [path for path in sorted({*old} | {*new}) if old.get(path) != new.get(path)]
        told.append(f"{len(names)} file{'s' * (len(names) != 1)} that it shows or loads")
    return ", ".join(told)


def _count_lines(before: list[str], now: list[str]) -> str:
    diff = [*difflib.unified_diff(before, now, n=0)][2:]  # after the names of the two
    marks = [line[0] for line in diff]
    return f"text: {marks.count('+')} lines more, {marks.count('-')} fewer"


def markdown(found: Difference) -> str:
    """The difference for people."""
    if not (found.added or found.removed or found.changed or found.shared):
        return "## Pages\n\nNo page of the site changes.\n"
    parts = ["## Pages\n"]
    for heading, lines in (
        ("Added", [_line(page) for page in found.added]),
        ("Removed", [_line(page) for page in found.removed]),
        ("Changed", [f"{_line(page)}: {how}" for page, how in found.changed]),
        ("On most pages", [f"- `{path}`" for path in found.shared]),
    ):
        if lines:
            shown = [*lines[:LONGEST_LIST]]
            if len(lines) > LONGEST_LIST:
                shown.append(f"- and {len(lines) - LONGEST_LIST} more")
            parts.append(f"### {heading} ({len(lines)})\n\n" + "\n".join(shown) + "\n")
    return "\n".join(parts)


def _line(page: Page) -> str:
    """A page in a list; its title is a learner's or an author's text and must stay text."""
    title = re.sub(r"([\\`*_{}\[\]<>#|!&])", r"\\\1", " ".join(page.title.split()))
    return f"- {title} (`{page.name}`)"


def main(arguments: list[str] | None = None) -> int:
    """Print the difference; 1 with a sentence where a folder holds no site."""
    parser = argparse.ArgumentParser(prog="python -m course_site.compare", description=__doc__)
    parser.add_argument("base", type=Path, help="the site before")
    parser.add_argument("site", type=Path, help="the site now")
    options = parser.parse_args(arguments)
    for folder in (options.base, options.site):
        if not pages_of(folder):
            print(f"{folder} holds no page of a site; build it first", file=sys.stderr)
            return 1
    print(markdown(compare(options.base, options.site)), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
