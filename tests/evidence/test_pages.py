"""Records of the pages' execution: what makes them stale, what is repeated, how they are made."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from autograder.evidence.pages import (
    code_pages,
    pages_to_repeat,
    record_pages,
    stale_pages,
    staleness_of,
)
from autograder.evidence.records import new_record, read_records, write_record
from tests.test_book import HEAD, small_book

PLAIN = f"{HEAD}# P\n\n```{{code-cell}}\nprint(1)\n```\n"
PLOTS = f"{HEAD}# Q\n\n```{{code-cell}}\nfrom dlcourse import plots\nplots.BEGINNING >= 0\n```\n"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A book of two pages, one of which uses a module of the course, with records of both."""
    root = small_book(tmp_path, {"plain.md": PLAIN, "plots.md": PLOTS})
    (root / "pyproject.toml").write_text("[project]\n")
    (root / "autograder").mkdir()
    kernel = root / "book" / "_ext"
    target = kernel.resolve()
    kernel.unlink()
    kernel.mkdir()
    (kernel / "course_site").symlink_to(target / "course_site")
    for page in code_pages(root):
        write_record(page.record_path, page.key, new_record(page.basis, {}, 1.0))
    return root


def change_record(root: Path, key: str, **changes: object) -> None:
    path = root / "book" / "week01" / "execution.json"
    record = read_records(path)[key]
    write_record(path, key, {**record, **changes})


def commit(root: Path) -> None:
    git = ["git", "-C", str(root), "-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "A state"], check=True)


def test_records_of_unchanged_pages_are_up_to_date(book: Path) -> None:
    assert stale_pages(book) == ([], [])


def test_a_changed_cell_makes_the_record_of_its_page_stale(book: Path) -> None:
    path = book / "book" / "week01" / "plain.md"
    path.write_text(path.read_text().replace("print(1)", "print(2)"))
    assert stale_pages(book)[0] == [
        "book/week01/plain changed since its record was made: cells. "
        "Make its record anew: autograder pages"
    ]


def test_changed_prose_makes_no_record_stale(book: Path) -> None:
    path = book / "book" / "week01" / "plain.md"
    path.write_text(path.read_text().replace("# P", "# Another title"))
    assert stale_pages(book) == ([], [])


def test_a_changed_module_makes_the_pages_stale_that_use_it(book: Path) -> None:
    (book / "dlcourse" / "plots.py").write_text("BEGINNING = 0.0\n")
    assert [line.split()[0] for line in stale_pages(book)[0]] == ["book/week01/plots"]


def test_another_version_of_a_library_is_told_only(book: Path) -> None:
    change_record(book, "plain", versions={"python": "3.9"})
    stale, told = stale_pages(book)
    assert stale == []
    assert len(told) == 1
    assert told[0].startswith("book/week01/plain was recorded with other libraries: python ")


def test_a_page_with_keras_rests_on_the_version_of_tensorflow(book: Path) -> None:
    text = PLAIN.replace("print(1)", "import keras\nkeras.__version__")
    (book / "book" / "week01" / "keras.md").write_text(text)
    versions = {page.key: page.basis.versions for page in code_pages(book)}
    assert {"keras", "tensorflow"} <= versions["keras"].keys()
    assert "tensorflow" not in versions["plain"]


def test_a_page_without_a_record_is_stale(book: Path) -> None:
    (book / "book" / "week01" / "new.md").write_text(PLAIN)
    assert stale_pages(book)[0] == [
        "book/week01/new has no record. Make its record anew: autograder pages"
    ]


def test_a_record_without_a_page_is_told(book: Path) -> None:
    (book / "book" / "week01" / "plain.md").unlink()
    assert "has a record of plain, which is no page" in stale_pages(book)[0][0]


def test_the_pages_that_a_change_touches_are_repeated(book: Path) -> None:
    for number in range(12):
        (book / "book" / "week01" / f"page{number:02}.md").write_text(PLAIN)
    for page in code_pages(book):
        write_record(page.record_path, page.key, new_record(page.basis, {}, 1.0))
    commit(book)
    (book / "README.md").write_text("Another file.\n")
    commit(book)
    assert len(pages_to_repeat(book)) == 3  # drawn by the commit only
    (book / "dlcourse" / "plots.py").write_text("BEGINNING = 0.0\n")
    assert "book/week01/plots" in pages_to_repeat(book)
    assert len(pages_to_repeat(book)) == 4


def test_pages_recorded_with_other_libraries_are_drawn_first(book: Path) -> None:
    for number in range(12):
        (book / "book" / "week01" / f"page{number:02}.md").write_text(PLAIN)
    for page in code_pages(book):
        write_record(page.record_path, page.key, new_record(page.basis, {}, 1.0))
    for key in ("page03", "page07", "plots"):
        change_record(book, key, versions={"python": "3.9"})
    commit(book)
    (book / "README.md").write_text("Another file.\n")
    commit(book)
    assert [name.rpartition("/")[2] for name in pages_to_repeat(book)] == [
        "page03",
        "page07",
        "plots",
    ]


@pytest.mark.slow
def test_one_command_makes_the_stale_records_and_no_other(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (book / "dlcourse" / "plots.py").write_text("BEGINNING = 0.0\n")
    before = read_records(book / "book" / "week01" / "execution.json")
    told: list[str] = []
    assert record_pages(book, everything=False, report=told.append) == 1
    assert told == [
        "1 records are up to date, 1 are to be made",
        "recorded book/week01/plots (1 of 1)",
    ]
    after = read_records(book / "book" / "week01" / "execution.json")
    assert after["plain"] == before["plain"]
    assert after["plots"]["warnings"] == 0
    assert {"seconds", "processor_seconds", "memory_mib", "date"} <= after["plots"].keys()
    assert stale_pages(book) == ([], [])


@pytest.mark.slow
def test_a_page_that_warns_gets_no_record(book: Path, tmp_path: Path) -> None:
    for name, code in (("bad", "print('WARNING:absl:old')"), ("good", "print(3)")):
        text = PLAIN.replace("print(1)", code)
        (book / "book" / "week01" / f"{name}.md").write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "--root", str(book), "pages"],
        env={**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "book/week01/bad.md:9: the cell warns on stdout: WARNING:absl:old" in done.stderr
    assert "good" in read_records(book / "book" / "week01" / "execution.json")
    assert "bad" not in read_records(book / "book" / "week01" / "execution.json")


def test_every_page_has_a_record_of_its_execution(root: Path) -> None:
    stale, told = stale_pages(root)
    for line in told:
        warnings.warn(line, stacklevel=1)
    assert stale == []


def test_no_page_takes_more_than_three_minutes_of_processor_time(root: Path) -> None:
    for path in sorted((root / "book").rglob("execution.json")):
        for key, record in read_records(path).items():
            assert record["processor_seconds"] < 180, f"{path.parent / key} takes too long"


def test_pages_that_were_drawn_are_executed_in_the_site(root: Path, site: Path) -> None:
    repeated = pages_to_repeat(root)
    assert len(repeated) >= 3
    for name in repeated:
        assert "not in this build" not in (site / f"{name}.html").read_text(encoding="utf-8")


@pytest.mark.exhaustive
def test_every_page_is_executed_in_the_site(root: Path, site: Path) -> None:
    for page in code_pages(root):
        assert "not in this build" not in (site / f"{page.name}.html").read_text(encoding="utf-8")


def test_the_file_of_records_is_what_the_site_reads(book: Path) -> None:
    sys.path.insert(0, str(book / "book" / "_ext"))
    from course_site.page_records import record_of

    found = record_of(book, "book/week01/plain")
    assert found is not None
    written = json.loads((book / "book" / "week01" / "execution.json").read_text())
    assert found == written["plain"]
    assert staleness_of(code_pages(book))["book/week01/plain"].by_source is False
