"""Figures of autoencoders: the bottleneck, transposed convolution, codes, detectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dlcourse.figures.diagrams import Diagram
from dlcourse.plots import show_images

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "autoencoder_diagram",
    "code_map",
    "denoiser_diagram",
    "image_rows",
    "roc_curves",
    "transposed_diagram",
]

_ORANGE = "#D55E00"  # of arrows that multiply by parameters

Floats = npt.NDArray[np.floating]


def autoencoder_diagram(pixels: int, hidden: int, code: str = "k") -> Figure:
    """Draw an autoencoder with one hidden layer on each side of its code.

    Args:
        pixels: inputs, and as many outputs.
        hidden: units of the hidden layers.
        code: what stands for the size of the code.
    """
    d = Diagram(15.6, 4.6)
    y = 2.3
    d.data("x", 0.9, y, r"$\mathbf{x}$", size=(0.9, 3.4))
    d.parameter("e1", 3.2, y, "dense\nReLU", size=(1.5, 2.6), fontsize=10)
    d.parameter("e2", 5.6, y, "dense", size=(1.5, 1.5), fontsize=10)
    d.data("z", 7.8, y, r"$\mathbf{z}$", size=(0.8, 0.8))
    d.parameter("d1", 10.0, y, "dense\nReLU", size=(1.5, 1.5), fontsize=10)
    d.parameter("d2", 12.4, y, "dense\nsigmoid", size=(1.6, 2.6), fontsize=10)
    d.data("x hat", 14.7, y, r"$\hat{\mathbf{x}}$", size=(0.9, 3.4))
    shapes = [pixels, hidden, code, code, hidden, pixels]
    names = ["x", "e1", "e2", "z", "d1", "d2", "x hat"]
    for start, end, shape in zip(names, names[1:], shapes, strict=False):
        d.arrow(start, end, f"{shape}" if shape != code else f"${code}$", shift=(0.0, 0.24))
    d.text(4.4, 0.35, "encoder $f$")
    d.text(7.8, 0.35, "code")
    d.text(11.2, 0.35, "decoder $g$")
    return d.figure


def denoiser_diagram() -> Figure:
    """Draw the convolutional denoiser: noise at the input, two layers down, two layers up."""
    d = Diagram(17.0, 3.6)
    y = 2.3
    d.data("x", 0.9, y, r"$\mathbf{x}$", size=(0.9, 1.5))
    d.operation("noise", 3.0, y, "+ noise", size=(1.6, 0.8), fontsize=10)
    blocks = [
        ("convolution\n5x5, / 2", "14 x 14 x 16"),
        ("convolution\n3x3, / 2", "7 x 7 x 32"),
        ("transposed\n4x4, x 2", "14 x 14 x 16"),
        ("transposed\n4x4, x 2", "28 x 28 x 1"),
    ]
    d.arrow("x", "noise")
    before = "noise"
    for number, (text, shape) in enumerate(blocks):
        x = 5.5 + 2.7 * number
        d.parameter(f"{number}", x, y, text, size=(2.0, 1.2), fontsize=9)
        d.arrow(before, f"{number}")
        d.text(x, 1.3, shape, fontsize=9)
        before = f"{number}"
    d.data("x hat", 16.1, y, r"$\hat{\mathbf{x}}$", size=(0.9, 1.5))
    d.arrow(before, "x hat")
    d.arrow((0.9, 0.65), (16.1, 0.65), color="#555555")
    d.text(8.5, 0.3, "loss: the output against the input without noise", fontsize=10)
    return d.figure


def transposed_diagram(x: Sequence[float], kernel: Sequence[float], stride: int) -> Figure:
    """Draw a transposed convolution in one dimension: each input adds its copy of the kernel.

    Args:
        x: inputs.
        kernel: weights.
        stride: outputs between two copies.
    """
    width = stride * (len(x) - 1) + len(kernel)
    total = np.zeros(width)
    d = Diagram(1.5 * width + 4.2, 1.1 * len(x) + 2.0)
    top = 1.1 * len(x) + 1.2
    for row, value in enumerate(x):
        height = top - 1.1 * row
        d.data(f"x {row}", 0.9, height, f"{value:g}")
        first = 3.4 + 1.5 * row * stride
        d.arrow(f"x {row}", (first - 0.5, height), color=_ORANGE)
        for place, weight in enumerate(kernel):
            at = row * stride + place
            total[at] += value * weight
            d.parameter(
                f"{row} {place}", 3.4 + 1.5 * at, height, f"{value:g}·{weight:g}", size=(1.3, 0.6)
            )
    for at, value in enumerate(total):
        d.data(f"sum {at}", 3.4 + 1.5 * at, 0.6, f"{value:g}", size=(1.3, 0.6))
        d.arrow((3.4 + 1.5 * at, 1.6), f"sum {at}")
    d.text(1.0, 0.6, "column\nsums")
    return d.figure


def image_rows(rows: Mapping[str, npt.ArrayLike], size: float = 0.72) -> Figure:
    """Draw rows of images, each with its name above the first one.

    Args:
        rows: by name, as many images (n, height, width) as every other row, values from 0 to 1.
        size: width of an image in inches.
    """
    batches = [np.asarray(row) for row in rows.values()]
    count = len(batches[0])
    titles = [name if column == 0 else " " for name in rows for column in range(count)]
    figure = show_images(
        np.concatenate(batches), titles, columns=count, size=size, limits=(0.0, 1.0)
    )
    for text in figure.axes[0].texts:  # a name may be longer than its image is wide
        if text.get_text().strip():
            x, y = text.get_position()
            text.set(horizontalalignment="left", position=(x - size / 2 + 0.03, y))
    return figure


def code_map(panels: Mapping[str, npt.ArrayLike], labels: npt.ArrayLike) -> Figure:
    """Draw codes of two numbers, a panel for each model, a colour and marker for each class.

    Args:
        panels: by title, codes (n, 2).
        labels: n integer classes from 0 to 9.
    """
    import matplotlib.pyplot as plt

    classes = np.asarray(labels)
    figure, axes = plt.subplots(1, len(panels), figsize=(7, 3.5), squeeze=False)
    colours = plt.get_cmap("tab10")
    for ax, (title, codes) in zip(axes.flat, panels.items(), strict=True):
        for label in np.unique(classes):
            ax.plot(
                *np.asarray(codes)[classes == label].T, linestyle="none", alpha=0.7,
                marker=f"${label}$", markersize=6, color=colours(int(label)),
            )  # fmt: skip
        ax.set(xlabel="first number of the code", ylabel="second number", title=title)
    return figure


def roc_curves(curves: Mapping[str, tuple[Floats, Floats]]) -> Figure:
    """Draw ROC curves and the diagonal of a coin.

    Args:
        curves: by name, the false and the true positive rates.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(6.6, 3.8))
    for number, (name, (false, true)) in enumerate(curves.items()):
        ax.plot(
            false, true, color=f"C{number}", linestyle=("-", "--", "-.", ":")[number % 4],
            label=name,
        )  # fmt: skip
    ax.plot([0, 1], [0, 1], color="#888888", linewidth=1)
    ax.set(xlabel="false positive rate", ylabel="true positive rate", aspect="equal")
    ax.legend(fontsize=9, loc="center left", bbox_to_anchor=(1.02, 0.5))
    return figure
