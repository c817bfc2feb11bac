"""Where the time of one submission goes: what the judge waits for, and what it does itself.

    python -m benchmarks.steps

Submissions of the cases of ``benchmarks.grading`` are graded one after another by one thread, in
one warm pool; every request to a worker is timed. Medians over the submissions; nothing else
should run.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from autograder.assignment.thresholds import read_thresholds
from autograder.collect.submissions import find_submissions
from autograder.grading.batch import GradingConfig, grade_one
from autograder.sandbox.channel import Handle
from autograder.workers.pool import WorkerPool
from autograder.workers.questions import Inquiry, Questions
from benchmarks import record
from benchmarks.grading import CASES
from tests.harness import course

Steps = defaultdict[str, float]


class TimedPool:
    """A pool whose workers note how long each request takes, in seconds by kind of request."""

    def __init__(self, pool: WorkerPool, steps: Steps) -> None:
        self.pool, self.steps = pool, steps
        self.isolation, self.gpus = pool.isolation, pool.gpus

    @contextmanager
    def worker(self, **options: Any) -> Iterator[TimedWorker]:
        """A worker; its start and its end are requests too."""
        with timed(self.steps, "start"):
            worker = self.pool.worker(**options)
        try:
            yield TimedWorker(worker, self.steps)
        finally:
            with timed(self.steps, "end"):
                worker.close()


class TimedWorker(Questions):
    """Passes every request on and notes its time."""

    def __init__(self, worker: Any, steps: Steps) -> None:
        self.worker, self.steps = worker, steps
        self.methods: dict[int, str] = {}

    def run_cell(self, source: str, seconds: float, watch: Sequence[str] = ()) -> Any:
        """Cells that import, that fit and others are told apart by their text."""
        with timed(self.steps, _kind_of(source)):
            return self.worker.run_cell(source, seconds, watch)

    def ask(self, inquiry: Inquiry, seconds: float) -> Any:
        """Calls of methods, of networks say, go by their names, the learner's functions together.

        What a handle stands for is remembered, so that its calls can be told apart.
        """
        if inquiry.call is None:
            with timed(self.steps, "values"):
                found = self.worker.ask(inquiry, seconds)
            if isinstance(found, Handle):
                self.methods[found.id] = inquiry.path[-1] if inquiry.path else ""
            return found
        target = inquiry.target
        method = self.methods.get(target.id, "") if isinstance(target, Handle) else ""
        with timed(self.steps, f"`{method}`" if method else "functions"):
            return self.worker.ask(inquiry, seconds)

    def __getattr__(self, name: str) -> Any:
        def ask(*arguments: Any, **options: Any) -> Any:
            with timed(self.steps, "values"):
                return getattr(self.worker, name)(*arguments, **options)

        return ask


def _kind_of(source: str) -> str:
    if "\nimport " in f"\n{source}" or "\nfrom " in f"\n{source}":
        return "the cell that imports"
    return "the cell that trains" if "train(" in source or ".fit(" in source else "other cells"


@contextmanager
def timed(steps: Steps, name: str) -> Iterator[None]:
    """Add the seconds that pass inside to a step."""
    began = time.perf_counter()
    try:
        yield
    finally:
        steps[name] += time.perf_counter() - began


def measure(name: str, submissions: int) -> dict[str, Any]:
    """Milliseconds of each step of one submission of a case, and of all."""
    case = CASES[name]
    with tempfile.TemporaryDirectory(prefix="steps-") as scratch:
        folder = Path(scratch)
        made = case.make(folder / "course")
        (folder / "weights").mkdir()
        class_ = course.hand_in({made.assignment.name: made.solved}, folder / "class" / "learner")
        for file, content in case.weights(made, folder / "weights").items():
            (class_ / file).write_bytes(content)
        (submission,) = find_submissions([folder / "class"], made.assignment.name, folder)
        thresholds = read_thresholds(made.assignment)
        checks = GradingConfig(made.assignment, thresholds, "cpu", course.SECRET).checks()
        each: list[Steps] = []
        with WorkerPool(imports=made.assignment.imports()) as pool:
            for _ in range(submissions + 1):
                steps: Steps = defaultdict(float)
                with timed(steps, "all"):
                    graded = grade_one(checks, submission, TimedPool(pool, steps))
                if graded.marks != made.assignment.points:
                    raise RuntimeError(f"a right answer got {graded.marks:g}: {graded.reason}")
                each.append(steps)
    each = each[1:]  # the first one executes the reference solution
    for steps in each:
        steps["the judge itself"] = 2 * steps["all"] - sum(steps.values())
    medians = {step: 1000 * statistics.median(s[step] for s in each) for step in each[0]}
    total = medians.pop("all")
    ordered = sorted(medians.items(), key=lambda item: -item[1])
    return {
        "title": case.title,
        "total_ms": round(total, 1),
        "steps_ms": {step: round(milliseconds, 1) for step, milliseconds in ordered},
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and write the figures."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.steps",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", default="a,b,d", help="cases (default: a,b,d)")
    parser.add_argument("--submissions", type=int, default=20, help="(default: 20)")
    parser.add_argument("--out", type=Path, default=record.RESULTS / "steps.json")
    arguments = parser.parse_args(argv)
    cases = {name: measure(name, arguments.submissions) for name in arguments.only.split(",")}
    for name, found in cases.items():
        print(f"({name}) {found['title']}: {found['total_ms']} ms")
        for step, milliseconds in found["steps_ms"].items():
            print(f"  {step}: {milliseconds}")
    found = {"submissions": arguments.submissions, "cases": cases}
    print(record.write(arguments.out, record.described(found)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
