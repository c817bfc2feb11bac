"""The whole corpus of attacks at both levels of isolation: how many held, and how long it took.

    python -m benchmarks.attacks

It runs the corpus's own tests. At the contained level as root, every user must be able to read the
Python environment; where that is not so, the level is left out, and the command says so.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import record
from tests.harness import course

LEVELS = ("strict", "contained")


def run(level: str) -> dict[str, Any]:
    """Attack once at one level; counts of the tests, and the seconds of all."""
    with tempfile.TemporaryDirectory() as name:
        report = Path(name, "report.xml")
        command = [sys.executable, "-m", "pytest", "-q", "--everything"]
        command += [
            "tests/attacks/test_attacks.py",
            "-k",
            f"test_at_{level}",
            f"--junitxml={report}",
        ]
        subprocess.run(command, cwd=course.ROOT, check=False)
        suite = next(ET.parse(report).iter("testsuite"))
    count = {k: int(suite.get(k, "0")) for k in ("tests", "failures", "errors", "skipped")}
    return {
        "attacks": count["tests"],
        "passed": count["tests"] - count["failures"] - count["errors"] - count["skipped"],
        "skipped": count["skipped"],
        "seconds": round(float(suite.get("time", "nan")), 1),
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Attack, and write the counts; 1 when an attack did not hold."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.attacks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--out", type=Path, default=record.RESULTS / "attacks.json")
    arguments = parser.parse_args(argv)
    levels = {level: run(level) for level in LEVELS}
    shown = {level: of for level, of in levels.items() if of["skipped"] < of["attacks"]}
    for level in levels.keys() - shown.keys():
        print(f"{level}: every attack was skipped; the tests above say why")
    print(record.write(arguments.out, record.described({"levels": shown})))
    return int(any(of["passed"] + of["skipped"] < of["attacks"] for of in levels.values()))


if __name__ == "__main__":
    sys.exit(main())
