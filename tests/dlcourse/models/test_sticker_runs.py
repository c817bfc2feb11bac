"""Stored runs on stickers come back by approach and fit the stickers of their measurement."""

from __future__ import annotations

import numpy as np

from dlcourse.models.sticker_runs import StickerRun, sticker_runs, validation_stickers


def test_digits_are_categories() -> None:
    run = StickerRun("one layer", 0, 27_657, 1.5, -1.0, "0481")
    assert run.predictions.tolist() == [0, 4, 8, 1]


def test_the_shipped_runs_speak_of_the_validation_stickers() -> None:
    images, labels = validation_stickers()
    assert len(images) == len(labels)
    for approach, runs in sticker_runs().items():
        assert [run.seed for run in runs] == list(range(len(runs)))
        assert {len(run.predictions) for run in runs} == {len(labels)}
        # Better than always the most frequent category.
        right = np.mean([run.predictions == labels for run in runs])
        assert right > np.bincount(labels).max() / len(labels), approach


def test_only_networks_trained_on_a_part_say_what_they_do_on_the_other() -> None:
    found = sticker_runs()
    assert {name for name, runs in found.items() if runs[0].held_out >= 0} == {
        "by pictures",
        "by families",
    }
