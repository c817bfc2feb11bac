"""The ``autograder`` command: one sub-command for each step of an assignment's life."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

CONSOLE = Console(highlight=False, soft_wrap=True)
ERRORS = Console(stderr=True, highlight=False, soft_wrap=True)

OK, FAILED, USAGE = 0, 1, 2

Arguments = argparse.Namespace


class CommandError(Exception):
    """What stops a command: a message that says what happened, where, and what to do."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code: 0 done, 1 something found or failed, 2 usage."""
    arguments = _parser().parse_args(argv)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # nbgrader calls `alembic` by name; it lies beside this interpreter.
    os.environ["PATH"] = os.pathsep.join(
        [str(Path(sys.executable).parent), os.environ.get("PATH", "")]
    )
    try:
        return int(arguments.run(arguments))
    except KeyboardInterrupt:
        ERRORS.print("Interrupted.")
        return 130
    except BrokenPipeError:
        return FAILED
    except Exception as error:
        if not _expected(error):
            raise
        ERRORS.print(f"[red]error:[/red] {_escape(str(error))}")
        return FAILED


def _expected(error: Exception) -> bool:
    """Whether an error is one that its message explains; others keep their traceback."""
    from autograder.assignment.source import SourceError
    from autograder.collect.layouts import LayoutError
    from autograder.course.secret import MissingSecretError
    from autograder.evidence.calibrate import CalibrationError
    from autograder.evidence.mutate import MutationError
    from autograder.evidence.pages import PagesError
    from autograder.evidence.parity import GraderError
    from autograder.evidence.records import RecordError
    from autograder.grading.ledger import LedgerError
    from autograder.workers.launch import SandboxError

    kinds = (
        CommandError,
        SourceError,
        MissingSecretError,
        CalibrationError,
        GraderError,
        MutationError,
        PagesError,
        RecordError,
        LayoutError,
        LedgerError,
        SandboxError,
    )
    return isinstance(error, (*kinds, FileNotFoundError, FileExistsError, PermissionError))


def _escape(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="autograder",
        description="Release assignments, verify and calibrate them, and grade what comes back.",
    )
    parser.add_argument(
        "--root",
        type=Path,
        default=Path.cwd(),
        help="the instructors' repository (default: the working directory)",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for add in (
        _release,
        _verify,
        _calibrate,
        _mutate,
        _grade,
        _regrade,
        _contents,
        _notebooks,
        _pages,
        _public,
        _secret,
        _doctor,
        _class,
    ):
        add(commands)
    return parser


def _command(
    commands: Any, name: str, run: Callable[[Arguments], int], text: str
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    parser.set_defaults(run=run)
    return parser


def _weeks(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("weeks", nargs="*", metavar="WEEK", help="1, 01 or week01; all by default")


def _stale(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--stale",
        action="store_true",
        help="only what has no record, or one that is stale by source",
    )


def _isolation(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--isolation",
        choices=["strict", "contained", "none"],
        default="strict",
        help="how the learner's code is confined; never less than this (default: strict)",
    )


def _tier(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--tier",
        choices=["cpu", "gpu"],
        help="data tier (default: by DLCOURSE_TIER or the machine)",
    )


# release --------------------------------------------------------------------------------------


def _release(commands: Any) -> None:
    text = "Write the learner's notebook and the bundles for nbgrader and otter-grader."
    parser = _command(commands, "release", _run_release, text)
    _weeks(parser)
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing; fail on drift, on a leak and on stale calibration",
    )
    parser.add_argument(
        "--site", type=Path, action="append", help="with --check: a built site to search for leaks"
    )


def _run_release(arguments: Arguments) -> int:
    from autograder.course.secret import course_secret
    from autograder.evidence.calibrate import stale
    from autograder.release import release

    problems: list[str] = []
    secret = course_secret(arguments.root)
    for assignment in _assignments(arguments):
        if arguments.check:
            problems += release.drift(assignment, arguments.root)
            problems += stale(assignment)
            sites = arguments.site or [arguments.root / "_build" / "html"]
            found = release.leaks(assignment, arguments.root, secret, sites)
            problems += [str(leak) for leak in found]
        else:
            for path in release.release(
                assignment, release.Places(arguments.root), arguments.root, secret
            ):
                CONSOLE.print(_escape(str(path.relative_to(arguments.root))))
    return _report(problems, "no drift and no leak" if arguments.check else "")


def _report(problems: Sequence[str], fine: str) -> int:
    for problem in problems:
        ERRORS.print(_escape(problem))
    if problems:
        ERRORS.print(f"{len(problems)} found.")
        return FAILED
    if fine:
        CONSOLE.print(fine)
    return OK


def _assignments(arguments: Arguments) -> list[Any]:
    from autograder.assignment.source import find_assignments, read_assignment

    paths = find_assignments(arguments.root, arguments.weeks)
    if not paths:
        raise CommandError(
            f"there is no assignment under {arguments.root / 'solutions'}; "
            "run this in the instructors' repository or name it with --root"
        )
    return [read_assignment(path) for path in paths]


# verify ---------------------------------------------------------------------------------------


def _verify(commands: Any) -> None:
    text = (
        "Grade the solution, the stub and every wrong answer; fail where one is not as it should. "
        "What is as it should be, in the cpu tier, is recorded in verification.json."
    )
    parser = _command(commands, "verify", _run_verify, text)
    _weeks(parser)
    parser.add_argument(
        "--parity",
        action="store_true",
        help="also demand the same marks from nbgrader autograde and otter run",
    )
    parser.add_argument("--only", metavar="TEXT", help="only variants whose name contains TEXT")
    _stale(parser)
    _isolation(parser)
    _tier(parser)


def _run_verify(arguments: Arguments) -> int:
    problems: list[str] = []
    for assignment in _assignments(arguments):
        problems += _verify_one(arguments, assignment)
    return _report(problems, "every answer gets what it should")


def _verify_one(arguments: Arguments, assignment: Any) -> list[str]:
    from autograder.evidence import verification

    parts = [verification.ANSWERS, *([verification.GRADERS] if arguments.parity else [])]
    if arguments.stale:
        parts = _stale_of(arguments, assignment, parts)
    if not parts:
        return []
    grading = _grading(arguments, assignment)
    problems: list[str] = []
    with _pool(arguments, grading) as pool:
        if verification.ANSWERS in parts:
            problems += _verify_answers(arguments, grading, pool)
        if verification.GRADERS in parts:
            problems += _verify_graders(arguments, grading, pool)
    return problems


def _stale_of(arguments: Arguments, assignment: Any, parts: Sequence[str]) -> list[str]:
    """Those parts of the record that are to be made anew, and why."""
    from autograder.evidence.verification import part_staleness

    stale = []
    for part in parts:
        found = part_staleness(assignment, arguments.root, part)
        if found.by_source:
            stale.append(part)
        what = str(found) if found.by_source else "is recorded"
        CONSOLE.print(_escape(f"{assignment.name}: verification of the {part} {what}"))
    return stale


def _records(arguments: Arguments, grading: Any) -> bool:
    """Whether what is done is the whole of what a record vouches for."""
    from autograder.evidence.verification import TIER

    return arguments.only is None and grading.tier == TIER


def _verify_answers(arguments: Arguments, grading: Any, pool: Any) -> list[str]:
    from autograder.evidence import verification
    from autograder.evidence.variants import names
    from autograder.evidence.verify import shortfalls, verify_answers

    assignment, only = grading.assignment, _containing(arguments.only)
    basis = verification.part_basis(assignment, arguments.root, verification.ANSWERS)
    total = sum(map(only, names(assignment)))
    with _steps(f"{assignment.name}: answers", total) as step:
        answers = list(verify_answers(grading, arguments.root, pool, only=only, watch=step))
    _print_counts(assignment)
    findings = [f for a in answers for f in a.findings] + list(shortfalls(assignment))
    if not findings and _records(arguments, grading):
        path = verification.record_answers(assignment, basis, answers, pool.isolation)
        CONSOLE.print(_escape(f"{assignment.name}: answers recorded in {path}"))
    return [f"{assignment.name}: {finding}" for finding in findings]


def _verify_graders(arguments: Arguments, grading: Any, pool: Any) -> list[str]:
    from autograder.evidence import verification
    from autograder.evidence.verify import compare_graders

    assignment, only = grading.assignment, _containing(arguments.only)
    basis = verification.part_basis(assignment, arguments.root, verification.GRADERS)
    started = time.monotonic()
    with _steps(f"{assignment.name}: graders") as step:
        compared = compare_graders(grading, arguments.root, pool, only=only, watch=step)
    _print_parity(compared)
    different = [c for c in compared if not c.equal]
    if compared and not different and _records(arguments, grading):
        seconds = time.monotonic() - started
        path = verification.record_graders(assignment, basis, compared, seconds)
        CONSOLE.print(_escape(f"{assignment.name}: graders recorded in {path}"))
    return [f"{assignment.name}: {c}" for c in different]


@contextmanager
def _steps(title: str, total: int | None = None) -> Iterator[Callable[[str], None]]:
    """Tell of each step on a terminal, and elsewhere of one in a minute."""
    done, told = 0, time.monotonic()
    of = f" of {total}" if total else ""

    def step(name: str) -> None:
        nonlocal done, told
        done += 1
        line = f"{title}: {done}{of}, {name}"
        if CONSOLE.is_terminal:
            status.update(_escape(line))
        elif time.monotonic() - told >= 60:
            told = time.monotonic()
            CONSOLE.print(_escape(line))

    with CONSOLE.status(_escape(title)) as status:
        yield step


def _containing(text: str | None) -> Callable[[str], bool]:
    return lambda name: text is None or text in name


def _print_counts(assignment: Any) -> None:
    from rich.table import Table

    table = Table(title=f"{assignment.name}: what checks each question")
    for column in ("question", "points", "public checks", "hidden checks", "wrong answers"):
        table.add_column(column, justify="left" if column == "question" else "right")
    for q in assignment.questions:
        hidden, public = len(q.checked(hidden=True)), len(q.checked(hidden=False))
        table.add_row(q.name, f"{q.points:g}", str(public), str(hidden), str(len(q.wrong_answers)))
    CONSOLE.print(table)


def _print_parity(compared: Sequence[Any]) -> None:
    from rich.table import Table

    table = Table(title="marks in three graders")
    for column in ("submission", "autograder", "nbgrader", "otter-grader", ""):
        table.add_column(column)
    for c in compared:
        totals = [f"{sum(marks.values()):g}" for marks in (c.ours, c.nbgrader, c.otter)]
        table.add_row(c.submission, *totals, "equal" if c.equal else "NOT EQUAL")
    CONSOLE.print(table)


def _grading(arguments: Arguments, assignment: Any) -> Any:
    from autograder.assignment.thresholds import read_thresholds
    from autograder.course.secret import course_secret
    from autograder.grading.batch import GradingConfig
    from dlcourse import data

    tier = arguments.tier or data.tier()
    thresholds = read_thresholds(assignment)
    for check in assignment.checks:
        for name in check.thresholds:
            if tier not in thresholds.get(name, {}):
                raise CommandError(
                    f"{assignment.path}:{check.line}: threshold {name!r} is not calibrated for the "
                    f"{tier} tier; run `autograder calibrate {assignment.name} --tier {tier}`"
                )
    return GradingConfig(assignment, thresholds, tier, course_secret(arguments.root))


def _pool(arguments: Arguments, grading: Any) -> Any:
    from autograder.workers.pool import Limits, WorkerPool
    from dlcourse.data import files

    memory = grading.assignment.limits[grading.tier].memory
    folders = [f for f in files.folders() if f.is_dir()] if grading.tier == "gpu" else []
    data = folders[0] if folders else None
    return WorkerPool(
        Limits(memory=int(memory * 2**30)),
        arguments.isolation,
        grading.assignment.backend,
        gpus=_gpus(arguments, grading.tier),
        data=data,
        imports=grading.assignment.imports(),
    )


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


# calibrate ------------------------------------------------------------------------------------


def _calibrate(commands: Any) -> None:
    text = "Derive an assignment's thresholds from many runs, and store them with their evidence."
    parser = _command(commands, "calibrate", _run_calibrate, text)
    parser.add_argument("weeks", nargs=1, metavar="WEEK", help="1, 01 or week01")
    parser.add_argument("--runs", type=int, default=30, help="runs of the solution (default: 30)")
    parser.add_argument(
        "--baseline-runs", type=int, default=10, help="runs of each weak baseline (default: 10)"
    )
    _isolation(parser)
    _tier(parser)


def _run_calibrate(arguments: Arguments) -> int:
    from autograder.evidence import calibrate
    from autograder.grading.batch import GradingConfig
    from dlcourse import data

    if min(arguments.runs, arguments.baseline_runs) < 5:
        raise CommandError("fewer than 5 runs of a program tell nothing of its spread")
    (assignment,) = _assignments(arguments)
    tier = arguments.tier or data.tier()
    grading = GradingConfig(assignment, {}, tier, "")
    with _pool(arguments, grading) as pool:
        for subject in calibrate.subjects(assignment):
            _calibrate_one(arguments, grading, subject, pool)
    return OK


def _calibrate_one(arguments: Arguments, grading: Any, subject: Any, pool: Any) -> None:
    from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

    from autograder.evidence import calibrate

    assignment, tier = grading.assignment, grading.tier
    total = arguments.runs + (len(subject.programs) - 1) * arguments.baseline_runs
    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=CONSOLE) as progress:
        task = progress.add_task(f"{subject.threshold} ({tier})", total=total)
        runs = calibrate.calibrate(
            assignment,
            subject,
            tier,
            pool,
            honest_runs=arguments.runs,
            baseline_runs=arguments.baseline_runs,
            watch=lambda *_: progress.advance(task),
            journal=arguments.root / "build" / "calibration" / f"{assignment.name}.jsonl",
        )
    _print_runs(subject.threshold, runs)
    found = calibrate.evidence(subject, tier, runs, pool.versions)
    path = calibrate.store_evidence(assignment, subject.threshold, tier, found)
    CONSOLE.print(f"{subject.threshold}: {found['threshold']:g} ({tier} tier), in {path}")


def _print_runs(name: str, runs: dict[str, list[float]]) -> None:
    from rich.table import Table

    from autograder.evidence.calibrate import Spread

    table = Table(title=name)
    for column in ("program", "runs", "lowest", "mean", "highest", "sd"):
        table.add_column(column, justify="left" if column == "program" else "right")
    for program, values in runs.items():
        spread = Spread.of(values)
        numbers = (min(values), spread.mean, max(values), spread.sd)
        table.add_row(program, str(spread.runs), *(f"{x:.4f}" for x in numbers))
    CONSOLE.print(table)


# mutate ---------------------------------------------------------------------------------------


def _mutate(commands: Any) -> None:
    text = (
        "Change each solution in one place at a time and see whether the checks notice. Mutants "
        "that mean the same as the solution are named, with the reason, in "
        "equivalent_mutants.yaml beside the source: a mapping from question to mutant to reason."
    )
    parser = _command(commands, "mutate", _run_mutate, text)
    _weeks(parser)
    parser.add_argument("--only", metavar="TEXT", help="only questions whose name contains TEXT")
    _stale(parser)
    parser.add_argument(
        "--least", type=float, default=0.95, help="share that must be caught (default: 0.95)"
    )
    _tier(parser)


def _run_mutate(arguments: Arguments) -> int:
    problems: list[str] = []
    for assignment in _assignments(arguments):
        problems += _mutate_one(arguments, assignment)
    return _report(problems, "")


def _mutate_one(arguments: Arguments, assignment: Any) -> list[str]:
    from autograder.course.secret import course_secret
    from autograder.evidence import verification
    from autograder.evidence.mutate import EQUIVALENT_MUTANTS, examine
    from dlcourse import data

    part, tier = verification.MUTANTS, arguments.tier or data.tier()
    if arguments.stale and not _stale_of(arguments, assignment, [part]):
        return []
    basis = verification.part_basis(assignment, arguments.root, part)
    secret, started = course_secret(arguments.root), time.monotonic()
    with _steps(f"{assignment.name}: mutants") as step:

        def watch(question: str, done: int, total: int) -> None:
            step(f"{question} {done + 1} of {total}")

        only = _containing(arguments.only)
        verdicts = examine(assignment, tier, secret, only=only, watch=watch)
    _print_mutants(assignment.name, verdicts)
    alive = [v for v in verdicts if not v.caught_by and not v.reason]
    for verdict in alive:
        CONSOLE.print(_escape(f"not caught: {verdict.mutant.question}: {verdict.mutant.name}"))
    share = 1 - len(alive) / max(1, sum(not v.reason for v in verdicts))
    if share < arguments.least:
        return [
            f"{assignment.name}: the checks catch {share:.1%} of the mutants, fewer than "
            f"{arguments.least:.0%}; better a hidden check, or name in {EQUIVALENT_MUTANTS} "
            "the mutants that mean the same as the solution"
        ]
    if arguments.only is None and tier == verification.TIER:
        verification.record_mutants(assignment, basis, verdicts, time.monotonic() - started)
    return []


def _print_mutants(name: str, verdicts: Sequence[Any]) -> None:
    from rich.table import Table

    table = Table(title=f"{name}: mutants of the solutions")
    for column in ("question", "mutants", "mean the same", "caught", "not caught"):
        table.add_column(column, justify="left" if column == "question" else "right")
    questions = list(dict.fromkeys(v.mutant.question for v in verdicts))
    for question in [*questions, ""]:
        of = [v for v in verdicts if question in ("", v.mutant.question)]
        same = sum(bool(v.reason) for v in of)
        caught = sum(bool(v.caught_by) for v in of)
        row = (len(of), same, caught, len(of) - same - caught)
        table.add_row(question or "all", *map(str, row))
    CONSOLE.print(table)


# grade ----------------------------------------------------------------------------------------


def _grade(commands: Any) -> None:
    text = "Grade submissions in a sandbox and write marks, feedback and a class report."
    parser = _command(commands, "grade", _run_grade, text)
    _what_to_grade(parser)
    parser.add_argument(
        "--shard",
        type=_shard_of,
        metavar="I/N",
        help="grade only the I-th of N parts, I from 0, for an array of jobs that share --out; "
        "the same command without --shard then gathers their results and writes the reports",
    )


def _regrade(commands: Any) -> None:
    text = (
        "Grade again after checks were mended: results of unchanged checks stay, changed ones are "
        "asked again with the recorded answers, and notebooks run only where those do not suffice."
    )
    parser = _command(commands, "regrade", _run_regrade, text)
    _what_to_grade(parser)


def _what_to_grade(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("weeks", nargs=1, metavar="WEEK", help="1, 01 or week01")
    parser.add_argument(
        "submissions", nargs="+", type=Path, metavar="SUBMISSION", help="notebooks, folders or zips"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for marks and reports")
    parser.add_argument(
        "--layout",
        default="",
        metavar="NAME",
        help="how the submissions are named, where that is not clear: canvas, moodle, gradescope, "
        "blackboard, brightspace, ilias, nbgrader, otter, plain (each called after its learner) or "
        "one (all in a path is one learner's)",
    )
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="at a time")
    parser.add_argument(
        "--audit",
        type=_share,
        default=0.1,
        metavar="SHARE",
        help="of the submissions graded by the weights that came with them, the share that is "
        "also trained again, to see whether that agrees (default: 0.1)",
    )
    parser.add_argument(
        "--gpus",
        nargs="*",
        metavar="DEVICE",
        help="device files of the GPUs that the workers share, /dev/nvidia0 for instance; none "
        "after --gpus: no GPU (default: all of this machine in the gpu tier)",
    )
    _isolation(parser)
    _tier(parser)


def _share(text: str) -> float:
    share = float(text)
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError("a share lies between 0 and 1")
    return share


def _shard_of(text: str) -> tuple[int, int]:
    part, _, parts = text.partition("/")
    if not (part.isdecimal() and parts.isdecimal() and int(part) < int(parts)):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no I/N with I from 0 to N-1; of four parts the first is 0/4"
        )
    return int(part), int(parts)


def _run_grade(arguments: Arguments) -> int:
    (assignment,) = _assignments(arguments)
    grading = replace(_grading(arguments, assignment), audit=arguments.audit)
    if arguments.shard:
        part, parts = arguments.shard
        folder = arguments.out / "shards" / f"{part}-of-{parts}"
        graded, found, _ = _grade_all(arguments, grading, folder, shard=arguments.shard)
        CONSOLE.print(
            f"{len(graded)} of this shard's {found} submissions graded, in {folder}; when all "
            "shards are done, run the command without --shard"
        )
        return OK if len(graded) == found else FAILED
    graded, found, _ = _grade_all(arguments, grading, arguments.out)
    return _write_reports(arguments, grading, graded, found)


def _run_regrade(arguments: Arguments) -> int:
    from autograder.report.tables import write_changes

    if not (arguments.out / "ledger.sqlite").is_file():
        raise CommandError(
            f"{arguments.out} holds no ledger, so nothing was graded into it; "
            "run `autograder grade` first"
        )
    (assignment,) = _assignments(arguments)
    grading = replace(_grading(arguments, assignment), audit=arguments.audit)
    graded, found, steps = _grade_all(arguments, grading, arguments.out, reuse=True)
    changes = [change for step in steps for change in step.changes or ()]
    write_changes(changes, arguments.out)
    status = _write_reports(arguments, grading, graded, found)
    same = sum(step.resumed for step in steps)
    asked = sum(step.changes is not None for step in steps)
    CONSOLE.print(
        f"{same} stood already, {asked} were settled from recorded answers, "
        f"{len(steps) - same - asked} ran again; {len(changes)} checks changed, "
        f"listed in {arguments.out / 'regraded.csv'}"
    )
    return status


def _grade_all(
    arguments: Arguments,
    grading: Any,
    folder: Path,
    *,
    shard: tuple[int, int] | None = None,
    reuse: bool = False,
) -> tuple[list[Any], int, list[Any]]:
    """Grade what the arguments name, with the ledger in a folder.

    Returns:
        The results, how many submissions there are, and each step of the way.
    """
    from autograder import report
    from autograder.collect.submissions import find_submissions, in_shard, read_as
    from autograder.grading.batch import grade_batch
    from autograder.grading.ledger import Ledger

    missing = [p for p in arguments.submissions if not p.exists()]
    if missing:
        raise CommandError(f"{missing[0]} does not exist")
    folder.mkdir(parents=True, exist_ok=True)
    ledger = Ledger(folder / "ledger.sqlite")
    for other in sorted(arguments.out.glob("shards/*/ledger.sqlite")) if not shard else []:
        ledger.take_in(other)
    steps: list[Any] = []
    with tempfile.TemporaryDirectory(prefix="submissions-") as scratch:
        found = find_submissions(
            arguments.submissions, grading.assignment.name, Path(scratch), arguments.layout
        )
        if not found:
            raise CommandError("there is no submission in what was named")
        found = [s for s in found if shard is None or in_shard(s, *shard)]
        prepared = threading.Thread(target=report.prepare, args=(folder,), daemon=True)
        if not shard:
            prepared.start()
        with _pool(arguments, grading) as pool, _progress() as progress:
            CONSOLE.print(f"submissions of {read_as(found)}")
            CONSOLE.print(f"isolation: {pool.isolation}; tier: {grading.tier}")
            begun = time.monotonic()
            task = progress.add_task(
                f"grading {grading.assignment.name}", total=len(found), state=""
            )

            def watch(step: Any) -> None:
                steps.append(step)
                rate = 60 * len(steps) / (time.monotonic() - begun)
                state = f"{rate:.0f} a minute, largest {pool.peak_memory / 2**30:.2f} GiB"
                progress.update(task, advance=1, state=state)

            graded = grade_batch(
                grading, found, pool, ledger, workers=arguments.workers, reuse=reuse, watch=watch
            )
    ledger.close()
    if not shard:
        prepared.join()
    return graded, len(found), steps


def _progress() -> Any:
    from rich.progress import (
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    return Progress(
        *Progress.get_default_columns()[:2],
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[state]}"),
        console=CONSOLE,
    )


def _write_reports(arguments: Arguments, grading: Any, graded: list[Any], found: int) -> int:
    from autograder import report
    from autograder.release.nbgrader import source_notebook
    from autograder.release.release import make_learner
    from autograder.report.tables import print_table

    assignment = grading.assignment
    learner = make_learner(assignment, grading.thresholds, arguments.root)
    source = source_notebook(assignment, learner, grading.thresholds, grading.secret)
    failures = report.write_all(
        assignment, graded, arguments.out, thresholds=grading.thresholds, source=source
    )
    print_table(CONSOLE, assignment, graded)
    CONSOLE.print(f"marks, feedback and the class report: {arguments.out}")
    if len(graded) < found:
        ERRORS.print(f"{found - len(graded)} not graded yet; run the same command to go on.")
    return _report([f"{n} could not be written: {e}" for n, e in failures.items()], "")


# contents, notebooks, public ------------------------------------------------------------------


def _contents(commands: Any) -> None:
    text = "Write a table of contents with some weeks only, for a shorter course or a quick build."
    parser = _command(commands, "contents", _run_contents, text)
    parser.add_argument("weeks", nargs="+", type=int, metavar="WEEK", help="1, 2, ...")
    parser.add_argument("--out", type=Path, required=True, help="file for jupyter-book's --toc")


def _run_contents(arguments: Arguments) -> int:
    import yaml

    from autograder.publish.contents import contents_of

    table = contents_of(arguments.root / "_toc.yml", arguments.weeks)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(yaml.safe_dump(table, sort_keys=False), encoding="utf-8")
    return OK


def _notebooks(commands: Any) -> None:
    text = "Write each chapter as a notebook that runs on Colab."
    parser = _command(commands, "notebooks", _run_notebooks, text)
    parser.add_argument("--check", action="store_true", help="write nothing; fail on drift")


def _run_notebooks(arguments: Arguments) -> int:
    from autograder.publish.chapters import write_notebooks

    problems = write_notebooks(arguments.root, check=arguments.check)
    return _report(
        [str(p) for p in problems] if arguments.check else [], "notebooks are up to date"
    )


def _pages(commands: Any) -> None:
    text = "Execute the pages whose record of execution is missing or stale, and record that."
    parser = _command(commands, "pages", _run_pages, text)
    parser.add_argument("--all", action="store_true", help="record the others anew as well")
    parser.add_argument("--check", action="store_true", help="execute nothing; fail on a stale one")


def _run_pages(arguments: Arguments) -> int:
    from autograder.evidence.pages import record_pages, stale_pages

    if arguments.check:
        stale, told = stale_pages(arguments.root)
        for line in told:
            CONSOLE.print(_escape(line))
        return _report(stale, "the records of all pages are up to date")
    record_pages(arguments.root, arguments.all, lambda line: CONSOLE.print(_escape(line)))
    return OK


def _public(commands: Any) -> None:
    text = "Write the learners' half of the repository: never solutions, hidden checks or evidence."
    parser = _command(commands, "public", _run_public, text)
    parser.add_argument("out", type=Path, help="an empty or missing folder")


def _run_public(arguments: Arguments) -> int:
    from autograder.publish.public import write_public
    from autograder.release.leaks import find_leaks, fragments

    written = write_public(arguments.root, arguments.out)
    arguments.weeks = []
    leaks = [
        str(leak)
        for assignment in _assignments(arguments)
        for leak in find_leaks(fragments(assignment, lines=2), [arguments.out])
    ]
    return _report(leaks, f"{len(written)} files in {arguments.out}, no leak")


# secret, doctor, sample-class -----------------------------------------------------------------


def _secret(commands: Any) -> None:
    text = "Make the course secret, from which hidden data are drawn. Do this once."
    _command(commands, "secret", _run_secret, text)


def _run_secret(arguments: Arguments) -> int:
    from autograder.course.secret import make_secret

    try:
        path = make_secret(arguments.root)
    except FileExistsError:
        raise CommandError(
            f"{arguments.root / '.course-secret'} exists; a new secret would change every hidden "
            "test. Remove the file yourself if you mean it."
        ) from None
    CONSOLE.print(f"{path}: keep it, and keep it out of git. Learners never need it.")
    return OK


def _doctor(commands: Any) -> None:
    text = "Say what this machine can do: versions, isolation by self-test, GPU, data found."
    _command(commands, "doctor", _run_doctor, text)


def _run_doctor(arguments: Arguments) -> int:
    from autograder.doctor import examine

    return OK if examine(CONSOLE, arguments.root) else FAILED


def _class(commands: Any) -> None:
    text = "Write a sample class of good, wrong, broken and hostile submissions of an assignment."
    parser = _command(commands, "sample-class", _run_class, text)
    parser.add_argument("weeks", nargs=1, metavar="WEEK", help="1, 01 or week01")
    parser.add_argument("--out", type=Path, required=True, help="folder for the submissions")


def _run_class(arguments: Arguments) -> int:
    from autograder.evidence.sample_class import make_sample_class

    (assignment,) = _assignments(arguments)
    expected = make_sample_class(assignment, arguments.out)
    CONSOLE.print(f"{len(expected)} submissions in {arguments.out}")
    return OK


if __name__ == "__main__":
    sys.exit(main())
