"""What a network costs: counted from its configuration and arrays, as Keras builds them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dlcourse.check.expect import Mismatch
from dlcourse.compression.cost import Cost, network_cost, stored_bytes


def cost_of(
    *layers: Any, shape: tuple[int, ...] = (28, 28, 1), distinct: int | None = None
) -> Cost:
    import keras

    model = keras.Sequential([keras.Input(shape), *layers])
    found = network_cost(model.get_config(), model.get_weights(), shape, distinct)
    for counted, layer in zip(found.layers, model.layers, strict=True):
        assert counted.shape == tuple(layer.output.shape[1:]), counted.kind
        assert counted.parameters == layer.count_params(), counted.kind
    return found


@pytest.mark.parametrize(
    ("values", "entries", "expected"),
    [
        (1, 1000, 0 + 4),
        (2, 1000, 125 + 8),
        (3, 1000, 250 + 12),
        (4, 1000, 250 + 16),
        (5, 1000, 375 + 20),
        (2, 9, 2 + 8),  # 9 bits are 2 bytes
        (9, 9, 36),  # a codebook would cost more
        (300, 300, 1200),
    ],
)
def test_an_array_costs_its_codebook_and_whole_bits(
    values: int, entries: int, expected: int
) -> None:
    array = np.resize(np.arange(values, dtype=np.float32), entries)
    assert stored_bytes(array) == expected


def test_the_number_of_distinct_values_can_be_planned() -> None:
    array = np.arange(100.0)
    assert stored_bytes(array, distinct=4) == 25 + 16
    assert stored_bytes(np.zeros(100), distinct=4) == 4


def test_an_empty_array_costs_nothing() -> None:
    assert stored_bytes(np.zeros((0, 3))) == 0


def test_convolutions_are_counted_at_each_place_of_the_kernel() -> None:
    from keras import layers

    found = cost_of(
        layers.Conv2D(6, 5, strides=2, padding="same"),
        layers.DepthwiseConv2D(3, depth_multiplier=2),
        layers.SeparableConv2D(8, 3, padding="same", use_bias=False),
        layers.MaxPooling2D(3, strides=2, padding="same"),
        layers.AveragePooling2D(2),
        layers.Flatten(),
        layers.Dense(10),
    )
    assert [c.multiply_adds for c in found.layers] == [
        14 * 14 * 25 * 6,
        12 * 12 * 9 * 12,
        12 * 12 * (9 * 12 + 12 * 8),
        0,
        0,
        0,
        3 * 3 * 8 * 10,
    ]


def test_layers_without_multiply_adds_keep_or_change_the_shape() -> None:
    from keras import layers

    found = cost_of(
        layers.Rescaling(2.0),
        layers.Conv2D(4, 3, use_bias=False),
        layers.BatchNormalization(scale=False),
        layers.ReLU(),
        layers.GlobalMaxPooling2D(keepdims=True),
        layers.Reshape((2, -1)),
        layers.Dense(3),
        layers.Dropout(0.5),
        layers.Flatten(),
    )
    assert [c.multiply_adds for c in found.layers if c.multiply_adds] == [26 * 26 * 36, 2 * 6]


def test_bytes_are_summed_over_arrays_and_layers() -> None:
    from keras import layers

    found = cost_of(layers.Flatten(), layers.Dense(10), distinct=4)
    assert found.bytes == (7840 * 2 // 8 + 16) + 4  # a bias that is 0 has one value
    assert found.parameters == 7850


def test_the_table_has_a_row_for_each_layer_and_the_sums() -> None:
    from keras import layers

    lines = str(cost_of(layers.Flatten(), layers.Dense(10, name="last"))).splitlines()
    assert [line.split()[0] for line in lines] == ["layer", lines[1].split()[0], "last", "in"]
    assert lines[-1].split()[2:] == ["7,850", "31,364", "7,840"]


def test_what_cannot_be_counted_is_refused_by_name() -> None:
    import keras
    from keras import layers

    for layer, message in (
        (layers.LayerNormalization(), "LayerNormalization"),
        (layers.Conv2D(2, 3, dilation_rate=2), "dilation_rate"),
    ):
        model = keras.Sequential([keras.Input((28, 28, 1)), layer])
        with pytest.raises(Mismatch, match=message):
            network_cost(model.get_config(), model.get_weights())


def test_arrays_that_do_not_belong_to_the_layers_are_refused() -> None:
    import keras
    from keras import layers

    model = keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(10)])
    config, (kernel, bias) = model.get_config(), model.get_weights()
    with pytest.raises(Mismatch, match="lacks an array"):
        network_cost(config, [kernel])
    with pytest.raises(Mismatch, match="more arrays"):
        network_cost(config, [kernel, bias, bias])
    with pytest.raises(Mismatch, match="does not fit"):
        network_cost(config, [kernel[:-1], bias])
