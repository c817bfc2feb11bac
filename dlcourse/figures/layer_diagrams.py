"""Diagrams of layers: a graph with its gradients, products of matrices, a convolution."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from dlcourse.figures.diagrams import Diagram

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["convolution_diagram", "graph_diagram", "matrices_diagram"]

_BLUE, _ORANGE, _INK = "#0072B2", "#D55E00", "#222222"


def graph_diagram(x: float, w: float, b: float, y: float) -> Figure:
    """Draw the squared error of one neuron as a graph, with all values and all derivatives.

    Values of the forward pass stand in blue, derivatives of the loss in orange.

    Args:
        x: the input.
        w: the weight.
        b: the bias.
        y: the target.
    """
    z, s, e = w * x, w * x + b, w * x + b - y
    slope = 2 * e
    d = Diagram(14.0, 5.4)
    d.parameter("w", 0.8, 4.5, "$w$")
    d.data("x", 0.8, 1.0, "$x$")
    d.parameter("b", 6.0, 4.9, "$b$")
    d.data("y", 9.0, 4.9, "$y$")
    for name, at, text in (("z", 3.2, r"$\times$"), ("s", 6.0, "$+$"), ("e", 9.0, "$-$")):
        d.operation(name, at, 2.7, text, size=(0.8, 0.8))
    d.operation("square", 11.4, 2.7, r"$(\cdot)^2$", size=(0.9, 0.8))
    d.data("loss", 13.4, 2.7, r"$\mathcal{L}$", size=(0.8, 0.8))
    _edge(d, "w", "z", "w", w, slope * x, (0.6, 0.4), (-0.6, -0.4))
    _edge(d, "x", "z", "x", x, slope * w, (-0.6, 0.4), (0.7, -0.35))
    _edge(d, "z", "s", "z", z, slope)
    _edge(d, "b", "s", "b", b, slope, (-0.7, 0.0), (0.7, 0.0))
    _edge(d, "s", "e", "s", s, slope)
    _edge(d, "y", "e", "y", y, -slope, (-0.7, 0.0), (0.8, 0.0))
    _edge(d, "e", "square", "e", e, slope)
    _edge(d, "square", "loss", r"\mathcal{L}", e * e, 1)
    d.arrow((2.2, 0.45), (4.6, 0.45), color=_BLUE)
    d.text(5.9, 0.45, "forward: values", color=_BLUE)
    d.arrow((11.9, 0.45), (9.5, 0.45), color=_ORANGE)
    d.text(10.7, 0.8, r"backward: $\bar v = \partial\mathcal{L}/\partial v$", color=_ORANGE)
    return d.figure


def _edge(
    d: Diagram,
    start: str,
    end: str,
    symbol: str,
    value: float,
    slope: float,
    value_at: tuple[float, float] = (0.0, 0.35),
    slope_at: tuple[float, float] = (0.0, -0.4),
) -> None:
    """An arrow with the value that goes forward and the derivative that comes back."""
    d.arrow(start, end)
    d.arrow(start, end, rf"${symbol} = {value:g}$", shift=value_at, color=_BLUE, alpha=0)
    bar = rf"$\bar{{{symbol}}} = {slope:g}$"
    d.arrow(start, end, bar, shift=slope_at, color=_ORANGE, alpha=0)


def matrices_diagram(sizes: Sequence[int], activations: Sequence[str]) -> Figure:
    """Draw the forward pass of a network, a row a layer, with its matrices to scale.

    Args:
        sizes: numbers of inputs and of units of each layer.
        activations: the name of each layer's activation, one fewer than `sizes`.

    Raises:
        ValueError: if there is not one activation a layer.
    """
    if len(activations) != len(sizes) - 1:
        raise ValueError(
            f"{len(sizes) - 1} layers need as many activations, got {len(activations)}."
        )
    unit = 2.5 / max(sizes)
    heights = [max(1.0, size * unit) + 0.95 for size in sizes[:-1]]
    d = Diagram(14.0, sum(heights) + 0.1)
    top = sum(heights) + 0.1
    for layer, (before, after) in enumerate(pairwise(sizes), start=1):
        middle = top - 0.6 - (heights[layer - 1] - 0.95) / 2
        _layer_row(d, layer, before, after, unit, middle, activations[layer - 1])
        top -= heights[layer - 1]
    return d.figure


_ROWS = 0.95  # units, the height of a batch


def _layer_row(
    d: Diagram, layer: int, before: int, after: int, unit: float, y: float, activation: str
) -> None:
    read = "X" if layer == 1 else f"A^{{({layer - 1})}}"
    wide, narrow = before * unit, after * unit
    _matrix(d, f"in {layer}", 1.7, y, (wide, _ROWS), f"${read}$", rf"$n \times {before}$")
    d.text(3.35, y, "@", color=_INK)
    weights, bias = f"$W^{{({layer})}}$", rf"$\mathbf{{b}}^{{({layer})}}$"
    shape = rf"${before} \times {after}$"
    _matrix(d, f"W {layer}", 4.7, y, (narrow, wide), weights, shape, trained=True)
    d.text(6.05, y, "+", color=_INK)
    _matrix(d, f"b {layer}", 7.3, y, (narrow, 0.16), bias, f"${after}$", trained=True)
    d.operation(f"f {layer}", 9.9, y, activation, size=(1.7, 0.7))
    d.arrow((8.3, y), f"f {layer}")
    size = (narrow, _ROWS)
    _matrix(d, f"A {layer}", 12.4, y, size, f"$A^{{({layer})}}$", rf"$n \times {after}$")
    d.arrow(f"f {layer}", f"A {layer}")


def _matrix(
    d: Diagram,
    name: str,
    x: float,
    y: float,
    size: tuple[float, float],
    symbol: str,
    shape: str,
    *,
    trained: bool = False,
) -> None:
    """A rectangle as wide and high as the matrix, its symbol and shape above it."""
    if trained:
        d.parameter(name, x, y, " ", size=size, fontsize=1)
    else:
        d.data(name, x, y, " ", size=size, fontsize=1, boxstyle="round,pad=0,rounding_size=0.07")
    d.text(x, y + size[1] / 2 + 0.3, f"{symbol}: {shape}", color=_INK)


def convolution_diagram(channels: int = 3, kernels: int = 3, width: int = 6) -> Figure:
    """Draw a convolution of 3 x 3 places: a kernel reads all channels and makes one map.

    Args:
        channels: of the input.
        kernels: how many there are, and so maps of the output; at least 2.
        width: places of the input in each direction, at least 4.
    """
    d = Diagram(14.0, 7.0)
    near = _sheets(d, 0.4, 1.5, channels, width, 0.52, (1, 2, 3), "data")
    outputs = _sheets(d, 9.7, 1.5, kernels, width - 2, 0.6, (1, 2, 1), "data")
    for j in range(kernels):
        bottom = 0.5 + (4.6 - 0.5) * j / (kernels - 1)
        first = j == 0
        middle = _sheets(d, 5.8, bottom, channels, 3, 0.36, None, "parameter", bold=first)
        look = {"color": _ORANGE if first else "#AAAAAA", "linewidth": 2.0 if first else 1.0}
        _over(d, (near[0] + 1.0, near[1]), (5.75, middle[1]), **look)
        end = outputs if first else (10.6 + _BACK * j, 3.77 + _BACK * j)
        _over(d, (middle[0] + 1.2, middle[1]), end, **look)
        d.text(
            8.15,
            middle[1] + (-0.35 if first else 0.4),
            f"$+\\;b_{{{j + 1}}}$",
            color=_ORANGE if first else _INK,
        )
    d.text(2.4, 0.9, f"input, {channels} channels: " r"$h \times w \times c$", color=_INK)
    d.text(6.7, 6.65, r"kernel: $k \times k \times c$", color=_INK)
    d.text(11.7, 0.9, f"output, {kernels} maps: " r"$h' \times w' \times f$", color=_INK)
    return d.figure


def _over(d: Diagram, start: tuple[float, float], end: tuple[float, float], **look: Any) -> None:
    """An arrow above all sheets."""
    from matplotlib.patches import FancyArrowPatch

    d.ax.add_patch(
        FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=12, zorder=6, **look)
    )


_BACK = 0.25  # units by which each sheet stands behind the one before, to the right and up
_LOOK = {"data": ("#E3F1FA", _BLUE, None), "parameter": ("#FDEFE4", _ORANGE, "///")}


def _sheets(
    d: Diagram,
    left: float,
    bottom: float,
    count: int,
    places: int,
    side: float,
    window: tuple[int, int, int] | None,
    kind: str,
    *,
    bold: bool = False,
) -> tuple[float, float]:
    """Square sheets one behind the other, and the middle of their marked places or of the first.

    `window` is (column, row, size) of what is marked: on all sheets of several places, on the
    first sheet of one place.
    """
    from matplotlib.patches import Rectangle

    fill, edge, hatch = _LOOK[kind]
    for back in reversed(range(count)):
        x, y = left + _BACK * back, bottom + _BACK * back
        for column in range(places):
            for row in range(places):
                marked = window is not None and (back == 0 or window[2] > 1)
                inside = (
                    marked
                    and window is not None
                    and all(
                        at <= place < at + window[2]
                        for place, at in zip((column, row), window[:2], strict=True)
                    )
                )
                d.ax.add_patch(
                    Rectangle(
                        (x + side * column, y + side * row),
                        side,
                        side,
                        zorder=3,
                        fc=_MARKED if inside else fill,
                        ec=edge,
                        hatch=hatch,
                        lw=1.6 if bold or inside else 0.7,
                    )
                )
    if window is None:
        return left + side * places / 2, bottom + side * places / 2
    column, row, size = window
    return left + side * (column + size / 2), bottom + side * (row + size / 2)


_MARKED = "#F0B27A"
