"""A network is asked without a trace where that gives the same, and through predict elsewhere."""

from __future__ import annotations

from functools import partial
from typing import Any

import keras
import numpy as np
import pytest

from autograder.sandbox import prediction
from autograder.sandbox.prediction import direct

layers = keras.layers


def network(*inside: Any) -> Any:
    keras.utils.set_random_seed(1)
    return keras.Sequential([layers.Input((6, 6, 1)), *inside, layers.Flatten(), layers.Dense(3)])


def images(count: int) -> np.ndarray[Any, Any]:
    return np.random.default_rng(1).random((count, 6, 6, 1)).astype("float32")


@pytest.fixture(autouse=True)
def _tensorflow() -> None:
    if keras.backend.backend() != "tensorflow":
        pytest.skip("other backends are asked through predict")


NETWORKS = {
    "dense": [layers.Dense(4, activation="relu"), layers.Dropout(0.5)],
    "convolutions": [layers.Conv2D(4, 3), layers.BatchNormalization(), layers.MaxPooling2D()],
    "half precision": [layers.Dense(4, dtype="mixed_bfloat16")],
    "nested": [keras.Sequential([layers.Dense(4, activation="tanh")])],
}


@pytest.mark.parametrize("count", [1, 32, 75])
@pytest.mark.parametrize("inside", NETWORKS.values(), ids=NETWORKS.keys())
def test_the_numbers_are_those_of_predict(inside: list[Any], count: int) -> None:
    made = network(*inside)
    found = direct(made.predict)(images(count), verbose=0)
    assert made.predict_function is None, "a function was traced"
    expected = made.predict(images(count), verbose=0)
    np.testing.assert_array_equal(found, expected)
    assert found.dtype == expected.dtype


def test_many_batches_are_asked_through_predict() -> None:
    made = network()
    batches = prediction._BATCHES + prediction._BATCHES_TIMES_LAYERS
    assert len(direct(made.predict)(images(batches), batch_size=1, verbose=0)) == batches
    assert made.predict_function is not None


class Learned(keras.layers.Layer):  # type: ignore[misc, unused-ignore]
    """Does something else where it is not traced."""

    def call(self, x: Any) -> Any:
        return x if isinstance(x, keras.KerasTensor) else x + float(hasattr(x, "numpy"))


def twice(x: Any) -> Any:
    return 2 * x


@pytest.mark.parametrize(
    "own",
    [Learned(), layers.Lambda(twice), layers.Dense(2, activation=twice)],
    ids=["layer", "lambda", "activation"],
)
def test_code_of_a_learners_own_is_traced_as_it_was(own: Any) -> None:
    made = network(own)
    found = direct(made.predict)(images(3), verbose=0)
    np.testing.assert_array_equal(found, made.predict(images(3), verbose=0))
    assert direct(made.predict) == made.predict


def test_a_model_of_a_learners_own_is_asked_through_predict() -> None:
    class Own(keras.Model):  # type: ignore[misc, unused-ignore]
        def call(self, x: Any) -> Any:
            return x

    made = Own()
    assert direct(made.predict) == made.predict


def test_what_is_wrong_is_said_by_predict() -> None:
    made = network()
    wrong = np.zeros((2, 5, 5, 1), "float32")
    with pytest.raises(ValueError) as directly:  # noqa: PT011
        direct(made.predict)(wrong, verbose=0)
    with pytest.raises(ValueError) as through:  # noqa: PT011
        made.predict(wrong, verbose=0)
    assert str(directly.value) == str(through.value)


@pytest.mark.parametrize(
    "samples",
    [np.zeros((2, 6, 6, 1)), np.zeros((2, 6, 6, 1), "uint8"), [[1.0]], np.zeros((0, 6, 6, 1))],
    ids=["float64", "uint8", "a list", "none"],
)
def test_samples_that_keras_would_convert_go_to_predict(samples: Any) -> None:
    asked: list[Any] = []

    class Network:
        def predict(self, *arguments: Any) -> None:
            asked.append(arguments)

    prediction._predict(Network().predict, samples)
    assert len(asked) == 1


@pytest.mark.parametrize("other", [len, partial(len), "text", keras.Model.predict])
def test_whatever_else_is_called_stays_as_it_is(other: Any) -> None:
    assert direct(other) is other
