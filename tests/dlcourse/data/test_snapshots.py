"""Snapshots are bursts: alike within one, different in everything but the thing between two."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

from dlcourse.data import snapshots, stickers


def test_there_are_bursts_of_each_thing() -> None:
    found = snapshots.snapshots("train", things=3, bursts=2)
    assert found.pictures.shape == (18, 128, 128, 3)
    assert len(found) == 18
    assert found.labels.tolist() == [0] * 6 + [1] * 6 + [2] * 6
    assert found.groups.tolist() == np.repeat(np.arange(6), 3).tolist()
    assert len(found.names) == 3


def test_the_same_call_gives_the_same_pictures_and_another_seed_gives_others() -> None:
    first = snapshots.snapshots("test", things=2, bursts=1)
    assert np.array_equal(first.pictures, snapshots.snapshots("test", things=2, bursts=1).pictures)
    other = snapshots.snapshots("test", things=2, bursts=1, seed=5)
    assert not np.array_equal(first.pictures, other.pictures)


def test_shots_of_a_burst_are_more_alike_than_two_bursts() -> None:
    found = snapshots.snapshots("train", things=4, bursts=3).pictures.astype(float)
    within = np.abs(found[0::3] - found[1::3]).mean()
    between = np.abs(found[0:-3:3] - found[3::3]).mean()
    assert within < between / 2


def test_things_come_from_their_split() -> None:
    for split in ("train", "test"):
        names = snapshots.snapshots(split, things=10, bursts=1).names
        assert set(names) <= set(stickers.cut_outs(split).names)


def test_a_split_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="split must be"):
        snapshots.snapshots("holidays")


def test_a_written_folder_is_like_a_telephones(tmp_path: Path) -> None:
    snapshots.write_folder(tmp_path, seed=1)
    parts = sorted(p for p in tmp_path.iterdir())
    counts = sorted(sum(1 for _ in part.iterdir()) for part in parts)
    assert counts == [9, 12, 15, 18, 21]
    orientations = set()
    for path in parts[0].iterdir():
        with Image.open(path) as picture:
            exif = picture.getexif()
        orientations.add(exif.get(ExifTags.Base.Orientation, 1))
        assert exif.get_ifd(ExifTags.IFD.GPSInfo)
    assert orientations == {1, 6}
