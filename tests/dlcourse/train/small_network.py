"""A network and data that train in a moment, for this process and for one that is killed."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers

_rng = np.random.default_rng(0)
_points = _rng.normal(size=(96, 6))
_classes = (_points[:, 0] * _points[:, 1] > 0).astype("int64")
x, y = _points[:64], _classes[:64]
validation = (_points[64:], _classes[64:])


def network(seed: int = 1, units: int = 8, rate: float = 0.01, traced: bool = False) -> Any:
    """A compiled network with everything that has a state: moments, statistics, seeds."""
    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [
            keras.Input((6,)),
            layers.Dense(units, "relu"),
            layers.BatchNormalization(),
            layers.Dropout(0.3),
            layers.Dense(2),
        ]
    )
    model.compile(
        keras.optimizers.Adam(rate),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        run_eagerly=not traced,  # tracing takes longer than the few steps of a test
    )
    return model
