"""Causal self-attention with rotary positions, as a Keras layer.

Su et al. 2021, RoFormer (https://arxiv.org/abs/2104.09864). Week 8 builds the same in NumPy. This
module imports Keras; dlcourse.models.mini_gpt imports it when a network is built.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from dlcourse.models.mini_gpt import BASE

__all__ = ["RotaryAttention", "turned"]


def turned(x: Any, positions: Any) -> Any:
    """Turn pairs of coordinates by angles that grow with the position.

    Coordinate i of the first half of a head is paired with coordinate i of the second half, and
    turned by positions * BASE ** (-2 i / size).

    Args:
        x: queries or keys, (n, t, heads, size), `size` even.
        positions: (t,) of the rows of x, floats.

    Returns:
        As x.
    """
    half = x.shape[-1] // 2
    rates = BASE ** (-ops.arange(half, dtype="float32") / half)
    angles = positions[:, None, None] * rates  # (t, 1, half)
    cosine, sine = ops.cos(angles), ops.sin(angles)
    first, second = x[..., :half], x[..., half:]
    return ops.concatenate(
        [first * cosine - second * sine, first * sine + second * cosine], axis=-1
    )


@keras.saving.register_keras_serializable(package="dlcourse")
class RotaryAttention(keras.layers.Layer):  # type: ignore[misc]
    """Attention of each position to itself and to those before, within a window; no weights.

    Takes queries, keys and values side by side, (n, t, 3 * width), and returns (n, t, width): the
    heads' weighted means of values, side by side.
    """

    def __init__(self, heads: int, window: int, **settings: Any) -> None:
        """Set the number of heads, and how many positions one sees, itself included."""
        super().__init__(**settings)
        self.heads, self.window = heads, window

    def call(self, inputs: Any) -> Any:
        """The heads' outputs, (n, t, width)."""
        t = ops.shape(inputs)[1]
        size = inputs.shape[-1] // 3 // self.heads
        parts = ops.reshape(inputs, (-1, t, 3, self.heads, size))
        places = ops.arange(t)
        position = ops.cast(places, self.compute_dtype)
        # (n, heads, t, size) each
        queries, keys = (
            ops.transpose(turned(parts[:, :, i], position), (0, 2, 1, 3)) for i in (0, 1)
        )
        values = ops.transpose(parts[:, :, 2], (0, 2, 1, 3))
        scores = ops.matmul(queries, ops.swapaxes(keys, 2, 3)) * size**-0.5
        distance = places[:, None] - places[None, :]
        seen = ops.logical_and(distance >= 0, distance < self.window)
        weights = ops.softmax(ops.where(seen, scores, -1e9))
        heads = ops.transpose(ops.matmul(weights, values), (0, 2, 1, 3))
        return ops.reshape(heads, (-1, t, self.heads * size))

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """A third of the last axis."""
        return (*input_shape[:-1], input_shape[-1] // 3)

    def get_config(self) -> dict[str, Any]:
        """What the layer was made with."""
        return {**super().get_config(), "heads": self.heads, "window": self.window}
