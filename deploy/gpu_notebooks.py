"""What ``deploy/gpu_check.sh`` hands in, and how it reads what came of it; no other package."""

from __future__ import annotations

import csv
import json
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

# One of each kind: right, empty, half done, a weak network, an error, an attack.
SAMPLE = (
    *("solution", "stub", "half-done", "digits_model-no-hidden-layer", "broken-raises"),
    "hostile-patches-the-worker",
)
# Shares of the GPU's free memory, together more than all of it, each alone well below.
HOLDS, WANTS = 0.7, 0.6
PIECE = 64  # MiB
TAKE = """\
import time
import tensorflow
time.sleep({before})
taken = [tensorflow.zeros([{piece}, 2**18]) for _ in range({pieces})]
time.sleep({after})
"""


def choose(folder: str, out: str) -> None:
    """Copy a few submissions of a sample class."""
    there = [p for name in SAMPLE if (p := Path(folder, f"{name}.ipynb")).is_file()]
    if not there:
        raise SystemExit(f"{folder} holds none of {', '.join(SAMPLE)}")
    for path in there:
        _put(path, Path(out, path.name))


def copies(notebook: str, out: str, *names: str) -> None:
    """One notebook under several learners' names."""
    for name in names:
        _put(Path(notebook), Path(out, f"{name}.ipynb"))


def memory(notebook: str, out: str, free: str) -> None:
    """Two notebooks whose trained answers first take memory of the GPU.

    ``holder`` keeps what it took for a while; ``late`` comes then, and cannot have what it wants
    before the other has ended. Where it is not graded again alone, its answer raised and has no
    marks.
    """
    for name, share, before, after in (("holder", HOLDS, 0, 40), ("late", WANTS, 15, 0)):
        made = json.loads(Path(notebook).read_text(encoding="utf-8"))
        pieces = int(share * int(free)) // PIECE
        take = TAKE.format(before=before, after=after, piece=PIECE, pieces=pieces)
        cells = [cell for cell in made["cells"] if _trains(cell)]
        if not cells:
            raise SystemExit(f"{notebook} has no answer that trains a network")
        for cell in cells:
            cell["source"] = take + "".join(cell["source"])
        path = Path(out, f"{name}.ipynb")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(made), encoding="utf-8")


def _trains(cell: dict[str, Any]) -> bool:
    answer = str(cell.get("metadata", {}).get("nbgrader", {}).get("grade_id", ""))
    return answer.endswith("__answer") and "fit(" in "".join(cell["source"])


def full_marks(marks: str, *names: str) -> None:
    """Whether the learners that are named have all marks."""
    with Path(marks, "marks.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["submission"]: row for row in csv.DictReader(file)}
    wrong = [f"{n}: {rows.get(n)}" for n in names if not _is_full(rows.get(n))]
    for name in names:
        print(name, rows.get(name, {}).get("seconds"), "s")
    if wrong:
        raise SystemExit("not full marks:\n" + "\n".join(wrong))


def _is_full(row: dict[str, str] | None) -> bool:
    return row is not None and row["marks"] != "" and float(row["marks"]) == float(row["max_marks"])


def compare(evidence: str, journal: str, tier: str) -> None:
    """Hold runs made here against the stored threshold, which was set on another machine."""
    lines = [json.loads(x) for x in Path(journal).read_text(encoding="utf-8").splitlines()]
    stored = json.loads(Path(evidence).read_text(encoding="utf-8"))["thresholds"]
    broken = []
    for name, tiers in stored.items():
        found = tiers[tier]
        for program, before in found["runs"].items():
            here = [x["value"] for x in lines if x["program"] == program and x["tier"] == tier]
            if not here:
                print(f"{name}, {program}: not run")
                continue
            mean, mean_before = sum(here) / len(here), sum(before) / len(before)
            print(
                f"{name}, {program}: {len(here)} runs here, mean {mean:.4f}, {min(here):.4f} to "
                f"{max(here):.4f}; stored: {len(before)} runs, mean {mean_before:.4f}"
            )
            honest = program == "solution"
            if min(here) < found["threshold"] if honest else max(here) >= found["threshold"]:
                broken.append(f"{name} = {found['threshold']}: {program} is on its wrong side")
    if broken or not any(x["program"] == "solution" for x in lines):
        raise SystemExit("\n".join(broken) or "no run of the solution was recorded")


def _put(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)


COMMANDS: dict[str, Callable[..., None]] = {
    "choose": choose,
    "copies": copies,
    "memory": memory,
    "full-marks": full_marks,
    "compare": compare,
}


def main(words: Sequence[str]) -> None:
    """Run one of the commands."""
    COMMANDS[words[0]](*words[1:])


if __name__ == "__main__":
    main(sys.argv[1:])
