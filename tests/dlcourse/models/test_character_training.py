"""Short trainings: rows of a text, networks by seed, and bits."""

from __future__ import annotations

import numpy as np

from dlcourse.models.character_training import bits, trainings, windows
from dlcourse.models.mini_gpt import network

TEXT = np.tile(np.arange(6, dtype=np.int32), 200)


def small() -> object:
    return network(blocks=1, width=16, heads=2)


def test_rows_are_pieces_of_the_text_chosen_by_the_seed() -> None:
    rows = windows(TEXT, 5, 8, seed=1)
    assert rows.shape == (8, 6)
    assert np.all(np.diff(rows, axis=1) % 6 == 1)
    np.testing.assert_array_equal(rows, windows(TEXT, 5, 8, seed=1))
    assert not np.array_equal(rows, windows(TEXT, 5, 8, seed=2))


def test_a_seed_is_trained_alike_whatever_came_before() -> None:
    rows = windows(TEXT, 8, 4, seed=9)
    found = [
        bits(model, rows)
        for model in trainings(
            small, TEXT, [1, 2, 1], rate=1e-2, length=8, rows=8, steps=20, warm_up=5, jit=False
        )
    ]
    np.testing.assert_allclose(found[0], found[2], rtol=1e-4)
    assert not np.allclose(found[0], found[1], rtol=1e-2)
    assert found[0].mean() < 0.5 * np.log2(65)


def test_bits_of_a_network_without_knowledge_are_those_of_a_uniform_choice() -> None:
    rows = windows(TEXT, 8, 7, seed=0)
    found = bits(lambda numbers: np.zeros((*numbers.shape, 65)), rows, batch=3)
    np.testing.assert_allclose(found, np.full((7, 8), np.log2(65)))
