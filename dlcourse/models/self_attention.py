"""Self-attention of several heads as a Keras layer, causal and with rotary positions by default.

Su et al. 2021, RoFormer (https://arxiv.org/abs/2104.09864). Week 8 builds the same in NumPy. This
module imports Keras; dlcourse.models.mini_gpt imports it when a network is built.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from dlcourse.models.rotation import rates

__all__ = ["SelfAttention", "turned"]


def turned(x: Any, positions: Any) -> Any:
    """Turn pairs of coordinates by angles that grow with the position.

    Coordinate i of the first half of a head is paired with coordinate i of the second half, and
    turned by positions * `rates(size / 2)[i]`.

    Args:
        x: queries or keys, (n, t, heads, size), `size` even.
        positions: (t,) of the rows of x, floats.

    Returns:
        As x.
    """
    half = x.shape[-1] // 2
    angles = positions[:, None, None] * rates(half).astype("float32")  # (t, 1, half)
    cosine, sine = ops.cos(angles), ops.sin(angles)
    first, second = x[..., :half], x[..., half:]
    return ops.concatenate(
        [first * cosine - second * sine, first * sine + second * cosine], axis=-1
    )


@keras.saving.register_keras_serializable(package="dlcourse")
class SelfAttention(keras.layers.Layer):  # type: ignore[misc]
    """Attention of each position to those of the same row; it has no weights.

    Takes queries, keys and values side by side, (n, t, 3 * width), and returns (n, t, width): the
    heads' weighted means of values, side by side.
    """

    def __init__(
        self,
        heads: int,
        window: int | None = None,
        *,
        causal: bool = True,
        rotary: bool = True,
        **settings: Any,
    ) -> None:
        """Set what a position sees.

        Args:
            heads: how many; each gets width / heads numbers, which must be even if rotary.
            window: how many positions back are seen, the query's own included; None for all.
            causal: whether what follows is hidden.
            rotary: whether queries and keys are turned by their position; if not, attention knows
                positions only from what the inputs say.
            **settings: of the Keras layer, such as `name`.
        """
        super().__init__(**settings)
        self.heads, self.window, self.causal, self.rotary = heads, window, causal, rotary

    def call(self, inputs: Any) -> Any:
        """The heads' outputs, (n, t, width)."""
        t = ops.shape(inputs)[1]
        size = inputs.shape[-1] // 3 // self.heads
        parts = ops.reshape(inputs, (-1, t, 3, self.heads, size))
        places = ops.arange(t)
        position = ops.cast(places, self.compute_dtype)
        queries, keys, values = parts[:, :, 0], parts[:, :, 1], parts[:, :, 2]
        if self.rotary:
            queries, keys = turned(queries, position), turned(keys, position)
        # (n, heads, t, size) each
        queries, keys, values = (ops.transpose(x, (0, 2, 1, 3)) for x in (queries, keys, values))
        scores = ops.matmul(queries, ops.swapaxes(keys, 2, 3)) * size**-0.5
        distance = places[:, None] - places[None, :]
        seen = distance < (t if self.window is None else self.window)
        if self.causal:
            seen = ops.logical_and(seen, distance >= 0)
        weights = ops.softmax(ops.where(seen, scores, -1e9))
        heads = ops.transpose(ops.matmul(weights, values), (0, 2, 1, 3))
        return ops.reshape(heads, (-1, t, self.heads * size))

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """A third of the last axis."""
        return (*input_shape[:-1], input_shape[-1] // 3)

    def get_config(self) -> dict[str, Any]:
        """What the layer was made with."""
        own = {name: getattr(self, name) for name in ("heads", "window", "causal", "rotary")}
        return {**super().get_config(), **own}
