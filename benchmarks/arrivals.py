"""How long a learner waits for marks: from the arrival of a file in a watched inbox to its row.

``autograder watch`` is started on an empty inbox. When it says that it is watching, submissions are
moved into the inbox one after another, each when the one before has its row in ``marks.csv``. The
time of the watch's own looks, of grading and of all reports is in it. Cases are those of
``benchmarks.grading``; all submissions are right answers.

    python -m benchmarks.arrivals
"""

from __future__ import annotations

import argparse
import csv
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import record
from benchmarks.grading import CASES
from tests.harness import course
from tests.harness.course import Course

LOST = 600.0
"""Seconds after which a row that has not come is taken for lost."""


def measure(name: str, arrivals: int) -> dict[str, Any]:
    """Seconds until the watch was ready, and from each arrival to its row; own run times."""
    case = CASES[name]
    with tempfile.TemporaryDirectory(prefix="arrivals-") as scratch:
        folder = Path(scratch)
        made = case.make(folder / "course")
        for part in ("weights", "inbox", "waiting"):
            (folder / part).mkdir()
        beside = case.weights(made, folder / "weights")
        for number in range(arrivals):
            _submission(made, beside, folder / "waiting" / f"learner-{number:02d}")
        return {"title": case.title, **_watched(made, folder)}


def _submission(made: Course, beside: Any, folder: Path) -> None:
    course.hand_in({made.assignment.name: made.solved}, folder)
    for file, content in beside.items():
        (folder / file).write_bytes(content)


def _watched(made: Course, folder: Path) -> dict[str, Any]:
    out = folder / "out"
    command = [sys.executable, "-m", "autograder", "--root", str(made.root), "watch"]
    command += [made.assignment.name, str(folder / "inbox"), "--out", str(out)]
    command += ["--tier", "cpu", "--audit", "0"]
    began = time.monotonic()
    with subprocess.Popen(
        command, env=course.environment(), cwd=course.ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            while not (line := process.stdout.readline()).startswith("watching"):
                if not line:
                    raise RuntimeError("the watch ended before it was ready")
            ready = time.monotonic() - began
            waits = [_arrive(entry, out) for entry in sorted((folder / "waiting").iterdir())]
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate()
    if process.returncode:
        raise RuntimeError(f"the watch ended with {process.returncode}")
    rows = _rows(out)
    if any(float(row["marks"]) != made.assignment.points for row in rows.values()):
        raise RuntimeError("right answers did not get all marks; a figure would mean nothing")
    own = [float(row["seconds"]) for row in rows.values()]
    return {
        "ready": round(ready, 2),
        "first": round(waits[0], 2),
        "later": round(statistics.median(waits[1:]), 2),
        "slowest_later": round(max(waits[1:]), 2),
        "own_later": round(statistics.median(own[1:]), 2),
    }


def _arrive(entry: Path, out: Path) -> float:
    """Move an entry into the inbox; seconds until it has a row."""
    began = time.monotonic()
    entry.rename(out.parent / "inbox" / entry.name)
    while entry.name not in _rows(out):
        if time.monotonic() - began > LOST:
            raise RuntimeError(f"{entry.name} has no row after {LOST:g} s")
        time.sleep(0.02)
    return time.monotonic() - began


def _rows(out: Path) -> dict[str, dict[str, str]]:
    path = out / "marks.csv"
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {row["submission"]: row for row in csv.DictReader(file)}


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and write the figures."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.arrivals",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", default="a,b,d", help="cases (default: a,b,d)")
    parser.add_argument("--arrivals", type=int, default=10, help="(default: 10)")
    parser.add_argument("--out", type=Path, default=record.RESULTS / "arrivals.json")
    arguments = parser.parse_args(argv)
    cases = {name: measure(name, arguments.arrivals) for name in arguments.only.split(",")}
    found = {"arrivals": arguments.arrivals, "cases": cases}
    for name, of in cases.items():
        print(f"({name}) {of}")
    print(record.write(arguments.out, record.described(found)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
