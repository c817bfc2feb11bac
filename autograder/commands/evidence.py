"""For authors: the evidence that an assignment is fair, made and recorded."""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from autograder.commands.options import (
    Arguments,
    Commands,
    add_command,
    chosen_assignment,
    chosen_assignments,
    chosen_tier,
    containing,
    grading_config,
    isolation_option,
    tier_option,
    week_argument,
    weeks_argument,
    worker_pool,
)
from autograder.commands.terminal import (
    CONSOLE,
    OK,
    new_table,
    print_line,
    progress,
    report_problems,
)
from autograder.errors import CommandError

if TYPE_CHECKING:
    from autograder.assignment.source import Assignment
    from autograder.evidence.calibrate import Target
    from autograder.evidence.mutate import Verdict
    from autograder.evidence.verify import Comparison
    from autograder.grading.batch import GradingConfig
    from autograder.workers.pool import WorkerPool

MOST_NAMED = 40
"""So many names does an error list."""

FEWEST_RUNS = 5
"""Fewer runs of a program tell nothing of its spread."""


def add_commands(commands: Commands) -> None:
    """Add this group's commands."""
    _add_verify(commands)
    _add_calibrate(commands)
    _add_mutate(commands)


def _stale_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--stale",
        action="store_true",
        help="only what has no record, or one that is stale by source",
    )


# verify ---------------------------------------------------------------------------------------


def _add_verify(commands: Commands) -> None:
    text = (
        "Grade the solution, the stub and every wrong answer; fail where one is not as it should. "
        "What is as it should be, in the cpu tier, is recorded in verification.json."
    )
    parser = add_command(commands, "verify", _verify, text)
    weeks_argument(parser)
    parser.add_argument(
        "--parity",
        action="store_true",
        help="also demand the same marks from nbgrader autograde and otter run; some "
        "submissions can be compared by --only, or those not recorded by --stale",
    )
    parser.add_argument("--only", metavar="TEXT", help="only variants whose name contains TEXT")
    _stale_option(parser)
    isolation_option(parser)
    tier_option(parser)


def _verify(arguments: Arguments) -> int:
    from autograder.evidence.variants import names
    from autograder.evidence.verify import compared_names

    assignments = chosen_assignments(arguments)
    if arguments.only is not None and arguments.parity:
        compared = [n for a in assignments for n in compared_names(a, arguments.root)]
        _demand_one(arguments.only, "submission for --parity", compared)
    elif arguments.only is not None:
        _demand_one(arguments.only, "answer", [n for a in assignments for n in names(a)])
    problems: list[str] = []
    for assignment in assignments:
        problems += _verify_one(arguments, assignment)
    return report_problems(problems, "every answer gets what it should")


def _demand_one(text: str, what: str, names: Sequence[str]) -> None:
    """Refuse a text of ``--only`` that no name contains.

    Raises:
        CommandError: that names what there is.
    """
    known = list(dict.fromkeys(names))
    if not any(text in name for name in known):
        more = f" and {len(known) - MOST_NAMED} more" if len(known) > MOST_NAMED else ""
        raise CommandError(
            f"no {what} has {text!r} in its name; there are {', '.join(known[:MOST_NAMED])}{more}"
        )


def _verify_one(arguments: Arguments, assignment: Assignment) -> list[str]:
    from autograder.evidence import verification

    parts = [verification.ANSWERS, *([verification.GRADERS] if arguments.parity else [])]
    if arguments.stale:
        parts = _stale_of(arguments, assignment, parts)
    if not parts:
        return []
    grading = grading_config(arguments, assignment)
    problems: list[str] = []
    with worker_pool(arguments, assignment, grading.tier) as pool:
        if verification.ANSWERS in parts:
            problems += _verify_answers(arguments, grading, pool)
        if verification.GRADERS in parts:
            problems += _verify_graders(arguments, grading, pool)
    return problems


def _stale_of(arguments: Arguments, assignment: Assignment, parts: Sequence[str]) -> list[str]:
    """Those parts of the record that are to be made anew, and why."""
    from autograder.evidence.verification import GRADERS, part_staleness, uncompared

    stale = []
    for part in parts:
        found = part_staleness(assignment, arguments.root, part)
        missing = uncompared(assignment, arguments.root) if part == GRADERS else []
        if found.by_source or missing:
            stale.append(part)
        what = str(found) if found.by_source else "is recorded"
        if missing and not found.by_source:
            what += f" but for {len(missing)} submissions"
        print_line(f"{assignment.name}: verification of the {part} {what}")
    return stale


def _records(arguments: Arguments, tier: str) -> bool:
    """Whether what is done is the whole of what a record vouches for."""
    from autograder.evidence.verification import TIER

    return arguments.only is None and tier == TIER


def _verify_answers(arguments: Arguments, grading: GradingConfig, pool: WorkerPool) -> list[str]:
    from autograder.evidence import verification
    from autograder.evidence.variants import names
    from autograder.evidence.verify import shortfalls, verify_answers

    assignment, only = grading.assignment, containing(arguments.only)
    basis = verification.part_basis(assignment, arguments.root, verification.ANSWERS)
    total = sum(map(only, names(assignment)))
    with progress(f"{assignment.name}: answers", total) as task:
        answers = []
        for answer in verify_answers(grading, arguments.root, pool, only=only, watch=task.show):
            answers.append(answer)
            task.advance()
    _print_counts(assignment)
    findings = [f for a in answers for f in a.findings] + list(shortfalls(assignment))
    if not findings and _records(arguments, grading.tier):
        path = verification.record_answers(assignment, basis, answers, pool.isolation)
        print_line(f"{assignment.name}: answers recorded in {path}")
    return [f"{assignment.name}: {finding}" for finding in findings]


def _verify_graders(arguments: Arguments, grading: GradingConfig, pool: WorkerPool) -> list[str]:
    from autograder.evidence import verification
    from autograder.evidence.verify import compare_graders

    assignment, only = grading.assignment, containing(arguments.only)
    lacking = verification.uncompared(assignment, arguments.root) if arguments.stale else None
    basis = verification.part_basis(assignment, arguments.root, verification.GRADERS)
    started = time.monotonic()
    with progress(f"{assignment.name}: graders") as task:
        compared = compare_graders(
            grading,
            arguments.root,
            pool,
            only=lambda name: only(name) and (lacking is None or name in lacking),
            watch=task.show,
        )
    _print_parity(compared)
    different = [c for c in compared if not c.equal]
    if compared and not different and grading.tier == verification.TIER:
        seconds = time.monotonic() - started
        path = verification.record_graders(assignment, basis, compared, seconds)
        print_line(f"{assignment.name}: graders recorded in {path}")
    return [f"{assignment.name}: {c}" for c in different]


def _print_counts(assignment: Assignment) -> None:
    columns = ("points", "public checks", "hidden checks", "wrong answers")
    table = new_table(f"{assignment.name}: what checks each question", ["question"], columns)
    for q in assignment.questions:
        hidden, public = len(q.checked(hidden=True)), len(q.checked(hidden=False))
        table.add_row(q.name, f"{q.points:g}", str(public), str(hidden), str(len(q.wrong_answers)))
    CONSOLE.print(table)


def _print_parity(compared: Sequence[Comparison]) -> None:
    columns = ("submission", "autograder", "nbgrader", "otter-grader", "")
    table = new_table("marks in three graders", columns)
    for c in compared:
        totals = [f"{sum(marks.values()):g}" for marks in (c.ours, c.nbgrader, c.otter)]
        known = f"equal but for {' and '.join(sorted(c.differs))}" if c.differs else "equal"
        table.add_row(c.submission, *totals, known if c.equal else "NOT EQUAL")
    CONSOLE.print(table)


# calibrate ------------------------------------------------------------------------------------


def _add_calibrate(commands: Commands) -> None:
    text = "Derive an assignment's thresholds from many runs, and store them with their evidence."
    parser = add_command(commands, "calibrate", _calibrate, text)
    week_argument(parser)
    parser.add_argument("--runs", type=int, default=30, help="runs of the solution (default: 30)")
    parser.add_argument(
        "--baseline-runs", type=int, default=10, help="runs of each weak baseline (default: 10)"
    )
    parser.add_argument(
        "--confirm",
        type=int,
        metavar="RUNS",
        help="the check or its hidden data were written anew to the same end: repeat the first "
        "RUNS runs of each program, and keep the stored evidence where they measure what they did",
    )
    parser.add_argument(
        "--program",
        action="append",
        metavar="NAME",
        help="with --confirm: repeat only these programs; `solution` or a baseline's name",
    )
    isolation_option(parser)
    tier_option(parser)


def _calibrate(arguments: Arguments) -> int:
    from autograder.evidence.calibrate import groups, targets

    if arguments.confirm:
        return _confirm(arguments)
    if min(arguments.runs, arguments.baseline_runs) < FEWEST_RUNS:
        raise CommandError(
            f"fewer than {FEWEST_RUNS} runs of a program tell nothing of its spread; "
            "raise --runs and --baseline-runs"
        )
    assignment, tier = chosen_assignment(arguments), chosen_tier(arguments)
    with worker_pool(arguments, assignment, tier) as pool:
        for together in groups(targets(assignment)):
            _calibrate_together(arguments, assignment, together, tier, pool)
    return OK


def _confirm(arguments: Arguments) -> int:
    from autograder.evidence.calibrate import groups, out_of_date

    assignment, tier = chosen_assignment(arguments), chosen_tier(arguments)
    with worker_pool(arguments, assignment, tier) as pool:
        for together in groups(out_of_date(assignment, tier)):
            _confirm_together(arguments, assignment, together, tier, pool)
    return OK


def _confirm_together(
    arguments: Arguments,
    assignment: Assignment,
    together: Sequence[Target],
    tier: str,
    pool: WorkerPool,
) -> None:
    from autograder.evidence.calibrate import confirm, programs_of, store_evidence

    every = programs_of(together)
    programs = [p for p in every if p in (arguments.program or every)]
    what = ", ".join(target.threshold for target in together)
    with progress(f"confirming {what} ({tier})", arguments.confirm * len(programs)) as task:
        found = confirm(
            assignment,
            together,
            tier,
            pool,
            programs=programs,
            runs=arguments.confirm,
            versions=pool.versions,
            watch=lambda *_: task.advance(),
        )
    for name, evidence in found.items():
        path = store_evidence(assignment, name, tier, evidence)
        difference = evidence["confirmed"][-1]["largest_difference"]
        print_line(f"{name}: confirmed, largest difference {difference:g} ({tier} tier), in {path}")


def _calibrate_together(
    arguments: Arguments,
    assignment: Assignment,
    together: Sequence[Target],
    tier: str,
    pool: WorkerPool,
) -> None:
    from autograder.evidence.calibrate import calibrate, evidence, programs_of, store_evidence

    total = arguments.runs + (len(programs_of(together)) - 1) * arguments.baseline_runs
    what = ", ".join(target.threshold for target in together)
    with progress(f"calibrating {what} ({tier})", total) as task:
        runs = calibrate(
            assignment,
            together,
            tier,
            pool,
            honest_runs=arguments.runs,
            baseline_runs=arguments.baseline_runs,
            watch=lambda *_: task.advance(),
            journal=arguments.root / "build" / "calibration" / f"{assignment.name}.jsonl",
        )
    for target in together:
        _print_runs(target.threshold, runs[target.threshold])
        found = evidence(target, tier, runs[target.threshold], pool.versions)
        path = store_evidence(assignment, target.threshold, tier, found)
        print_line(f"{target.threshold}: {found['threshold']:g} ({tier} tier), in {path}")


def _print_runs(name: str, runs: Mapping[str, Sequence[float]]) -> None:
    from autograder.evidence.calibrate import Spread

    table = new_table(name, ["program"], ["runs", "lowest", "mean", "highest", "sd"])
    for program, values in runs.items():
        spread = Spread.of(values)
        numbers = (min(values), spread.mean, max(values), spread.sd)
        table.add_row(program, str(spread.runs), *(f"{x:.4f}" for x in numbers))
    CONSOLE.print(table)


# mutate ---------------------------------------------------------------------------------------


def _add_mutate(commands: Commands) -> None:
    text = (
        "Change each solution in one place at a time and see whether the checks notice. Mutants "
        "that mean the same as the solution are named, with the reason, in "
        "equivalent_mutants.yaml beside the source: a mapping from question to mutant to reason."
    )
    parser = add_command(commands, "mutate", _mutate, text)
    weeks_argument(parser)
    parser.add_argument("--only", metavar="TEXT", help="only questions whose name contains TEXT")
    _stale_option(parser)
    parser.add_argument(
        "--least", type=float, default=0.95, help="share that must be caught (default: 0.95)"
    )
    tier_option(parser)


def _mutate(arguments: Arguments) -> int:
    assignments = chosen_assignments(arguments)
    if arguments.only is not None:
        questions = [q.name for a in assignments for q in a.questions]
        _demand_one(arguments.only, "question", questions)
    problems: list[str] = []
    for assignment in assignments:
        problems += _mutate_one(arguments, assignment)
    return report_problems(problems)


def _mutate_one(arguments: Arguments, assignment: Assignment) -> list[str]:
    from autograder.course.secret import course_secret
    from autograder.evidence import verification
    from autograder.evidence.mutate import EQUIVALENT_MUTANTS, examine

    part, tier = verification.MUTANTS, chosen_tier(arguments)
    if arguments.stale and not _stale_of(arguments, assignment, [part]):
        return []
    basis = verification.part_basis(assignment, arguments.root, part)
    secret, started = course_secret(arguments.root), time.monotonic()
    only = containing(arguments.only)
    with progress(f"{assignment.name}: mutants") as task:
        verdicts = examine(assignment, tier, secret, only=only, watch=task.show)
    _print_mutants(assignment.name, verdicts)
    alive = [v for v in verdicts if not v.caught_by and not v.reason]
    for verdict in alive:
        print_line(f"not caught: {verdict.mutant.question}: {verdict.mutant.name}")
    share = 1 - len(alive) / max(1, sum(not v.reason for v in verdicts))
    if share < arguments.least:
        return [
            f"{assignment.name}: the checks catch {share:.1%} of the mutants, fewer than "
            f"{arguments.least:.0%}; better a hidden check, or name in {EQUIVALENT_MUTANTS} "
            "the mutants that mean the same as the solution"
        ]
    if _records(arguments, tier):
        verification.record_mutants(assignment, basis, verdicts, time.monotonic() - started)
    return []


def _print_mutants(name: str, verdicts: Sequence[Verdict]) -> None:
    columns = ("mutants", "mean the same", "caught", "not caught")
    table = new_table(f"{name}: mutants of the solutions", ["question"], columns)
    questions = list(dict.fromkeys(v.mutant.question for v in verdicts))
    for question in [*questions, ""]:
        of = [v for v in verdicts if question in ("", v.mutant.question)]
        same = sum(bool(v.reason) for v in of)
        caught = sum(bool(v.caught_by) for v in of)
        row = (len(of), same, caught, len(of) - same - caught)
        table.add_row(question or "all", *map(str, row))
    CONSOLE.print(table)
