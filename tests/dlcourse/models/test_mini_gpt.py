"""The small transformer is causal, and its decoder with a cache is the network."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import softmax

from dlcourse.data.plays import encode, plays
from dlcourse.models.character_training import bits
from dlcourse.models.mini_gpt import Decoder, mini_gpt, network, sinusoidal_positions, write


@pytest.fixture(scope="module")
def model() -> Any:
    """Small, and with weights that matter: those of a new network hardly attend."""
    small = network(blocks=2, width=16, heads=2, context=5)
    rng = np.random.default_rng(0)
    small.set_weights([rng.normal(0, 0.5, w.shape) for w in small.get_weights()])
    return small


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    return np.random.default_rng(1).integers(65, size=(3, 14))


def test_a_prediction_does_not_depend_on_what_follows(model: Any, rows: np.ndarray) -> None:
    changed = rows.copy()
    changed[:, 8:] = (changed[:, 8:] + 1) % 65
    before, after = np.asarray(model(rows)), np.asarray(model(changed))
    np.testing.assert_allclose(before[:, :8], after[:, :8], atol=1e-4)
    assert np.abs(before[:, 8:] - after[:, 8:]).min(axis=(0, 2)).max() > 1e-3


def test_a_position_sees_no_further_back_than_blocks_of_the_window(
    model: Any, rows: np.ndarray
) -> None:
    changed = rows.copy()
    changed[:, 0] = (changed[:, 0] + 1) % 65
    difference = np.abs(np.asarray(model(rows)) - np.asarray(model(changed))).max(axis=(0, 2))
    assert difference[8] > 1e-3
    assert difference[9:].max() < 1e-4


def test_the_same_text_later_has_the_same_predictions(model: Any, rows: np.ndarray) -> None:
    twice = np.concatenate([rows[:, :5], rows, rows], axis=1)
    found = np.asarray(model(twice))
    np.testing.assert_allclose(found[:, 5 + 9 : 5 + 14], found[:, 19 + 9 : 19 + 14], atol=1e-3)


@pytest.mark.parametrize("pieces", [[14], [1] * 14, [6, 1, 1, 6], [3, 8, 3]])
def test_reading_in_pieces_gives_the_logits_of_the_whole(
    model: Any, rows: np.ndarray, pieces: list[int]
) -> None:
    decoder, whole, end = Decoder(model), np.asarray(model(rows)), 0
    for size in pieces:
        logits = decoder.read(rows[:, end : end + size])
        end += size
        np.testing.assert_allclose(logits, whole[:, end - 1], atol=1e-3)
    assert decoder.cache[0][0].shape == (3, 2, 4, 8)


def test_what_was_forgotten_has_no_influence(model: Any, rows: np.ndarray) -> None:
    decoder = Decoder(model)
    first = decoder.read(rows)
    decoder.forget()
    np.testing.assert_array_equal(decoder.read(rows), first)


@pytest.mark.parametrize(
    ("positions", "same"), [("none", True), ("learned", False), ("sinusoidal", False)]
)
def test_positions_tell_one_place_from_another(positions: str, same: bool) -> None:
    small = network(blocks=1, width=16, heads=2, context=None, positions=positions)
    logits = np.asarray(small(np.full((1, 6), 7)))
    assert np.allclose(logits, logits[:, :1], atol=1e-5) == same


def test_a_row_of_the_table_has_sines_and_cosines_of_falling_rates() -> None:
    angles = 7 * 10_000.0 ** -np.array([0, 1 / 3, 2 / 3])
    expected = np.stack([np.sin(angles), np.cos(angles)], axis=1).ravel()
    np.testing.assert_allclose(sinusoidal_positions(9, 6)[7], expected, rtol=1e-5)


def test_unknown_positions_are_refused() -> None:
    with pytest.raises(ValueError, match="'absolute'"):
        network(positions="absolute")


def test_post_norm_has_no_normalization_of_its_own_at_the_end() -> None:
    sizes = {pre: network(blocks=2, width=16, heads=2, pre_norm=pre) for pre in (True, False)}
    assert sizes[True].count_params() - sizes[False].count_params() == 2 * 16


def test_a_row_without_characters_is_refused(model: Any) -> None:
    with pytest.raises(ValueError, match=r"got \(3, 0\)"):
        Decoder(model).read(np.zeros((3, 0), int))


def test_the_shipped_weights_predict_plays_that_they_were_not_trained_on() -> None:
    rows = encode(plays("cpu").validation)[: 10 * 129].reshape(10, 129)
    assert bits(mini_gpt(), rows).mean() < 2.7


def test_greedy_text_is_that_of_the_network_without_a_cache(model: Any, rows: np.ndarray) -> None:
    written = write(model, rows, lambda z: softmax(1e3 * z, axis=1), 6)
    text = rows
    for _ in range(6):
        best = np.argmax(np.asarray(model(text))[:, -1], axis=1)
        text = np.concatenate([text, best[:, None]], axis=1)
    np.testing.assert_array_equal(written, text[:, rows.shape[1] :])


def test_draws_follow_the_chosen_probabilities(model: Any) -> None:
    def choose(logits: np.ndarray) -> np.ndarray:
        return np.tile(np.eye(65)[[7, 9]].mean(axis=0), (len(logits), 1))

    written = write(model, np.zeros((400, 1), int), choose, 2, seed=3)
    assert set(np.unique(written)) == {7, 9}
    assert 0.4 < np.mean(written == 7) < 0.6
