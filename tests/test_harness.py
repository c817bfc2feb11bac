"""What the suite rests on: one site for all of its processes, and word of what it waits for."""

from __future__ import annotations

import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from tests.harness import chosen
from tests.harness.progress import Progress
from tests.harness.site_build import SiteBuild
from tests.waiting import wait_until


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SiteBuild]:
    """A build of a folder that is no book, by a builder that says so, or does what it is told."""
    builder = tmp_path / "bin" / "jupyter-book"
    builder.parent.mkdir()
    builder.write_text(
        '#!/bin/sh\necho once >> builds; echo "executes: $COURSE_SITE_EXECUTE"\n'
        '[ -e wrong ] && echo "WARNING: no title"; [ -e slow ] && sleep 600; [ ! -e wrong ]\n'
    )
    builder.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(builder.with_name("python")))
    made = SiteBuild(tmp_path, uuid.uuid4().hex)
    yield made
    made.end()


def test_the_site_is_built_once_whoever_asks(build: SiteBuild) -> None:
    other = SiteBuild(build.root, build.folder.name.removeprefix("course-site-build-"))
    asked: list[str] = []
    build.start(lambda: "a,b")
    other.start(lambda: asked.append("c"))
    assert other.wait(print) == build.wait(print) == ""
    assert (build.root / "builds").read_text() == "once\n"
    assert build.lines() == ["executes: a,b"]
    assert asked == []


def test_a_build_that_fails_says_of_what(build: SiteBuild) -> None:
    (build.root / "wrong").touch()
    build.start(lambda: None)
    assert build.wait(print) == "WARNING: no title"


def test_nothing_of_a_build_is_left_behind(build: SiteBuild) -> None:
    (build.root / "slow").touch()
    build.start(lambda: None)
    wait_until(build.lines, "a line of the build")
    group = int((build.folder / "process-group").read_text())
    build.end()
    assert not build.folder.exists()
    wait_until(lambda: _ended(group), "the build's end")


def _ended(process: int) -> bool:
    """Whether a process is gone, or waits for nothing but its parent."""
    try:
        return "\nState:\tZ" in Path(f"/proc/{process}/status").read_text()
    except FileNotFoundError:
        return True


def test_a_test_that_runs_on_and_on_is_named() -> None:
    told: list[str] = []
    named = threading.Event()

    def tell(line: str) -> None:
        told.append(line)
        named.set()

    progress = Progress(tell, seconds=0.01)
    progress.pytest_runtest_logstart("tests/a.py::ended")
    progress.pytest_runtest_logfinish("tests/a.py::ended")
    progress.pytest_runtest_logstart("tests/a.py::long")
    progress.begin()
    assert named.wait(60)
    progress.pytest_sessionfinish()
    assert {line.split(": ")[1] for line in told} == {"tests/a.py::long"}


@pytest.mark.parametrize(
    ("outcome", "told"), [("failed", ["failed: tests/a.py::x"]), ("passed", [])]
)
def test_a_test_that_fails_is_named_at_once(
    outcome: Literal["failed", "passed"], told: list[str]
) -> None:
    lines: list[str] = []
    report = pytest.TestReport("tests/a.py::x", ("tests/a.py", 1, "x"), {}, outcome, None, "call")
    Progress(lines.append).pytest_runtest_logreport(report)
    assert lines == told


def committed(folder: Path, message: str) -> None:
    name = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    for words in (["init", "-q", "-b", "main"], ["add", "."], [*name, "commit", "-qm", message]):
        subprocess.run(["git", "-C", str(folder), *words], check=True)


def test_what_changed_since_the_commit_before_is_touched_committed_or_not(tmp_path: Path) -> None:
    for name in ("same", "then", "now"):
        (tmp_path / name).write_text("first")
    committed(tmp_path, "first")
    assert chosen.changed_files(tmp_path) == frozenset()
    chosen.changed_files.cache_clear()
    (tmp_path / "then").write_text("second")
    committed(tmp_path, "second")
    (tmp_path / "now").write_text("third")
    (tmp_path / "new file").write_text("third")
    assert chosen.changed_files(tmp_path) == {"then", "now", "new file"}


def test_a_touched_week_is_chosen_by_every_commit(course: Path) -> None:
    source = course / "solutions" / "week99" / "week99.md"
    for number in range(10, 20):
        other = course / "solutions" / f"week{number}" / f"week{number}.md"
        other.parent.mkdir()
        other.write_text(source.read_text().replace("week: 99", f"week: {number}"))
    committed(course, "first")
    source.write_text(source.read_text().replace("return e / e.sum", "return 1 * e / e.sum"))
    committed(course, "second")
    drawn = {purpose: chosen.chosen_weeks(course, purpose) for purpose in "abcdefgh"}
    assert all("week99" in weeks for weeks in drawn.values())
    assert {len(weeks) for weeks in drawn.values()} <= {2, 3}
    assert len(frozenset.union(*drawn.values())) > 4


def test_pages_whose_text_or_figure_changed_are_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "book").mkdir()
    for name in ("text", "figure", "other"):
        told = f"```{{interactive}} {name}\n:caption: C\nText.\n```\n"
        (tmp_path / "book" / f"{name}.md").write_text(told)
    changed = {"book/text.md", "book/_static/interactive/figure.js", "book/_static/gone.js"}
    monkeypatch.setattr(chosen, "changed_files", lambda root: changed)
    pages = ("book/text", "book/figure", "book/other", "search")
    assert chosen.touched_pages(tmp_path, pages) == {"book/text", "book/figure"}


def test_more_pages_are_drawn_where_a_change_touches_what_all_of_them_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = tuple(map(str, range(100)))
    monkeypatch.setattr(chosen, "pages_to_repeat", lambda root: ["executed"])
    drawn = {}
    for name in ("book/_static/interactive/a.js", "book/_static/course.css", "book/_ext/a.py"):
        monkeypatch.setattr(chosen, "changed_files", lambda root, name=name: {name})
        chosen.chosen_pages.cache_clear()
        drawn[name] = len(chosen.chosen_pages(tmp_path, pages) - {"executed"})
    assert list(drawn.values()) == [12, 48, 48]
