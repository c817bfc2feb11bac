"""The GRU of week 6 writes in NumPy what Keras would."""

from __future__ import annotations

import numpy as np

from dlcourse.data.plays import encode
from dlcourse.models.plays_gru import plays_gru
from dlcourse.models.recurrent_writing import write_recurrent


def certain(logits: np.ndarray) -> np.ndarray:
    return np.asarray(np.eye(logits.shape[1])[np.argmax(logits, axis=1)])


def test_greedy_text_is_what_keras_finds_most_probable() -> None:
    model, prompts = plays_gru(), np.stack([encode("My lord, "), encode("He is not")])
    written = write_recurrent(model, prompts, certain, 12)
    whole = np.concatenate([prompts, written], axis=1)
    logits = np.asarray(model(whole[:, :-1]))[:, -12:]
    np.testing.assert_array_equal(written, np.argmax(logits, axis=-1))


def test_draws_follow_the_seed() -> None:
    model, prompts = plays_gru(), np.tile(encode("The "), (4, 1))

    def uniform(logits: np.ndarray) -> np.ndarray:
        return np.full_like(logits, 1 / logits.shape[1])

    first, again, other = (write_recurrent(model, prompts, uniform, 9, seed=s) for s in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
