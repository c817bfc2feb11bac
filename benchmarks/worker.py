"""What one worker costs, step by step: where the time of a small submission goes.

    python -m benchmarks.worker

Medians over workers that are started one after another, once from a zygote with TensorFlow in its
memory and once from one without; and what the whole machine spent in user code and in the kernel
meanwhile, so nothing else should run.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Collection, Sequence
from functools import partial
from pathlib import Path

from autograder.workers.pool import WorkerPool
from benchmarks import record

_CELL = "def twice(x):\n    return 2 * x"
_TICKS = 100  # a second, in /proc/stat


def _timed(step: Callable[[], object]) -> float:
    began = time.perf_counter()
    step()
    return 1000 * (time.perf_counter() - began)


def _spent() -> tuple[float, float]:
    """Seconds in user code and in the kernel, of all processes since the machine started."""
    fields = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()
    return int(fields[1]) / _TICKS, int(fields[3]) / _TICKS


# By what a zygote has imported: everything, or what a notebook with NumPy only needs.
ZYGOTES: dict[str, Collection[str] | None] = {"tensorflow": None, "numpy": ("numpy",)}


def measure(workers: int, imports: Collection[str] | None) -> dict[str, float]:
    """Milliseconds of each step, and of processor time for each worker; seconds of the imports."""
    steps: dict[str, list[float]] = {"start": [], "a_cell": [], "a_call": [], "close": []}
    with WorkerPool(imports=imports) as pool:
        user, kernel = _spent()
        for _ in range(workers):
            began = time.perf_counter()
            worker = pool.worker()
            steps["start"].append(1000 * (time.perf_counter() - began))
            worker.run_cell(_CELL, 10)
            steps["a_cell"].append(_timed(partial(worker.run_cell, _CELL, 10)))
            steps["a_call"].append(_timed(partial(worker.call, "twice", [2])))
            steps["close"].append(_timed(worker.close))
        after = _spent()
        imported = pool.start_seconds
    found = {f"{name}_ms": round(statistics.median(each), 1) for name, each in steps.items()}
    for name, before, now in zip(("user", "kernel"), (user, kernel), after, strict=True):
        found[f"{name}_ms"] = round(1000 * (now - before) / workers, 1)
    return found | {"imports_s": round(imported, 1)}


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and write the figures."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.worker",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--workers", type=int, default=60, help="(default: 60)")
    parser.add_argument("--out", type=Path, default=record.RESULTS / "worker.json")
    arguments = parser.parse_args(argv)
    zygotes = {name: measure(arguments.workers, imports) for name, imports in ZYGOTES.items()}
    found = {"workers": arguments.workers, "zygotes": zygotes}
    print(found)
    print(record.write(arguments.out, record.described(found)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
