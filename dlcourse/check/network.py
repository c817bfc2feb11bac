"""A chain of Keras layers worked out in NumPy, from its configuration and its arrays alone.

What a network's own ``predict`` says is the learner's word. A check that grades a network therefore
works out itself what the layers and their arrays compute. It knows the layers below with the
settings that their functions read; a setting that it does not know is refused with the layer's name
and the option, so a public check that builds the network accepts what a hidden one will.

The formulas are those of Keras 3 (https://keras.io/api/layers/).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray
from scipy.special import erf, expit
from scipy.special import softmax as softmax_over

from dlcourse.check.expect import Mismatch

Array = NDArray[Any]
Step = Callable[[Array], Array]

# More layers than any network of the course has; each costs the checking side time and memory.
MAX_LAYERS = 200
# How many examples go through the layers at a time.
BATCH = 250

ACTIVATIONS: Mapping[str, Step] = {
    "linear": lambda z: z,
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z: _leaky(z, 0.2),
    "elu": lambda z: _elu(z, 1.0),
    "selu": lambda z: 1.0507009873554805 * _elu(z, 1.6732632423543772),
    "gelu": lambda z: z * (1 + erf(z / np.sqrt(2))) / 2,
    "silu": lambda z: z * expit(z),
    "swish": lambda z: z * expit(z),
    "tanh": np.tanh,
    "sigmoid": expit,
    "softplus": lambda z: np.logaddexp(z, 0),
    "softmax": lambda z: softmax_over(z, axis=-1),
}

# Layers that let everything through once the network is trained.
_TRAINING_ONLY = (
    *("InputLayer", "Dropout", "SpatialDropout2D", "GaussianNoise", "GaussianDropout"),
    *("RandomTranslation", "RandomRotation", "RandomZoom", "RandomFlip", "ActivityRegularization"),
)


@dataclass(frozen=True)
class Layer:
    """A layer as a model's configuration describes it."""

    kind: str
    name: str
    settings: Mapping[str, Any]

    def refuse(self, option: str) -> NoReturn:
        """Say that a setting is not known here.

        Raises:
            Mismatch: always.
        """
        raise Mismatch(
            f"The layer {self.name!r} ({self.kind}) has {option}={self.settings.get(option)!r}, "
            "with which the network cannot be graded. Build the layer without that setting."
        )

    def demand(self, option: str, *known: Any) -> None:
        """Refuse a setting that has none of the values known here."""
        value = self.settings.get(option, known[0])
        if not any(type(value) is type(k) and value == k for k in known):
            self.refuse(option)

    def number(self, option: str, default: float) -> float:
        """A setting that must be one plain finite number."""
        value = self.settings.get(option, default)
        value = default if value is None else value
        if type(value) not in (int, float) or not math.isfinite(value):
            self.refuse(option)
        return float(value)

    def pair(self, option: str) -> tuple[int, int]:
        """A setting of two positive whole numbers, one for each axis of an image."""
        value = self.settings.get(option)
        pair = [value, value] if type(value) is int else value
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            self.refuse(option)
        if not all(type(n) is int and 1 <= n <= 1024 for n in pair):
            self.refuse(option)
        return int(pair[0]), int(pair[1])

    @property
    def channels_first(self) -> bool:
        """Whether the channels are the axis after the batch's."""
        self.demand("data_format", "channels_last", "channels_first", None)
        return self.settings.get("data_format") == "channels_first"


def layers_of(config: Mapping[str, Any]) -> list[Layer]:
    """The layers in a model's configuration (``model.get_config()``), inner models opened.

    Raises:
        Mismatch: it is a model class of one's own, or has more than 200 layers.
    """
    found = list(_layers(config))
    if len(found) > MAX_LAYERS:
        raise Mismatch(f"The network has {len(found)} layers; {MAX_LAYERS} can be graded.")
    return found


def _layers(config: Mapping[str, Any]) -> Iterator[Layer]:
    if not isinstance(config, dict) or "layers" not in config:
        raise Mismatch(
            "The model is a class of your own. Build it as keras.Sequential or keras.Model."
        )
    for entry in config["layers"]:
        settings = entry.get("config") or {}
        if entry["class_name"] in ("Sequential", "Functional"):
            yield from _layers(settings)
        else:
            yield Layer(str(entry["class_name"]), str(settings.get("name", "")), settings)


def network_of(
    config: Mapping[str, Any],
    weights: Sequence[ArrayLike],
    allowed: Collection[str],
    dtype: DTypeLike = np.float32,
) -> Step:
    """What a chain of layers computes, worked out in NumPy.

    Args:
        config: the model's configuration, ``model.get_config()``.
        weights: the model's arrays in its own order, ``model.get_weights()``.
        allowed: the kinds of layers that a question allows, ``"Dense"`` for instance. A function of
            ``keras.ops`` in a functional model is a layer as well, and is allowed where it is an
            activation.
        dtype: in which everything is computed.

    Returns:
        A function of a batch, with the batch's first axis kept.

    Raises:
        Mismatch: a layer is not allowed, has a setting that is not known here, or needs an array
            that is not there; the message names the layer and the option.
    """
    arrays = [np.asarray(w, dtype=dtype) for w in weights]
    steps = [_step(layer, arrays, allowed) for layer in layers_of(config)]
    if arrays:
        raise Mismatch("The network has more arrays than its layers use.")

    def compute(examples: Array) -> Array:
        parts = []
        for start in range(0, len(examples), BATCH):
            a = np.asarray(examples[start : start + BATCH], dtype=dtype)
            for step in steps:
                a = step(a)
            parts.append(a)
        return np.concatenate(parts)

    return compute


def _step(layer: Layer, arrays: list[Array], allowed: Collection[str]) -> Step:
    function = ACTIVATIONS.get(layer.kind.lower())
    if function is not None and not set(layer.settings) - {"name"}:
        return function
    if layer.kind not in allowed:
        raise Mismatch(f"The question does not allow the layer {layer.kind} ({layer.name!r}).")
    if layer.kind in _TRAINING_ONLY:
        return lambda a: a
    made = _KINDS.get(layer.kind)
    if made is None:
        raise Mismatch(f"The layer {layer.kind} ({layer.name!r}) cannot be graded.")
    return made(layer, arrays)


def _take(layer: Layer, arrays: list[Array], rank: int) -> Array:
    """The next array of the network, which must have so many axes."""
    if not arrays or arrays[0].ndim != rank:
        raise Mismatch(f"The layer {layer.name!r} ({layer.kind}) lacks its array of {rank} axes.")
    return arrays.pop(0)


def _bias(layer: Layer, arrays: list[Array]) -> Array | float:
    return _take(layer, arrays, 1) if layer.settings.get("use_bias", True) else 0.0


# Activations ----------------------------------------------------------------------------------


def _leaky(z: Array, slope: float) -> Array:
    return np.where(z > 0, z, slope * z)


def _elu(z: Array, alpha: float) -> Array:
    return np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0)))


def _activation(layer: Layer) -> Step:
    """The function behind a layer's ``activation``.

    Keras writes a name, or, for a layer used as an activation, its class name and settings.
    """
    setting = layer.settings.get("activation")
    if isinstance(setting, dict) and setting.get("class_name") == "function":
        setting = setting.get("config")
    if isinstance(setting, dict) and setting.get("class_name") in _BENDS:
        inner = Layer(setting["class_name"], layer.name, setting.get("config") or {})
        return _KINDS[inner.kind](inner, [])
    function = ACTIVATIONS.get(setting or "linear") if isinstance(setting, str | None) else None
    return function or layer.refuse("activation")


def _relu(layer: Layer, arrays: list[Array]) -> Step:
    slope, threshold = layer.number("negative_slope", 0.0), layer.number("threshold", 0.0)
    most = layer.number("max_value", 1e38)
    return lambda z: np.minimum(np.where(z > threshold, z, slope * (z - threshold)), most)


def _leaky_relu(layer: Layer, arrays: list[Array]) -> Step:
    slope = layer.number("negative_slope", 0.3)
    return lambda z: _leaky(z, slope)


def _elu_layer(layer: Layer, arrays: list[Array]) -> Step:
    alpha = layer.number("alpha", 1.0)
    return lambda z: _elu(z, alpha)


def _softmax(layer: Layer, arrays: list[Array]) -> Step:
    axis = layer.settings.get("axis", -1)
    if type(axis) is not int:
        layer.refuse("axis")
    return lambda z: softmax_over(z, axis=axis)


# Layers without arrays ------------------------------------------------------------------------


def _flatten(layer: Layer, arrays: list[Array]) -> Step:
    first = layer.channels_first
    return lambda a: (np.moveaxis(a, 1, -1) if first and a.ndim > 1 else a).reshape(len(a), -1)


def _reshape(layer: Layer, arrays: list[Array]) -> Step:
    shape = layer.settings.get("target_shape")
    if not isinstance(shape, list | tuple) or not all(type(n) is int for n in shape):
        layer.refuse("target_shape")
    return lambda a: a.reshape(len(a), *shape)


def _rescaling(layer: Layer, arrays: list[Array]) -> Step:
    scale, offset = layer.number("scale", 1.0), layer.number("offset", 0.0)
    return lambda a: a * a.dtype.type(scale) + a.dtype.type(offset)


def _global_pooling(layer: Layer, arrays: list[Array]) -> Step:
    axes = (2, 3) if layer.channels_first else (1, 2)
    keep = bool(layer.settings.get("keepdims"))
    summary: Any = np.max if "Max" in layer.kind else np.mean
    return lambda a: np.asarray(summary(a, axis=axes, keepdims=keep))


def _pooling(layer: Layer, arrays: list[Array]) -> Step:
    layer.demand("padding", "valid", "same")
    size = layer.pair("pool_size")
    strides = size if layer.settings.get("strides") is None else layer.pair("strides")
    padding = layer.settings.get("padding", "valid")

    def largest(a: Array) -> Array:
        a = _framed(a, size, strides, padding, -np.inf)
        return np.asarray(np.max([v for _, _, v in _views(a, size, strides)], axis=0))

    def mean(a: Array) -> Array:
        # The frame does not count in the mean.
        ones = np.ones((1, *a.shape[1:3], 1), a.dtype)
        total, count = (
            sum(v for _, _, v in _views(_framed(x, size, strides, padding, 0.0), size, strides))
            for x in (a, ones)
        )
        return np.asarray(total / count)

    return _channels_last(layer, largest if "Max" in layer.kind else mean)


def _channels_last(layer: Layer, step: Step) -> Step:
    """A step on images (n, h, w, c), for a layer that may have its channels first."""
    if not layer.channels_first:
        return step
    return lambda a: np.moveaxis(step(np.moveaxis(a, 1, -1)), -1, 1)


def _framed(
    a: Array, size: Sequence[int], strides: Sequence[int], padding: str, fill: float
) -> Array:
    """Images with the frame that Keras' padding "same" puts around them; "valid" puts none."""
    if padding != "same":
        return a
    frame = [(0, 0)]
    for n, k, s in zip(a.shape[1:3], size, strides, strict=True):
        total = max((-(-n // s) - 1) * s + k - n, 0)
        frame.append((total // 2, total - total // 2))
    return np.pad(a, [*frame, (0, 0)], constant_values=fill)


def _views(
    a: Array, size: Sequence[int], strides: Sequence[int]
) -> Iterator[tuple[int, int, Array]]:
    """For each place (row, column) of a kernel, the pixels that lie below it: (n, h', w', c)."""
    (rows, columns), (down, right) = size, strides
    height, width = (a.shape[1] - rows) // down + 1, (a.shape[2] - columns) // right + 1
    for r in range(rows):
        for q in range(columns):
            across = slice(q, q + (width - 1) * right + 1, right)
            yield r, q, a[:, r : r + (height - 1) * down + 1 : down, across]


# Layers with arrays ---------------------------------------------------------------------------


def _dense(layer: Layer, arrays: list[Array]) -> Step:
    bend = _activation(layer)
    kernel, bias = _take(layer, arrays, 2), _bias(layer, arrays)
    return lambda a: bend(a @ kernel + bias)


def _convolution(layer: Layer, arrays: list[Array]) -> Step:
    layer.demand("padding", "valid", "same")
    if layer.pair("dilation_rate") != (1, 1):
        layer.refuse("dilation_rate")
    layer.demand("groups", 1)
    bend, strides, padding = _activation(layer), layer.pair("strides"), layer.settings["padding"]
    kernel = _take(layer, arrays, 4)  # (k, m, c, f), depthwise (k, m, c, multiplier)
    pointwise = _take(layer, arrays, 4)[0, 0] if layer.kind == "SeparableConv2D" else None
    bias = _bias(layer, arrays)

    def convolve(a: Array) -> Array:
        a = _framed(a, kernel.shape[:2], strides, padding, 0.0)
        below = _views(a, kernel.shape[:2], strides)
        if layer.kind == "Conv2D":
            z = sum(v @ kernel[r, q] for r, q, v in below)
        else:
            z = sum(v[..., np.newaxis] * kernel[r, q] for r, q, v in below)
            z = z.reshape(*z.shape[:3], -1)
        return bend((z if pointwise is None else z @ pointwise) + bias)

    return _channels_last(layer, convolve)


def _batch_normalization(layer: Layer, arrays: list[Array]) -> Step:
    """Batch normalization as it is at inference, with its moving statistics."""
    gamma = _take(layer, arrays, 1) if layer.settings.get("scale", True) else 1.0
    beta = _take(layer, arrays, 1) if layer.settings.get("center", True) else 0.0
    mean, variance = _take(layer, arrays, 1), _take(layer, arrays, 1)
    axis = layer.settings.get("axis", -1)
    axis = axis[0] if isinstance(axis, list | tuple) and len(axis) == 1 else axis
    if type(axis) is not int:
        layer.refuse("axis")
    slope = gamma / np.sqrt(variance + layer.number("epsilon", 1e-3))
    shift = beta - slope * mean

    def normalize(a: Array) -> Array:
        shape = [1] * a.ndim
        shape[axis] = -1
        scaled = a * slope.astype(a.dtype).reshape(shape)
        return np.asarray(scaled + shift.astype(a.dtype).reshape(shape))

    return normalize


_BENDS: Mapping[str, Callable[[Layer, list[Array]], Step]] = {
    "Activation": lambda layer, arrays: _activation(layer),
    "ReLU": _relu,
    "LeakyReLU": _leaky_relu,
    "ELU": _elu_layer,
    "Softmax": _softmax,
}

_KINDS: Mapping[str, Callable[[Layer, list[Array]], Step]] = {
    **_BENDS,
    "Flatten": _flatten,
    "Reshape": _reshape,
    "Rescaling": _rescaling,
    "GlobalMaxPooling2D": _global_pooling,
    "GlobalAveragePooling2D": _global_pooling,
    "MaxPooling2D": _pooling,
    "AveragePooling2D": _pooling,
    "Dense": _dense,
    "Conv2D": _convolution,
    "DepthwiseConv2D": _convolution,
    "SeparableConv2D": _convolution,
    "BatchNormalization": _batch_normalization,
}


def half_precision(config: Mapping[str, Any]) -> bool:
    """Whether any layer computes in float16 or bfloat16.

    Its results then differ from exact ones by some per cent, and a comparison must leave room.
    """
    return any("float16" in str(layer.settings.get("dtype")) for layer in layers_of(config))
