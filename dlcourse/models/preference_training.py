"""Training a model of the plays on instructions and preferences: copies, steps and pairs.

The losses stand in the chapter. Importing this module is cheap; Keras is imported when it is used.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcourse.models.line_writing import arranged, log_probability

__all__ = ["batches", "copied", "judged_pairs", "trainer"]

Arrays = tuple[npt.NDArray[Any], ...]


def copied(model: Any) -> Any:
    """A network of its own with the same weights."""
    import keras

    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    return copy


def trainer(model: Any, loss_of: Callable[..., Any], rate: float) -> Callable[..., float]:
    """A function that takes one step of Adam with a batch and returns the loss before it.

    Args:
        model: the network whose weights change.
        loss_of: takes the model and the batch.
        rate: the learning rate.
    """
    import keras
    import tensorflow as tf

    optimizer = keras.optimizers.Adam(rate)
    optimizer.build(model.trainable_variables)

    @tf.function(reduce_retracing=True, autograph=False)  # type: ignore[untyped-decorator]
    def step(*batch: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = loss_of(model, *batch)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return loss

    return lambda *batch: float(step(*map(tf.constant, batch)))


def batches(arrays: Arrays, *, size: int, epochs: int = 1) -> list[Arrays]:
    """Shuffled batches of equal size over some epochs; what does not fill one is left out.

    Args:
        arrays: of equal length.
        size: rows of a batch.
        epochs: each has an order of its own.
    """
    found = []
    for epoch in range(epochs):
        order = np.random.default_rng(epoch).permutation(len(arrays[0]))
        for first in range(0, len(order) - size + 1, size):
            found.append(tuple(array[order[first : first + size]] for array in arrays))
    return found


def judged_pairs(
    letters: Sequence[str],
    candidates: Sequence[Sequence[str]],
    judge: Callable[[Sequence[str], Sequence[str]], npt.ArrayLike],
    reference: Any,
) -> Arrays:
    """For each instruction the answer that a judge likes best and the one it likes least.

    Args:
        letters: n instructions.
        candidates: several lists of n answers.
        judge: scores of n answers to n letters; instructions without a difference are left out.
        reference: the model that does not change.

    Returns:
        ids and mask of the chosen answers, ids and mask of the rejected ones, as `arranged` gives
        them, then the reference's log probabilities of both.
    """
    scores = np.stack([np.asarray(judge(letters, answers)) for answers in candidates])
    best, worst = scores.argmax(axis=0).tolist(), scores.argmin(axis=0).tolist()
    rows = np.flatnonzero(scores.max(axis=0) > scores.min(axis=0)).tolist()
    asked = [letters[row] for row in rows]
    chosen = arranged(asked, [candidates[best[row]][row] for row in rows])
    rejected = arranged(asked, [candidates[worst[row]][row] for row in rows])
    known = [np.asarray(log_probability(reference, *part)) for part in (chosen, rejected)]
    return (*chosen, *rejected, *known)
