"""What a small network costs: bytes of its arrays stored with codebooks, and multiply-adds.

The storage is that of "deep compression" (Han, Mao and Dally 2016) without its entropy code: an
array with few distinct values is a list of these values and, for each entry, a number that says
which of them it is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcourse.check.expect import Mismatch
from dlcourse.check.network import Layer, layers_of

__all__ = ["Cost", "LayerCost", "network_cost", "stored_bytes"]

FLOAT = 4
"""Bytes of a float32."""

Array = npt.NDArray[Any]
Shape = tuple[int, ...]


@dataclass(frozen=True)
class LayerCost:
    """What one layer costs, for one input."""

    name: str
    kind: str
    shape: Shape
    """Of what comes out, without the batch's axis."""
    parameters: int
    bytes: int
    multiply_adds: int


@dataclass(frozen=True)
class Cost:
    """What a network costs, in all and by layer. As text: a table."""

    layers: tuple[LayerCost, ...]

    @property
    def parameters(self) -> int:
        """Numbers in all arrays."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def bytes(self) -> int:
        """Bytes of all arrays as they are stored."""
        return sum(layer.bytes for layer in self.layers)

    @property
    def multiply_adds(self) -> int:
        """Multiplications with an addition, for one input."""
        return sum(layer.multiply_adds for layer in self.layers)

    def __str__(self) -> str:
        lines = [("layer", "output", "parameters", "bytes", "multiply-adds")]
        for c in self.layers:
            numbers = f"{c.parameters:,}", f"{c.bytes:,}", f"{c.multiply_adds:,}"
            lines.append((c.name[:22], "x".join(map(str, c.shape)), *numbers))
        sums = f"{self.parameters:,}", f"{self.bytes:,}", f"{self.multiply_adds:,}"
        lines.append(("in all", "", *sums))
        return "\n".join(f"{a:<22}{b:>12}{c:>12}{d:>10}{e:>15}" for a, b, c, d, e in lines)


def stored_bytes(array: npt.ArrayLike, distinct: int | None = None) -> int:
    """The bytes of one array: with a codebook, or as float32 where that is not more.

    Args:
        array: of numbers, of any shape.
        distinct: count as if the array had at most so many distinct values.
    """
    entries = np.asarray(array)
    values = len(np.unique(entries))
    values = values if distinct is None else min(values, distinct)
    bits = max(values - 1, 0).bit_length()  # the logarithm to base 2, rounded up
    return min(FLOAT * entries.size, math.ceil(entries.size * bits / 8) + FLOAT * values)


def network_cost(
    config: Mapping[str, Any],
    weights: Sequence[npt.ArrayLike],
    shape: Shape = (28, 28, 1),
    distinct: int | None = None,
) -> Cost:
    """What a chain of Keras layers costs, from its configuration and its arrays alone.

    A multiply-add is counted for each number of a kernel at each place where the kernel is laid,
    the frame of padding "same" included. Biases, activations, pooling and normalization have none.

    Args:
        config: the model's configuration, ``model.get_config()``.
        weights: the model's arrays in its own order, ``model.get_weights()``.
        shape: of one input, channels last.
        distinct: count as if each array had at most so many distinct values: what a network that
            is not trained yet will cost.

    Raises:
        Mismatch: a layer is of a kind or has a setting that cannot be counted, does not fit what
            comes in, or lacks an array; or an array is left over.
    """
    arrays, found = [np.asarray(w) for w in weights], []
    for layer in layers_of(config):
        if layer.kind == "InputLayer":
            continue
        own = [arrays.pop(0) for _ in range(min(_arrays_of(layer), len(arrays)))]
        if len(own) < _arrays_of(layer):
            raise Mismatch(f"The layer {layer.name!r} ({layer.kind}) lacks an array.")
        shape, products = _through(layer, shape, own)
        found.append(
            LayerCost(
                layer.name,
                layer.kind,
                shape,
                sum(a.size for a in own),
                sum(stored_bytes(a, distinct) for a in own),
                products,
            )
        )
    if arrays:
        raise Mismatch("The network has more arrays than its layers use.")
    return Cost(tuple(found))


_CONVOLUTIONS = ("Conv2D", "DepthwiseConv2D", "SeparableConv2D")
_SHAPE_KEPT = (
    *("BatchNormalization", "Rescaling", "Activation", "ReLU", "LeakyReLU", "ELU", "Softmax"),
    *("Dropout", "SpatialDropout2D", "GaussianNoise"),
    *("RandomTranslation", "RandomRotation", "RandomZoom"),
)


def _arrays_of(layer: Layer) -> int:
    if layer.kind == "BatchNormalization":
        return 2 + sum(bool(layer.settings.get(option, True)) for option in ("scale", "center"))
    kernels = {"Dense": 1, "Conv2D": 1, "DepthwiseConv2D": 1, "SeparableConv2D": 2}
    count = kernels.get(layer.kind, 0)
    return count + int(count > 0 and bool(layer.settings.get("use_bias", True)))


def _through(layer: Layer, shape: Shape, arrays: list[Array]) -> tuple[Shape, int]:
    """The shape of what comes out of a layer, and its multiply-adds."""
    if layer.kind in _CONVOLUTIONS:
        return _convolved(layer, shape, arrays)
    if layer.kind == "Dense":
        kernel = _kernel(layer, arrays[0], 2, shape[-1])
        return (*shape[:-1], kernel.shape[1]), math.prod(shape[:-1]) * kernel.size
    if layer.kind in ("MaxPooling2D", "AveragePooling2D"):
        size = layer.pair("pool_size")
        strides = size if layer.settings.get("strides") is None else layer.pair("strides")
        return (*_places(layer, shape, size, strides), shape[-1]), 0
    if layer.kind in ("GlobalMaxPooling2D", "GlobalAveragePooling2D"):
        _image(layer, shape)
        return ((1, 1, shape[-1]) if layer.settings.get("keepdims") else shape[-1:]), 0
    if layer.kind == "Flatten":
        return (math.prod(shape),), 0
    if layer.kind == "Reshape":
        return _reshaped(layer, shape), 0
    if layer.kind in _SHAPE_KEPT:
        return shape, 0
    raise Mismatch(f"The cost of the layer {layer.kind} ({layer.name!r}) cannot be counted.")


def _convolved(layer: Layer, shape: Shape, arrays: list[Array]) -> tuple[Shape, int]:
    layer.demand("groups", 1)
    if layer.pair("dilation_rate") != (1, 1):
        layer.refuse("dilation_rate")
    kernel = _kernel(layer, arrays[0], 4, shape[-1])
    places = _places(layer, shape, kernel.shape[:2], layer.pair("strides"))
    channels = kernel.shape[3] if layer.kind == "Conv2D" else kernel.shape[2] * kernel.shape[3]
    products = kernel.size
    if layer.kind == "SeparableConv2D":
        pointwise = _kernel(layer, arrays[1], 4, channels)
        products, channels = products + pointwise.size, pointwise.shape[3]
    return (*places, channels), math.prod(places) * products


def _kernel(layer: Layer, array: Array, rank: int, inputs: int) -> Array:
    if array.ndim != rank or array.shape[-2] != inputs:
        raise Mismatch(f"A kernel of the layer {layer.name!r} ({layer.kind}) does not fit.")
    return array


def _image(layer: Layer, shape: Shape) -> Shape:
    if layer.channels_first:
        layer.refuse("data_format")
    if len(shape) != 3:
        raise Mismatch(f"The layer {layer.name!r} ({layer.kind}) gets no images.")
    return shape[:2]


def _places(layer: Layer, shape: Shape, size: Sequence[int], strides: Sequence[int]) -> Shape:
    """At how many places along each axis a window is laid."""
    layer.demand("padding", "valid", "same")
    same = layer.settings.get("padding") == "same"
    image = zip(_image(layer, shape), size, strides, strict=True)
    places = tuple(-(-n // s) if same else (n - k) // s + 1 for n, k, s in image)
    if min(places) < 1:
        raise Mismatch(f"The layer {layer.name!r} ({layer.kind}) is larger than its input.")
    return places


def _reshaped(layer: Layer, shape: Shape) -> Shape:
    wanted = layer.settings.get("target_shape")
    if not isinstance(wanted, list | tuple) or not all(type(n) is int for n in wanted):
        layer.refuse("target_shape")
    try:
        return np.broadcast_to(np.float32(0), shape).reshape(wanted).shape
    except ValueError:
        layer.refuse("target_shape")
