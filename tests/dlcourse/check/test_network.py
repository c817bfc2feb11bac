"""A network worked out in NumPy is what Keras computes, whatever the layers' settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

from dlcourse.check.expect import Mismatch
from dlcourse.check.network import MAX_LAYERS, half_precision, layers_of, network_of

L = keras.layers
EVERYTHING = (
    *("Conv2D", "DepthwiseConv2D", "SeparableConv2D", "BatchNormalization", "Dense", "InputLayer"),
    *("MaxPooling2D", "AveragePooling2D", "GlobalMaxPooling2D", "GlobalAveragePooling2D"),
    *("Flatten", "Reshape", "Rescaling", "Activation", "ReLU", "LeakyReLU", "ELU", "Softmax"),
    *("Dropout", "SpatialDropout2D", "GaussianNoise", "RandomRotation"),
)
IMAGE = (7, 8, 3)

CHAINS: dict[str, Callable[[], list[Any]]] = {
    "dense": lambda: [L.Flatten(), L.Dense(5, activation="relu"), L.Dense(4)],
    "dense on an axis": lambda: [L.Dense(5, activation="tanh", use_bias=False)],
    "flatten, channels first": lambda: [L.Flatten(data_format="channels_first"), L.Dense(4)],
    "reshape": lambda: [L.Reshape((8, 7, 3)), L.Conv2D(2, 3)],
    "reshape with a rest": lambda: [L.Reshape((-1,)), L.Dense(2)],
    "convolution, same and strides": lambda: [L.Conv2D(4, (3, 2), strides=(2, 3), padding="same")],
    "convolution, valid": lambda: [L.Conv2D(4, 3, activation="gelu", use_bias=False)],
    "depthwise": lambda: [L.DepthwiseConv2D(3, depth_multiplier=2, activation="silu")],
    "separable": lambda: [L.SeparableConv2D(4, 3, padding="same", strides=2)],
    "largest": lambda: [L.MaxPooling2D(2, strides=1)],
    "largest, same": lambda: [L.MaxPooling2D(3, strides=2, padding="same")],
    "mean, same": lambda: [L.AveragePooling2D((3, 2), padding="same")],
    "global mean": lambda: [L.GlobalAveragePooling2D()],
    "global largest, kept": lambda: [L.GlobalMaxPooling2D(keepdims=True)],
    "global mean, channels first": lambda: [L.GlobalAveragePooling2D(data_format="channels_first")],
    "rescaling": lambda: [L.Rescaling(2.0, offset=-1.0)],
    "normalization": lambda: [L.BatchNormalization()],
    "normalization, bare": lambda: [L.BatchNormalization(center=False, scale=False, epsilon=0.1)],
    "normalization of rows": lambda: [L.BatchNormalization(axis=1)],
    "relu with everything": lambda: [L.ReLU(max_value=0.8, negative_slope=0.1, threshold=0.2)],
    "leaky": lambda: [L.LeakyReLU(negative_slope=0.05)],
    "elu": lambda: [L.ELU(alpha=0.7)],
    "softmax over rows": lambda: [L.Softmax(axis=1)],
    "an activation that is a layer": lambda: [L.Dense(4, activation=L.LeakyReLU())],
    "training only": lambda: [L.Dropout(0.5), L.GaussianNoise(1.0), L.RandomRotation(0.1)],
    "a model inside": lambda: [keras.Sequential([L.Conv2D(2, 3), L.ReLU()]), L.Flatten()],
}


def built(layers: list[Any], shape: tuple[int, ...] = IMAGE) -> Any:
    """A network with drawn arrays, moving statistics included."""
    rng = np.random.default_rng(0)
    model = keras.Sequential([keras.Input(shape), *layers])
    model.set_weights([rng.uniform(0.2, 1.0, w.shape) for w in model.get_weights()])
    return model


def agree(model: Any, shape: tuple[int, ...] = IMAGE) -> None:
    x = np.random.default_rng(1).normal(size=(300, *shape)).astype(np.float32)
    ours = network_of(model.get_config(), model.get_weights(), EVERYTHING)(x)
    np.testing.assert_allclose(ours, model.predict(x, verbose=0), rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize("name", CHAINS)
def test_a_chain_is_what_keras_computes(name: str) -> None:
    agree(built(CHAINS[name]()))


@pytest.mark.parametrize(
    "activation",
    [
        "linear",
        "relu",
        "leaky_relu",
        "elu",
        "selu",
        "gelu",
        "silu",
        "tanh",
        "sigmoid",
        "softplus",
        "softmax",
    ],
)
def test_an_activation_is_keras_own(activation: str) -> None:
    agree(built([L.Dense(4, activation=activation)]))
    agree(built([L.Activation(activation)]))


@pytest.mark.parametrize(
    "layer",
    [
        lambda: L.MaxPooling2D(2, data_format="channels_first"),
        lambda: L.BatchNormalization(axis=1),
        lambda: L.Flatten(data_format="channels_first"),
    ],
)
def test_channels_may_come_first(layer: Callable[[], Any]) -> None:
    agree(built([layer()], (3, 8, 7)), (3, 8, 7))


def test_a_convolution_with_its_channels_first_has_the_same_numbers() -> None:
    """Not every machine runs it in Keras, so it is compared with the usual order of axes."""
    last = built([L.Conv2D(4, 3, strides=2, padding="same", activation="relu")])
    config = last.get_config()
    config["layers"][1]["config"]["data_format"] = "channels_first"
    config["layers"][0]["config"]["batch_shape"] = (None, 3, 7, 8)
    x = np.random.default_rng(1).normal(size=(5, *IMAGE)).astype(np.float32)
    first = network_of(config, last.get_weights(), EVERYTHING)(np.moveaxis(x, -1, 1))
    np.testing.assert_allclose(np.moveaxis(first, 1, -1), last.predict(x, verbose=0), atol=1e-5)


def test_functions_of_keras_ops_are_layers() -> None:
    x = keras.Input((4,))
    agree(keras.Model(x, keras.ops.tanh(L.Dense(3)(keras.ops.relu(x)))), (4,))


@pytest.mark.parametrize(
    ("layer", "option"),
    [
        (lambda: L.Conv2D(4, 2, dilation_rate=2, name="wide"), "dilation_rate"),
        (lambda: L.Conv2D(3, 2, groups=3, name="wide"), "groups"),
        (lambda: L.Dense(4, activation="mish", name="wide"), "activation"),
        (lambda: L.Activation("hard_sigmoid", name="wide"), "activation"),
        (lambda: L.Softmax(axis=(1, 2), name="wide"), "axis"),
    ],
)
def test_a_setting_that_is_not_known_is_named_with_its_layer(
    layer: Callable[[], Any], option: str
) -> None:
    model = built([layer()])
    with pytest.raises(Mismatch, match=f"'wide'.*{option}"):
        network_of(model.get_config(), model.get_weights(), EVERYTHING)


@pytest.mark.parametrize("scale", [float("nan"), [1.0, 2.0], "2", 1e400, True])
def test_a_number_is_one_finite_number(scale: object) -> None:
    config = {"layers": [{"class_name": "Rescaling", "config": {"name": "r", "scale": scale}}]}
    with pytest.raises(Mismatch, match="scale"):
        network_of(config, [], EVERYTHING)


def test_a_layer_that_the_question_does_not_allow_is_named() -> None:
    model = built([L.Conv2D(2, 3, name="first")])
    with pytest.raises(Mismatch, match=r"Conv2D.*'first'"):
        network_of(model.get_config(), model.get_weights(), {"Dense", "InputLayer"})


def test_arrays_that_are_missing_or_left_over_are_refused() -> None:
    model = built([L.Flatten(), L.Dense(2)])
    config, weights = model.get_config(), model.get_weights()
    with pytest.raises(Mismatch, match="lacks its array"):
        network_of(config, weights[:1], EVERYTHING)
    with pytest.raises(Mismatch, match="more arrays"):
        network_of(config, [*weights, weights[0]], EVERYTHING)


def test_a_model_class_of_ones_own_is_refused() -> None:
    with pytest.raises(Mismatch, match="class of your own"):
        layers_of({"name": "mine"})


def test_the_number_of_layers_is_bounded() -> None:
    layer = {"class_name": "ReLU", "config": {"name": "r"}}
    with pytest.raises(Mismatch, match=str(MAX_LAYERS)):
        layers_of({"layers": [layer] * (MAX_LAYERS + 1)})


@pytest.mark.parametrize(
    ("policy", "half"), [("float32", False), ("mixed_bfloat16", True), ("mixed_float16", True)]
)
def test_half_precision_is_seen(policy: str, half: bool) -> None:
    model = keras.Sequential([keras.Input((2,)), L.Dense(3, dtype=policy)])
    assert half_precision(model.get_config()) is half


def described(*layers: tuple[str, dict[str, Any]], takes: tuple[int, ...] = ()) -> dict[str, Any]:
    """A configuration as anybody could write it, whether Keras would build the network or not."""
    first = [("InputLayer", {"batch_shape": [None, *takes]})] if takes else []
    entries = [
        {"class_name": kind, "config": {"name": f"layer_{n}", **settings}}
        for n, (kind, settings) in enumerate([*first, *layers])
    ]
    return {"layers": entries}


ONE_TO_ONE = {"padding": "same", "strides": [1, 1], "dilation_rate": [1, 1]}
WIDE = [np.ones((1, 1, 1, 10_000)), np.ones(10_000)]
TOO_MUCH: dict[str, tuple[list[tuple[str, dict[str, Any]]], list[Any]]] = {
    "filters by the thousand at every pixel": ([("Conv2D", ONE_TO_ONE)], WIDE),
    "a million units": (
        [("Flatten", {}), ("Dense", {}), ("Dense", {})],
        [np.ones((784, 1)), np.ones(1), np.ones((1, 2**21)), np.ones(2**21)],
    ),
    "windows of a million pixels": (
        [("AveragePooling2D", {"pool_size": [1024, 1024], "strides": 1, "padding": "same"})] * 150,
        [],
    ),
    "more weights than fit": ([("Dense", {})], [np.ones((1, 2**25), np.int8)]),
}


@pytest.mark.parametrize("name", TOO_MUCH)
def test_what_would_take_more_than_the_machine_has_is_refused_before_it_is_computed(
    name: str,
) -> None:
    layers, weights = TOO_MUCH[name]
    with pytest.raises(Mismatch, match="more than"):
        network_of(described(*layers, takes=(28, 28, 1)), weights, EVERYTHING)


@pytest.mark.parametrize("name", TOO_MUCH)
def test_the_same_where_the_configuration_says_nothing_of_the_input(name: str) -> None:
    layers, weights = TOO_MUCH[name]
    with pytest.raises(Mismatch, match="more than"):
        network_of(described(*layers), weights, EVERYTHING)(np.ones((3, 28, 28, 1)))


SPREADS: dict[str, tuple[list[tuple[str, dict[str, Any]]], list[Any]]] = {
    "a bias of another length": ([("Dense", {})], [np.ones((1, 1)), np.ones(5000)]),
    "statistics of other channels": ([("BatchNormalization", {})], [np.ones(5000)] * 4),
    "a kernel of other channels": ([("DepthwiseConv2D", ONE_TO_ONE)], [np.ones((1, 1, 5000, 1))]),
}


@pytest.mark.parametrize("name", SPREADS)
def test_arrays_that_numpy_would_spread_over_an_input_are_refused(name: str) -> None:
    layers, weights = SPREADS[name]
    settings = {**layers[0][1], "use_bias": len(weights) == 2}
    config = described((layers[0][0], settings))
    with pytest.raises(Mismatch):
        network_of(config, weights, EVERYTHING)(np.ones((3, 28, 28, 1)))


@pytest.mark.parametrize("odd", [np.nan, np.inf, 1j])
def test_weights_that_are_no_finite_real_numbers_are_refused_with_a_reason(odd: complex) -> None:
    weights = [np.full((4, 2), odd), np.zeros(2)]
    with pytest.raises(Mismatch, match=r"not real numbers|nan or infinite"):
        network_of(described(("Dense", {}), takes=(4,)), weights, EVERYTHING)
