"""A thousand submissions in one run with two workers: does anything grow?

``autograder grade`` grades a class of small right answers with its usual warm zygote and isolation.
Once a second one looks at the ledger's length, at the memory of all its processes (each shared page
divided among those that share it), and at the file descriptors of the command and of the zygote.

    python -m benchmarks.thousand --size 1000
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks import record
from tests.harness import course, processes
from tests.harness.kills import rows

MIB = 2**20


@dataclass(frozen=True)
class Look:
    """What was seen at one moment while the class was graded.

    Attributes:
        seconds: since the command was given.
        graded: rows in the ledger.
        memory_mib: of all processes together.
        driver_mib: of the command's own process.
        zygote_mib: of the zygote and its forks.
        driver_files: file descriptors of the command.
        zygote_files: file descriptors of the zygote.
    """

    seconds: float
    graded: int
    memory_mib: float
    driver_mib: float
    zygote_mib: float
    driver_files: int
    zygote_files: int


def grade(size: int, workers: int, folder: Path) -> tuple[list[Look], float, list[float]]:
    """Grade a class; what was seen, the whole time, and each submission's seconds in order."""
    made = course.small_course(course.SOURCES / "trivial.md", folder / "course")
    names = [f"learner-{n:05d}" for n in range(size)]
    class_ = course.hand_in(dict.fromkeys(names, made.solved), folder / "class")
    out = folder / "out"
    command = [sys.executable, "-m", "autograder", "--root", str(made.root), "grade"]
    command += [made.assignment.name, str(class_), "--out", str(out), "--tier", "cpu"]
    command += ["--workers", str(workers)]
    began = time.monotonic()
    with subprocess.Popen(
        command, env=course.environment(), cwd=course.ROOT, stdout=subprocess.DEVNULL
    ) as process:
        looks = list(_watch(process, out, size, began))
    seconds = time.monotonic() - began
    if process.returncode:
        raise RuntimeError(f"{' '.join(command[1:3])} ended with {process.returncode}")
    found = _rows(out)
    wrong = [n for n in names if _marks(found.get(n)) != made.assignment.points]
    if wrong:
        raise RuntimeError(f"{len(wrong)} submissions do not have their marks, first {wrong[0]}")
    return looks, seconds, [found[n]["seconds"] for n in names]


def _rows(out: Path) -> dict[str, dict[str, Any]]:
    """The ledger's results by learner."""
    with closing(sqlite3.connect(out / "ledger.sqlite")) as connection:
        found = connection.execute("SELECT learner, result FROM graded").fetchall()
    if len({name for name, _ in found}) != len(found):
        raise RuntimeError("the ledger holds a submission twice")
    return {name: json.loads(result) for name, result in found}


def _marks(row: dict[str, Any] | None) -> float:
    right = [c["points"] for c in row["checks"] if c["outcome"] == "correct"] if row else []
    return float(sum(right))


def _watch(process: subprocess.Popen[bytes], out: Path, size: int, began: float) -> Iterator[Look]:
    while process.poll() is None:
        time.sleep(1.0)
        graded = rows(out)
        if not 0 < graded < size:
            continue
        tree = processes.read_tree(process.pid)
        if not tree.zygote:
            continue
        whole = processes.proportional(process.pid)
        zygote = sum(map(processes.proportional, tree.zygote))
        yield Look(
            time.monotonic() - began,
            graded,
            whole / MIB,
            (whole - sum(map(processes.proportional, processes.children(process.pid)))) / MIB,
            zygote / MIB,
            processes.open_files(process.pid),
            processes.open_files(tree.zygote[0]),
        )


def figures(looks: Sequence[Look], seconds: float, each: Sequence[float]) -> dict[str, Any]:
    """First against last: a tenth of the class at each end."""
    part = max(1, len(each) // 10)
    first = [look for look in looks if look.graded <= 2 * part]
    last = [look for look in looks if look.graded >= len(each) - 2 * part]
    grading = looks[-1].seconds - looks[0].seconds if len(looks) > 1 else 0.0
    graded = looks[-1].graded - looks[0].graded if looks else 0
    found: dict[str, Any] = {
        "size": len(each),
        "seconds": round(seconds, 1),
        "per_minute": round(60 * graded / grading, 1) if grading else None,
        f"median_seconds_first_{part}": round(statistics.median(each[:part]), 4),
        f"median_seconds_last_{part}": round(statistics.median(each[-part:]), 4),
    }
    for name in ("memory_mib", "driver_mib", "zygote_mib", "driver_files", "zygote_files"):
        found[name] = {
            end: round(statistics.median(getattr(look, name) for look in part_), 1)
            for end, part_ in (("first fifth", first), ("last fifth", last))
            if part_
        }
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Grade, print and write the figures."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.thousand",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--size", type=int, default=1000, help="submissions (default: 1000)")
    parser.add_argument("--workers", type=int, default=2, help="(default: 2)")
    parser.add_argument("--out", type=Path, default=record.RESULTS / "thousand.json")
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="thousand-") as name:
        looks, seconds, each = grade(arguments.size, arguments.workers, Path(name))
    found = {"workers": arguments.workers, **figures(looks, seconds, each)}
    print(json.dumps(found, indent=1))
    series = [{k: round(v, 1) for k, v in asdict(look).items()} for look in looks[::10]]
    print(record.write(arguments.out, record.described({**found, "series": series})))
    return 0


if __name__ == "__main__":
    sys.exit(main())
