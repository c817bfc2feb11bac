"""A course of one's own from this one: its address, its term, its secret and its learners."""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.assignment.source import find_assignments, read_assignment
from autograder.course.secret import make_secret
from autograder.errors import CommandError
from autograder.publish.chapters import write_notebooks
from autograder.publish.public import (
    CHANGELOG,
    DATES,
    READS_DATES,
    Address,
    dates_of_changes,
    git_names,
    with_address,
)
from autograder.publish.push import Git
from autograder.release.release import Places, release

ROSTER = "roster.csv"
# As `nbgrader db student import` reads them; other columns are left out.
_COLUMNS = ("id", "first_name", "last_name", "email")


@dataclass(frozen=True)
class Learner:
    """A row of the roster: ``identity`` is what submissions are named after."""

    identity: str
    details: dict[str, str]


def read_roster(path: Path) -> list[Learner]:
    """Who takes the course, from a CSV file with a column ``id``.

    The columns ``first_name``, ``last_name`` and ``email`` are read as well, as nbgrader's own
    import does.

    Raises:
        CommandError: when there is no such file or no such column, when a row has no id, and when
            two rows have the same.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            rows = [{k: (v or "").strip() for k, v in row.items() if k} for row in reader]
            columns = reader.fieldnames or []
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CommandError(f"{path} cannot be read as CSV in UTF-8: {error}") from None
    if "id" not in columns:
        raise CommandError(f"{path} has no column `id`; its columns are: {', '.join(columns)}")
    lines: dict[str, int] = {}
    for line, row in enumerate(rows, start=2):
        if not row["id"]:
            raise CommandError(f"{path}, row {line}: the column `id` is empty")
        if row["id"] in lines:
            raise CommandError(f"{path}: rows {lines[row['id']]} and {line} have id {row['id']}")
        lines[row["id"]] = line
    return [Learner(row["id"], {k: row[k] for k in _COLUMNS[1:] if row.get(k)}) for row in rows]


def make_course(
    root: Path,
    out: Path,
    address: Address,
    roster: Path | None = None,
    tell: Callable[[str], object] = lambda line: None,
) -> Path:
    """Write a course's repository: a copy of what git tracks here, made that course's own.

    ``_config.yml`` gets the address and the branch; a new secret is made; all assignments and
    chapters are released with them; the roster's learners are in nbgrader's gradebook; git holds
    one commit, without the secret and the roster. Either all of it is there afterwards or nothing.

    Args:
        root: the course that it is made from; a git repository.
        out: the new repository; a missing or an empty folder.
        address: where the new course's learners' half will be published.
        roster: a CSV file as :func:`read_roster` reads it.
        tell: gets a line when an assignment was released.

    Returns:
        ``out``.

    Raises:
        CommandError: when ``out`` holds something, when ``root`` is no git repository, when the
            roster cannot be read, when git refuses.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise CommandError(f"{out} exists and is not an empty folder; name another one")
    learners = read_roster(roster) if roster else []
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as scratch:
        made = Path(scratch) / "course"
        names = _copy(root, made)
        config = made / "_config.yml"
        text = with_address(config.read_text(encoding="utf-8"), address)
        config.write_text(text, encoding="utf-8")
        _release(made, make_secret(made).read_text(encoding="utf-8").strip(), tell)
        if roster:
            _enrol(made, roster, learners)
        _commit(made, names, f"The course at {address.repository.url}")
        made.replace(out)
    return out


def build_site(root: Path) -> None:
    """Build a course's site into ``_build/html``; what it prints goes to the terminal.

    Raises:
        CommandError: when the build fails.
    """
    program = Path(sys.executable).with_name("jupyter-book")
    command = [str(program), "build", str(root), "-W", "--keep-going", "-n", "--all"]
    try:
        done = subprocess.run(command, check=False)
    except OSError as error:
        raise CommandError(
            f"{program} does not run ({error}); `make install` installs it"
        ) from None
    if done.returncode:
        raise CommandError(
            f"the site of {root} was not built, its messages stand above; the rest of the course "
            "is there, so mend the page and run `make book` in it"
        )


def _copy(root: Path, made: Path) -> list[Path]:
    """Copy what git tracks, and the dates of the changelog's lines; the names of the files."""
    names = [Path(name) for name in git_names(root)]
    for name in names:
        target = made / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / name, target)
    if {CHANGELOG, READS_DATES} <= {*names}:  # the new history knows one day only
        (made / DATES).write_bytes(dates_of_changes(root))
        names = [*names, DATES]
    return names


def _release(made: Path, secret: str, tell: Callable[[str], object]) -> None:
    for source in find_assignments(made, []):
        assignment = read_assignment(source)
        release(assignment, Places(made), made, secret)
        tell(f"released {assignment.name}")
    write_notebooks(made)


def _enrol(made: Path, roster: Path, learners: Sequence[Learner]) -> None:
    """Keep the roster, and put its learners into the gradebook of nbgrader's commands."""
    from nbgrader.api import Gradebook

    shutil.copyfile(roster, made / ROSTER)
    database = made / "build" / "nbgrader" / "gradebook.db"
    database.parent.mkdir(parents=True, exist_ok=True)
    with Gradebook(f"sqlite:///{database}") as gradebook:
        for learner in learners:
            gradebook.update_or_create_student(learner.identity, **learner.details)


def _commit(made: Path, names: Sequence[Path], message: str) -> None:
    git = Git(made / ".git", made)
    git("init", "--quiet", "--initial-branch=main", str(made), bare=True)
    # By name, so that neither the secret nor the roster can ever be among them.
    released = [folder for folder in ("assignments", "notebooks") if (made / folder).is_dir()]
    git("add", "--force", "--", *[path.as_posix() for path in names], *released)
    git("commit", "--quiet", "--message", message)
