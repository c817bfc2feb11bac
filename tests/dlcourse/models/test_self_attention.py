"""The layer of self-attention: what a position sees, and what turning by positions does."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from dlcourse.models.self_attention import SelfAttention, turned


@pytest.fixture
def inputs() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(2, 7, 24)).astype(np.float32)


@pytest.mark.parametrize("causal", [True, False])
def test_without_positions_it_is_the_heads_of_keras(inputs: np.ndarray, causal: bool) -> None:
    found = SelfAttention(2, causal=causal, rotary=False)(inputs)
    queries, keys, values = np.moveaxis(inputs.reshape(2, 7, 3, 2, 4), 2, 0)
    expected = keras.ops.nn.dot_product_attention(queries, keys, values, is_causal=causal)
    np.testing.assert_allclose(found, np.reshape(expected, (2, 7, 8)), atol=1e-6)


def test_a_query_sees_a_key_only_within_the_window(inputs: np.ndarray) -> None:
    changed = inputs.copy()
    changed[:, 2] += 1
    layer = SelfAttention(2, 3)
    difference = np.abs(np.asarray(layer(inputs)) - np.asarray(layer(changed))).max(axis=(0, 2))
    np.testing.assert_array_equal(difference > 0, [0, 0, 1, 1, 1, 0, 0])


def test_turned_products_depend_on_the_distance_alone() -> None:
    rows = np.random.default_rng(1).normal(size=(1, 1, 2, 8)).astype(np.float32)
    query, key = (np.repeat(rows[:, :, [i]], 30, axis=1) for i in (0, 1))
    positions = np.arange(30, dtype=np.float32)
    queries, keys = (np.asarray(turned(x, positions))[0, :, 0] for x in (query, key))
    products = queries @ keys.T
    np.testing.assert_allclose(products[1:, 1:], products[:-1, :-1], atol=1e-4)
    assert np.ptp(products[0]) > 1


def test_a_layer_is_restored_from_its_settings() -> None:
    layer = SelfAttention(2, 3, causal=False, rotary=False, name="a")
    again = SelfAttention.from_config(layer.get_config())
    assert (again.heads, again.window, again.causal, again.rotary) == (2, 3, False, False)
