"""Kill the grader at random moments, many times, and count what was not as it must be.

How it is done stands in ``tests/harness/kills.py``.

    python -m benchmarks.kills --kills 500
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import record
from tests.harness import course
from tests.harness.kills import Counts, make_class, measure


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", type=int, default=60, help="submissions in the class")
    parser.add_argument(
        "--seconds", type=float, help="stop after so long; the same command goes on from there"
    )
    parser.add_argument("--out", type=Path, default=record.RESULTS / "kills.json")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Kill, count and write the counts; 1 when something was not as it must be."""
    arguments = _parser().parse_args(argv)
    journal = course.ROOT / "build" / "benchmarks" / f"kills-{arguments.seed}.jsonl"
    journal.parent.mkdir(parents=True, exist_ok=True)
    total, slices = _resumed(journal)
    left = arguments.kills - sum(total.kills.values())
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kills-") as name:
        class_ = make_class(Path(name), arguments.size)
        seed = arguments.seed * 1000 + slices
        rounds = measure(class_, left, seed, Path(name)) if left > 0 else ()
        for counts in rounds:
            total.add(counts)
            with journal.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"slice": seed, **_plain(counts)}) + "\n")
            _show(total, arguments.kills)
            if arguments.seconds and time.monotonic() - began > arguments.seconds:
                break
    print(json.dumps(_plain(total), indent=1))
    if sum(total.kills.values()) >= arguments.kills:
        settings = {"size": arguments.size, "seed": arguments.seed}
        print(record.write(arguments.out, record.described({**settings, **_plain(total)})))
        journal.unlink()
    return 1 if total.problems or total.left else 0


def _plain(counts: Counts) -> dict[str, Any]:
    return {
        "total": sum(counts.kills.values()),
        "kills": dict(counts.kills),
        "phases": dict(counts.phases),
        "commands": counts.commands,
        "rounds": counts.rounds,
        "refused": counts.refused,
        "left": counts.left,
        "litter": dict(counts.litter),
        "problems": counts.problems,
    }


def _resumed(journal: Path) -> tuple[Counts, int]:
    total, slices = Counts(), set()
    for line in journal.read_text(encoding="utf-8").splitlines() if journal.exists() else ():
        saved = json.loads(line)
        slices.add(saved.pop("slice"))
        saved.pop("total")
        for name in ("kills", "phases", "litter"):
            saved[name] = Counter(saved[name])
        total.add(Counts(**saved))
    return total, len(slices)


def _show(total: Counts, kills: int) -> None:
    done = sum(total.kills.values())
    print(
        f"{done}/{kills} kills, {total.rounds} rounds, {len(total.problems)} problems", flush=True
    )


if __name__ == "__main__":
    sys.exit(main())
