"""Which pages a change changes, for whoever reviews it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.harness.small_site import write_site
from tests.publish.conftest import git

sys.path.insert(0, str(ROOT / "book" / "_ext"))

from course_site.compare import Page, compare, main, markdown

PAGES = {"book/intro": "The course.", "book/one": "First.", "book/two": "Second."}


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return write_site(tmp_path / "base", PAGES)


def site(base: Path, **texts: str) -> Path:
    """The same site with other texts of pages in its folder ``book``."""
    pages = {**PAGES, **{f"book/{name}": text for name, text in texts.items()}}
    return write_site(base.parent / "site", pages)


def test_the_same_site_has_no_page_that_changed(base: Path) -> None:
    assert "No page of the site changes." in markdown(compare(base, site(base)))


def test_a_page_with_another_text_is_named_with_what_changed(base: Path) -> None:
    found = compare(base, site(base, one="First, and more."))
    assert [(page.name, how) for page, how in found.changed] == [
        ("book/one.html", "text: 1 lines more, 1 fewer")
    ]
    assert (found.added, found.removed, found.shared) == ([], [], [])


def test_pages_that_come_and_go_are_named(base: Path) -> None:
    made = site(base, three="Third.")
    (made / "book" / "two.html").unlink()
    found = compare(base, made)
    assert [page.name for page in found.added] == ["book/three.html"]
    assert [page.name for page in found.removed] == ["book/two.html"]


def test_a_page_whose_picture_changed_is_named(base: Path) -> None:
    made = site(base)
    for number, folder in enumerate((base, made)):
        path = folder / "book" / "one.html"
        path.write_text(path.read_text().replace("First.", '<img alt="" src="one.png">'))
        (path.parent / "one.png").write_text(str(number))
    ((page, how),) = compare(base, made).changed
    assert page.name == "book/one.html"
    assert how == "1 file that it shows or loads"


def test_what_most_pages_load_is_named_once(base: Path) -> None:
    made = site(base)
    (made / "_static" / "course.css").write_text("body { color: red }")
    found = compare(base, made)
    assert found.shared == ["_static/course.css"]
    assert found.changed == []


def test_what_most_pages_load_no_more_is_named_once(base: Path) -> None:
    made = site(base)
    for folder in (base, made):  # its addresses begin at the host's root
        lost = '<article class="bd-article"></article><script src="/course/x.js"></script>'
        (folder / "404.html").write_text(lost)
    for path in made.rglob("*.html"):
        tag = re.compile(r"<script defer[^>]*versions.js[^>]*></script>")
        path.write_text(tag.sub("", path.read_text()))
    found = compare(base, made)
    assert found.shared == ["_static/versions.js"]
    assert found.changed == []


def test_a_file_outside_the_site_is_none_of_its_files(base: Path) -> None:
    (base.parent / "secret.png").write_text("no business of the site")
    path = base / "book" / "one.html"
    path.write_text(path.read_text().replace("First.", '<img alt="" src="../../secret.png">'))
    assert all("secret" not in name for name in Page(base, "book/one.html").files)


def test_a_title_is_told_with_its_number_and_without_its_link(base: Path) -> None:
    made = site(base)
    path = made / "book" / "one.html"
    heading = '<h1><span class="section-number">1.2. </span>One<a class="headerlink">#</a></h1>'
    path.write_text(path.read_text().replace("<h1>One</h1>", heading))
    ((page, _),) = compare(base, made).changed
    assert page.title == "1.2. One"


def test_the_day_of_the_build_in_the_footer_changes_no_page(base: Path) -> None:
    made = site(base)
    for path in made.rglob("*.html"):
        path.write_text(path.read_text().replace("</main>", "<p>Last updated</p></main>"))
    assert compare(base, made).changed == []


def test_a_title_stays_text_in_the_summary(base: Path) -> None:
    made = site(base)
    path = made / "book" / "one.html"
    text = path.read_text().replace("<h1>One", "<h1>One [x](http://x) &lt;script&gt; `")
    path.write_text(text)
    told = markdown(compare(base, made))
    assert r"\[x\](http://x) \<script\> \`" in told


def test_a_folder_without_a_site_is_refused(
    base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    assert main([str(tmp_path / "empty"), str(base)]) == 1
    assert "build it first" in capsys.readouterr().err


# --- the step of the workflow: `jupyter-book` is a program of ours --------------------------------
# Its site has one page, whose text is that of a file of the repository.
BUILDER = """#!/bin/sh
[ "${COURSE_SITE_EXECUTE-unset}" = "" ] || exit 3
[ -e "$2/broken" ] && exit 1
mkdir -p "$2/_build/html"
printf '<article class="bd-article"><h1>One</h1>%s</article>' "$(cat "$2/text")" \
  > "$2/_build/html/one.html"
"""


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of two commits, with the site of the second and our script."""
    for variable in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{variable}_NAME", "An instructor")
        monkeypatch.setenv(f"GIT_{variable}_EMAIL", "instructor@example.org")
    root = tmp_path / "course"
    (root / "book").mkdir(parents=True)
    (root / "book" / "_ext").symlink_to(ROOT / "book" / "_ext")
    (root / "bin").mkdir()
    for name, script in (
        ("jupyter-book", BUILDER),
        ("python", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n'),
    ):
        (root / "bin" / name).write_text(script)
        (root / "bin" / name).chmod(0o755)
    (root / ".gitignore").write_text("/_build/\n/build/\n/bin/\n/book/\n")
    git(root.parent, "init", "-q", "-b", "main", str(root))
    for text in ("before", "after"):
        (root / "text").write_text(text)
        git(root, "add", "-A")
        git(root, "commit", "-q", "-m", text)
    environment = {**os.environ, "COURSE_SITE_EXECUTE": ""}
    subprocess.run(["bin/jupyter-book", "build", "."], cwd=root, env=environment, check=True)
    (root / "build").mkdir()
    return root


def changed(course: Path, base: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "GITHUB_STEP_SUMMARY": str(course / "build" / "summary")}
    command = [str(ROOT / ".ci" / "changed"), base, "_build/html", "bin"]
    return subprocess.run(
        command, cwd=course, env=environment, capture_output=True, text=True, check=False
    )


def test_the_summary_of_the_job_names_the_pages_that_changed(course: Path) -> None:
    done = changed(course, "HEAD^1")
    assert done.returncode == 0, done.stderr
    summary = (course / "build" / "summary").read_text()
    assert "- One (`one.html`): text: 1 lines more, 1 fewer" in summary
    assert summary == done.stdout


def test_the_base_leaves_nothing_behind(course: Path) -> None:
    changed(course, "HEAD^1")
    assert not (course / "build" / "base").exists()
    assert git(course, "worktree", "list").count("\n") == 1


def test_a_base_that_does_not_build_is_told_of_and_fails_nothing(course: Path) -> None:
    (course / "broken").write_text("")
    git(course, "add", "-A")
    git(course, "commit", "-q", "-m", "broken")
    done = changed(course, "HEAD")
    assert done.returncode == 0, done.stderr
    assert "does not build here" in done.stdout


def test_without_a_site_it_says_how_to_build_one(course: Path) -> None:
    (course / "_build").rename(course / "elsewhere")
    done = changed(course, "HEAD^1")
    assert done.returncode == 1
    assert "make book" in done.stderr
