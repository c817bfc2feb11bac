"""What several commands share: their options, and the course, graders and workers these name."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.errors import CommandError

if TYPE_CHECKING:
    from autograder.assignment.source import Assignment
    from autograder.grading.batch import GradingConfig
    from autograder.workers.pool import WorkerPool

Arguments = argparse.Namespace
Commands = Any  # what add_subparsers returns; argparse keeps its class private


def global_options(parser: argparse.ArgumentParser, *, root: object, verbose: object) -> None:
    """The options that stand before the command's name as well as after it."""
    parser.add_argument(
        "--root",
        type=Path,
        default=root,
        help="the instructors' repository (default: the working directory)",
    )
    parser.add_argument(
        "-v",
        "--verbose",
        action="count",
        default=verbose,
        help="say what is done, and show the traceback of an error; -vv says more",
    )


def add_command(
    commands: Commands, name: str, run: Callable[[Arguments], int], text: str
) -> argparse.ArgumentParser:
    """A command with its help, and what it runs."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    parser.set_defaults(run=run)
    # Suppressed where they are not given, so that the values from before the name stay.
    global_options(parser, root=argparse.SUPPRESS, verbose=argparse.SUPPRESS)
    return parser


def weeks_argument(parser: argparse.ArgumentParser) -> None:
    """Some weeks' assignments, or all."""
    parser.add_argument(
        "weeks", nargs="*", metavar="WEEK", help="1, 01, week01 or project01; all by default"
    )


def week_argument(parser: argparse.ArgumentParser) -> None:
    """One week's assignment."""
    parser.add_argument("weeks", nargs=1, metavar="WEEK", help="1, 01, week01 or project01")


def isolation_option(parser: argparse.ArgumentParser) -> None:
    """How a submission is confined."""
    parser.add_argument(
        "--isolation",
        choices=["strict", "contained", "none"],
        default="strict",
        help="how the learner's code is confined; never less than this (default: strict)",
    )


def tier_option(parser: argparse.ArgumentParser) -> None:
    """Which tier's data and thresholds."""
    parser.add_argument(
        "--tier",
        choices=["cpu", "gpu"],
        help="data tier (default: by DLCOURSE_TIER or the machine)",
    )


def containing(text: str | None) -> Callable[[str], bool]:
    """Whether a name contains ``--only``'s text; every name does where none was given."""
    return lambda name: text is None or text in name


def chosen_tier(arguments: Arguments) -> str:
    """The tier that was given, or this machine's."""
    from dlcourse import data

    return str(arguments.tier or data.tier())


def chosen_assignments(arguments: Arguments) -> list[Assignment]:
    """The assignments of the weeks that were named.

    Raises:
        CommandError: when the folder has none.
        SourceError: when one cannot be read.
    """
    from autograder.assignment.source import find_assignments, read_assignment

    paths = find_assignments(arguments.root, arguments.weeks)
    if not paths:
        raise CommandError(
            f"there is no assignment under {arguments.root / 'solutions'}; "
            "run this in the instructors' repository or name it with --root"
        )
    return [read_assignment(path) for path in paths]


def chosen_assignment(arguments: Arguments) -> Assignment:
    """The assignment of the one week that was named."""
    (assignment,) = chosen_assignments(arguments)
    return assignment


def grading_config(arguments: Arguments, assignment: Assignment) -> GradingConfig:
    """What an assignment is graded with on the chosen tier.

    Raises:
        CommandError: when one of its thresholds is not calibrated for the tier.
    """
    from autograder.assignment.thresholds import read_thresholds
    from autograder.course.secret import course_secret
    from autograder.grading.batch import GradingConfig

    tier = chosen_tier(arguments)
    thresholds = read_thresholds(assignment)
    for check in assignment.checks:
        for name in check.thresholds:
            if tier not in thresholds.get(name, {}):
                raise CommandError(
                    f"{assignment.path}:{check.line}: threshold {name!r} is not calibrated for the "
                    f"{tier} tier; run `autograder calibrate {assignment.name} --tier {tier}`"
                )
    return GradingConfig(assignment, thresholds, tier, course_secret(arguments.root))


def worker_pool(arguments: Arguments, assignment: Assignment, tier: str) -> WorkerPool:
    """Workers as an assignment needs them: its memory and imports, the tier's data and GPUs."""
    from autograder.grading.pools import pool_for

    return pool_for(assignment, tier, arguments.isolation, _gpus(arguments, tier))


def _gpus(arguments: Arguments, tier: str) -> list[str]:
    """The device files of the GPUs that all workers share: by default those there are."""
    named = getattr(arguments, "gpus", None)
    if named is not None:
        missing = [path for path in named if not Path(path).exists()]
        if missing:
            raise CommandError(
                f"{missing[0]} does not exist; `autograder doctor` lists the GPUs here"
            )
        return list(named)
    return sorted(map(str, Path("/dev").glob("nvidia[0-9]*"))) if tier == "gpu" else []
