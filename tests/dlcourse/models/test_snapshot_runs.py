"""Stored runs of the ninth project come back by approach and fit their folders."""

from __future__ import annotations

import numpy as np

from dlcourse.models.snapshot_runs import (
    FOLDERS,
    SnapshotRun,
    measured_folders,
    snapshot_runs,
)


def test_digits_are_classes() -> None:
    assert SnapshotRun("linear", 0, 0.5, {}, "0413").predictions.tolist() == [0, 4, 1, 3]


def test_the_shipped_runs_speak_of_the_measured_folders() -> None:
    folders = measured_folders(2)
    assert len(folders) == FOLDERS
    truth = np.concatenate([folder.new_labels for folder in folders])
    for approach in ("nearest colours", "nearest features", "linear", "reference"):
        run = snapshot_runs()[approach][2]
        assert run.seed == 2
        assert np.isclose(np.mean(run.predictions == truth), run.accuracies["new"])


def test_the_other_measurements_are_there_for_every_seed() -> None:
    found = snapshot_runs()
    places = {"usual place", "other place", "a thing of the other place"}
    for way, names in (
        ("by pictures", {"held out", "new"}),
        ("by bursts", {"held out", "new"}),
        ("one place each", places),
        ("both places", places),
    ):
        assert [run.seed for run in found[way]] == list(range(5))
        assert all(set(run.accuracies) == names for run in found[way])
