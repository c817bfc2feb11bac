"""``python -m course_site.assemble``: packs a built site as a version, lays versions together.

``pack SITE NAME DATE FOLDER`` writes ``FOLDER/site-NAME.tar.gz``. ``lay SITE OUT FOLDER`` copies
the newest site to ``OUT`` and each version packed in ``FOLDER`` to ``OUT/NAME``. In a version that
is not the newest, each page then says so, above its title and by its canonical link, and its reader
finds the newest page by one click. What only the root of a host may have (sitemap, robots, the page
for lost readers) is left out of versions; their feed is the newest one.

Nothing else of a packed site changes, so that a term's pages stay what they were. A tar is the same
whenever it is made of the same files.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import json
import re
import shutil
import sys
import tarfile
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import quote

from .changes import FEED
from .versions import FILE

LARGEST_SITE = 900_000_000
"""Bytes that a host may have to serve; GitHub Pages allows 1 GB."""
NEWEST = "newest"
LABEL = "version-label.json"
"""In a packed site, its name and its date."""
AT_THE_ROOT = ("404.html", "robots.txt", "sitemap.xml", ".nojekyll")

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}")
_CANONICAL = re.compile(r'(?P<tag><link rel="canonical" href=")(?P<address>[^"]*)"')
_OWN_ADDRESS = re.compile(r'(?P<tag><meta property="og:url" content=")(?P<address>[^"]*)"')
_MAIN = re.compile(r"<main\b[^>]*>")


class AssemblyError(Exception):
    """Sites cannot be packed or laid side by side; the message says what to do."""


@dataclass(frozen=True)
class Version:
    """A site that was kept.

    Attributes:
        name: its folder beside the newest site, a term for instance.
        date: the day of what it was built from, in ISO 8601; versions are listed by it.
        folder: where its files lie.
    """

    name: str
    date: str
    folder: Path


def pack(site: Path, name: str, date: str, folder: Path) -> Path:
    """Write a built site as the version of a name.

    Raises:
        AssemblyError: when there is no site or the name can be no folder beside the newest site.
    """
    if not (site / FILE).is_file():
        raise AssemblyError(f"{site} holds no built site (no {FILE}); build it first: make site")
    refuse_name(name, site)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"site-{name}.tar.gz"
    label = json.dumps({"name": name, "date": date}).encode()
    with (
        target.open("wb") as file,
        gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        _add(tar, LABEL, label)
        for path in sorted(files_in(site)):
            _add(tar, path.relative_to(site).as_posix(), path.read_bytes())
    return target


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    """A file without owner and time, so that only names and contents count."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o644
    tar.addfile(entry, io.BytesIO(content))


def refuse_name(name: str, site: Path) -> None:
    """A version's folder must not take the place of anything that the newest site has.

    Raises:
        AssemblyError: naming what is wrong with the name.
    """
    if not _NAME.fullmatch(name):
        raise AssemblyError(
            f"{name!r} can be no version: take letters, digits, '.', '_' and '-', such as 2026-fall"
        )
    if name == NEWEST or (site / name).exists():
        raise AssemblyError(f"{name!r} can be no version: the site has {name} itself; rename it")


def unpack(archive: Path, folder: Path) -> Version:
    """Read a packed site.

    Raises:
        AssemblyError: when it is none.
    """
    try:
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
        label = json.loads((folder / LABEL).read_text(encoding="utf-8"))
        (folder / LABEL).unlink()
        return Version(label["name"], label["date"], folder)
    except (OSError, tarfile.TarError, KeyError, ValueError) as error:
        raise AssemblyError(
            f"{archive} is no packed site ({error}); pack it anew: make pack, or remove it"
        ) from error


def lay(site: Path, archives: Iterable[Path], out: Path) -> list[str]:
    """Write the newest site and all kept ones into an empty or missing folder.

    Returns:
        The names of the kept versions, the newest of them first.

    Raises:
        AssemblyError: when the folder is not empty, a version does not fit beside the site, two
            have one name, or all together are too large for the host.
    """
    if out.exists() and any(out.iterdir()):
        raise AssemblyError(f"{out} is not empty; name an empty or a missing folder")
    if not (site / FILE).is_file():
        raise AssemblyError(f"{site} holds no built site (no {FILE}); build it first: make site")
    shutil.copytree(site, out, dirs_exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        kept = [
            unpack(archive, Path(scratch) / str(number))
            for number, archive in enumerate(sorted(archives))
        ]
        for version in kept:
            refuse_name(version.name, out)
            shutil.copytree(version.folder, out / version.name)
    versions = sorted(
        (Version(one.name, one.date, out / one.name) for one in kept),
        key=lambda version: (version.date, version.name),
        reverse=True,
    )
    finish(Version("", "", out), versions, pages_of(site))
    if (size := sum(path.stat().st_size for path in files_in(out))) > LARGEST_SITE:
        raise AssemblyError(
            f"{len(versions)} versions and the newest site are {size / 1e6:.0f} MB, more than the "
            f"{LARGEST_SITE / 1e6:.0f} MB that the host serves; delete the release of an old one"
        )
    return [version.name for version in versions]


def finish(newest: Version, versions: list[Version], pages: frozenset[str]) -> None:
    """Make the sites know each other.

    Args:
        newest: the site at the root.
        versions: the kept ones in the folders beside it.
        pages: the pages of the newest site.
    """
    base = base_of(newest.folder)
    same = pages_digest(newest.folder, pages)
    for version in versions:
        for name in AT_THE_ROOT:
            (version.folder / name).unlink(missing_ok=True)
        if (newest.folder / FEED).is_file():
            shutil.copy(newest.folder / FEED, version.folder / FEED)
        own = pages_of(version.folder)
        is_newest = pages_digest(version.folder, own) == same
        for page in own:
            path = version.folder / page
            html = with_canonical(path.read_text(encoding="utf-8"), page, version, base, pages)
            if not is_newest:
                html = with_note(html, page, version.name, page in pages)
            path.write_text(html, encoding="utf-8")
    write_lists(newest, versions, pages)


def write_lists(newest: Version, versions: list[Version], pages: frozenset[str]) -> None:
    """Write into each site which versions there are and which pages each lacks.

    A kept site reads this with the script that it was built with, so the form must not change.
    """
    held = {"": pages, **{one.name: pages_of(one.folder) for one in versions}}
    known = frozenset[str]().union(*held.values())
    told = [
        {"name": name, "title": name or NEWEST, "lacks": sorted(known - own)}
        for name, own in held.items()
    ]
    for version in (newest, *versions):
        text = {"here": version.name, "root": "../" if version.name else "./", "versions": told}
        (version.folder / FILE).write_text(json.dumps(text), encoding="utf-8")


def pages_of(site: Path) -> frozenset[str]:
    """The addresses of a site's pages, relative to its root."""
    found = (path.relative_to(site) for path in site.rglob("*.html"))
    return frozenset(path.as_posix() for path in found if path.parts[0] != "_static")


def pages_digest(site: Path, pages: Iterable[str]) -> str:
    """What the pages hold, but for those that only the root of a host may have."""
    digest = hashlib.sha256()
    for page in sorted({*pages} - {*AT_THE_ROOT}):
        digest.update(f"{page}\0".encode())
        digest.update(hashlib.sha256((site / page).read_bytes()).digest())
    return digest.hexdigest()


def base_of(site: Path) -> str:
    """The address of a site, from the canonical link of one of its pages; "" where none has one."""
    for page in sorted(pages_of(site)):
        found = _CANONICAL.search((site / page).read_text(encoding="utf-8"))
        if found and found["address"].endswith(page):
            return found["address"].removesuffix(page)
    return ""


def with_canonical(
    html: str, page: str, version: Version, base: str, newest: frozenset[str]
) -> str:
    """A kept page that names the newest version of itself; itself, where there is no newer one."""
    own = f"{base}{quote(version.name)}/{page}"
    canonical = f"{base}{page}" if page in newest else own
    html = _CANONICAL.sub(rf'\g<tag>{escape(canonical)}"', html)
    return _OWN_ADDRESS.sub(rf'\g<tag>{escape(own)}"', html)


def with_note(html: str, page: str, name: str, still_there: bool) -> str:
    """A kept page that says above its title that it is old, with a link to the newest.

    Raises:
        AssemblyError: when the page has no main part.
    """
    up = "../" * (page.count("/") + 1)
    link = f'<a href="{up}{page}">The newest version of this page</a>'
    if not still_there:
        link = f'The newest version has no such page: <a href="{up}index.html">its first page</a>'
    note = (
        '<p class="version-note" role="note">This is an earlier version of the course, '
        f"<strong>{escape(name)}</strong>. {link}.</p>"
    )
    main = _MAIN.search(html)
    if main is None and "<script" in html:
        raise AssemblyError(f"{name}/{page} has no <main>, where it would say that it is old")
    if main is None:  # the first page only leads to another
        return html
    return f"{html[: main.end()]}\n{note}{html[main.end() :]}"


def files_in(folder: Path) -> list[Path]:
    """All files, hidden ones too."""
    return [path for path in folder.rglob("*") if path.is_file()]


def main(arguments: list[str] | None = None) -> int:
    """Pack or lay; 1 with a sentence where that cannot be done."""
    parser = argparse.ArgumentParser(prog="python -m course_site.assemble", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    packing = commands.add_parser("pack", help="write a built site as a version")
    packing.add_argument("site", type=Path)
    packing.add_argument("name", help="such as 2026-fall")
    packing.add_argument("date", help="such as 2026-11-30, or a date with a time")
    packing.add_argument("folder", type=Path, help="where site-NAME.tar.gz is written")
    laying = commands.add_parser("lay", help="lay packed versions beside the newest site")
    laying.add_argument("site", type=Path, help="the newest")
    laying.add_argument("out", type=Path, help="an empty or missing folder")
    laying.add_argument(
        "folders", type=Path, nargs="*", help="that hold packed versions; the last one with a name"
    )
    options = parser.parse_args(arguments)
    try:
        if options.command == "pack":
            print(pack(options.site, options.name, options.date, options.folder))
        else:
            packed = {a.name: a for f in options.folders for a in f.glob("site-*.tar.gz")}
            names = lay(options.site, packed.values(), options.out)
            print(f"{options.out}: the newest site, and beside it {', '.join(names) or 'none'}")
    except AssemblyError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
