"""Diagrams of what a detector's outputs stand for: the responsible cell, anchors at one cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["anchors_at_a_cell", "responsible_cell"]

_BLUE, _ORANGE, _GREEN, _INK = "#0072B2", "#D55E00", "#009E73", "#222222"


def responsible_cell(
    image: npt.ArrayLike, box: Sequence[float], kind: int, classes: Sequence[str], cells: int
) -> Figure:
    """Draw an image, its grid and the cell that answers for an object, with the numbers it gives.

    Args:
        image: (size, size, 3) colours.
        box: left, top, right and bottom of the object, in pixels.
        kind: the index of its class.
        classes: the names of the classes.
        cells: of the grid, in each direction.
    """
    import matplotlib.pyplot as plt

    size = np.shape(image)[0]
    side = size / cells
    left, top, right, bottom = (float(at) for at in box)
    x, y = (left + right) / 2, (top + bottom) / 2
    column, row = int(x / side), int(y / side)
    figure, (ax, table) = plt.subplots(1, 2, figsize=(7, 3.6), width_ratios=[1, 0.95])
    _image(ax, image, cells)
    _rectangle(ax, (left, top, right, bottom), _BLUE)
    corner = (column * side, row * side)
    _rectangle(ax, (*corner, corner[0] + side, corner[1] + side), _ORANGE)
    ax.plot(x, y, marker="o", markersize=8, color=_ORANGE, markeredgecolor="white", zorder=5)
    one_hot = [float(number == kind) for number in range(len(classes))]
    values = [1.0, x / side - column, y / side - row, (right - left) / size,
              (bottom - top) / size, *one_hot]  # fmt: skip
    names = ["object", "x in the cell", "y in the cell", "width / image", "height / image"]
    _numbers(table, f"row {row}, column {column} gives", [*names, *classes], values)
    return figure


def _numbers(ax: Axes, title: str, names: Sequence[str], values: Sequence[float]) -> None:
    """A column of named numbers."""
    ax.set_axis_off()
    ax.set(xlim=(0, 1), ylim=(len(names) + 0.6, -1.2))
    ax.text(0.05, -0.7, title, color=_ORANGE, fontsize=12)
    for place, (name, value) in enumerate(zip(names, values, strict=True)):
        _rectangle(ax, (0.05, place + 0.05, 0.33, place + 0.95), _ORANGE, 1.2)
        ax.text(0.19, place + 0.5, f"{value:.2f}", ha="center", va="center", fontsize=11)
        ax.text(0.38, place + 0.5, name, va="center", fontsize=11)


def anchors_at_a_cell(
    image: npt.ArrayLike, anchors: Sequence[tuple[int, npt.ArrayLike, npt.ArrayLike]],
    box: Sequence[float],
) -> Figure:  # fmt: skip
    """Draw the anchors of one cell of each of several grids, with their IoU with one object.

    Args:
        image: (size, size, 3) colours.
        anchors: for each grid how many cells it has in a direction, (m, 4) boxes at one of its
            cells, and their (m,) IoU with the object.
        box: left, top, right and bottom of the object, in pixels.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, len(anchors), figsize=(7, 4.5), squeeze=False)
    best = max(float(np.max(overlaps)) for _, _, overlaps in anchors)
    styles = ["-", "--", ":", "-.", (0, (5, 1, 1, 1, 1, 1))]
    for ax, (cells, boxes, overlaps) in zip(axes[0], anchors, strict=True):
        _image(ax, image, cells)
        _rectangle(ax, box, _BLUE, 3.0)
        told = np.asarray(overlaps)
        for each, overlap, style in zip(np.asarray(boxes), told, styles, strict=False):
            colour = _GREEN if overlap >= 0.5 else _ORANGE
            width = 3.0 if overlap == best else 1.7
            _rectangle(ax, each, colour, width, linestyle=style, label=f"IoU {overlap:.2f}")
        x, y = (np.asarray(boxes)[0, :2] + np.asarray(boxes)[0, 2:]) / 2
        ax.plot(x, y, marker="+", markersize=11, color=_INK, markeredgewidth=2, zorder=5)
        ax.set_title(f"{cells} by {cells} cells", fontsize=11)
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.01), ncols=2, fontsize=9)
    return figure


def _image(ax: Axes, image: npt.ArrayLike, cells: int) -> None:
    """An image, paler than it is, under a grid."""
    pale = 0.55 * np.asarray(image, float) + 0.45
    size = pale.shape[0]
    ax.imshow(pale, extent=(0, size, size, 0))
    for at in np.linspace(0, size, cells + 1):
        ax.plot([at, at], [0, size], color="#777777", linewidth=0.7, linestyle="-")
        ax.plot([0, size], [at, at], color="#777777", linewidth=0.7, linestyle="-")
    ax.set_axis_off()


def _rectangle(
    ax: Axes, box: Sequence[float], colour: str, width: float = 2.5, **look: Any
) -> None:
    from matplotlib.patches import Rectangle

    left, top, right, bottom = box
    ax.add_patch(
        Rectangle((left, top), right - left, bottom - top, fill=False, ec=colour, lw=width, **look)
    )
