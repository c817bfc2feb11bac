"""Stored pictures in another manner come back by approach, with the scores that the judge gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dlcourse.models.style_judge import content_kept, style_taken
from dlcourse.models.style_runs import (
    PAIRS,
    StyleRuns,
    keep,
    read,
    style_runs,
    validation_pairs,
)


def test_kept_runs_are_read_again(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    taken, kept, own = rng.uniform(size=(3, 2, 3))
    pictures = np.zeros((3, 64, 64, 3), np.uint8)
    some = StyleRuns(taken, kept, own, np.array([1.0, 2.0]), pictures)
    keep({"one": some}, tmp_path / "runs.npz")
    found = read(tmp_path / "runs.npz")
    assert list(found) == ["one"]
    assert np.array_equal(found["one"].scores, some.scores)
    assert found["one"].pictures.shape == (3, 64, 64, 3)


def test_a_draw_is_the_same_each_time_and_unlike_another() -> None:
    (contents, styles), (again, _), (other, _) = (validation_pairs(draw) for draw in (0, 0, 1))
    assert len(contents) == len(styles) == PAIRS
    assert np.array_equal(contents, again)
    assert not np.array_equal(contents, other)


def test_the_shipped_pictures_have_the_stored_scores() -> None:
    contents, styles = validation_pairs(0)
    for approach, runs in style_runs().items():
        shape = (len(runs.seconds), PAIRS)
        assert runs.taken.shape == runs.kept.shape == runs.own.shape == shape
        made = runs.pictures / 255
        # Pictures are stored as bytes; their scores were measured before.
        assert np.allclose(style_taken(made, contents, styles), runs.taken[0], atol=0.03), approach
        assert np.allclose(content_kept(made, contents), runs.kept[0], atol=0.03), approach
