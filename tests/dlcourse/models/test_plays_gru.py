"""The shipped character model predicts held-out plays, and its state lasts where it is to last."""

from __future__ import annotations

import numpy as np
import pytest

from dlcourse.data.plays import encode, plays
from dlcourse.models.plays_gru import network, plays_gru

pytestmark = pytest.mark.slow


def bits(logits: object, targets: np.ndarray) -> float:
    z = np.asarray(logits, dtype=np.float64)
    z = z - z.max(axis=-1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
    return float(-np.take_along_axis(log_p, targets[..., None], -1).mean() / np.log(2))


def test_held_out_plays_cost_it_fewer_bits_than_a_new_network() -> None:
    rows = encode(plays("cpu").validation)[: 8 * 201].reshape(8, 201)
    trained = bits(plays_gru()(rows[:, :-1]), rows[:, 1:])
    assert trained < 2.5 < 5.5 < bits(network()(rows[:, :-1]), rows[:, 1:])


def test_a_state_that_lasts_goes_on_where_the_last_call_ended() -> None:
    rows = encode("What is the matter, my good lord and friend? ")[:40].reshape(1, 40)
    whole = np.asarray(plays_gru()(rows))
    lasting = plays_gru(rows=1)
    pieces = np.concatenate([np.asarray(lasting(rows[:, i : i + 10])) for i in range(0, 40, 10)], 1)
    np.testing.assert_allclose(pieces, whole, atol=1e-4)
