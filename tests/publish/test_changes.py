"""The feed of changes: what the changelog says, with the dates of git, as Atom has it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from datetime import datetime
from pathlib import Path

import pytest

from autograder.commands.terminal import OK
from tests.conftest import ROOT
from tests.publish.conftest import git, run

sys.path.insert(0, str(ROOT / "book" / "_ext"))

from course_site import changelog
from course_site.changelog import Written, dates_of, read_changelog
from course_site.changes import Change, feed

ATOM = "{http://www.w3.org/2005/Atom}"
BASE = "https://some-school.github.io/deep-learning/"
TEXT = """# Changelog

## 0.2.0, not released yet

### Added
- Week 3: convolution. `dlcourse.x` has more.

## 0.1.0, 2026-09-01

### Fixed
- A [link](https://example.org/a_(b)) that led nowhere & back.
- A second mend.
"""
DAYS = ("2026-09-01T10:00:00+02:00", "2026-10-01T10:00:00+00:00", "2026-11-01T10:00:00+00:00")


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with an empty changelog, to which a test commits."""
    for variable in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{variable}_NAME", "An instructor")
        monkeypatch.setenv(f"GIT_{variable}_EMAIL", "instructor@example.org")
    git(tmp_path, "init", "-q", "-b", "main")
    return tmp_path


def commit(folder: Path, text: str, day: str) -> None:
    (folder / "CHANGELOG.md").write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "--date", day, "-m", "A change")


# --- the changelog --------------------------------------------------------------------------------
def test_versions_and_their_entries_are_read_in_their_order() -> None:
    newest, oldest = read_changelog(TEXT)
    assert (newest.name, newest.date) == ("0.2.0", None)
    assert (oldest.name, oldest.date) == ("0.1.0", "2026-09-01")
    assert [entry.kind for entry in oldest.entries] == ["Fixed", "Fixed"]


def test_a_title_is_the_first_sentence_without_marks() -> None:
    newest, oldest = read_changelog(TEXT)
    assert newest.entries[0].title == "Week 3: convolution"
    assert oldest.entries[0].title.startswith("A link")


def test_a_sentence_that_is_added_leaves_the_address_as_it_is() -> None:
    before = "## 1, x\n- Week 3 has a chapter on pooling and one on padding.\n"
    after = before.replace("padding.", "padding. Both have a figure.")
    (old,), (new,) = read_changelog(before), read_changelog(after)
    assert old.entries[0].slug == new.entries[0].slug


def test_two_entries_with_one_address_are_refused() -> None:
    line = "- The same eight words stand at both beginnings: {}.\n"
    with pytest.raises(ValueError, match=r"the same eight words.*begin one of them otherwise"):
        read_changelog("## 1, x\n" + line.format("one") + line.format("two"))


def test_our_own_changelog_can_be_read() -> None:
    versions = read_changelog((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    assert all(version.entries for version in versions)


# --- dates ----------------------------------------------------------------------------------------
def test_an_entry_has_the_dates_of_its_first_and_its_last_commit(history: Path) -> None:
    commit(history, "## 1, x\n- A first entry.\n", DAYS[0])
    commit(history, "## 1, x\n- A second one.\n- A first entry.\n", DAYS[1])
    commit(history, "## 1, x\n- A second one.\n- A first entry. It says more.\n", DAYS[2])
    dates = dates_of(history)
    assert dates["a-second-one"] == Written(DAYS[1], DAYS[1])
    # The words that were added are within the first eight: another entry.
    assert dates["a-first-entry"] == Written(DAYS[0], DAYS[0])
    assert dates["a-first-entry-it-says-more"] == Written(DAYS[2], DAYS[2])


def test_a_change_after_the_first_words_is_an_update(history: Path) -> None:
    first = "## 1, x\n- Eight words are enough to know it by: one.\n"
    commit(history, first, DAYS[0])
    commit(history, first.replace("one.", "two."), DAYS[1])
    assert [*dates_of(history).values()] == [Written(DAYS[0], DAYS[1])]


def test_a_git_that_always_colours_tells_the_same_dates(history: Path) -> None:
    git(history, "config", "color.ui", "always")
    commit(history, "## 1, x\n- A first entry.\n", DAYS[0])
    assert dates_of(history) == {"a-first-entry": Written(DAYS[0], DAYS[0])}


def test_an_entry_that_only_moves_is_not_updated(history: Path) -> None:
    commit(history, "## 1, x\n- One.\n- Two.\n", DAYS[0])
    commit(history, "## 1, x\n- Two.\n- One.\n", DAYS[1])
    assert {*dates_of(history).values()} == {Written(DAYS[0], DAYS[0])}


def test_a_line_that_a_merge_wrote_has_the_date_of_the_merge(history: Path) -> None:
    commit(history, "## 1, x\n- One.\n", DAYS[0])
    git(history, "checkout", "-q", "-b", "side")
    commit(history, "## 1, x\n- One.\n- Side.\n", DAYS[1])
    git(history, "checkout", "-q", "main")
    commit(history, "## 1, x\n- One.\n- Main.\n", DAYS[1])
    git(history, "merge", "-q", "--no-commit", "-s", "ours", "side")
    commit(history, "## 1, x\n- One.\n- Main.\n- Side.\n- Both.\n", DAYS[2])
    found = {slug: written.published for slug, written in dates_of(history).items()}
    assert found == {"one": DAYS[0], "main": DAYS[1], "side": DAYS[1], "both": DAYS[2]}


def test_a_shallow_clone_knows_no_date(
    history: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    commit(history, "## 1, x\n- One.\n", DAYS[0])
    commit(history, "## 1, x\n- One.\n- Two.\n", DAYS[1])
    clone = tmp_path_factory.mktemp("clone") / "shallow"
    git(history, "clone", "-q", "--depth", "1", f"file://{history}", str(clone))
    assert dates_of(clone) == {}


def test_stored_dates_stand_above_those_of_git(history: Path) -> None:
    commit(history, "## 1, x\n- One.\n- Two.\n", DAYS[1])
    (history / "book").mkdir()
    (history / "book" / "changes.json").write_text(json.dumps({"one": [DAYS[0], DAYS[0]]}))
    found = {slug: written.published for slug, written in dates_of(history).items()}
    assert found == {"one": DAYS[0], "two": DAYS[1]}


def test_without_a_date_of_its_own_an_entry_has_the_day_of_its_version() -> None:
    newest, oldest = read_changelog(TEXT)
    assert changelog.date_of(newest, newest.entries[0], {}) is None
    found = changelog.date_of(oldest, oldest.entries[0], {})
    assert found == Written("2026-09-01T00:00:00Z", "2026-09-01T00:00:00Z")


def test_the_learners_half_carries_the_dates(repository: Path, tmp_path: Path) -> None:
    extension = repository / "book" / "_ext" / "course_site"
    extension.mkdir(parents=True)
    shutil.copy(ROOT / "book" / "_ext" / "course_site" / "changelog.py", extension)
    commit(repository, TEXT, DAYS[1])
    out = tmp_path / "public"
    assert run(repository, "public", str(out)) == OK
    assert (out / "CHANGELOG.md").read_text() == TEXT
    assert dates_of(out)["week-3-convolution-dlcourse-x-has-more"] == Written(DAYS[1], DAYS[1])


# --- the feed -------------------------------------------------------------------------------------
def changes() -> list[tuple[Written, Change]]:
    dates = [Written(DAYS[2], DAYS[2]), Written(DAYS[0], DAYS[1]), Written(DAYS[0], DAYS[0])]
    entries = [(v, entry) for v in read_changelog(TEXT) for entry in v.entries]
    return [(date, Change(v, e, date)) for date, (v, e) in zip(dates, entries, strict=True)]


def written() -> bytes:
    return feed(changes(), "The course: what changed", "Its authors", BASE, f"{BASE}changes.html")


def parsed() -> ElementTree.Element:
    return ElementTree.fromstring(written())


def text(element: ElementTree.Element, name: str) -> str:
    (found,) = element.findall(f"{ATOM}{name}")
    return found.text or ""


def test_a_feed_has_what_the_standard_demands_of_a_feed() -> None:
    root = parsed()
    assert root.tag == f"{ATOM}feed"
    assert text(root, "id") == f"{BASE}feed.xml"
    assert text(root, "title") == "The course: what changed"
    (author,) = root.findall(f"{ATOM}author")
    assert text(author, "name") == "Its authors"
    links = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}
    assert links == {"self": f"{BASE}feed.xml", "alternate": f"{BASE}changes.html"}


def test_an_entry_has_what_the_standard_demands_of_an_entry() -> None:
    entries = parsed().findall(f"{ATOM}entry")
    assert len(entries) == 3
    for entry in entries:
        assert text(entry, "title")
        assert text(entry, "id").startswith(f"{BASE}changes.html#changed-0-")
        assert datetime.fromisoformat(text(entry, "updated")).tzinfo is not None
        assert text(entry, "published") <= text(entry, "updated")
        (content,) = entry.findall(f"{ATOM}content")
        assert content.get("type") == "html"


def test_each_entry_of_a_feed_has_an_id_of_its_own() -> None:
    ids = [text(entry, "id") for entry in parsed().findall(f"{ATOM}entry")]
    assert len({*ids}) == len(ids)


def test_the_newest_entry_comes_first_and_the_feed_is_as_new_as_its_last_change() -> None:
    root = parsed()
    days = [text(entry, "published") for entry in root.findall(f"{ATOM}entry")]
    assert days == ["2026-11-01T10:00:00Z", "2026-09-01T08:00:00Z", "2026-09-01T08:00:00Z"]
    assert text(root, "updated") == "2026-11-01T10:00:00Z"


def test_content_is_html_that_was_escaped_once() -> None:
    (told,) = [
        text(entry, "content")
        for entry in parsed().findall(f"{ATOM}entry")
        if text(entry, "title").startswith("A link")
    ]
    assert told.startswith('<p>A <a href="https://example.org/a_(b)">link</a> that')
    assert "nowhere &amp; back" in told


def test_the_same_changes_make_the_same_feed() -> None:
    assert written() == written()


def test_a_script_prints_the_dates_that_a_copy_of_the_course_needs(history: Path) -> None:
    commit(history, "## 1, x\n- One.\n", DAYS[0])
    script = ROOT / "book" / "_ext" / "course_site" / "changelog.py"
    command = [sys.executable, str(script), str(history)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert json.loads(done.stdout) == {"one": [DAYS[0], DAYS[0]]}
