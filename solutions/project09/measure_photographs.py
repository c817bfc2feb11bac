"""Make the features and measure the approaches of the ninth project; run from the root.

    python solutions/project09/measure_photographs.py features
    python solutions/project09/measure_photographs.py runs

The first command writes dlcourse/data/datasets/snapshot_features.npz and
snapshot_features_sealed.bin, the latter by the key beside this file; half a minute of one core. The
second adds runs to snapshot_runs.json there; a run that is there is not repeated. The programs are
those of the assignment: the solution and its three weak ones. For the two ways to split and the two
to photograph, the linear classifier is taken. Five seeds each; about a minute of one core.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from autograder.assignment.source import read_assignment
from autograder.evidence.calibrate import SOLUTION, targets
from dlcourse.data import files, manifest, snapshots
from dlcourse.data.sealed import seal
from dlcourse.models import snapshot_features as features
from dlcourse.models.snapshot_features import (
    Pool,
    drawn_folder,
    features_of,
    packed,
    part_of,
)
from dlcourse.models.snapshot_runs import KNOWN, SnapshotRun, measured_folders
from dlcourse.models.stored_runs import keep, read

HERE = Path(__file__).parent
DATA = HERE.parents[1] / "dlcourse/data/datasets"
RUNS = DATA / "snapshot_runs.json"
ASSIGNMENT = read_assignment(HERE / "project09.md")
PROGRAMS = next(t.programs for t in targets(ASSIGNMENT) if t.threshold == "accuracy_third")
APPROACHES = {
    "nearest colours": "nearest-colours",
    "nearest features": "nearest-last-features",
    "linear": "linear-on-the-last-features",
    "reference": SOLUTION,
}
SEEDS = range(5)
PUBLIC = 40

Array = npt.NDArray[Any]
Labels = npt.NDArray[np.int64]
Classify = Callable[..., Array]


def write_features() -> None:
    """Run the network over all pictures, and store the two pools."""
    key = bytes.fromhex((HERE / "photographs.key").read_text(encoding="utf-8"))
    taken = snapshots.snapshots()
    pool = Pool(features_of(taken.pictures), taken.labels, taken.groups)
    (DATA / "snapshot_features.npz").write_bytes(packed(part_of(pool, 0, PUBLIC)))
    sealed = seal(packed(part_of(pool, PUBLIC, snapshots.THINGS)), key, "snapshot_features_sealed")
    (DATA / "snapshot_features_sealed.bin").write_bytes(sealed)


def program(name: str, public: Pool) -> Classify:
    """The function of a program, with a pool to learn from beforehand."""
    scope: dict[str, Any] = {"np": np, "features": features, "public": public}
    exec(PROGRAMS[name], scope)
    return scope["classify"]  # type: ignore[no-any-return]


def approach_run(approach: str, seed: int, classify: Classify, learned: Pool) -> SnapshotRun:
    """One approach on the folders of a seed, and on folders of things that it may know."""
    folders = measured_folders(seed)
    begun = time.process_time()
    said = [
        classify(f.features, f.labels, f.groups, f.new_features, seed).argmax(axis=1)
        for f in folders
    ]
    seconds = time.process_time() - begun
    right = [np.mean(s == f.new_labels) for s, f in zip(said, folders, strict=True)]
    digits = "".join(map(str, np.concatenate(said)))
    rng = np.random.default_rng(1000 + seed)
    known = []
    for _ in range(60):
        f = drawn_folder(learned, rng)
        p = classify(f.features, f.labels, f.groups, f.new_features, seed)
        known.append(np.mean(p.argmax(axis=1) == f.new_labels))
    accuracies = {"new": float(np.mean(right)), "known things": float(np.mean(known))}
    return SnapshotRun(approach, seed, round(seconds, 2), accuracies, digits)


def split_run(way: str, seed: int, classify: Classify, pool: Pool) -> SnapshotRun:
    """Three pictures of each class held out, of any bursts or of one burst; then new bursts."""
    rng, scores = np.random.default_rng(seed), []
    for _ in range(60):
        # All three shots of four bursts of each of five things, and one shot of three others.
        parts: list[list[int]] = [[], [], [], [], []]
        X, y, groups, new, new_y = parts
        for label, thing in enumerate(rng.permutation(pool.labels.max() + 1)[:5]):
            bursts = rng.permutation(np.unique(pool.groups[pool.labels == thing]))
            own = np.flatnonzero(np.isin(pool.groups, bursts[:4]))
            X.extend(own)
            y.extend([label] * len(own))
            groups.extend(pool.groups[own])
            new.extend(rng.choice(np.flatnonzero(pool.groups == g)) for g in bursts[4:])
            new_y.extend([label] * 3)
        rows, labels, of = np.array(X), np.array(y), np.array(groups)
        held = np.zeros(len(rows), bool)
        for label in range(5):
            ours = np.flatnonzero(labels == label)
            if way == "by bursts":
                held[ours[of[ours] == rng.choice(np.unique(of[ours]))]] = True
            else:
                held[rng.permutation(ours)[:3]] = True
        train = (pool.features[rows[~held]], labels[~held], of[~held])
        scores.append([
            np.mean(classify(*train, pool.features[rows[held]], 0).argmax(1) == labels[held]),
            np.mean(classify(*train, pool.features[new], 0).argmax(1) == new_y),
        ])  # fmt: skip
    held_out, on_new = np.mean(scores, axis=0)
    return SnapshotRun(way, seed, 0.0, {"held out": float(held_out), "new": float(on_new)})


def places_of(pool: Pool) -> Labels:
    """For each picture whether it was taken before the temple (0) or the flower (1).

    The more likely of the two photographs, given the shares of red and of green in the burst's
    pixels. This agrees with the photograph that was drawn in every burst.
    """
    taken = snapshots.snapshots()
    scores = []
    for photograph in (manifest.CHINA, manifest.FLOWER):
        with Image.open(files.locate(photograph)) as file:
            counts = np.bincount(_hues(np.asarray(file.convert("RGB"))).ravel(), minlength=576) + 1
        likely = np.log(counts / counts.sum())
        scores.append(likely[_hues(taken.pictures)].mean(axis=(1, 2)))
    by_burst = [
        np.mean(scores[1][taken.groups == g]) > np.mean(scores[0][taken.groups == g])
        for g in range(int(pool.groups.max()) + 1)
    ]
    found: Labels = np.array(by_burst, np.int64)[pool.groups]
    return found


def _hues(pixels: Array) -> Labels:
    """One of 24 x 24 shares of red and of green in each pixel; dark pixels count as grey."""
    light = pixels.astype(np.float32) + 8
    red, green = (np.clip(24 * light[..., k] / light.sum(axis=-1), 0, 23) for k in (0, 1))
    found: Labels = red.astype(np.int64) * 24 + green.astype(np.int64)
    return found


def place_runs(seed: int, classify: Classify, pool: Pool, place: Labels) -> list[SnapshotRun]:
    """Four things, each learned before one of two places or before both; measured before either."""
    rng = np.random.default_rng(seed)
    enough = [t for t in range(pool.labels.max() + 1)
              if all(len(np.unique(pool.groups[(pool.labels == t) & (place == p)])) >= 3
                     for p in (0, 1))]  # fmt: skip
    scores: dict[str, list[list[float]]] = {"one place each": [], "both places": []}
    for _ in range(60):
        chosen = rng.permutation(enough)[:4]
        rows: dict[str, list[int]] = {"one": [], "both": [], "own": [], "other": []}
        for label, thing in enumerate(chosen):
            own, other = ([rng.permutation(np.flatnonzero(pool.groups == g))
                           for g in rng.permutation(np.unique(pool.groups[(pool.labels == thing)
                                                                          & (place == p)]))]
                          for p in (label % 2, 1 - label % 2))  # fmt: skip
            rows["one"].extend([*own[0][:2], *own[1][:2]])
            rows["both"].extend([*own[0][:2], *other[0][:2]])
            rows["own"].append(own[2][0])
            rows["other"].append(other[2][0])
        label_of = np.arange(4)
        y, groups = np.repeat(label_of, 4), np.arange(16) // 2
        for way, kind in (("one place each", "one"), ("both places", "both")):
            X = pool.features[rows[kind]]
            own, other = (classify(X, y, groups, pool.features[rows[test]], 0).argmax(1)
                          for test in ("own", "other"))  # fmt: skip
            # In the other place stand the two things whose number is odd where this one's is even.
            scores[way].append([np.mean(own == label_of), np.mean(other == label_of),
                                np.mean(other % 2 != label_of % 2)])  # fmt: skip
    names = ("usual place", "other place", "a thing of the other place")
    return [
        SnapshotRun(way, seed, 0.0, dict(zip(names, np.mean(values, axis=0).tolist(), strict=True)))
        for way, values in scores.items()
    ]


def write_runs() -> None:
    """Measure what is not yet there."""
    known = {(run.approach, run.seed) for run in read(RUNS, SnapshotRun)}
    pool = features.public_pool()
    learned = part_of(pool, 0, KNOWN)
    for approach, name in APPROACHES.items():
        classify = program(name, learned)
        for seed in SEEDS:
            if (approach, seed) not in known:
                keep(approach_run(approach, seed, classify, learned), RUNS)
    linear = program(APPROACHES["linear"], learned)
    for way in ("by pictures", "by bursts"):
        for seed in SEEDS:
            if (way, seed) not in known:
                keep(split_run(way, seed, linear, pool), RUNS)
    place = places_of(pool)
    for seed in SEEDS:
        if ("both places", seed) not in known:
            for run in place_runs(seed, linear, pool, place):
                keep(run, RUNS)


if __name__ == "__main__":
    {"features": write_features, "runs": write_runs}[sys.argv[1]]()
