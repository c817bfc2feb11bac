"""Damage what comes from outside, many times, and count what the readers say.

What is damaged, and how, stands in ``tests/harness/fuzz.py``.

    python -m benchmarks.fuzz --examples 20000

Readers of notebooks, files and sources are slower: they get a half, a tenth and a tenth of the
examples.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import record
from tests.harness.fuzz import TARGETS, fuzz

SHARE = {"channel": 1, "record": 1, "notebook": 2, "handin": 10, "source": 10}


def main(argv: Sequence[str] | None = None) -> int:
    """Fuzz, print the counts and write them; 1 when something was no clear error."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.fuzz",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--examples", type=int, default=20_000, help="(default: 20000)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default=",".join(TARGETS), help="targets, for instance channel")
    parser.add_argument("--out", type=Path, default=record.RESULTS / "fuzz.json")
    arguments = parser.parse_args(argv)
    found: dict[str, Any] = {}
    for name in arguments.only.split(","):
        tally = fuzz(name, max(1, arguments.examples // SHARE[name]), arguments.seed)
        found[name] = {
            "examples": tally.examples,
            **dict(sorted(tally.outcomes.items())),
            "slowest_seconds": round(tally.slowest, 3),
            "problems": tally.problems,
        }
        print(name, json.dumps(found[name]), flush=True)
    problems = sum(len(f["problems"]) for f in found.values())
    if found.keys() == TARGETS.keys():
        print(record.write(arguments.out, record.described({"seed": arguments.seed, **found})))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
