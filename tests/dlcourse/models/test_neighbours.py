"""The memory beside a language model: what is read, and who votes."""

from __future__ import annotations

import numpy as np

from dlcourse.data.plays import encode, plays
from dlcourse.models.character_training import bits
from dlcourse.models.neighbours import Reading, read_text, vote
from dlcourse.models.plays_gru import plays_gru


def reading(states: list[list[float]], followed: list[int]) -> Reading:
    return Reading(
        np.array(states, np.float32),
        np.full((len(states), 65), -np.log(65), np.float32),
        np.array(followed, np.int32),
    )


def test_the_nearest_states_vote_for_what_followed_them() -> None:
    store = reading([[0, 0], [0, 1], [9, 9]], [5, 6, 7])
    shares = vote(reading([[0, 0.1]], [0]), store, k=2)
    assert shares[0, 5] > shares[0, 6] > 0 == shares[0, 7]
    np.testing.assert_allclose(shares.sum(), 1, rtol=1e-6)


def test_a_text_finds_itself() -> None:
    text = plays("cpu").validation[:800]
    model = plays_gru()
    own = read_text(model, text)
    assert own.states.shape == (4 * 128, 256)
    np.testing.assert_array_equal(own.followed[:3], encode(text[65:68]))
    assert own.bits(vote(own, own, k=1)).max() < 1e-6


def test_bits_are_those_of_the_model() -> None:
    text, model = plays("cpu").validation[:400], plays_gru()
    own = read_text(model, text)
    rows = encode(text)[: 2 * 193].reshape(2, 193)
    expected = bits(model, rows)[:, 64:].ravel()
    np.testing.assert_allclose(own.bits(np.exp(own.log_p)), expected, atol=1e-4)
