"""Painted patterns and scenes are drawn by a generator and keep the splits apart."""

from __future__ import annotations

import numpy as np
import pytest

from dlcourse.data import paintings


@pytest.mark.parametrize("kind", paintings.KINDS["test"])
def test_a_pattern_is_drawn_by_the_generator_alone(kind: str) -> None:
    one, again, other = (paintings.paint(kind, np.random.default_rng(s)) for s in (0, 0, 1))
    assert one.shape == (64, 64, 3)
    assert one.dtype == np.float32
    assert one.min() >= 0
    assert one.max() <= 1
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("kind", paintings.KINDS["test"])
def test_a_pattern_fills_its_picture(kind: str) -> None:
    picture = paintings.paint(kind, np.random.default_rng(3))
    for part in (picture[:32, :32], picture[:32, 32:], picture[32:, :32], picture[32:, 32:]):
        assert part.std(axis=(0, 1)).max() > 0.05


def test_a_larger_picture_shows_more_of_the_pattern() -> None:
    assert paintings.paint("tiles", np.random.default_rng(0), 96).shape == (96, 96, 3)


def test_two_kinds_are_in_the_test_split_alone() -> None:
    assert set(paintings.KINDS["test"]) - set(paintings.KINDS["train"]) == {"scales", "threads"}
    assert paintings.KINDS["validation"] == paintings.KINDS["train"]


def test_styles_take_the_kinds_in_turn() -> None:
    rng = np.random.default_rng(0)
    assert paintings.styles(7, rng, "test").shape == (7, 64, 64, 3)
    assert paintings.styles(0, rng).shape == (0, 64, 64, 3)


def test_contents_are_scenes_of_their_split() -> None:
    one, other = (
        paintings.contents(2, np.random.default_rng(0), split) for split in ("train", "test")
    )
    assert one.shape == (2, 64, 64, 3)
    assert not np.allclose(one, other)


def test_unknown_names_are_refused() -> None:
    with pytest.raises(ValueError, match="split must be one of"):
        paintings.styles(1, np.random.default_rng(0), "holiday")
    with pytest.raises(ValueError, match="kind must be one of"):
        paintings.paint("oil", np.random.default_rng(0))
