"""The learners' half of the repository: what may be published, and nothing else."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from autograder.course.repository import Repository, read_config, read_repository
from autograder.errors import CommandError

if TYPE_CHECKING:
    from autograder.assignment.source import Assignment

# What learners and readers get. A new top-level file is private until it is named here.
PUBLIC_FOLDERS = ("assignments", "book", "dlcourse", "notebooks")
PUBLIC_FILES = (
    ".ci/versions",
    "CHANGELOG.md",
    "CITATION.cff",
    "LICENSE",
    "LICENSE-CC-BY-4.0",
    "_config.yml",
    "_toc.yml",
    "constraints.txt",
)
# What the learners' half has of its own, and where it lies there.
OWN_FILES = {
    "README.md": "README.md",
    "Makefile": "Makefile",
    "gitignore": ".gitignore",
    "site.yml": ".github/workflows/site.yml",
    "pyproject.toml.in": "pyproject.toml",
    "environment.yml.in": "environment.yml",
}
TEMPLATES = Path(__file__).parent / "learners"
CHANGELOG = Path("CHANGELOG.md")
# Reads git's dates of the changelog's lines, for the feed of changes; and where the site's build
# finds them when it has not this repository's history.
READS_DATES = Path("book/_ext/course_site/changelog.py")
DATES = Path("book/changes.json")

# GitHub allows letters, digits and single hyphens in the name of a user or an organisation.
_OWNER = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*")
_FIELD = re.compile(r"(?<!\$)\{([a-z_]+)\}")


@dataclass(frozen=True)
class Address:
    """Where the learners' half is published.

    Attributes:
        repository: where learners find the notebooks, and at which branch or tag.
        site: where the pages stand, with a slash at the end.
    """

    repository: Repository
    site: str


def public_address(root: Path, url: str | None = None, ref: str | None = None) -> Address:
    """The address in ``_config.yml``, or another one for this copy of the learners' half.

    Args:
        root: the instructors' repository.
        url: another repository; the site then is its page on GitHub Pages.
        ref: another branch, or a tag, at which notebooks' links and first cells point.

    Raises:
        CommandError: when nobody can own the address, as with the one that the course comes with.
    """
    given = read_repository(root)
    repository = Repository((url or given.url).rstrip("/"), ref or given.branch)
    owner, name = repository.name.split("/")
    if not _OWNER.fullmatch(owner):
        raise CommandError(
            f"{repository.url} is a placeholder: GitHub has no user {owner!r}. Write the address "
            "of the public repository into _config.yml (`repository: url:` and `html: baseurl:`), "
            "run `autograder release` and `autograder notebooks`, or give it with --repository"
        )
    configured = str((read_config(root).get("html") or {}).get("baseurl", ""))
    pages = f"https://{owner.lower()}.github.io/{name}/"
    site = pages if url or not configured else configured.rstrip("/") + "/"
    if not _OWNER.fullmatch(urlsplit(site).netloc.split(".")[0]):
        raise CommandError(
            f"_config.yml: `html: baseurl:` is {site}, a placeholder; write the site's address, "
            f"{pages} on GitHub Pages"
        )
    return Address(repository, site)


def refuse_untracked(root: Path) -> None:
    """Only what git tracks is published, so a new page that nobody added would be missing.

    Raises:
        CommandError: naming the files under public folders that git neither tracks nor ignores.
    """
    names = git_names(root, "--others", "--exclude-standard", "--", *PUBLIC_FOLDERS)
    if names:
        raise CommandError(
            f"git does not track {', '.join(names)}; add these files with `git add`, remove them, "
            "or name them in .gitignore"
        )


def write_public(root: Path, out: Path, address: Address | None = None) -> list[Path]:
    """Write the public files that git tracks, and the learners' own, into an empty folder.

    Args:
        root: the instructors' repository.
        out: an empty or a missing folder.
        address: where it will be published; by default where ``_config.yml`` says. Notebooks keep
            the address that they have; :func:`write_notebooks_for` writes them anew.

    Returns:
        The files written, relative to ``out``.

    Raises:
        CommandError: when ``out`` holds something already: nothing is overwritten or mixed.
        CommandError: when ``root`` is no git repository.
    """
    if out.exists() and any(out.iterdir()):
        raise CommandError(f"{out} is not empty; name an empty or a missing folder")
    if address is None:
        given = read_config(root).get("html") or {}
        address = Address(read_repository(root), str(given.get("baseurl", "")))
    written = {}
    for path in map(Path, git_names(root)):
        if path.parts[0] in PUBLIC_FOLDERS or path.as_posix() in PUBLIC_FILES:
            written[path] = (root / path).read_bytes()
    for path, text in own_files(root, address).items():
        written[path] = text.encode()
    if {CHANGELOG, READS_DATES} <= {*written}:
        written[DATES] = dates_of_changes(root)
    config = Path("_config.yml")
    if config in written:
        written[config] = with_address(written[config].decode(), address).encode()
    for path, content in written.items():
        target = out / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return [*written]


def dates_of_changes(root: Path) -> bytes:
    """When each entry of the changelog was written, as the site's build reads it.

    Raises:
        CommandError: when the changelog cannot be read; with the reason.
    """
    command = [sys.executable, str(root / READS_DATES), str(root)]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise CommandError(f"the dates of {CHANGELOG}'s entries cannot be read: {reason}")
    return done.stdout


def own_files(root: Path, address: Address) -> dict[Path, str]:
    """What the learners' half has instead of the instructors' files, by its path there."""
    values = _values(root, address)
    made = {}
    for template, path in OWN_FILES.items():
        text = (TEMPLATES / template).read_text(encoding="utf-8")
        made[Path(path)] = _FIELD.sub(lambda found: values.get(found[1], found[0]), text)
    return made


def _values(root: Path, address: Address) -> dict[str, str]:
    """What stands in the places of the templates."""
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    project = settings["project"]
    data = settings["tool"]["setuptools"]["package-data"]
    extras = project["optional-dependencies"]
    requirements = [*project["dependencies"], *extras["book"], *extras["pages"]]
    title = str(read_config(root).get("title", project["name"]))
    return {
        "title": title,
        "description": "Chapters, assignments, and `dlcourse`, the package that both use.",
        "site": address.site,
        "repository": address.repository.url,
        # Only this branch is deployed: a term's must not replace the current site.
        "branch": read_repository(root).branch,
        "requirement": address.repository.requirement,
        "python": project["requires-python"].removeprefix(">="),
        "requires_python": project["requires-python"],
        "license": project["license"],
        "dependencies": toml_list(project["dependencies"]),
        "book": toml_list(extras["book"]),
        "pages": toml_list(extras["pages"]),
        "data": toml_list(data["dlcourse"]),
        "data_of_data": toml_list(data["dlcourse.data"]),
        "requirements": "\n".join(f"      - {json.dumps(line)}" for line in requirements),
    }


def toml_list(words: Sequence[str]) -> str:
    """Strings as a list in TOML, a line each."""
    lines = "".join(f"  {json.dumps(word, ensure_ascii=False)},\n" for word in words)
    return f"[\n{lines}]"


def with_address(config: str, address: Address) -> str:
    """The text of ``_config.yml`` with another address, and nothing else changed.

    Raises:
        CommandError: when a line that gives the address is not there once.
    """
    lines = {
        r"^(repository:\n  url:) .*$": address.repository.url,
        r"^(  branch:) .*$": address.repository.branch,
        r"^(  baseurl:) .*$": address.site,
    }
    for pattern, value in lines.items():
        line = rf"\g<1> {value}"
        config, count = re.subn(pattern, line, config, flags=re.MULTILINE)
        if count != 1:
            raise CommandError(
                f"_config.yml must hold the line {pattern.strip('^$')!r} once, with the address"
            )
    return config


def write_notebooks_for(out: Path, assignments: Sequence[Assignment]) -> None:
    """Write chapters' and assignments' notebooks with the address in ``out``'s ``_config.yml``."""
    from autograder.assignment.thresholds import read_thresholds
    from autograder.publish.chapters import write_notebooks
    from autograder.release.learner import dump
    from autograder.release.release import Places, as_nbgrader_releases, make_learner

    write_notebooks(out)
    for assignment in assignments:
        notebook = make_learner(assignment, read_thresholds(assignment), out)
        path = Places(out).learner(assignment.name)
        if path.is_file():  # not every assignment is released yet
            path.write_text(dump(as_nbgrader_releases(notebook)), encoding="utf-8")


def stale_releases(root: Path, assignments: Sequence[Assignment]) -> list[str]:
    """What of the committed notebooks differs from its source: nothing stale is published."""
    from autograder.publish.chapters import write_notebooks
    from autograder.release.release import drift

    chapters = [f"{line}; run `autograder notebooks`" for line in write_notebooks(root, check=True)]
    return chapters + [line for one in assignments for line in drift(one, root)]


def git_names(root: Path, *words: str) -> list[str]:
    """Files that git lists and that are there."""
    command = ["git", "-C", str(root), "ls-files", "-z", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CommandError(
            f"{root} is not a git repository: {done.stderr.strip()}; name it with --root"
        )
    return [name for name in done.stdout.split("\0") if name and (root / name).is_file()]
