"""A chain of Keras layers worked out in NumPy, from its configuration and its arrays alone.

What a network's own ``predict`` says is the learner's word. A check that grades a network therefore
works out itself what the layers and their arrays compute. It knows the layers below with the
settings that their functions read; a setting that it does not know is refused with the layer's name
and the option, so a public check that builds the network accepts what a hidden one will.

Whoever grades computes what somebody else has designed. So how many values and multiplications a
layer asks for is worked out from shapes before it is done, and too many are refused.

The formulas are those of Keras 3 (https://keras.io/api/layers/).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import islice
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
# How many examples go through the layers at a time, and fewer where a layer is wide.
BATCH = 250
VALUES_AT_A_TIME = 2**24
# What one example may take in the widest layer: 1024 values at each of 32 x 32 places.
MOST_VALUES = 2**20
# Multiplications of all layers, for one example and for all together: minutes of one core.
MOST_PRODUCTS = 2**29
MOST_PRODUCTS_IN_ALL = 2**37
# A step of a loop over the places of a kernel costs as much as so many.
LOOP_STEP = 2**14
# Weights of a network: 64 MiB in float32.
MOST_WEIGHTS = 2**24

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
    found = list(islice(_layers(config), MAX_LAYERS + 1))
    if len(found) > MAX_LAYERS:
        raise Mismatch(f"The network has more than {MAX_LAYERS} layers, which cannot be graded.")
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
            that is not there or has not its size; the message names the layer and the option. Also
            where weights are no finite real numbers, or there are more layers, weights, values or
            multiplications than can be graded, as far as the configuration says what goes in.
    """
    arrays = _real_arrays(weights, dtype)
    layers = layers_of(config)
    steps = [_step(layer, arrays, allowed) for layer in layers]
    if arrays:
        raise Mismatch("The network has more arrays than its layers use.")
    if (shape := _input_shape(layers)) is not None:
        _try_out(steps, np.zeros((1, *shape), dtype))

    def compute(examples: Array) -> Array:
        size, parts = _batch(_try_out(steps, np.asarray(examples[:1], dtype), len(examples))), []
        for start in range(0, len(examples), size):
            a = np.asarray(examples[start : start + size], dtype=dtype)
            for step in steps:
                a = step(a)
            parts.append(a)
        return np.concatenate(parts)

    return compute


def _real_arrays(weights: Sequence[ArrayLike], dtype: DTypeLike) -> list[Array]:
    """A network's arrays, looked at before they are turned into another dtype."""
    found = [np.asarray(w) for w in weights]
    if sum(w.size for w in found) > MOST_WEIGHTS:
        raise Mismatch(f"The network has more than {MOST_WEIGHTS:,} weights.")
    for w in found:
        if w.dtype.kind not in "biuf":
            raise Mismatch(f"The network has weights of the type {w.dtype}, not real numbers.")
        if not np.isfinite(w).all():
            raise Mismatch(
                "Some weights of the network are nan or infinite: its training went astray. "
                "Use a smaller learning rate, and look at the loss."
            )
    return [w.astype(dtype) for w in found]


def _input_shape(layers: Sequence[Layer]) -> tuple[int, ...] | None:
    """The shape of one example, where the configuration says it."""
    said = layers[0].settings.get("batch_shape") if layers else None
    if not isinstance(said, list | tuple) or not 2 <= len(said) <= 5:
        return None
    if not all(type(n) is int and n > 0 for n in said[1:]) or math.prod(said[1:]) > MOST_VALUES:
        return None
    return tuple(said[1:])


@dataclass
class _Demand:
    """What the layers ask for, for one example.

    Attributes:
        values: in the widest layer.
        products: multiplications in all layers.
    """

    values: int = 0
    products: int = 0


class _Counted:
    """A step that says what it will ask for before it is taken."""

    def __init__(self, layer: Layer, step: Step, demand: Callable[[Array], tuple[int, int]]):
        self.layer = layer
        self._step = step
        self._demand = demand

    def __call__(self, a: Array) -> Array:
        return self._step(a)

    def add_to(self, found: _Demand, a: Array, examples: int) -> None:
        """Add what this layer asks for, for an example `a` of shape (1, ...).

        Raises:
            Mismatch: when that is more than can be graded for so many examples.
        """
        values, products = self._demand(a)
        found.values = max(found.values, values)
        found.products += products
        many = found.products > min(MOST_PRODUCTS, MOST_PRODUCTS_IN_ALL // max(1, examples))
        if values > MOST_VALUES or many:
            raise Mismatch(
                f"Up to the layer {self.layer.name!r} ({self.layer.kind}) the network takes "
                f"{found.products:,} multiplications for one example, and this layer {values:,} "
                "values, more than can be graded. Make the layers smaller, or their inputs."
            )


def _try_out(steps: Sequence[Step], example: Array, examples: int = 1) -> _Demand:
    """Send one example through, and see what each layer will ask for before it is asked.

    Raises:
        Mismatch: when it is more than can be graded.
    """
    found, a = _Demand(example.size), example
    for step in steps:
        if isinstance(step, _Counted):
            step.add_to(found, a, examples)
        a = step(a)
    return found


def _batch(demand: _Demand) -> int:
    """How many examples go through at a time."""
    return max(1, min(BATCH, VALUES_AT_A_TIME // max(1, demand.values)))


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


def _take(layer: Layer, arrays: list[Array], rank: int, size: int | None = None) -> Array:
    """The next array of the network, which must have so many axes, and so many elements if said."""
    if not arrays or arrays[0].ndim != rank or size not in (None, arrays[0].size):
        raise Mismatch(f"The layer {layer.name!r} ({layer.kind}) lacks its array of {rank} axes.")
    return arrays.pop(0)


def _bias(layer: Layer, arrays: list[Array], units: int) -> Array | float:
    return _take(layer, arrays, 1, units) if layer.settings.get("use_bias", True) else 0.0


def _fits(layer: Layer, wanted: int, found: int) -> None:
    """Refuse an input for which a layer's arrays were not made: NumPy might spread it out."""
    if wanted != found:
        raise Mismatch(
            f"The layer {layer.name!r} ({layer.kind}) was made for {wanted} channels and gets "
            f"{found}."
        )


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

    def demand(a: Array) -> tuple[int, int]:
        places, framed = _places(layer, a, size, strides, padding)
        inside = math.prod(size)
        products = inside * (places * _channels(layer, a) + LOOP_STEP)
        return max(framed, places) * _channels(layer, a), products

    def largest(a: Array) -> Array:
        a = _framed(a, size, strides, padding, -np.inf)
        return reduce(np.maximum, (v for _, _, v in _views(a, size, strides)))

    def mean(a: Array) -> Array:
        # The frame does not count in the mean.
        ones = np.ones((1, *a.shape[1:3], 1), a.dtype)
        total, count = (
            sum(v for _, _, v in _views(_framed(x, size, strides, padding, 0.0), size, strides))
            for x in (a, ones)
        )
        return np.asarray(total / count)

    return _Counted(layer, _channels_last(layer, largest if "Max" in layer.kind else mean), demand)


def _channels_last(layer: Layer, step: Step) -> Step:
    """A step on images (n, h, w, c), for a layer that may have its channels first."""
    if not layer.channels_first:
        return step
    return lambda a: np.moveaxis(step(np.moveaxis(a, 1, -1)), -1, 1)


def _channels(layer: Layer, a: Array) -> int:
    return int(a.shape[1 if layer.channels_first else -1])


def _places(
    layer: Layer, a: Array, size: Sequence[int], strides: Sequence[int], padding: str
) -> tuple[int, int]:
    """At how many places a kernel or window is laid on an image of a batch `a`, and how many
    pixels the image has with its frame."""
    if a.ndim != 4:
        raise Mismatch(f"The layer {layer.name!r} ({layer.kind}) gets no images.")
    places = framed = 1
    image = a.shape[2:] if layer.channels_first else a.shape[1:3]
    for n, k, s in zip(image, size, strides, strict=True):
        if padding == "same":
            along = -(-n // s)
            framed *= max(n, (along - 1) * s + k)
        else:
            along = (n - k) // s + 1
            framed *= n
        if along < 1:
            raise Mismatch(f"The layer {layer.name!r} ({layer.kind}) is larger than its input.")
        places *= along
    return places, framed


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
    kernel = _take(layer, arrays, 2)
    inputs, units = kernel.shape
    bias = _bias(layer, arrays, units)

    def demand(a: Array) -> tuple[int, int]:
        _fits(layer, inputs, a.shape[-1])
        return a.size // max(1, inputs) * units, a.size * units

    return _Counted(layer, lambda a: bend(a @ kernel + bias), demand)


def _convolution(layer: Layer, arrays: list[Array]) -> Step:
    layer.demand("padding", "valid", "same")
    if layer.pair("dilation_rate") != (1, 1):
        layer.refuse("dilation_rate")
    layer.demand("groups", 1)
    bend, strides, padding = _activation(layer), layer.pair("strides"), layer.settings["padding"]
    kernel = _take(layer, arrays, 4)  # (k, m, c, f), depthwise (k, m, c, multiplier)
    pointwise = _take(layer, arrays, 4)[0, 0] if layer.kind == "SeparableConv2D" else None
    rows, columns, channels, outputs = kernel.shape
    apart = layer.kind != "Conv2D"  # each channel has kernels of its own
    between = channels * outputs if apart else outputs
    if pointwise is not None:
        _fits(layer, len(pointwise), between)
    filters = between if pointwise is None else pointwise.shape[1]
    bias = _bias(layer, arrays, filters)

    def demand(a: Array) -> tuple[int, int]:
        places, framed = _places(layer, a, (rows, columns), strides, padding)
        _fits(layer, channels, _channels(layer, a))
        products = rows * columns * (between if apart else channels * outputs)
        products += 0 if pointwise is None else pointwise.size
        loop = rows * columns * LOOP_STEP
        return max(framed * channels, places * max(between, filters)), places * products + loop

    def convolve(a: Array) -> Array:
        a = _framed(a, kernel.shape[:2], strides, padding, 0.0)
        below = _views(a, kernel.shape[:2], strides)
        if not apart:
            z = sum(v @ kernel[r, q] for r, q, v in below)
        else:
            z = sum(v[..., np.newaxis] * kernel[r, q] for r, q, v in below)
            z = z.reshape(*z.shape[:3], -1)
        return bend((z if pointwise is None else z @ pointwise) + bias)

    return _Counted(layer, _channels_last(layer, convolve), demand)


def _batch_normalization(layer: Layer, arrays: list[Array]) -> Step:
    """Batch normalization as it is at inference, with its moving statistics."""
    size = arrays[0].size if arrays else None
    gamma = _take(layer, arrays, 1, size) if layer.settings.get("scale", True) else 1.0
    beta = _take(layer, arrays, 1, size) if layer.settings.get("center", True) else 0.0
    mean, variance = _take(layer, arrays, 1, size), _take(layer, arrays, 1, size)
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

    def demand(a: Array) -> tuple[int, int]:
        if not -a.ndim <= axis < a.ndim:
            layer.refuse("axis")
        _fits(layer, mean.size, a.shape[axis])
        return a.size, a.size

    return _Counted(layer, normalize, demand)


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
