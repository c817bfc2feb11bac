"""A step under a policy trains, and leaves the policy of everything else alone."""

from __future__ import annotations

import numpy as np

from dlcourse.compression.mixed_precision import training_step


def test_each_call_trains_the_same_network_further() -> None:
    rng = np.random.default_rng(0)
    images, labels = rng.random((8, 28, 28, 1), np.float32), np.arange(8)
    step = training_step("mixed_bfloat16", images, labels)
    losses = [float(np.asarray(step())) for _ in range(12)]
    assert losses[-1] < losses[0]


def test_the_policy_is_set_back() -> None:
    import keras

    training_step("mixed_float16", np.zeros((1, 28, 28, 1)), np.zeros(1))
    assert keras.config.dtype_policy().name == "float32"
    assert keras.layers.Dense(1).compute_dtype == "float32"
