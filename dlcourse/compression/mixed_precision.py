"""Steps of training under a dtype policy of Keras, to be timed."""

from __future__ import annotations

from collections.abc import Callable

import numpy.typing as npt

from dlcourse.compression import reference

__all__ = ["training_step"]


def training_step(
    policy: str, images: npt.ArrayLike, labels: npt.ArrayLike
) -> Callable[[], object]:
    """A function that takes one more step of Adam with a new reference network.

    The policy of everything else stays as it was.

    Args:
        policy: Keras' name of it: "float32", "mixed_bfloat16" or "mixed_float16"; under the last
            one Keras scales the loss.
        images: (n, 28, 28, 1) to train on.
        labels: (n,) digits.
    """
    import keras

    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        model = reference.network()
        model.compile(
            keras.optimizers.Adam(),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            jit_compile=False,
        )
    finally:
        keras.config.set_dtype_policy(before)
    return lambda: model.train_on_batch(images, labels)
