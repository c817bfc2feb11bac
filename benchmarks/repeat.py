"""Grade the sample class again and again, with 1, 2 and 4 workers: are all marks equal?

The class is that of ``autograder sample-class``: right, wrong, broken and hostile submissions, and
those of the trained question, each of which trains its network anew in every run. Left out is the
one that never ends, which would only wait for its time limit. Every run starts from nothing.

    python -m benchmarks.repeat --runs 20

A run's marks are kept in build/benchmarks/repeat.jsonl; the same command goes on from there.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder.evidence.sample_class import make_sample_class
from benchmarks import record
from tests.harness import course
from tests.harness.course import Course

JOURNAL = course.ROOT / "build" / "benchmarks" / "repeat.jsonl"
ENDLESS = "broken-endless-loop.ipynb"


def make_class(made: Course, folder: Path) -> Path:
    """The sample class without the submission that never ends."""
    make_sample_class(made.assignment, folder)
    (folder / ENDLESS).unlink()
    return folder


def grade(made: Course, class_: Path, workers: int, out: Path) -> dict[str, Any]:
    """One run: each submission's status, and each of its checks' outcome and points."""
    command = [sys.executable, "-m", "autograder", "--root", str(made.root), "grade"]
    command += [made.assignment.name, str(class_), "--out", str(out), "--tier", "cpu"]
    command += ["--workers", str(workers)]
    began = time.monotonic()
    done = subprocess.run(
        command,
        env=course.environment(),
        cwd=course.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"grading ended with {done.returncode}: {done.stderr[-2000:]}")
    marks = [[row["submission"], row["status"], row["marks"]] for row in _table(out / "marks.csv")]
    checks = [
        [row["submission"], row["question"], row["check"], row["outcome"], row["earned"]]
        for row in _table(out / "checks.csv")
    ]
    return {"seconds": time.monotonic() - began, "marks": marks, "checks": checks}


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def differences(runs: Sequence[dict[str, Any]]) -> list[str]:
    """What differs from the first run, a line for each row."""
    found = []
    for number, run in enumerate(runs[1:], start=2):
        for what in ("marks", "checks"):
            for one, other in zip(runs[0][what], run[what], strict=False):
                if one != other:
                    found.append(f"run {number} ({run['workers']} workers): {other}, not {one}")
            if len(run[what]) != len(runs[0][what]):
                found.append(f"run {number}: {len(run[what])} rows of {what}")
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Grade and compare; 1 when any mark differs."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.repeat",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--runs", type=int, default=20, help="runs in all (default: 20)")
    parser.add_argument("--week", default="week01")
    parser.add_argument(
        "--workers", type=lambda text: [int(n) for n in text.split(",")], default=[1, 2, 4]
    )
    parser.add_argument("--fresh", action="store_true", help="forget earlier runs")
    parser.add_argument("--out", type=Path, default=record.RESULTS / "repeat.json")
    arguments = parser.parse_args(argv)
    if arguments.fresh:
        JOURNAL.unlink(missing_ok=True)
    JOURNAL.parent.mkdir(parents=True, exist_ok=True)
    made = course.this_course(arguments.week)
    runs = [r for r in _journal() if r["week"] == arguments.week]
    while len(runs) < arguments.runs:
        workers = arguments.workers[len(runs) % len(arguments.workers)]
        with tempfile.TemporaryDirectory(prefix="repeat-") as name:
            class_ = make_class(made, Path(name, "class"))
            run = grade(made, class_, workers, Path(name, "out"))
        runs.append({"week": arguments.week, "workers": workers, **run})
        with JOURNAL.open("a", encoding="utf-8") as file:
            file.write(json.dumps(runs[-1]) + "\n")
        print(
            f"{len(runs)}/{arguments.runs}: {len(run['marks'])} submissions, {workers} workers, "
            f"{run['seconds']:.0f} s, {len(differences(runs))} differences",
            flush=True,
        )
    found = differences(runs)
    print("\n".join(found) or "all marks are equal")
    figures = {
        "week": arguments.week,
        "runs": len(runs),
        "runs_by_workers": {n: sum(r["workers"] == n for r in runs) for n in arguments.workers},
        "submissions": len(runs[0]["marks"]),
        "checks": len(runs[0]["checks"]),
        "differences": found,
    }
    print(record.write(arguments.out, record.described(figures)))
    return 1 if found else 0


def _journal() -> list[dict[str, Any]]:
    if not JOURNAL.exists():
        return []
    return [json.loads(line) for line in JOURNAL.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    sys.exit(main())
