"""Figures of the chapter on vision transformers and on images with names."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dlcourse.figures.diagrams import Diagram

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "accuracy_by_images", "attention_distances", "examples_matrix", "matching_diagram",
    "patches", "position_similarities", "vit_diagram",
]  # fmt: skip

Array = npt.NDArray[Any]

_ORANGE, _GREEN, _INK = "#D55E00", "#009E73", "#222222"
_STYLES = (("o", "-"), ("s", "--"), ("^", ":"), ("D", "-."))


def patches(image: Array, rows: Array, *, columns: int = 16) -> Figure:
    """Draw an image with the grid of its patches, and the patches as a sequence beside each other.

    Args:
        image: (side, side)
        rows: (n, p * p) patches, in the order in which the network reads them.
        columns: patches in a line.
    """
    import matplotlib.pyplot as plt

    side, p = len(image), math.isqrt(rows.shape[1])
    figure = plt.figure(figsize=(7.0, 3.0), layout="none")
    ax = figure.add_axes((0.36, 0.33, 0.28, 0.65))
    ax.imshow(image, cmap="gray_r", vmin=0, vmax=1)
    for place in np.arange(p, side, p) - 0.5:
        ax.axvline(place, color=_ORANGE, linewidth=1.2)
        ax.axhline(place, color=_ORANGE, linewidth=1.2)
    ax.set(xticks=(), yticks=())
    ax.grid(visible=False)
    width = 1 / columns
    for k, row in enumerate(rows):
        small = figure.add_axes((k % columns * width + 0.1 * width, 0.1, 0.8 * width, 0.2))
        small.imshow(row.reshape(p, p), cmap="gray_r", vmin=0, vmax=1)
        small.set(xticks=(), yticks=())
        small.grid(visible=False)
        small.set_xlabel(str(k + 1), fontsize=9)
        for spine in small.spines.values():
            spine.set(visible=True, color=_ORANGE)
    return figure


def vit_diagram(tokens: int, patch: int, width: int, blocks: int, classes: int = 10) -> Figure:
    """Draw a vision transformer, and one of its blocks below.

    Args:
        tokens: number of patches.
        patch: height and width of a patch in pixels.
        width: numbers in a token.
        blocks: of the network.
        classes: number of logits.
    """
    d = Diagram(16.4, 6.9)
    shape = f"{tokens}x{width}"
    y, wide, narrow = 5.4, (2.0, 1.0), (1.0, 0.9)
    d.data("patches", 1.3, y, "patches", size=(1.9, 0.9), fontsize=11)
    d.parameter("E", 4.2, y, r"$E, \mathbf{b}$", size=narrow)
    d.operation("sum", 6.2, y, "+", size=(0.7, 0.7))
    d.parameter("P", 6.2, y + 1.1, "positions $P$", size=(2.3, 0.7), fontsize=11)
    d.parameter("block", 8.6, y, f"block,\n{blocks} times", size=wide, fontsize=11)
    d.parameter("norm", 11.0, y, "norm", size=(1.2, 0.9), fontsize=11)
    d.operation("mean", 13.0, y, "mean", size=(1.2, 0.9), fontsize=11)
    d.parameter("head", 15.0, y, "dense", size=(1.2, 0.9), fontsize=11)
    for start, end, text in (
        ("patches", "E", f"{tokens}x{patch**2}"), ("E", "sum", shape), ("sum", "block", ""),
        ("block", "norm", ""), ("norm", "mean", ""), ("mean", "head", f"{width}"),
        ("P", "sum", ""),
    ):  # fmt: skip
        d.arrow(start, end, text, shift=(0.0, 0.3))
    d.arrow((15.0, y - 0.45), (15.0, y - 1.3))
    d.data("logits", 15.0, y - 1.7, f"{classes} logits", size=(1.9, 0.7), fontsize=11)
    _block(d, shape, width)
    return d.figure


def _block(d: Diagram, shape: str, width: int) -> None:
    """A pre-norm block from left to right, with its two shortcuts."""
    y = 1.2
    d.text(1.3, 2.9, "one block", fontsize=12, color=_INK)
    d.data("h", 0.9, y, r"$H$", size=(0.9, 0.7))
    d.parameter("norm 1", 3.0, y, "norm", size=(1.2, 0.9), fontsize=11)
    d.parameter("attention", 5.4, y, "multi-head\nattention", size=(2.1, 1.0), fontsize=11)
    d.operation("sum 1", 7.4, y, "+", size=(0.6, 0.6))
    d.parameter("norm 2", 9.2, y, "norm", size=(1.2, 0.9), fontsize=11)
    d.parameter("wide", 11.2, y, f"dense {2 * width}\nGELU", size=(1.8, 1.0), fontsize=11)
    d.parameter("narrow", 13.4, y, f"dense {width}", size=(1.7, 1.0), fontsize=11)
    d.operation("sum 2", 14.9, y, "+", size=(0.6, 0.6))
    names = ("h", "norm 1", "attention", "sum 1", "norm 2", "wide", "narrow", "sum 2")
    for start, end in itertools.pairwise(names):
        d.arrow(start, end)
    d.arrow("sum 2", (16.2, y))
    d.text(1.75, y + 0.25, shape, fontsize=8)
    for left, right in ((1.9, 7.4), (8.1, 14.9)):
        top = y + 1.15
        d.ax.plot(
            [left, left, right], [y, top, top], color=_GREEN, linestyle="-", linewidth=2.0, zorder=1
        )
        d.arrow((right, top + 0.02), (right, y + 0.3), color=_GREEN, linewidth=2.0)
    d.text(4.6, y + 1.4, "shortcut", color=_GREEN)
    d.text(11.5, y + 1.4, "shortcut", color=_GREEN)


def matching_diagram(dimension: int = 64) -> Figure:
    """Draw two encoders and the matrix of similarities between their outputs.

    Args:
        dimension: of the space in which images and texts meet.
    """
    d = Diagram(16.4, 7.2)
    d.data("images", 1.3, 5.6, "n images", size=(2.0, 0.9), fontsize=11)
    d.parameter("convolutions", 4.4, 5.6, "image encoder", size=(2.7, 0.9), fontsize=11)
    d.operation("unit 1", 7.4, 5.6, "length 1", size=(1.8, 0.9), fontsize=11)
    d.data("names", 1.3, 1.4, "n names", size=(2.0, 0.9), fontsize=11)
    d.operation("MiniLM", 4.0, 1.4, "MiniLM,\nfrozen", size=(1.9, 1.0), fontsize=11)
    d.parameter("map", 6.7, 1.4, "dense", size=(1.4, 0.9), fontsize=11)
    d.operation("unit 2", 9.1, 1.4, "length 1", size=(1.8, 0.9), fontsize=11)
    for start, end, text in (
        ("images", "convolutions", ""), ("convolutions", "unit 1", ""), ("names", "MiniLM", ""),
        ("MiniLM", "map", "384"), ("map", "unit 2", f"{dimension}"),
    ):  # fmt: skip
        d.arrow(start, end, text, shift=(0.0, 0.3))
    left, bottom, cell = 10.1, 2.9, 0.9
    for i in range(4):
        for j in range(4):
            name = f"{i} {j}"
            draw = {"fc": "#CDEBDD", "ec": _GREEN} if i == j else {"ec": "#999999"}
            text = rf"$s_{{{i + 1}{j + 1}}}$"
            d.data(name, left + cell * (j + 0.5), bottom + cell * (3.5 - i), text,
                   size=(0.82, 0.82), fontsize=10, **draw)  # fmt: skip
    d.arrow("unit 1", (left - 0.05, 5.6), f"$A$: n x {dimension}", shift=(0.45, 0.3))
    d.arrow("unit 2", (11.1, bottom - 0.05), f"$B$: n x {dimension}", shift=(-1.0, 0.2))
    d.arrow((left + 3.65, 4.7), (left + 4.4, 4.7))
    d.text(15.4, 4.75, "softmax of\neach row:\nwhich name?", fontsize=9)
    d.arrow((left + 2.7, bottom - 0.05), (left + 2.7, bottom - 0.9))
    d.text(13.7, 1.5, "softmax of each\ncolumn: which image?", fontsize=9)
    d.text(left + 1.8, 6.8, r"$S = A B^\top / \tau$", color=_INK, fontsize=11)
    return d.figure


def accuracy_by_images(sizes: Sequence[int], accuracies: Mapping[str, Array]) -> Figure:
    """Draw mean accuracies with standard errors against the number of training images.

    Args:
        sizes: k numbers of training images.
        accuracies: for each network, (k, seeds).
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(6.0, 3.2), layout="constrained")
    for (name, values), (marker, line) in zip(accuracies.items(), _STYLES, strict=False):
        error = values.std(axis=1, ddof=1) / np.sqrt(values.shape[1])
        ax.errorbar(sizes, values.mean(axis=1), error, marker=marker, linestyle=line, capsize=3,
                    label=name)  # fmt: skip
    ax.set_xscale("log")
    ax.set_xticks(sizes, [f"{size:,}" for size in sizes])
    ax.minorticks_off()
    ax.set(xlabel="training images", ylabel="accuracy on unseen images")
    ax.legend()
    return figure


def position_similarities(vectors: Array) -> Figure:
    """Draw, for each position, the cosine between its vector and those of all positions.

    Args:
        vectors: (side * side, d) learned vectors of positions, row by row of the grid.
    """
    import matplotlib.pyplot as plt

    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    side = math.isqrt(len(unit))
    figure, axes = plt.subplots(side, side, figsize=(4.9, 4.2), layout="constrained")
    for place, ax in enumerate(axes.flat):
        cosines = (unit @ unit[place]).reshape(side, side)
        drawn = ax.imshow(cosines, cmap="PuOr_r", vmin=-1, vmax=1)
        ax.plot(place % side, place // side, "x", color=_INK, markersize=7)
        ax.set(xticks=(), yticks=())
        ax.grid(visible=False)
    figure.colorbar(drawn, ax=axes, label="cosine", shrink=0.8)
    return figure


def attention_distances(distances: Array, uniform: float, new: Array) -> Figure:
    """Draw the mean distance over which each head attends, by block.

    Args:
        distances: (blocks, heads) of the trained network, in patches.
        uniform: the distance of a head that attends to all patches alike.
        new: (blocks, heads) of a network with new weights.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(6.0, 3.0), layout="constrained")
    blocks = np.arange(1, len(distances) + 1)
    for values, marker, name, shift in (
        (distances, "o", "trained", -0.06), (new, "s", "new weights", 0.06),
    ):  # fmt: skip
        ax.plot(np.repeat(blocks + shift, values.shape[1]), values.ravel(), marker,
                linestyle="none", label=name)  # fmt: skip
    ax.axhline(uniform, color=_INK, linestyle="--", linewidth=1.2, label="all patches alike")
    ax.set(xlabel="block", ylabel="mean distance (patches)", xlim=(0.5, len(blocks) + 0.5))
    ax.set_xticks(blocks)
    ax.legend()
    return figure


def examples_matrix(images: Array, names: Sequence[str], similarity: Array) -> Figure:
    """Draw the cosines between a few images and a few names.

    Args:
        images: (k, height, width, 3)
        names: k names of the same emoji.
        similarity: (k, k) cosines, a row for each image.
    """
    import matplotlib.pyplot as plt
    from matplotlib.offsetbox import AnnotationBbox, OffsetImage

    figure, ax = plt.subplots(figsize=(6.2, 5.0), layout="constrained")
    drawn = ax.imshow(similarity, cmap="PuOr_r", vmin=-1, vmax=1)
    for (i, j), value in np.ndenumerate(similarity):
        dark = abs(value) > 0.6
        ax.text(j, i, f"{value:.2f}", ha="center", va="center", fontsize=8,
                color="white" if dark else _INK)  # fmt: skip
    ax.set_xticks(range(len(names)), names, rotation=40, ha="right", fontsize=9)
    ax.set_yticks(range(len(names)), [""] * len(names))
    for i, image in enumerate(images):
        box = AnnotationBbox(
            OffsetImage(image, zoom=0.8), (-0.5, i), xybox=(-20, 0), boxcoords="offset points",
            frameon=False,
        )  # fmt: skip
        ax.add_artist(box)
    ax.grid(visible=False)
    figure.colorbar(drawn, label="cosine", shrink=0.8)
    return figure
