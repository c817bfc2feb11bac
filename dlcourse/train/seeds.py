"""The same network trained from several seeds, for a mean and its standard error."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy.typing as npt

__all__ = ["trained_from"]


def trained_from(
    seeds: Sequence[int],
    make: Callable[[], Any],
    X: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    loss: Any,
    rate: float = 1e-2,
    epochs: int = 3,
    batch_size: int = 128,
) -> Iterator[Any]:
    """Yield a Keras network once for each seed, trained anew with Adam and a falling rate.

    It is one network, compiled once: what was yielded before changes with the next seed, so use it
    at once. A seed fixes initial weights, the order of batches and dropout.

    Args:
        seeds: one training each.
        make: builds the network; it is called for each seed.
        X: (n, ...) inputs.
        y: (n, ...) targets.
        loss: whatever Keras' `compile` takes.
        rate: learning rate at the start; it falls to 0 along a cosine.
        epochs: passes over the examples.
        batch_size: examples in a step.
    """
    import keras
    import numpy as np

    model, count = make(), len(np.asarray(y))
    falling = keras.optimizers.schedules.CosineDecay(rate, epochs * -(-count // batch_size))
    # Several steps in one call cost less time on a small network.
    model.compile(keras.optimizers.Adam(falling), loss, steps_per_execution=10)
    for seed in seeds:
        keras.utils.set_random_seed(seed)
        model.set_weights(make().get_weights())
        for variable in model.optimizer.variables:
            variable.assign(keras.ops.zeros_like(variable))
        model.fit(X, y, batch_size=batch_size, epochs=epochs, verbose=0)
        yield model
