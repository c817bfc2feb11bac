"""Short trainings of networks that predict the next character, from several seeds, and their bits.

Importing this module is cheap; Keras is imported when something is trained.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["bits", "trainings", "windows"]

Numbers = npt.NDArray[np.int32]


def windows(text: Numbers, length: int, n: int, seed: int) -> Numbers:
    """Rows (n, length + 1) of characters from random places of a text."""
    every = np.lib.stride_tricks.sliding_window_view(text, length + 1)
    return every[np.random.default_rng(seed).integers(len(every), size=n)]


def trainings(
    make: Callable[[], Any],
    text: Numbers,
    seeds: Iterable[int],
    *,
    rate: float,
    length: int = 64,
    rows: int = 16,
    steps: int = 200,
    warm_up: int = 20,
    jit: bool = True,
) -> Iterator[Any]:
    """Train a network once for each seed, which chooses its first weights and its rows.

    Networks with the same seed and settings read the same rows in the same order. It is compiled
    once, so each seed goes on with the same object: use it before asking for the next.

    Args:
        make: makes the network, numbers (n, t) to logits (n, t, characters), with new weights.
        text: (characters,) to train on.
        seeds: one training each.
        rate: of Adam, once warm; it falls to zero along a cosine.
        length: characters of a row.
        rows: in a batch.
        steps: batches.
        warm_up: steps in which the rate grows in proportion; 0 for the full rate at once.
        jit: compile with XLA, which takes long for many blocks and pays for many steps.

    Yields:
        The network, trained.
    """
    import keras

    model, decay = make(), keras.optimizers.schedules.CosineDecay
    schedule = (
        decay(0.0, steps - warm_up, warmup_target=rate, warmup_steps=warm_up)
        if warm_up
        else decay(rate, steps)
    )
    model.compile(
        keras.optimizers.Adam(schedule, global_clipnorm=1.0),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=jit, steps_per_execution=10,
    )  # fmt: skip
    for seed in seeds:
        keras.utils.set_random_seed(seed)
        model.set_weights(make().get_weights())
        for variable in model.optimizer.variables:
            variable.assign(keras.ops.zeros_like(variable))
        some = windows(text, length, rows * steps, seed)
        model.fit(some[:, :-1], some[:, 1:], batch_size=rows, shuffle=False, verbose=0)
        yield model


def bits(model: Any, rows: Numbers, *, batch: int = 50) -> npt.NDArray[np.float64]:
    """Bits of every character but the first of each row, (n, t) for rows (n, t + 1)."""
    from scipy.special import log_softmax

    found = []
    for part in np.array_split(rows, -(-len(rows) // batch)):
        log_p = log_softmax(np.asarray(model(part[:, :-1]), np.float64), axis=-1)
        found.append(-np.take_along_axis(log_p, part[:, 1:, np.newaxis], 2)[..., 0])
    bits: npt.NDArray[np.float64] = np.concatenate(found) / np.log(2)
    return bits
