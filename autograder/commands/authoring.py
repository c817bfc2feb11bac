"""For authors: begin a week, release an assignment, write a sample class of submissions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from autograder.commands.options import (
    Arguments,
    Commands,
    add_command,
    chosen_assignment,
    chosen_assignments,
    week_argument,
    weeks_argument,
)
from autograder.commands.terminal import OK, print_line, report_problems

if TYPE_CHECKING:
    from autograder.assignment.source import Assignment


def add_commands(commands: Commands) -> None:
    """Add this group's commands."""
    _add_new_week(commands)
    _add_release(commands)
    _add_sample_class(commands)


# new-week -------------------------------------------------------------------------------------


def _add_new_week(commands: Commands) -> None:
    text = "Write the skeleton of a week: its page, a chapter, and an assignment that verifies."
    parser = add_command(commands, "new-week", _new_week, text)
    parser.add_argument("week", type=int, metavar="N", help="the week's number, 5 for instance")


def _new_week(arguments: Arguments) -> int:
    from autograder.course.new_week import write_new_week

    made = write_new_week(arguments.root, arguments.week)
    for path in made.files:
        print_line(str(path))
    print_line("add to _toc.yml, under `chapters:` of the part that the week belongs to:")
    print_line(made.contents.rstrip())
    week = arguments.week
    print_line(f"then run `autograder verify {week}`, `autograder release {week}` and")
    print_line("`autograder notebooks`, and replace the skeleton; see the guide for authors")
    return OK


# release --------------------------------------------------------------------------------------


def _add_release(commands: Commands) -> None:
    text = "Write the learner's notebook and the bundles for nbgrader and otter-grader."
    parser = add_command(commands, "release", _release, text)
    weeks_argument(parser)
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing; fail on drift, on a leak and on stale calibration",
    )
    parser.add_argument(
        "--site", type=Path, action="append", help="with --check: a built site to search for leaks"
    )


def _release(arguments: Arguments) -> int:
    from autograder.course.secret import course_secret
    from autograder.evidence import facts
    from autograder.release.release import Places, release

    secret = course_secret(arguments.root)
    assignments = chosen_assignments(arguments)
    if arguments.check:
        problems = [p for a in assignments for p in _release_problems(arguments, a, secret)]
        if facts.outdated(arguments.root):
            problems.append(f"{facts.FILE} is out of date. Write it by: autograder release")
        return report_problems(problems, "no drift and no leak")
    for assignment in assignments:
        for path in release(assignment, Places(arguments.root), arguments.root, secret):
            print_line(str(path.relative_to(arguments.root)))
    if facts.outdated(arguments.root):
        facts.write(arguments.root)
        print_line(facts.FILE)
    return OK


def _release_problems(arguments: Arguments, assignment: Assignment, secret: str) -> list[str]:
    """Drift, stale evidence and leaks of one assignment."""
    from autograder.evidence.calibrate import stale
    from autograder.release.release import drift, leaks

    sites = arguments.site or [arguments.root / "_build" / "html"]
    return [
        *drift(assignment, arguments.root),
        *stale(assignment),
        *map(str, leaks(assignment, arguments.root, secret, sites)),
    ]


# sample-class ---------------------------------------------------------------------------------


def _add_sample_class(commands: Commands) -> None:
    text = "Write a sample class of good, wrong, broken and hostile submissions of an assignment."
    parser = add_command(commands, "sample-class", _sample_class, text)
    week_argument(parser)
    parser.add_argument("--out", type=Path, required=True, help="folder for the submissions")


def _sample_class(arguments: Arguments) -> int:
    from autograder.evidence.sample_class import make_sample_class

    expected = make_sample_class(chosen_assignment(arguments), arguments.out)
    print_line(f"{len(expected)} submissions in {arguments.out}")
    return OK
