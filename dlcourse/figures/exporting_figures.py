"""Figures of exporting: forms of a network, the order of Flatten, skewed inputs, margins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dlcourse.figures.diagrams import Diagram

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "flatten_diagram",
    "forms_diagram",
    "graph_diagram",
    "margins",
    "preprocessing_diagram",
    "skewed_images",
]

_BLUE, _ORANGE = "#0072B2", "#D55E00"


def forms_diagram() -> Figure:
    """Draw the files that a network leaves the notebook in, and what each is run by."""
    d = Diagram(15.0, 8.5)
    d.parameter("keras", 1.9, 5.2, "network\nin Keras", size=(2.6, 1.3))
    d.parameter("torch", 1.9, 1.0, "network\nin PyTorch", size=(2.6, 1.3))
    d.arrow("keras", "torch", "weights,\ncarried over", shift=(1.25, 0.0), linestyle="--")
    rows = [
        ("model.keras", "Keras: training goes on", "layers by name"),
        ("SavedModel", "TensorFlow, its server", "operations"),
        ("model.onnx", "ONNX Runtime, others", "operations"),
        ("model.tflite", "LiteRT: phones, browsers", "operations"),
        ("model.pt2", "PyTorch (ExecuTorch: .pte)", "operations"),
    ]
    for row, (file, runner, holds) in enumerate(rows):
        y = 7.4 - 1.6 * row
        d.data(file, 7.3, y, file, size=(2.9, 0.8))
        d.operation(runner, 12.6, y, runner, size=(4.4, 0.8), fontsize=10)
        d.arrow("keras" if row < 4 else "torch", file)
        d.arrow(file, runner)
        d.text(7.3, y + (0.64 if row == 0 else -0.62), f"weights, {holds}", fontsize=9)
    return d.figure


def graph_diagram() -> Figure:
    """Draw the graph of one dense layer with ReLU: three nodes, two stored tensors."""
    d = Diagram(13.0, 3.4)
    d.data("x", 1.1, 1.0, "x", size=(1.2, 0.7))
    d.data("y", 12.0, 1.0, "y", size=(1.2, 0.7))
    for x, (name, stored) in zip(
        (3.8, 6.7, 9.5), (("MatMul", "W"), ("Add", "b"), ("Relu", "")), strict=True
    ):
        d.operation(name, x, 1.0, name, size=(1.7, 0.8))
        if stored:
            d.parameter(stored, x, 2.8, stored, size=(1.2, 0.7))
            d.arrow(stored, name, "(3, 2)" if stored == "W" else "(2,)", shift=(0.55, 0.0))
    d.arrow("x", "MatMul", "(n, 3)", shift=(-0.1, 0.3))
    d.arrow("MatMul", "Add", "xW", shift=(0.0, 0.3))
    d.arrow("Add", "Relu", "z", shift=(0.0, 0.3))
    d.arrow("Relu", "y", "(n, 2)", shift=(0.05, 0.3))
    return d.figure


def flatten_diagram() -> Figure:
    """Draw what Flatten makes of 2x2 pixels of two channels in either layout."""
    d = Diagram(14.0, 5.4)
    for channel, (letter, colour) in enumerate((("a", _BLUE), ("b", _ORANGE))):
        for pixel in range(4):
            x, y = 1.0 + 0.75 * (pixel % 2) + 2.2 * channel, 3.1 - 0.75 * (pixel // 2)
            d.data(f"{letter}{pixel}", x, y, f"{letter}{pixel + 1}", size=(0.7, 0.7), ec=colour)
        d.text(1.38 + 2.2 * channel, 3.85, f"channel {letter}", color=colour)
    orders = {
        "channels last: row, column, channel": [f"{c}{p}" for p in range(1, 5) for c in "ab"],
        "channels first: channel, row, column": [f"{c}{p}" for c in "ab" for p in range(1, 5)],
    }
    for (title, order), y in zip(orders.items(), (4.0, 1.3), strict=True):
        for place, cell in enumerate(order):
            colour = _BLUE if cell[0] == "a" else _ORANGE
            d.data(f"{title}{place}", 6.9 + 0.85 * place, y, cell, size=(0.75, 0.7), ec=colour)
        d.text(9.9, y + 0.75, title)
        d.arrow((4.4, 2.7), (6.4, y))
    return d.figure


def preprocessing_diagram() -> Figure:
    """Draw preprocessing outside of the exported file, written twice, and inside of it."""
    d = Diagram(15.0, 5.6)
    for y, steps in ((4.4, "outside"), (1.3, "inside")):
        d.data(f"picture {steps}", 1.3, y, "picture", size=(1.9, 0.8))
        d.operation(f"pre {steps}", 5.2, y, "on white, /255", size=(3.0, 0.8))
        d.parameter(f"net {steps}", 9.6, y, "network", size=(2.2, 0.8))
        d.data(f"logits {steps}", 13.6, y, "logits", size=(1.7, 0.8))
        d.arrow(f"picture {steps}", f"pre {steps}", "bytes", shift=(-0.5, 0.3))
        d.arrow(f"pre {steps}", f"net {steps}", "floats", shift=(0.0, 0.3))
        d.arrow(f"net {steps}", f"logits {steps}")
    for left, right, y in ((8.2, 11.0, 4.4), (3.4, 11.0, 1.3)):
        d.ax.plot(
            [left, right, right, left, left], [y - 0.8, y - 0.8, y + 0.8, y + 0.8, y - 0.8],
            linestyle="--", linewidth=1.4, color=_ORANGE, marker="",
        )  # fmt: skip
        d.text((left + right) / 2, y - 1.08, "the exported file", color=_ORANGE)
    d.text(5.2, 5.25, "written again by every client")
    return d.figure


def skewed_images(
    images: Mapping[str, npt.ArrayLike], accuracies: Mapping[str, float], columns: int = 4
) -> Figure:
    """Show what the network is given, a row of pictures for each preprocessing.

    Args:
        images: by name, (k, side, side, 3) numbers; what lies outside of 0 to 1 is clipped.
        accuracies: by name, shares of pictures classified correctly.
        columns: panels side by side.
    """
    import matplotlib.pyplot as plt

    rows = -(-len(images) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(7.0, 1.35 * rows), squeeze=False)
    for ax in axes.flat:
        ax.set_axis_off()
    for ax, (name, some) in zip(axes.flat, images.items(), strict=False):
        strip = np.concatenate(list(np.clip(np.asarray(some, float), 0, 1)), axis=1)
        ax.imshow(strip, interpolation="nearest")
        ax.set_title(f"{name}\n{accuracies[name]:.2f}", fontsize=9)
    return figure


def margins(logits: npt.ArrayLike, differences: Mapping[str, float]) -> Figure:
    """Plot how far apart the two largest logits of each row are, beside differences of forms.

    A decision can change only where a difference reaches half of the margin.

    Args:
        logits: (n, k) of the network in its first form.
        differences: by form, the largest absolute difference of a logit; 0 is left out.
    """
    import matplotlib.pyplot as plt

    two = np.sort(np.asarray(logits, float), axis=1)[:, -2:]
    half = np.sort(np.diff(two, axis=1)[:, 0]) / 2
    figure, ax = plt.subplots(figsize=(7.0, 3.4))
    ax.plot(np.arange(1, len(half) + 1), half, "-", linewidth=2, label="half of the margin")
    styles = ("--", "-.", ":", (0, (7, 2)))
    shown = [(name, size) for name, size in differences.items() if size > 0]
    for place, (name, size) in enumerate(shown):
        colour = f"C{place + 1}"
        ax.axhline(size, linestyle=styles[place % 4], color=colour, label=name, linewidth=1.4)
    ax.set(xscale="log", yscale="log", xlabel="rank of the picture, by its margin")
    ax.set_ylabel("difference of logits")
    ax.legend(fontsize=9, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure
