"""The learners' half: what it holds, where its links lead, when it is refused, how it is pushed."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from autograder.assignment.source import Assignment
from autograder.commands.terminal import FAILED, OK
from autograder.publish.public import OWN_FILES
from tests.conftest import ROOT
from tests.publish.conftest import CHAPTER, URL, git, run
from tests.publish.test_workflows import MAKE, PINNED


@pytest.fixture
def out(repository: Path) -> Path:
    return repository.parent / "public"


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


# --- what it holds --------------------------------------------------------------------------------
def test_it_holds_what_learners_need_and_no_solution(repository: Path, out: Path) -> None:
    assert run(repository, "public", str(out)) == OK
    assert files(out) == {
        ".github/workflows/site.yml",
        ".gitignore",
        "CITATION.cff",
        "LICENSE",
        "LICENSE-CC-BY-4.0",
        "Makefile",
        "README.md",
        "_config.yml",
        "assignments/week99/week99.ipynb",
        "book/guides/learners.md",
        "book/references.bib",
        "book/week99/01_one.md",
        "constraints.txt",
        "dlcourse/__init__.py",
        "environment.yml",
        "notebooks/week99/01_one.ipynb",
        "pyproject.toml",
    }


def test_its_package_is_the_learners_and_has_no_command_of_the_graders(
    repository: Path, out: Path
) -> None:
    run(repository, "public", str(out))
    settings = tomllib.loads((out / "pyproject.toml").read_text())
    ours = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert "scripts" not in settings["project"]
    assert settings["project"]["dependencies"] == ours["project"]["dependencies"]
    extras = {name: ours["project"]["optional-dependencies"][name] for name in ("book", "pages")}
    assert settings["project"]["optional-dependencies"] == extras
    data = settings["tool"]["setuptools"]["package-data"]
    assert data == {
        name: files
        for name, files in ours["tool"]["setuptools"]["package-data"].items()
        if name != "autograder"
    }


def test_its_wheel_holds_the_package_and_nothing_else(repository: Path, out: Path) -> None:
    run(repository, "public", str(out))
    script = f"from setuptools import build_meta; build_meta.build_wheel({str(out.parent)!r})"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=out, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = out.parent.glob("dlcourse-3.1-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.split("/")[0] for name in archive.namelist()}
        assert tops == {"dlcourse", "dlcourse-3.1.dist-info"}
        assert not any(name.endswith("entry_points.txt") for name in archive.namelist())
        licences = [name for name in archive.namelist() if "LICENSE" in name]
        assert len(licences) == 2


def test_its_conda_environment_asks_for_what_its_package_asks_for(
    repository: Path, out: Path
) -> None:
    run(repository, "public", str(out))
    project = tomllib.loads((out / "pyproject.toml").read_text())["project"]
    environment = yaml.safe_load((out / "environment.yml").read_text())
    (by_pip,) = (item["pip"] for item in environment["dependencies"] if isinstance(item, dict))
    extras = project["optional-dependencies"]
    assert by_pip == [*project["dependencies"], *extras["book"], *extras["pages"]]
    assert f"python{project['requires-python']}" in environment["dependencies"]


def test_no_field_of_a_template_is_left_open(repository: Path, out: Path) -> None:
    run(repository, "public", str(out))
    for name in OWN_FILES.values():
        assert re.findall(r"(?<!\$)\{[a-z_]+\}", (out / name).read_text()) == [], name


def test_its_readme_leads_to_the_site_and_installs_from_the_repository(
    repository: Path, out: Path
) -> None:
    run(repository, "public", str(out))
    text = (out / "README.md").read_text()
    assert "https://some-school.github.io/deep-learning/" in text
    assert f'pip install "dlcourse @ git+{URL}@main"' in text


def test_its_workflow_is_as_careful_as_ours(repository: Path, out: Path) -> None:
    run(repository, "public", str(out))
    text = (out / ".github/workflows/site.yml").read_text()
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {}
    assert workflow[True]["push"] == {"branches": ["main"], "tags": ["publish-*"]}
    jobs = workflow["jobs"]
    assert jobs["build"]["permissions"] == {"contents": "read"}
    assert jobs["keep"]["permissions"] == {"contents": "write"}
    assert jobs["deploy"]["permissions"] == {"pages": "write", "id-token": "write"}
    assert "pull_request_target" not in workflow[True]
    lines = [line for line in text.splitlines() if "uses:" in line]
    assert [line for line in lines if not PINNED.search(line)] == []
    commands = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    for command in commands:
        target = MAKE.fullmatch(command)
        assert target is not None, command
        subprocess.run(["make", "-n", target[1]], cwd=out, check=True, capture_output=True)


# --- where its links lead -------------------------------------------------------------------------
def texts(out: Path) -> str:
    notebooks = [json.loads(path.read_text()) for path in out.rglob("*.ipynb")]
    cells = [cell["source"] for notebook in notebooks for cell in notebook["cells"]]
    return "\n".join("".join(source) for source in cells)


def test_links_of_a_term_stay_in_that_term(repository: Path, out: Path) -> None:
    assert run(repository, "public", str(out), "--ref", "term-2026-fall") == OK
    text = texts(out)
    assert "some-school/deep-learning/blob/term-2026-fall/notebooks/week99/01_one.ipynb" in text
    assert "some-school/deep-learning/blob/term-2026-fall/assignments/week99/week99.ipynb" in text
    assert f"git+{URL}@term-2026-fall" in text
    assert "/blob/main/" not in text
    assert "@main" not in text
    config = yaml.safe_load((out / "_config.yml").read_text())
    assert config["repository"]["branch"] == "term-2026-fall"


def test_another_address_stands_wherever_the_old_one_stood(repository: Path, out: Path) -> None:
    other = "https://github.com/Another/course"
    assert run(repository, "public", str(out), "--repository", other) == OK
    assert "github/Another/course/blob/main/notebooks" in texts(out)
    assert "https://another.github.io/course/book/week99/01_one.html" in texts(out)
    for path in out.rglob("*"):
        if path.is_file():
            assert b"some-school" not in path.read_bytes(), path
    changed = git(repository, "diff", "--name-only")
    assert changed == ""  # of the instructors' repository nothing


def test_only_the_lines_with_the_address_change_in_the_configuration(
    repository: Path, out: Path
) -> None:
    run(repository, "public", str(out), "--ref", "term-2026-fall")
    before = (repository / "_config.yml").read_text().splitlines()
    after = (out / "_config.yml").read_text().splitlines()
    assert [b for a, b in zip(before, after, strict=True) if a != b] == ["  branch: term-2026-fall"]


# --- when it is refused ---------------------------------------------------------------------------
def test_the_placeholder_address_is_refused(repository: Path, out: Path, capsys: Any) -> None:
    shutil.copy(ROOT / "_config.yml", repository)
    assert run(repository, "public", str(out)) == FAILED
    assert "your_organisation" in capsys.readouterr().err
    assert not out.exists()


def test_a_placeholder_for_the_site_is_refused(repository: Path, out: Path, capsys: Any) -> None:
    config = (repository / "_config.yml").read_text()
    (repository / "_config.yml").write_text(
        config.replace("https://some-school", "https://some_one")
    )
    assert run(repository, "public", str(out)) == FAILED
    assert "baseurl" in capsys.readouterr().err


def test_untracked_files_are_refused_by_name(repository: Path, out: Path, capsys: Any) -> None:
    (repository / "book" / "week99" / "02_two.md").write_text("# Two\n")
    (repository / "notes.txt").write_text("private, and no matter")
    assert run(repository, "public", str(out)) == FAILED
    told = capsys.readouterr().err
    assert "book/week99/02_two.md" in told
    assert "notes.txt" not in told
    assert not out.exists()


def test_a_stale_notebook_is_refused(repository: Path, out: Path, capsys: Any) -> None:
    page = repository / "book" / "week99" / "01_one.md"
    page.write_text(CHAPTER.replace("# One", "# First"))
    assert run(repository, "public", str(out)) == FAILED
    assert "autograder notebooks" in capsys.readouterr().err
    assert not out.exists()


def test_a_stale_assignment_is_refused(
    repository: Path, out: Path, sample: Assignment, capsys: Any
) -> None:
    text = sample.path.read_text(encoding="utf-8")
    sample.path.write_text(text.replace("Each row must", "Every row must"), encoding="utf-8")
    assert run(repository, "public", str(out)) == FAILED
    assert "autograder release week99" in capsys.readouterr().err


def test_it_never_mixes_with_what_is_there(repository: Path, out: Path, capsys: Any) -> None:
    out.mkdir()
    (out / "mine.txt").write_text("keep")
    assert run(repository, "public", str(out)) == FAILED
    assert "not empty" in capsys.readouterr().err
    assert files(out) == {"mine.txt"}


def test_a_leak_is_not_pushed(
    repository: Path, out: Path, remote: Path, sample: Assignment, capsys: Any
) -> None:
    answer = sample.path.read_text(encoding="utf-8")
    (repository / "book" / "copy.md").write_text(f"# Copy\n\n{answer}")
    git(repository, "add", "-A")
    assert run(repository, "public", str(out), "--push", str(remote)) == FAILED
    assert git(remote, "for-each-ref") == ""


# --- how it is pushed -----------------------------------------------------------------------------
@pytest.fixture
def remote(tmp_path: Path) -> Path:
    """An empty repository that can be pushed to."""
    folder = tmp_path / "remote.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(folder)], check=True)
    return folder


def pushed(remote: Path, branch: str) -> set[str]:
    return set(git(remote, "ls-tree", "-r", "--name-only", branch).splitlines())


def test_a_push_fills_an_empty_repository_with_what_was_written(
    repository: Path, out: Path, remote: Path
) -> None:
    assert run(repository, "public", str(out), "--push", str(remote)) == OK
    assert pushed(remote, "main") == files(out)
    assert not (out / ".git").exists()


def test_a_second_push_adds_to_the_history_and_removes_what_is_gone(
    repository: Path, out: Path, remote: Path
) -> None:
    run(repository, "public", str(out), "--push", str(remote))
    git(repository, "rm", "-q", "--cached", "CITATION.cff")
    (repository / "CITATION.cff").unlink()
    again = out.with_name("again")
    assert run(repository, "public", str(again), "--push", str(remote)) == OK
    assert pushed(remote, "main") == files(again) == files(out) - {"CITATION.cff"}
    assert git(remote, "rev-list", "--count", "main").strip() == "2"


def test_a_push_without_a_change_makes_no_commit(
    repository: Path, out: Path, remote: Path, capsys: Any
) -> None:
    run(repository, "public", str(out), "--push", str(remote))
    assert run(repository, "public", str(out.with_name("again")), "--push", str(remote)) == OK
    assert "nothing had changed" in capsys.readouterr().out
    assert git(remote, "rev-list", "--count", "main").strip() == "1"


def test_a_term_gets_a_branch_and_the_current_one_stays(
    repository: Path, out: Path, remote: Path
) -> None:
    run(repository, "public", str(out), "--push", str(remote))
    before = git(remote, "rev-parse", "main")
    words = ["--ref", "term-2026-fall", "--push", str(remote)]
    assert run(repository, "public", str(out.with_name("term")), *words) == OK
    assert git(remote, "rev-parse", "main") == before
    notebook = git(remote, "show", "term-2026-fall:notebooks/week99/01_one.ipynb")
    assert "/blob/term-2026-fall/" in notebook
    # Each link of the term to Colab leads to a file that the branch holds.
    assert "notebooks/week99/01_one.ipynb" in pushed(remote, "term-2026-fall")


def test_a_term_does_not_replace_the_site_of_the_current_one(repository: Path, out: Path) -> None:
    run(repository, "public", str(out), "--ref", "term-2026-fall")
    workflow = yaml.safe_load((out / ".github/workflows/site.yml").read_text())
    assert workflow[True]["push"] == {"branches": ["main"], "tags": ["publish-*"]}
    assert "github.ref_name == 'main'" in workflow["jobs"]["deploy"]["if"]


def test_the_name_of_a_tag_is_refused(
    repository: Path, out: Path, remote: Path, capsys: Any
) -> None:
    run(repository, "public", str(out), "--push", str(remote))
    git(remote, "tag", "term-2025-fall", "main")
    words = ["--ref", "term-2025-fall", "--push", str(remote)]
    assert run(repository, "public", str(out.with_name("term")), *words) == FAILED
    assert "a tag does not move" in capsys.readouterr().err


def test_a_remote_that_is_not_there_is_named(repository: Path, out: Path, capsys: Any) -> None:
    assert run(repository, "public", str(out), "--push", str(out.parent / "none.git")) == FAILED
    assert "none.git" in capsys.readouterr().err
