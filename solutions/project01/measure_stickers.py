"""Measure the approaches that the page of the project shows; run from the root of the repository.

    python solutions/project01/measure_stickers.py

Adds runs to dlcourse/data/datasets/sticker_runs.json; a run that is there is not repeated. The
programs are those of the assignment: the solution and two of the weak ones. For the two ways to
split, the good network on stickers that were stuck once is trained for longer, on four fifths of
the training cut-outs. Five seeds each; about six minutes of one core.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from autograder.assignment.source import Answer, read_assignment, without_markers
from autograder.evidence.calibrate import SOLUTION, targets
from dlcourse import train
from dlcourse.data import stickers
from dlcourse.models.sticker_runs import StickerRun, validation_stickers
from dlcourse.models.stored_runs import keep, read

HERE = Path(__file__).parent
RUNS = HERE.parents[1] / "dlcourse/data/datasets/sticker_runs.json"
ASSIGNMENT = read_assignment(HERE / "project01.md")
PROGRAMS = next(t.programs for t in targets(ASSIGNMENT) if t.threshold == "recall_third")
ONCE = "a-good-network-on-stickers-stuck-once"
APPROACHES = {
    "one layer": "one-layer",
    "small network": "a-small-network-on-stickers-stuck-once",
    "reference": SOLUTION,
}
EPOCHS = 8  # in place of three: long enough to remember pictures
SEEDS = range(5)
SHARE = 0.2

Rows = npt.NDArray[np.int64]


def splitter() -> Any:
    """The solution's function that splits by families."""
    scope: dict[str, Any] = {"np": np}
    answer = next(c for c in ASSIGNMENT.cells
                  if isinstance(c, Answer) and c.question == "family_split")  # fmt: skip
    exec(without_markers(answer.solution), scope)
    return scope["split_by_family"]


def trained(name: str, seed: int, rows: Rows | None = None) -> tuple[Any, float]:
    """The network of a program, trained on some rows of the cut-outs, and the seconds it took."""
    cut_outs = stickers.cut_outs("train")
    if rows is not None:
        names, designs = ([x[i] for i in rows] for x in (cut_outs.names, cut_outs.designs))
        cut_outs = replace(
            cut_outs, pictures=cut_outs.pictures[rows], labels=cut_outs.labels[rows],
            families=cut_outs.families[rows], names=tuple(names), designs=tuple(designs),
        )  # fmt: skip
    images = stickers.stuck(cut_outs.pictures, np.random.default_rng(0))
    scope = {"np": np, "keras": keras, "train": train, "stickers": stickers,
             "train_cut_outs": cut_outs, "train_images": images}  # fmt: skip
    source = re.sub(r"set_random_seed\(\d+\)", f"set_random_seed({100 + seed})", PROGRAMS[name])
    if rows is not None:
        assert "3 * 37" in source
        assert "epochs=3" in source
        source = source.replace("3 * 37", f"{EPOCHS} * 30").replace("epochs=3", f"epochs={EPOCHS}")
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        begun = time.process_time()
        exec(source, scope)
        seconds = time.process_time() - begun
    return scope["sticker_classifier"], seconds


def measured(approach: str, seed: int, network: Any, seconds: float, held_out: float) -> StickerRun:
    """What a network says of the validation stickers."""
    said = network.predict(validation_stickers()[0], verbose=0).argmax(axis=1)
    return StickerRun(approach, seed, int(network.count_params()), round(seconds, 1),
                      round(held_out, 4), "".join(map(str, said)))  # fmt: skip


def on_the_other_side(network: Any, rows: Rows, seed: int) -> float:
    """The mean recall on held-out rows of the training cut-outs."""
    cut_outs = stickers.cut_outs("train")
    images = stickers.stuck(cut_outs.pictures[rows], np.random.default_rng(1000 + seed))
    right = network.predict(images, verbose=0).argmax(axis=1) == cut_outs.labels[rows]
    return float(np.mean([right[cut_outs.labels[rows] == k].mean() for k in range(9)]))


def main() -> None:
    """Train what is not yet there."""
    known = {(run.approach, run.seed) for run in read(RUNS, StickerRun)}
    cut_outs, split = stickers.cut_outs("train"), splitter()
    for seed in SEEDS:
        for approach, name in APPROACHES.items():
            if (approach, seed) not in known:
                keep(measured(approach, seed, *trained(name, seed), -1.0), RUNS)
        pictures = np.arange(len(cut_outs))
        for way, groups in (("by pictures", pictures), ("by families", cut_outs.families)):
            if (way, seed) not in known:
                held = split(groups, cut_outs.labels, SHARE, seed)
                network, seconds = trained(ONCE, seed, np.flatnonzero(~held))
                recall = on_the_other_side(network, np.flatnonzero(held), seed)
                keep(measured(way, seed, network, seconds, recall), RUNS)
        print(f"seed {seed}: done")


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    main()
