"""Versions of the site beside each other: what is packed, what is laid where, what pages say."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.harness.small_site import BASE, write_site

sys.path.insert(0, str(ROOT / "book" / "_ext"))

from course_site import assemble
from course_site.assemble import AssemblyError, lay, main, pack

NEWEST = {"book/intro": "The course.", "book/week01/01_one": "One, as it is now."}
OLD = {
    "book/intro": "The course.",
    "book/week01/01_one": "One, as it was.",
    "book/week01/02_gone": "Nobody reads this any more.",
}


@pytest.fixture
def newest(tmp_path: Path) -> Path:
    return write_site(tmp_path / "newest", NEWEST)


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    """A folder with one packed version, 2026-fall."""
    old = write_site(tmp_path / "old", OLD)
    pack(old, "2026-fall", "2026-09-01", tmp_path / "packed")
    return tmp_path / "packed"


def laid(newest: Path, packed: Path) -> Path:
    out = newest.parent / "out"
    lay(newest, packed.glob("*.tar.gz"), out)
    return out


def told(site: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((site / "versions.json").read_text())
    return found


# --- packing --------------------------------------------------------------------------------------
def test_the_same_site_makes_the_same_file(tmp_path: Path, newest: Path) -> None:
    first = pack(newest, "2026-fall", "2026-09-01", tmp_path / "a").read_bytes()
    os.utime(newest / "book" / "intro.html", (0, 0))
    assert pack(newest, "2026-fall", "2026-09-01", tmp_path / "b").read_bytes() == first


def test_a_packed_site_holds_all_files_of_the_site(tmp_path: Path, newest: Path) -> None:
    with tarfile.open(pack(newest, "2026-fall", "2026-09-01", tmp_path)) as tar:
        names = {*tar.getnames()} - {assemble.LABEL}
    assert names == {
        path.relative_to(newest).as_posix() for path in newest.rglob("*") if path.is_file()
    }


@pytest.mark.parametrize("name", ["", ".", "../x", "a/b", "-x", "x y", "book", "_static", "newest"])
def test_a_name_that_can_be_no_folder_beside_the_site_is_refused(
    tmp_path: Path, newest: Path, name: str
) -> None:
    with pytest.raises(AssemblyError, match="can be no version"):
        pack(newest, name, "2026-09-01", tmp_path / "packed")


def test_a_folder_without_a_site_is_refused_and_the_command_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pack", str(tmp_path), "2026-fall", "2026-09-01", str(tmp_path)]) == 1
    assert "make site" in capsys.readouterr().err


# --- laying ---------------------------------------------------------------------------------------
def test_the_newest_site_is_at_the_root_as_it_was_built(newest: Path, packed: Path) -> None:
    out = laid(newest, packed)
    for path in newest.rglob("*"):
        if path.is_file() and path.name != "versions.json":
            assert (out / path.relative_to(newest)).read_bytes() == path.read_bytes()


def test_a_kept_version_stands_under_its_name(newest: Path, packed: Path) -> None:
    out = laid(newest, packed)
    assert "One, as it was." in (out / "2026-fall/book/week01/01_one.html").read_text()


def test_a_kept_version_has_nothing_that_only_a_root_may_have(newest: Path, packed: Path) -> None:
    out = laid(newest, packed)
    for name in ("404.html", "robots.txt", "sitemap.xml", ".nojekyll", assemble.LABEL):
        assert not (out / "2026-fall" / name).exists()


def test_a_kept_version_has_the_newest_feed(newest: Path, packed: Path) -> None:
    out = laid(newest, packed)
    assert (out / "2026-fall/feed.xml").read_text() == (newest / "feed.xml").read_text()


def test_an_old_page_says_so_and_links_to_the_newest(newest: Path, packed: Path) -> None:
    html = (laid(newest, packed) / "2026-fall/book/week01/01_one.html").read_text()
    (note,) = re.findall(r'<p class="version-note".*?</p>', html)
    assert "earlier version" in note
    assert 'href="../../../book/week01/01_one.html"' in note
    assert html.index("<main") < html.index(note) < html.index("<h1")


def test_an_old_page_that_is_gone_links_to_the_first_page(newest: Path, packed: Path) -> None:
    html = (laid(newest, packed) / "2026-fall/book/week01/02_gone.html").read_text()
    assert 'no such page: <a href="../../../index.html">' in html


def test_an_old_page_names_the_newest_as_canonical_and_itself_where_there_is_none(
    newest: Path, packed: Path
) -> None:
    out = laid(newest, packed)
    html = (out / "2026-fall/book/week01/01_one.html").read_text()
    assert f'rel="canonical" href="{BASE}book/week01/01_one.html"' in html
    html = (out / "2026-fall/book/week01/02_gone.html").read_text()
    assert f'rel="canonical" href="{BASE}2026-fall/book/week01/02_gone.html"' in html


def test_a_version_that_is_the_newest_is_not_called_old(tmp_path: Path, newest: Path) -> None:
    pack(newest, "2027-spring", "2027-03-01", tmp_path / "packed")
    out = laid(newest, tmp_path / "packed")
    assert "version-note" not in (out / "2027-spring/book/week01/01_one.html").read_text()


def test_each_site_is_told_of_all_versions_and_where_it_is_itself(
    newest: Path, packed: Path
) -> None:
    pack(newest, "2027-spring", "2027-03-01", packed)
    out = laid(newest, packed)
    for name, root in (("", "./"), ("2027-spring", "../"), ("2026-fall", "../")):
        found = told(out / name)
        assert (found["here"], found["root"]) == (name, root)
        names = [version["name"] for version in found["versions"]]
        assert names == ["", "2027-spring", "2026-fall"]


def test_each_site_is_told_which_pages_the_others_lack(newest: Path, packed: Path) -> None:
    now, old = told(laid(newest, packed))["versions"]
    assert now["lacks"] == ["book/week01/02_gone.html"]
    assert old["lacks"] == ["404.html"]


def test_without_a_kept_version_the_site_stands_alone(newest: Path, tmp_path: Path) -> None:
    assert lay(newest, [], tmp_path / "out") == []
    assert [version["name"] for version in told(tmp_path / "out")["versions"]] == [""]


def test_a_file_that_is_no_packed_site_is_named(newest: Path, packed: Path) -> None:
    (packed / "site-broken.tar.gz").write_bytes(b"no tar")
    with pytest.raises(AssemblyError, match=r"site-broken\.tar\.gz is no packed site"):
        laid(newest, packed)


def test_a_packed_file_cannot_leave_its_folder(newest: Path, packed: Path, tmp_path: Path) -> None:
    with tarfile.open(packed / "site-evil.tar.gz", "w:gz") as tar:
        tar.add(newest / "feed.xml", arcname="../../escaped.xml")
    with pytest.raises(AssemblyError, match="site-evil"):
        laid(newest, packed)
    assert not [*tmp_path.rglob("escaped.xml")]


def test_nothing_is_laid_over_what_is_there(newest: Path, packed: Path) -> None:
    laid(newest, packed)
    with pytest.raises(AssemblyError, match="is not empty"):
        laid(newest, packed)


def test_more_than_a_host_serves_is_refused(
    newest: Path, packed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assemble, "LARGEST_SITE", 1000)
    with pytest.raises(AssemblyError, match="delete the release of an old one"):
        laid(newest, packed)


# --- releases: `gh` is a program of ours that keeps them in a folder ------------------------------
GH = r"""#!/usr/bin/env python3
import os, pathlib, shutil, sys
store = pathlib.Path(os.environ["RELEASES"])
verb, words = sys.argv[2], sys.argv[3:]
if os.environ.get("FAILS") == verb:
    sys.exit("gh: no connection")
if verb == "list":
    print("\n".join(sorted(path.name for path in store.iterdir())))
elif verb == "view":
    sys.exit(not (store / words[0]).is_dir())
elif verb == "create":
    (store / words[0]).mkdir()
elif verb == "upload":
    shutil.copy(words[1], store / words[0])
elif verb == "download":
    found = [*(store / words[0]).glob("site-*.tar.gz")]
    if not found:
        sys.exit("no assets match the file pattern")
    for path in found:
        shutil.copy(path, words[words.index("--dir") + 1])
"""


@pytest.fixture
def releases(tmp_path: Path) -> dict[str, str]:
    """The environment of a step whose ``gh`` keeps releases in a folder."""
    gh = tmp_path / "bin" / "gh"
    gh.parent.mkdir()
    gh.write_text(GH)
    gh.chmod(0o755)
    store = tmp_path / "releases"
    store.mkdir()
    return {
        **os.environ,
        "PATH": f"{gh.parent}:{os.environ['PATH']}",
        "RELEASES": str(store),
        "TAG": "publish-2026-fall",
    }


def versions(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    command = [str(ROOT / ".ci" / "versions"), *words]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def test_the_site_of_a_tag_comes_back_from_its_release(
    releases: dict[str, str], newest: Path, tmp_path: Path
) -> None:
    packed, kept = tmp_path / "packed", tmp_path / "kept"
    assert versions(releases, "pack", str(newest), str(packed), sys.executable).returncode == 0
    assert versions(releases, "keep", str(packed)).returncode == 0
    assert versions(releases, "keep", str(packed)).returncode == 0  # a job that is run again
    (tmp_path / "releases" / "v0.1.0").mkdir()  # the package's, which has no site
    assert versions(releases, "download", str(kept)).returncode == 0
    assert [path.name for path in kept.iterdir()] == ["site-2026-fall.tar.gz"]


@pytest.mark.parametrize("tag", ["main", "publish", "publish-", ""])
def test_what_is_no_tag_of_a_version_keeps_none(
    releases: dict[str, str], newest: Path, tmp_path: Path, tag: str
) -> None:
    environment = {**releases, "TAG": tag}
    packed = tmp_path / "packed"
    done = versions(environment, "pack", str(newest), str(packed), sys.executable)
    assert done.returncode == 0
    assert "no version is kept" in done.stdout
    assert versions(environment, "keep", str(packed)).returncode == 0
    assert [*packed.iterdir(), *(tmp_path / "releases").iterdir()] == []


def test_a_release_without_its_site_stops_the_deployment(
    releases: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "releases" / "publish-2025-fall").mkdir()
    assert versions(releases, "download", str(tmp_path / "kept")).returncode != 0


def test_releases_that_cannot_be_listed_stop_the_deployment(
    releases: dict[str, str], tmp_path: Path
) -> None:
    environment = {**releases, "FAILS": "list"}
    assert versions(environment, "download", str(tmp_path / "kept")).returncode != 0
