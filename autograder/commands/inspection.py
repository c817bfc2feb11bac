"""For instructors: look closely at one submission, or at how a class did. Nothing is recorded."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.commands.options import (
    Arguments,
    Commands,
    add_command,
    chosen_assignment,
    grading_config,
    isolation_option,
    tier_option,
    week_argument,
    worker_pool,
)
from autograder.commands.terminal import OK, print_line
from autograder.errors import CommandError

if TYPE_CHECKING:
    from autograder.report.inspection import InspectedCell, InspectedCheck, Inspection


def add_commands(commands: Commands) -> None:
    """Add this group's commands."""
    text = (
        "Run one notebook as grade does, record nothing, and print what each cell and each check "
        "did. Tracebacks quote hidden checks and their inputs: not for learners."
    )
    parser = add_command(commands, "inspect", _inspect, text)
    week_argument(parser)
    parser.add_argument(
        "notebook", type=Path, metavar="NOTEBOOK", help="one submission: a notebook or a zip"
    )
    isolation_option(parser)
    tier_option(parser)
    _add_leaderboard(commands)


def _inspect(arguments: Arguments) -> int:
    from autograder.collect.submissions import find_submissions
    from autograder.report.inspection import inspect_submission

    path = arguments.notebook
    if not path.is_file():
        raise CommandError(f"{path} is no file; name one notebook, or the zip of one learner")
    assignment = chosen_assignment(arguments)
    grading = grading_config(arguments, assignment)
    with tempfile.TemporaryDirectory(prefix="submissions-") as scratch:
        found = find_submissions([path], assignment.name, Path(scratch))
        if len(found) != 1:
            raise CommandError(f"{path} holds {len(found)} submissions; name a file that holds one")
        with worker_pool(arguments, assignment, grading.tier) as pool:
            print_line("for instructors only: this quotes hidden checks and their inputs")
            print_line(f"isolation: {pool.isolation}; tier: {grading.tier}")
            _print(inspect_submission(grading.checks(), found[0], pool))
    return OK


def _print(inspection: Inspection) -> None:
    _say("\ncells")
    for cell in inspection.cells:
        _say(_cell_line(cell))
    _say("\nchecks")
    for check in inspection.checks:
        _print_check(check)
    if inspection.notes:
        _say("\nnoticed in the notebook, and put back")
        for note in inspection.notes:
            _say(f"  {note}")
    graded = inspection.graded
    _say(f"\nstatus: {graded.status}; {graded.marks:g} of {graded.max_marks:g} points")
    _say(f"reason: {graded.reason or 'none'}")


def _cell_line(cell: InspectedCell) -> str:
    number = "put back" if cell.number is None else f"cell {cell.number}"
    seconds = "" if cell.seconds is None else f", {cell.seconds:.2f} s"
    name = f" [{cell.grade_id}]" if cell.grade_id else ""
    message = f": {cell.message}" if cell.message else ""
    return f"  {number}{name}: {cell.outcome}{seconds}{message}"


def _print_check(check: InspectedCheck) -> None:
    result = check.result
    kind = "hidden" if result.hidden else "public"
    points = f"{result.earned:g} of {result.points:g}"
    _say(f"  {result.question}.{result.name} ({kind}, {points}): {result.outcome}")
    for name, value in result.measured.items():
        _say(f"    measured {name}: {value:.6g}")
    if result.message:
        _say(f"    {result.message}")
    for line in check.trace.splitlines():
        _say(f"      {line}")


def _say(text: str) -> None:
    """Print what may quote a learner: no character of theirs controls the terminal."""
    print_line(
        "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)
    )


# leaderboard ----------------------------------------------------------------------------------


def _add_leaderboard(commands: Commands) -> None:
    text = (
        "Rank the learners who asked to be shown by what a hidden check measured, from a folder of "
        "marks. Writes leaderboard.md there."
    )
    parser = add_command(commands, "leaderboard", _leaderboard, text)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="what grade wrote with --out")
    parser.add_argument(
        "--quantity", required=True, help="what was measured, a column of checks.csv: accuracy"
    )
    parser.add_argument(
        "--names", type=Path, required=True, help="CSV of those who asked: submission,name"
    )
    parser.add_argument("--lowest", action="store_true", help="less is better")
    parser.add_argument("--title", default="Leaderboard", help="heading (default: Leaderboard)")


def _leaderboard(arguments: Arguments) -> int:
    from autograder.grading.batch import whole_class
    from autograder.grading.ledger import Ledger
    from autograder.report.files import write_whole
    from autograder.report.leaderboard import as_markdown, leaderboard, read_names

    path = arguments.folder / "ledger.sqlite"
    if not path.is_file():
        raise CommandError(f"{path} does not exist; name the folder that grade wrote with --out")
    names = read_names(arguments.names)
    ledger = Ledger(path)
    places = leaderboard(whole_class(ledger), names, arguments.quantity, arguments.lowest)
    ledger.close()
    page = arguments.folder / "leaderboard.md"
    write_whole(page, as_markdown(arguments.title, arguments.quantity, places))
    for place in places:
        print_line(f"{place.rank:>3}  {place.value:.4g}  {place.name}")
    print_line(f"{page}: {len(places)} of {len(names)} who asked to be shown")
    return OK
