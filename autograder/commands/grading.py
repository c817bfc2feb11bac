"""For instructors: grade a class, as it arrives, and again after checks were mended."""

from __future__ import annotations

import argparse
import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.commands import exit_codes
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
from autograder.commands.terminal import (
    CONSOLE,
    ERRORS,
    FAILED,
    INTERRUPTED,
    OK,
    print_line,
    progress,
    report_problems,
)
from autograder.errors import CommandError

if TYPE_CHECKING:
    from autograder.collect.submissions import Submission
    from autograder.grading.batch import GradingConfig, Progress
    from autograder.grading.cluster import Cluster
    from autograder.grading.ledger import Ledger
    from autograder.grading.results import GradedSubmission
    from autograder.report.metrics import Metrics
    from autograder.workers.pool import WorkerPool


def add_commands(commands: Commands) -> None:
    """Add this group's commands."""
    _add_grade(commands)
    _add_regrade(commands)
    _add_watch(commands)


def _add_grade(commands: Commands) -> None:
    text = "Grade submissions in a sandbox and write marks, feedback and a class report."
    parser = add_command(commands, "grade", _grade, text)
    parser.set_defaults(code_of=exit_codes.of_error)
    _what_to_grade(parser)
    one_of = parser.add_mutually_exclusive_group()
    one_of.add_argument(
        "--shard",
        type=_shard_of,
        metavar="I/N",
        help="grade only the I-th of N parts, I from 0, for an array of jobs that share --out; "
        "the same command without --shard then gathers their results and writes the reports",
    )
    one_of.add_argument(
        "--gradescope",
        type=Path,
        metavar="FOLDER",
        help="also write results.json there, as an autograder on Gradescope has to; "
        "inside its container FOLDER is /autograder/results",
    )


def _add_regrade(commands: Commands) -> None:
    text = (
        "Grade again after checks were mended: results of unchanged checks stay, changed ones are "
        "asked again with the recorded answers, and notebooks run only where those do not suffice."
    )
    parser = add_command(commands, "regrade", _regrade, text)
    _what_to_grade(parser)


def _add_watch(commands: Commands) -> None:
    text = (
        "Grade what arrives in a folder, while the learner waits. Each entry, a notebook, a zip or "
        "a folder, is one learner's. Ends on SIGTERM or Ctrl-C, after what runs is finished."
    )
    parser = add_command(commands, "watch", _watch, text)
    week_argument(parser)
    parser.add_argument("inbox", type=Path, metavar="INBOX", help="the folder of uploads")
    _how_to_grade(parser)


def _what_to_grade(parser: argparse.ArgumentParser) -> None:
    week_argument(parser)
    parser.add_argument(
        "submissions", nargs="+", type=Path, metavar="SUBMISSION", help="notebooks, folders or zips"
    )
    parser.add_argument(
        "--layout",
        default="",
        metavar="NAME",
        help="how the submissions are named, where that is not clear: canvas, moodle, gradescope, "
        "blackboard, brightspace, ilias, sakai, nbgrader, otter, plain (each called after its "
        "learner) or one (all in a path is one learner's)",
    )
    parser.add_argument(
        "--ray",
        metavar="ADDRESS",
        help="grade on a Ray cluster, HOST:PORT of its head or auto; --workers are then those of "
        "one actor (default with --ray: 2)",
    )
    parser.add_argument(
        "--gpu-share",
        type=_share,
        default=1.0,
        metavar="SHARE",
        help="with --ray in the gpu tier: the share of a GPU that an actor gets (default: 1)",
    )
    _how_to_grade(parser)


def _how_to_grade(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, required=True, help="folder for marks and reports")
    parser.add_argument("--workers", type=int, help="at a time (default: one a processor)")
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
    parser.add_argument(
        "--gradebook",
        metavar="URL",
        help="nbgrader's gradebook to write marks into, sqlite:////course/gradebook.db for "
        "instance (default: gradebook.db in the folder of --out)",
    )
    parser.add_argument(
        "--metrics",
        type=int,
        metavar="PORT",
        help="serve metrics for Prometheus at http://127.0.0.1:PORT/metrics meanwhile",
    )
    parser.add_argument(
        "--log",
        type=Path,
        metavar="FILE",
        help="append a line of JSON for each result and each warning",
    )
    isolation_option(parser)
    tier_option(parser)


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


@dataclass(frozen=True)
class _Batch:
    """What became of the submissions that the arguments name.

    Attributes:
        found: how many there are; fewer results mean that grading was interrupted.
        steps: each result as it came.
    """

    graded: list[GradedSubmission]
    found: int
    steps: list[Progress]

    @property
    def missing(self) -> int:
        return self.found - len(self.graded)


def _grade(arguments: Arguments) -> int:
    with _ended_as_by_ctrl_c():
        return _grade_or_shard(arguments)


@contextmanager
def _ended_as_by_ctrl_c() -> Iterator[None]:
    """Let SIGTERM, by which schedulers end a command, do what Ctrl-C does."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _grade_or_shard(arguments: Arguments) -> int:
    from autograder.report.gradescope import write_gradescope

    assignment = chosen_assignment(arguments)
    grading = replace(grading_config(arguments, assignment), audit=arguments.audit)
    if not arguments.shard:
        with _only_writer(arguments.out):
            batch = _grade_all(arguments, grading, arguments.out)
            status = _write_reports(arguments, grading, batch)
        if arguments.gradescope:
            write_gradescope(assignment, batch.graded, arguments.gradescope)
        return _for_a_scheduler(status, batch)
    part, parts = arguments.shard
    folder = arguments.out / "shards" / f"{part}-of-{parts}"
    with _only_writer(folder):
        batch = _grade_all(arguments, grading, folder, shard=arguments.shard)
    print_line(
        f"{len(batch.graded)} of this shard's {batch.found} submissions graded, in {folder}; when "
        "all shards are done, run the command without --shard"
    )
    _tell_of_missing(batch)
    _tell_of_lost(batch)
    return _for_a_scheduler(OK, batch)


def _for_a_scheduler(status: int, batch: _Batch) -> int:
    """The exit code of ``grade``: what its reports say, unless work is left to be tried again."""
    if batch.missing:
        return INTERRUPTED
    return max(status, exit_codes.of_rows(batch.graded))


def _regrade(arguments: Arguments) -> int:
    from autograder.report.tables import write_changes

    if not (arguments.out / "ledger.sqlite").is_file():
        raise CommandError(
            f"{arguments.out} holds no ledger, so nothing was graded into it; "
            "run `autograder grade` first"
        )
    assignment = chosen_assignment(arguments)
    grading = replace(grading_config(arguments, assignment), audit=arguments.audit)
    with _only_writer(arguments.out):
        batch = _grade_all(arguments, grading, arguments.out, reuse=True)
        changes = [change for step in batch.steps for change in step.changes or ()]
        write_changes(changes, arguments.out, datetime.now(UTC))
        status = _write_reports(arguments, grading, batch)
    same = sum(step.resumed for step in batch.steps)
    asked = sum(step.changes is not None for step in batch.steps)
    print_line(
        f"{same} stood already, {asked} were settled from recorded answers, "
        f"{len(batch.steps) - same - asked} ran again; {len(changes)} checks changed, "
        f"listed in {arguments.out / 'regraded.csv'}"
    )
    return status


def _watch(arguments: Arguments) -> int:
    from autograder.grading.ledger import Ledger
    from autograder.grading.watch import Watch

    if not arguments.inbox.is_dir():
        raise CommandError(f"{arguments.inbox} is no folder; make it, or name another one")
    assignment = chosen_assignment(arguments)
    grading = replace(grading_config(arguments, assignment), audit=arguments.audit)
    with (
        _only_writer(arguments.out),
        closing(Ledger(arguments.out / "ledger.sqlite")) as ledger,
        worker_pool(arguments, assignment, grading.tier) as pool,
        _observers(arguments, grading, pool) as observers,
        _stop_requested() as stop,
    ):
        ledger.claim(assignment.name, grading.course)
        print_line(f"isolation: {pool.isolation}; tier: {grading.tier}")
        reports = _report_writer(arguments, grading, ledger)

        def tell(step: Progress) -> None:
            _tell(step)
            observers.see(step)

        watch = Watch(
            grading, arguments.inbox, pool, ledger, reports, tell, workers=_workers(arguments)
        )
        observers.waiting(lambda: watch.unfinished)
        watch.warm_up()
        print_line(f"watching {arguments.inbox} for {assignment.name}")
        watch.run(stop)
    print_line(f"stopped; marks, feedback and the class report: {arguments.out}")
    return OK


@dataclass(frozen=True)
class _Observers:
    """Who else is told of each result: a monitor, a log, both or nobody."""

    metrics: Metrics | None = None
    log: Callable[[Progress], None] | None = None

    def see(self, step: Progress) -> None:
        if self.metrics:
            self.metrics.count(step)
        if self.log:
            self.log(step)

    def waiting(self, count: int | Callable[[], int]) -> None:
        if self.metrics:
            self.metrics.waiting(count)


@contextmanager
def _observers(
    arguments: Arguments, grading: GradingConfig, pool: WorkerPool | Cluster
) -> Iterator[_Observers]:
    """Serve the metrics and open the log that the arguments ask for."""
    name = grading.assignment.name
    metrics = log = None
    with ExitStack() as stack:
        if arguments.log:
            from autograder.report.event_log import event_log

            log = stack.enter_context(event_log(arguments.log, name))
        if arguments.metrics is not None:
            from autograder.report.metrics import Metrics, PoolState, served

            metrics = Metrics(name, grading.tier)
            if isinstance(pool, PoolState):  # a cluster's nodes keep theirs to themselves
                metrics.of_pool(pool)
            port = stack.enter_context(served(metrics, arguments.metrics))
            print_line(f"metrics: http://127.0.0.1:{port}/metrics")
        yield _Observers(metrics, log)


@contextmanager
def _stop_requested() -> Iterator[threading.Event]:
    """An event that SIGTERM and SIGINT set; the second SIGINT interrupts at once."""
    stop = threading.Event()

    def request(number: int, _frame: object) -> None:
        if number == signal.SIGINT and stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = {n: signal.signal(n, request) for n in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _tell(step: Progress) -> None:
    """One line for each result."""
    one = step.graded
    known = " (known)" if step.resumed else f" in {one.seconds:.1f} s"
    print_line(f"{one.learner}: {one.status.value}, {one.marks:g} marks{known}")


def _report_writer(
    arguments: Arguments, grading: GradingConfig, ledger: Ledger
) -> Callable[[], None]:
    """What writes the reports from the whole ledger; a report that fails is told."""
    from autograder import report
    from autograder.grading.batch import whole_class
    from autograder.release.nbgrader import source_notebook
    from autograder.release.release import make_learner

    assignment, thresholds = grading.assignment, grading.thresholds
    learner = make_learner(assignment, thresholds, arguments.root)
    source = source_notebook(assignment, learner, thresholds, grading.secret)
    report.prepare(arguments.out, arguments.gradebook)

    def write() -> None:
        everybody = whole_class(ledger)
        failures = report.write_all(
            assignment,
            everybody,
            arguments.out,
            thresholds=thresholds,
            database=arguments.gradebook,
            source=source,
        )
        report_problems([f"{n} could not be written: {e}" for n, e in failures.items()])

    return write


def _only_writer(folder: Path) -> AbstractContextManager[None]:
    """Hold the folder of marks; say so where another command does."""
    from autograder.grading.lock import only_writer

    def waiting() -> None:
        print_line(f"another command writes {folder}; waiting until it is done")

    return only_writer(folder, waiting)


def _refuse_to_speak_for_others(ledger: Ledger, found: list[Submission]) -> None:
    """Refuse a zip of a few learners among a class that was graded before."""
    from autograder.grading.class_rows import speaks_for_others

    if told := speaks_for_others(ledger.class_rows(), found):
        path, learners = told
        raise CommandError(
            f"{path} names {', '.join(learners[:3])}, who were graded from another file, and not "
            "the whole class that was. If one learner made it, grade it with --layout one; if it "
            "comes from the LMS, name the layout, such as --layout canvas"
        )


def _grade_all(
    arguments: Arguments,
    grading: GradingConfig,
    folder: Path,
    *,
    shard: tuple[int, int] | None = None,
    reuse: bool = False,
) -> _Batch:
    """Grade what the arguments name, with the ledger in a folder."""
    from autograder import report
    from autograder.collect.submissions import find_submissions, in_shard
    from autograder.grading.ledger import Ledger

    missing = [p for p in arguments.submissions if not p.exists()]
    if missing:
        raise CommandError(f"{missing[0]} does not exist; name notebooks, folders or zip files")
    ledger = Ledger(folder / "ledger.sqlite")
    ledger.claim(grading.assignment.name, grading.course)
    for other in sorted(arguments.out.glob("shards/*/ledger.sqlite")) if not shard else []:
        ledger.take_in(other)
    with tempfile.TemporaryDirectory(prefix="submissions-") as scratch:
        found = find_submissions(
            arguments.submissions, grading.assignment.name, Path(scratch), arguments.layout
        )
        if not found:
            raise CommandError("there is no submission in what was named")
        if not arguments.layout:
            _refuse_to_speak_for_others(ledger, found)
        found = [s for s in found if shard is None or in_shard(s, *shard)]
        told = (folder, arguments.gradebook)
        prepared = threading.Thread(target=report.prepare, args=told, daemon=True)
        if not shard:
            prepared.start()
        batch = _run(arguments, grading, found, ledger, reuse=reuse)
    ledger.close()
    if not shard:
        prepared.join()
    return batch


def _run(
    arguments: Arguments,
    grading: GradingConfig,
    found: list[Submission],
    ledger: Ledger,
    *,
    reuse: bool,
) -> _Batch:
    """Grade submissions in workers, and tell how far it is."""
    from autograder.collect.submissions import read_as
    from autograder.grading.batch import grade_batch

    name = grading.assignment.name
    steps: list[Progress] = []
    with (
        _place(arguments, grading) as (pool, workers),
        _observers(arguments, grading, pool) as observers,
        progress(f"grading {name}", len(found)) as task,
    ):
        observers.waiting(len(found))
        print_line(f"submissions of {read_as(found)}")
        print_line(f"isolation: {pool.isolation}; tier: {grading.tier}")
        begun = time.monotonic()

        def watch(step: Progress) -> None:
            steps.append(step)
            observers.see(step)
            observers.waiting(len(found) - len(steps))
            rate = 60 * len(steps) / (time.monotonic() - begun)
            task.advance(f"{rate:.0f} a minute{_largest(pool)}")

        graded = grade_batch(
            grading, found, pool, ledger, workers=workers, reuse=reuse, watch=watch
        )
        print_line(f"graded {len(graded)} of {len(found)} in {time.monotonic() - begun:.1f} s")
    return _Batch(graded, len(found), steps)


@contextmanager
def _place(
    arguments: Arguments, grading: GradingConfig
) -> Iterator[tuple[WorkerPool | Cluster, int]]:
    """Where it is graded, on this machine or on a cluster, and how many at a time."""
    if not arguments.ray:
        with worker_pool(arguments, grading.assignment, grading.tier) as pool:
            yield pool, _workers(arguments)
        return
    from autograder.grading.cluster import cluster

    if arguments.gpus is not None:
        raise CommandError("with --ray, Ray decides which GPUs an actor gets; leave out --gpus")
    share = arguments.gpu_share if grading.tier == "gpu" else 0.0
    slots = arguments.workers or 2
    with cluster(arguments.ray, grading, arguments.isolation, slots, share) as made:
        print_line(f"{made.places // slots} actors on the cluster, {made.places} at a time")
        yield made, made.places


def _workers(arguments: Arguments) -> int:
    return int(arguments.workers or os.cpu_count() or 1)


def _largest(pool: WorkerPool | Cluster) -> str:
    peak = getattr(pool, "peak_memory", 0)
    return f", largest {peak / 2**30:.2f} GiB" if peak else ""


def _write_reports(arguments: Arguments, grading: GradingConfig, batch: _Batch) -> int:
    from autograder import report
    from autograder.grading.batch import graded_with_other_checks, whole_class
    from autograder.grading.ledger import Ledger
    from autograder.release.nbgrader import source_notebook
    from autograder.release.release import make_learner
    from autograder.report.tables import print_table

    assignment = grading.assignment
    learner = make_learner(assignment, grading.thresholds, arguments.root)
    source = source_notebook(assignment, learner, grading.thresholds, grading.secret)
    ledger = Ledger(arguments.out / "ledger.sqlite")
    everybody = whole_class(ledger, batch.graded)
    earlier = graded_with_other_checks(ledger, grading)
    ledger.close()
    failures = report.write_all(
        assignment,
        everybody,
        arguments.out,
        thresholds=grading.thresholds,
        database=arguments.gradebook,
        source=source,
    )
    print_table(CONSOLE, assignment, everybody)
    print_line(f"marks, feedback and the class report: {arguments.out}")
    if earlier:
        print_line(
            f"{len(earlier)} of these were graded with other checks than there are now, "
            f"{earlier[0]} for instance; `autograder regrade` with their files brings them up"
        )
    status = report_problems([f"{n} could not be written: {e}" for n, e in failures.items()])
    if _tell_of_missing(batch):
        return INTERRUPTED
    return FAILED if _tell_of_lost(batch) else status


def _tell_of_missing(batch: _Batch) -> bool:
    """Say so where an interrupt left submissions ungraded; whether it did."""
    if batch.missing:
        ERRORS.print(f"{batch.missing} not graded yet; run the same command to go on.")
    return bool(batch.missing)


def _tell_of_lost(batch: _Batch) -> bool:
    """Say so where the grader failed on submissions; whether it did."""
    from autograder.grading.results import Status

    lost = any(one.status is Status.LOST for one in batch.graded)
    if lost:
        ERRORS.print("The grader failed on some, marked lost; run the same command to go on.")
    return lost
