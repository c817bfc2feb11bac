"""Measure the approaches that the page of the capstone shows; run from the root of the repository.

    python solutions/project10/measure_heat.py

Adds runs to dlcourse/data/datasets/heat_runs.json; a run that is there is not repeated. The
programs are those of the assignment: the solution and two of the weak ones, of which the small
network has six epochs here in place of four. For the two ways to split, a larger network is trained
for long on four fifths of 2021 and 2022. Five seeds each; about two minutes of one core.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import tempfile
import time
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from autograder.assignment.source import Code, read_assignment
from autograder.evidence.calibrate import SOLUTION, targets
from dlcourse import train
from dlcourse.data import heat
from dlcourse.models.heat_runs import HeatRun, sample_rows, training, validation
from dlcourse.models.stored_runs import keep, read

HERE = Path(__file__).parent
RUNS = HERE.parents[1] / "dlcourse/data/datasets/heat_runs.json"
ASSIGNMENT = read_assignment(HERE / "project10.md")
PROGRAMS = next(t.programs for t in targets(ASSIGNMENT) if t.threshold == "skill_third")
APPROACHES = {
    "one layer": "one-layer",
    "small network": "a-small-network-trained-briefly",
    "reference": SOLUTION,
}
LARGER = "keras.layers.Dense(128,"
EPOCHS = 120
SEEDS = range(5)
SHARE = 0.2

Chosen = npt.NDArray[np.bool_]


def program(name: str) -> str:
    """The solution's or a weak program's code for the network."""
    return PROGRAMS[name].replace("epochs=4", "epochs=6")


def pinball() -> Any:
    """The loss of the starter notebook."""
    scope: dict[str, Any] = {"np": np, "keras": keras, "LEVELS": (0.05, 0.5, 0.95)}
    cell = next(c.source for c in ASSIGNMENT.cells
                if isinstance(c, Code) and "def pinball" in c.source)  # fmt: skip
    exec(cell[cell.index("def pinball") : cell.index("def with_ones")], scope)
    return scope["pinball"]


def trained(source: str, seed: int, chosen: Chosen | None = None) -> tuple[Any, float]:
    """The network of a program, trained on some of the rows, and the seconds it took."""
    rows = training()
    kept = np.ones(len(rows), bool) if chosen is None else chosen
    scope = {"np": np, "keras": keras, "train": train, "heat": heat, "json": json,
             "pinball": pinball(), "LEVELS": (0.05, 0.5, 0.95),
             "train_inputs": rows.inputs[kept], "train_targets": rows.targets[kept]}  # fmt: skip
    source = re.sub(r"set_random_seed\(\d+\)", f"set_random_seed({100 + seed})", source)
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        begun = time.process_time()
        exec(source, scope)
        seconds = time.process_time() - begun
    return scope["heat_forecaster"], seconds


def skill(rows: heat.Rows, median: Any, chosen: Chosen) -> float:
    """One minus the mean absolute error in units of that of the heat a week ago."""
    error, naive = (np.abs(rows.targets - x)[chosen].mean() for x in (median, rows.inputs[:, 6]))
    return round(float(1 - error / naive), 4)


def measured(approach: str, seed: int, network: Any, seconds: float, held_out: float) -> HeatRun:
    """What a network does in 2023."""
    rows = validation()
    low, median, high = network.predict(rows.inputs, verbose=0).T
    shown = [quantile[sample_rows()] for quantile in (low, median, high)]
    month = rows.day.astype("datetime64[M]").astype(int) % 12
    inside = (rows.targets >= low) & (rows.targets <= high)

    def monthly(values: Any) -> tuple[float, ...]:
        return tuple(round(float(values[month == m].mean()), 3) for m in range(12))

    return HeatRun(
        approach, seed, int(network.count_params()), round(seconds, 1), held_out,
        skill(rows, median, np.ones(len(rows), bool)), monthly(np.abs(rows.targets - median)),
        monthly(inside), monthly(high - low),
        tuple(tuple(round(float(x), 1) for x in quantile) for quantile in shown),
    )  # fmt: skip


def split(way: str, seed: int) -> Chosen:
    """Which rows of 2021 and 2022 are trained on: four fifths of the rows, or of the weeks."""
    rows, rng = training(), np.random.default_rng(seed)
    if way == "by rows":
        return rng.random(len(rows)) >= SHARE
    week = rows.day.astype(np.int64) // 7
    numbers = rng.permutation(np.unique(week))
    return ~np.isin(week, numbers[: round(SHARE * len(numbers))])


def main() -> None:
    """Train what is not yet there."""
    known = {(run.approach, run.seed) for run in read(RUNS, HeatRun)}
    larger = program(SOLUTION).replace("keras.layers.Dense(64,", LARGER)
    assert LARGER in larger
    assert "epochs=14" in larger
    larger = larger.replace("epochs=14", f"epochs={EPOCHS}")
    for seed in SEEDS:
        for approach, name in APPROACHES.items():
            if (approach, seed) not in known:
                keep(measured(approach, seed, *trained(program(name), seed), -1.0), RUNS)
        for way in ("by rows", "by weeks"):
            if (way, seed) not in known:
                chosen, rows = split(way, seed), training()
                network, seconds = trained(larger, seed, chosen)
                own = skill(rows, network.predict(rows.inputs, verbose=0)[:, 1], ~chosen)
                keep(measured(way, seed, network, seconds, own), RUNS)
        print(f"seed {seed}: done")


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    main()
