"""Composed scenes: exact boxes and masks, and splits that share nothing."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from dlcourse import data
from dlcourse.data import scenes


def compose(
    count: int = 40, split: str = "train", seed: int = 0, **settings: object
) -> scenes.Scenes:
    return scenes.compose(count, np.random.default_rng(seed), split, **settings)  # type: ignore[arg-type]


def extent(mask: np.ndarray) -> list[int]:
    rows, columns = np.nonzero(mask)
    return [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]


@pytest.fixture(scope="module")
def made() -> scenes.Scenes:
    return compose()


def test_shapes_and_ranges(made: scenes.Scenes) -> None:
    assert len(made) == len(made.boxes) == len(made.labels) == 40
    assert made.images.shape == (40, 64, 64, 3)
    assert made.images.dtype == np.float32
    assert made.images.min() >= 0.0
    assert made.images.max() <= 1.0
    assert made.instances.shape == made.masks.shape == (40, 64, 64)


def test_every_scene_has_as_many_objects_as_asked(made: scenes.Scenes) -> None:
    counts = [len(labels) for labels in made.labels]
    assert set(counts) == {1, 2, 3}
    assert [len(boxes) for boxes in made.boxes] == counts


def test_boxes_lie_in_the_image_and_have_an_area(made: scenes.Scenes) -> None:
    boxes = np.concatenate(made.boxes)
    assert boxes.min() >= 0
    assert boxes.max() <= 64
    assert (boxes[:, 2:] > boxes[:, :2]).all()


def test_the_box_of_an_uncovered_object_is_the_extent_of_its_pixels() -> None:
    made = compose(objects=(2, 3), most_overlap=0.0)
    for boxes, instances in zip(made.boxes, made.instances, strict=True):
        for index, box in enumerate(boxes, start=1):
            assert extent(instances == index) == box.tolist()


def test_a_covered_object_keeps_its_box() -> None:
    made = compose(100, objects=(3, 3), most_overlap=0.5)
    smaller = 0
    for boxes, instances in zip(made.boxes, made.instances, strict=True):
        for index, box in enumerate(boxes, start=1):
            seen = np.array(extent(instances == index))
            assert (seen[:2] >= box[:2]).all()
            assert (seen[2:] <= box[2:]).all()
            smaller += seen.tolist() != box.tolist()
    assert smaller > 0


def test_boxes_overlap_no_more_than_asked() -> None:
    made = compose(100, objects=(4, 4), most_overlap=0.1)
    for boxes in made.boxes:
        for a, b in itertools.combinations(boxes, 2):
            common = np.clip(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0, None).prod()
            smaller = min((a[2:] - a[:2]).prod(), (b[2:] - b[:2]).prod())
            assert common <= 0.1 * smaller + 1e-4


def test_masks_hold_the_class_of_each_object(made: scenes.Scenes) -> None:
    for mask, labels, instances in zip(made.masks, made.labels, made.instances, strict=True):
        assert (mask[instances == 0] == 0).all()
        for index, label in enumerate(labels, start=1):
            assert (mask[instances == index] == label + 1).all()


def test_all_classes_are_equally_frequent() -> None:
    labels = np.concatenate(compose(600).labels)
    shares = np.bincount(labels, minlength=3) / len(labels)
    # A share of about 1,200 objects has a standard error of 0.014.
    np.testing.assert_allclose(shares, 1 / 3, atol=0.05)


def test_the_background_is_a_photograph_where_nothing_is_pasted() -> None:
    """Without its objects a scene is a crop, so two scenes differ nearly everywhere."""
    made = compose(2, seed=3)
    both = (made.instances[0] == 0) & (made.instances[1] == 0)
    assert np.abs(made.images[0] - made.images[1])[both].mean() > 0.02


def test_the_same_state_gives_the_same_scenes(made: scenes.Scenes) -> None:
    again = compose()
    np.testing.assert_array_equal(again.images, made.images)
    np.testing.assert_array_equal(np.concatenate(again.boxes), np.concatenate(made.boxes))
    assert not np.array_equal(compose(seed=1).images, made.images)


@pytest.mark.parametrize("pair", list(itertools.combinations(scenes.SPLITS, 2)))
def test_no_emoji_is_in_two_splits(pair: tuple[str, str]) -> None:
    for one, other in zip(*(scenes._identities(split) for split in pair), strict=True):
        assert len(one) > 20
        assert not set(one) & set(other)


def test_the_emoji_of_a_class_are_of_its_category() -> None:
    loaded = data.emoji()
    animals, faces, flags = (np.concatenate(rows) for rows in zip(
        *(scenes._identities(split) for split in scenes.SPLITS), strict=True
    ))  # fmt: skip
    names = [{loaded.names[i] for i in rows} for rows in (animals, faces, flags)]
    assert [len(n) for n in names] == [130, 127, 270]
    assert {"octopus", "microbe"} <= names[0]
    assert "bouquet" not in names[0]
    assert {"grinning", "robot_face"} <= names[1]
    assert "heart" not in names[1]


def test_the_parts_of_the_photographs_lie_side_by_side() -> None:
    from PIL import Image as Picture

    from dlcourse.data import files, manifest

    whole = np.asarray(Picture.open(files.locate(manifest.FLOWER)))
    parts = [scenes._photograph_parts(split)[1] for split in scenes.SPLITS]
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), whole)


def test_every_split_can_be_composed_at_the_greatest_size() -> None:
    for split in scenes.SPLITS:
        assert compose(3, split, size=128, sides=(20, 60)).images.shape == (3, 128, 128, 3)


def test_no_scene_at_all() -> None:
    made = compose(0)
    assert made.images.shape == (0, 64, 64, 3)
    assert made.masks.shape == (0, 64, 64)


def test_an_unknown_split_is_refused() -> None:
    with pytest.raises(ValueError, match="'exam'"):
        compose(split="exam")


@pytest.mark.parametrize("settings", [{"size": 129}, {"size": 20}, {"sides": (0, 8)}])
def test_a_size_that_cannot_be_had_is_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="Sizes must satisfy"):
        compose(**settings)  # type: ignore[arg-type]
