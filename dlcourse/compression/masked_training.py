"""Training a network while some of its weights stay 0: one compiled loop for many trainings.

Which weights stay 0 is the caller's choice: it gives masks, before the training or while it goes
on. The loop is what a Keras callback that multiplies weights by masks after each batch would do,
inside one graph, so that a dozen trainings of a network compile it once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

__all__ = ["Choice", "Hold", "MaskedTraining", "Plan", "prunable"]

Array = npt.NDArray[np.float32]
Masks = Sequence[npt.ArrayLike]
Hold = Literal["weights", "gradients", "nothing"]
Choice = Callable[[int, list[Array]], Masks | None]


def prunable(model: Any) -> list[Any]:
    """The variables of a Keras network that pruning is about: its kernels, from input to output."""
    return [layer.kernel for layer in model.layers if hasattr(layer, "kernel")]


@dataclass(frozen=True)
class Plan:
    """How long and how fast to train.

    Args:
        epochs: over all images.
        rate: of Adam at the first step; it falls to 0 along half a cosine.
        batch: images in a step; what is left over at an epoch's end waits for the next shuffle.
        every: steps after which the masks are chosen anew, if they are.
    """

    epochs: int = 4
    rate: float = 1e-3
    batch: int = 64
    every: int = 18

    def steps(self, images: int) -> int:
        """The steps of a training on so many images."""
        return self.epochs * (images // self.batch)


class MaskedTraining:
    """Adam on the cross-entropy of a classifier whose kernels are multiplied by masks.

    Args:
        model: a built Keras network on TensorFlow, without layers that behave differently in
            training: images to logits.
        images: (n, ...) to train on.
        labels: (n,) integers.
    """

    def __init__(self, model: Any, images: npt.ArrayLike, labels: npt.ArrayLike) -> None:
        import keras
        import tensorflow as tf

        self._model, self._kernels = model, prunable(model)
        self._images = tf.constant(np.asarray(images, np.float32))
        self._labels = tf.constant(np.asarray(labels, np.int64))
        self._adam = keras.optimizers.Adam(1e-3)
        self._adam.build(model.trainable_variables)
        self._masks = [tf.Variable(tf.ones(kernel.shape)) for kernel in self._kernels]
        self._loops: dict[Hold, Any] = {}

    def __call__(
        self,
        weights: Sequence[npt.ArrayLike],
        plan: Plan,
        *,
        seed: int,
        masks: Masks | None = None,
        choose: Choice | None = None,
        hold: Hold = "weights",
        fresh: bool = True,
    ) -> list[Array]:
        """Train from these weights, and return those at the end, in the order of `get_weights`.

        Args:
            weights: to start with, in that order; the kernels are multiplied by their masks.
            plan: how long and how fast.
            seed: of the order of the images.
            masks: an array of zeros and ones for each kernel, with its shape; ones if not given.
            choose: called before each `plan.every` steps with the number of steps done and the
                kernels as they are; returns the masks from here on, or None to leave them.
            hold: "weights" masks gradients, and weights after each step; "gradients" masks
                gradients alone; "nothing" masks the weights at the start, and no more.
            fresh: whether Adam forgets what an earlier training left of its means.

        Raises:
            ValueError: if there is not one mask of the right shape for each kernel.
        """
        import tensorflow as tf

        self._model.set_weights([np.asarray(array, np.float32) for array in weights])
        if fresh:
            for variable in self._adam.variables:
                variable.assign(tf.zeros_like(variable))
        self._put(masks if masks is not None else [np.ones(k.shape) for k in self._kernels])
        loop, total = self._loop(hold), plan.steps(len(self._images))
        rates = plan.rate * (1 + np.cos(np.pi * np.arange(total) / total)) / 2
        rows = self._rows(plan, seed)
        for start in range(0, total, plan.every):
            if choose is not None:
                chosen = choose(start, [kernel.numpy() for kernel in self._kernels])
                if chosen is not None:
                    self._put(chosen)
            part = slice(start, start + plan.every)
            loop(tf.constant(rows[part]), tf.constant(rates[part], tf.float32))
        return [np.array(array) for array in self._model.get_weights()]

    def _rows(self, plan: Plan, seed: int) -> npt.NDArray[np.int64]:
        """Which images each step sees: (steps, batch)."""
        rng, count = np.random.default_rng(seed), len(self._images)
        used = count // plan.batch * plan.batch
        orders = [rng.permutation(count)[:used] for _ in range(plan.epochs)]
        return np.concatenate(orders).reshape(-1, plan.batch)

    def _put(self, masks: Masks) -> None:
        arrays = [np.asarray(mask, np.float32) for mask in masks]
        wanted = [tuple(kernel.shape) for kernel in self._kernels]
        if [array.shape for array in arrays] != wanted:
            raise ValueError(
                f"one mask for each kernel is needed, of shapes {wanted}; these are "
                f"{[array.shape for array in arrays]}."
            )
        for variable, kernel, array in zip(self._masks, self._kernels, arrays, strict=True):
            variable.assign(array)
            kernel.assign(kernel * array)

    def _loop(self, hold: Hold) -> Any:
        """The compiled steps: rows (steps, batch) of images, and a rate for each step."""
        import keras
        import tensorflow as tf

        if hold in self._loops:
            return self._loops[hold]
        entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        variables = self._model.trainable_variables
        of_variable = {id(k): m for k, m in zip(self._kernels, self._masks, strict=True)}
        masks = [of_variable.get(id(variable)) for variable in variables]

        # The last part of a training is shorter: any number of steps shares one graph.
        shapes = [tf.TensorSpec((None, None), tf.int64), tf.TensorSpec((None,), tf.float32)]

        @tf.function(input_signature=shapes)  # type: ignore[untyped-decorator]
        def loop(rows: Any, rates: Any) -> None:
            for step in tf.range(tf.shape(rows)[0]):
                batch = rows[step]
                with tf.GradientTape() as tape:
                    logits = self._model(tf.gather(self._images, batch), training=True)
                    loss = entropy(tf.gather(self._labels, batch), logits)
                gradients = tape.gradient(loss, [v.value for v in variables])
                if hold != "nothing":
                    gradients = [
                        g if m is None else g * m for g, m in zip(gradients, masks, strict=True)
                    ]
                self._adam.learning_rate.assign(rates[step])
                self._adam.apply(gradients, variables)
                if hold == "weights":
                    for kernel, mask in zip(self._kernels, self._masks, strict=True):
                        kernel.assign(kernel * mask)

        self._loops[hold] = loop
        return loop
