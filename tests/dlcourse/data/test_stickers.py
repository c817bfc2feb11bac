"""Stickers: families stay together, opacity mixes, and draws repeat."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from dlcourse.data import loaders, stickers


def test_the_splits_are_all_emoji_in_both_designs_once() -> None:
    found = [(n, d) for s in stickers.SPLITS for n, d in zip(*_names(s), strict=True)]
    assert len(found) == len(set(found)) == 2 * len(loaders.emoji().names)


def _names(split: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    cut_outs = stickers.cut_outs(split)
    return cut_outs.names, cut_outs.designs


def test_no_family_is_in_two_splits() -> None:
    families = [set(stickers.cut_outs(split).families.tolist()) for split in stickers.SPLITS]
    for one, other in itertools.combinations(families, 2):
        assert not one & other


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("man-running", "woman-running"),
        ("green_heart", "blue_heart"),
        ("clock1", "clock130"),
        ("male-cook", "female-cook"),
    ],
)
def test_what_differs_in_person_colour_or_number_is_of_one_family(one: str, other: str) -> None:
    family = {
        name: family
        for split in stickers.SPLITS
        for name, family in zip(_names(split)[0], stickers.cut_outs(split).families, strict=True)
    }
    assert family[one] == family[other]
    assert family[one] != family["octopus"]


def test_every_category_is_in_every_split_and_a_family_has_one_category() -> None:
    for split in stickers.SPLITS:
        cut_outs = stickers.cut_outs(split)
        assert set(cut_outs.labels.tolist()) == set(range(len(stickers.CATEGORIES)))
        pairs = set(zip(cut_outs.families.tolist(), cut_outs.labels.tolist(), strict=True))
        assert len(pairs) == len(set(cut_outs.families.tolist()))


def test_the_categories_are_those_of_the_file() -> None:
    assert loaders.emoji().categories == stickers.CATEGORIES


def test_the_same_draws_give_the_same_stickers() -> None:
    pictures = stickers.cut_outs("validation").pictures[:20]
    one, again, other = (
        stickers.stuck(pictures, np.random.default_rng(seed), "validation") for seed in (3, 3, 4)
    )
    assert one.shape == (20, 32, 32, 3)
    assert one.dtype == np.float32
    assert one.min() >= 0
    assert one.max() <= 1
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_a_cut_out_without_opacity_leaves_the_photograph() -> None:
    nothing = np.zeros((5, 32, 32, 4), np.uint8)
    nothing[..., :3] = 255
    bright = nothing.copy()
    bright[..., 3] = 255
    seen, covered = (stickers.stuck(p, np.random.default_rng(1)) for p in (nothing, bright))
    changed = np.abs(seen - covered).max(axis=-1) > 0.02
    # A side of 22 to 32 pixels covers almost half of the picture at least, turned never all of it.
    assert (changed.mean(axis=(1, 2)) > 0.4).all()
    assert (changed.mean(axis=(1, 2)) < 1.0).all()


def test_colours_under_no_opacity_do_not_show_at_the_edge() -> None:
    disc = np.zeros((3, 32, 32, 4), np.uint8)
    disc[:, 8:24, 8:24] = (0, 0, 0, 255)
    white_rim = disc.copy()
    white_rim[..., :3][disc[..., 3] == 0] = 255
    one, other = (stickers.stuck(p, np.random.default_rng(1)) for p in (disc, white_rim))
    assert np.allclose(one, other)


def test_no_picture_gives_no_sticker() -> None:
    none = stickers.cut_outs("train").pictures[:0]
    assert stickers.stuck(none, np.random.default_rng(0)).shape == (0, 32, 32, 3)


def test_an_unknown_split_and_a_wrong_shape_are_told() -> None:
    with pytest.raises(ValueError, match="split must be one of train, validation, test"):
        stickers.cut_outs("tests")
    with pytest.raises(ValueError, match=r"\(n, 32, 32, 4\), got \(2, 32, 32, 3\)"):
        stickers.stuck(np.zeros((2, 32, 32, 3), np.uint8), np.random.default_rng(0))
