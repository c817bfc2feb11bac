"""The same network trained from several seeds, and models compared on the same examples."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["compare", "mean_and_error", "trained_from"]


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

    model, count = make(), len(np.asarray(y))
    falling = keras.optimizers.schedules.CosineDecay(rate, epochs * -(-count // batch_size))
    # Several steps in one call cost less time on a small network.
    model.compile(keras.optimizers.Adam(falling), loss, steps_per_execution=10)
    for seed in seeds:
        keras.utils.set_random_seed(seed)
        # All variables, for those of dropout's generators are no weights.
        for variable, fresh in zip(model.variables, make().variables, strict=True):
            variable.assign(fresh)
        for variable in model.optimizer.variables:
            variable.assign(keras.ops.zeros_like(variable))
        model.fit(X, y, batch_size=batch_size, epochs=epochs, verbose=0)
        yield model


def mean_and_error(values: npt.ArrayLike) -> tuple[float, float]:
    """Return the mean over examples, and its standard error.

    Args:
        values: (n,) one number for each example, or (seeds, n), of which the mean over seeds is
            taken first: what differs is then the examples, and not the seeds.
    """
    each = np.atleast_2d(np.asarray(values, dtype=np.float64)).mean(axis=0)
    return float(each.mean()), float(each.std(ddof=1) / np.sqrt(len(each)))


def compare(
    right: Mapping[str, npt.ArrayLike], against: str, names: Iterable[str] | None = None
) -> None:
    """Print the accuracy of models, and what each gains over one of them on the same examples.

    Args:
        right: by model, whether it was right: (n,) or (seeds, n).
        against: the one to compare with.
        names: which ones to print; all where None.

    Raises:
        KeyError: if `right` has no model of such a name.
    """
    reference = np.atleast_2d(np.asarray(right[against], dtype=np.float64)).mean(axis=0)
    for name in right if names is None else names:
        each = np.atleast_2d(np.asarray(right[name], dtype=np.float64)).mean(axis=0)
        (mean, error), (gain, gain_error) = mean_and_error(each), mean_and_error(each - reference)
        print(
            f"{name:20s} {mean:.3f} ± {error:.3f}   "
            f"against {against} {gain:+.3f} ± {gain_error:.3f}"
        )
