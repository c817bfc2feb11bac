"""How far a picture took over a style and kept its content, as a network sees it.

The network is the first blocks of EfficientNet-Lite0 (Tan and Le 2019), trained on ImageNet, worked
out in NumPy: who grades needs no Keras. It is another network than VGG16, with which pictures are
made in the third project, so a picture that only deceives VGG16 gains little.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcourse.data import files, manifest
from dlcourse.models.pretrained import read_torch

__all__ = ["content_kept", "copied", "style_taken", "together"]

STYLE = ("block2", "block3")
CONTENT = "block4"
LAYOUT = "block3"
# kernel and stride of the blocks 0 to 4
_BLOCKS = ((3, 1), (3, 2), (3, 1), (5, 2), (5, 1))

Array = npt.NDArray[np.float32]


def style_taken(made: npt.ArrayLike, contents: npt.ArrayLike, styles: npt.ArrayLike) -> Array:
    """How much of a style n pictures have without having copied it: (n,).

    The share of the way from the content's to the style's Gram matrices that was gone, the mean
    over two layers, times one minus what `copied` says.

    Args:
        made: n pictures (n, h, w, 3), red, green and blue from 0 to 1.
        contents: what they were made from, (n, h, w, 3).
        styles: whose manner they were to take over, (n, H, W, 3).
    """
    found, begun, wanted = (_features(pictures) for pictures in (made, contents, styles))
    left = []
    for name in STYLE:
        x, c, s = (_gram(maps[name]) for maps in (found, begun, wanted))
        left.append(_size(x - s) / np.maximum(_size(c - s), 1e-9))
    share = 1 - np.mean(left, axis=0)
    return np.asarray(share * (1 - copied(made, styles)), np.float32)


def copied(made: npt.ArrayLike, styles: npt.ArrayLike) -> Array:
    """How far n pictures are laid out as their styles are: (n,), from 0 to 1.

    The largest correlation of the two feature maps, each channel's mean subtracted, over all
    shifts of the style that wrap around, over its four turns and over their mirror images. It is
    near 0 where the manner was taken over and 1 for the style itself.

    Args:
        made: n pictures (n, h, h, 3), red, green and blue from 0 to 1.
        styles: of the same shape.
    """
    x = _features(made)[LAYOUT]
    x = x - x.mean(axis=(1, 2), keepdims=True)
    waves = np.fft.rfft2(x, axes=(1, 2))
    found = np.zeros(len(x))
    for turns in range(4):
        turned = np.rot90(np.asarray(styles), turns, axes=(1, 2))
        for pictures in (turned, turned[:, :, ::-1]):
            y = _features(pictures)[LAYOUT]
            y = y - y.mean(axis=(1, 2), keepdims=True)
            products = waves * np.fft.rfft2(y, axes=(1, 2)).conj()
            over = np.fft.irfft2(products.sum(axis=-1), s=x.shape[1:3], axes=(1, 2))
            alike = over.max(axis=(1, 2)) / np.maximum(_size(x) * _size(y), 1e-9)
            found = np.maximum(found, alike)
    return np.asarray(np.minimum(found, 1), np.float32)


def content_kept(made: npt.ArrayLike, contents: npt.ArrayLike) -> Array:
    """How far deep features of n pictures vary over the places as those of their contents do: (n,).

    The correlation of the two feature maps, each channel's mean subtracted: 1 for the content
    itself, about 0 for another picture.

    Args:
        made: n pictures (n, h, w, 3), red, green and blue from 0 to 1.
        contents: what they were made from, of the same shape.
    """
    a, b = (_features(pictures)[CONTENT] for pictures in (made, contents))
    a, b = (f - f.mean(axis=(1, 2), keepdims=True) for f in (a, b))
    both = np.sum(a * b, axis=(1, 2, 3))
    return np.asarray(both / np.maximum(_size(a) * _size(b), 1e-9), np.float32)


def together(style: npt.ArrayLike, content: npt.ArrayLike) -> Array:
    """The smaller of two scores, 0 where one of them is negative: (n,)."""
    return np.asarray(np.maximum(np.minimum(style, content), 0), np.float32)


def _size(values: Array) -> Array:
    """The root of the sum of squares of each picture: (n,)."""
    return np.asarray(np.sqrt(np.square(values).reshape(len(values), -1).sum(axis=1)))


def _gram(maps: Array) -> Array:
    rows = maps.reshape(len(maps), -1, maps.shape[-1])
    return np.asarray(rows.transpose(0, 2, 1) @ rows / rows.shape[1])


def _features(pictures: npt.ArrayLike) -> dict[str, Array]:
    """The maps after the stem, after the widening of the blocks 1 to 4, and after block 4."""
    pixels = np.asarray(pictures, np.float32)
    return _known_features(pixels.tobytes(), pixels.shape)


# The same contents and styles are compared with several pictures.
@lru_cache(maxsize=24)
def _known_features(pixels: bytes, shape: tuple[int, ...]) -> dict[str, Array]:
    arrays = _arrays()
    seen = np.frombuffer(pixels, np.float32).reshape(shape)
    h = _normed(_convolved(255 / 128 * seen - 127 / 128, arrays["_conv_stem.weight"], 2), "_bn0")
    found = {"stem": h}
    for number, (_, stride) in enumerate(_BLOCKS):
        here, begun = f"_blocks.{number}.", h
        if number:
            h = _normed(_pointwise(h, arrays[f"{here}_expand_conv.weight"]), f"{here}_bn0")
            found[f"block{number}"] = h
        h = _normed(_by_channel(h, arrays[f"{here}_depthwise_conv.weight"], stride), f"{here}_bn1")
        h = _pointwise(h, arrays[f"{here}_project_conv.weight"])
        h = _normed(h, f"{here}_bn2", rectify=False)
        if stride == 1 and h.shape == begun.shape:
            h = h + begun
    return found | {CONTENT: h}


@lru_cache(maxsize=1)
def _arrays() -> dict[str, Any]:
    return read_torch(files.locate(manifest.EFFICIENTNET_LITE0))


def _normed(h: Array, name: str, rectify: bool = True) -> Array:
    weight, bias, mean, variance = (
        _arrays()[f"{name}.{part}"] for part in ("weight", "bias", "running_mean", "running_var")
    )
    scale = weight / np.sqrt(variance + 1e-3)
    h = h * scale + (bias - mean * scale)
    return np.clip(h, 0, 6) if rectify else np.asarray(h)


def _pointwise(h: Array, kernel: Array) -> Array:
    """kernel: (out, in, 1, 1)."""
    return np.asarray(h @ kernel[:, :, 0, 0].T)


def _windows(h: Array, side: int, stride: int) -> Array:
    """(n, h, w, c) to (n, h / stride, w / stride, c, side, side), padded as Keras' "same" does."""
    missing = [max((-(-n // stride) - 1) * stride + side - n, 0) for n in h.shape[1:3]]
    edges = [(m // 2, m - m // 2) for m in missing]
    padded = np.pad(h, ((0, 0), *edges, (0, 0)))
    seen = np.lib.stride_tricks.sliding_window_view(padded, (side, side), axis=(1, 2))
    return seen[:, ::stride, ::stride]


def _convolved(h: Array, kernel: Array, stride: int) -> Array:
    """kernel: (out, in, side, side)."""
    windows = _windows(h, kernel.shape[-1], stride)
    return np.asarray(np.tensordot(windows, kernel, axes=((3, 4, 5), (1, 2, 3))))


def _by_channel(h: Array, kernel: Array, stride: int) -> Array:
    """kernel: (channels, 1, side, side)."""
    windows = _windows(h, kernel.shape[-1], stride)
    return np.asarray(np.einsum("nhwcij,cij->nhwc", windows, kernel[:, 0]))
