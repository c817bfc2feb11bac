"""Diagrams of residual blocks, of the U-Net, and of the losses of style transfer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dlcourse.figures.diagrams import Diagram

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "gram_diagram",
    "inverted_residual_diagram",
    "residual_diagram",
    "style_loss_diagram",
    "unet_diagram",
]

_INK, _GREY, _ORANGE, _GREEN = "#222222", "#555555", "#D55E00", "#009E73"

_PLAIN = ("conv $3 \\times 3$", "norm", "ReLU", "conv $3 \\times 3$", "norm")
_PRE = ("norm", "ReLU", "conv $3 \\times 3$", "norm", "ReLU", "conv $3 \\times 3$")


def residual_diagram() -> Figure:
    """Draw three blocks beside each other: plain, residual, and residual with pre-activation."""
    d = Diagram(14.0, 9.4)
    _block(d, "plain", 2.2, _PLAIN, None, 7.4)
    _block(d, "residual", 6.6, _PLAIN, 6.5, 7.4)
    _block(d, "pre-activation", 11.0, _PRE, 7.4, None)
    return d.figure


def _block(
    d: Diagram, name: str, x: float, parts: Sequence[str], total: float | None, last: float | None
) -> None:
    """A block from below to above; `total` and `last` are the heights of the sum and of a ReLU."""
    d.text(x, 9.1, name, fontsize=12, color=_INK)
    d.data(f"{name} x", x, 0.5, r"$\mathbf{x}$", size=(1.2, 0.6))
    below = f"{name} x"
    for number, part in enumerate(parts):
        _layer(d, f"{name} {number}", x, 1.6 + 0.95 * number, part)
        d.arrow(below, f"{name} {number}")
        below = f"{name} {number}"
    if total is not None:
        d.operation(f"{name} sum", x, total, "+", size=(0.6, 0.55))
        d.arrow(below, f"{name} sum", r"$F(\mathbf{x})$", shift=(-0.6, 0.0))
        _shortcut(d, x, 0.5, total)
        below = f"{name} sum"
    if last is not None:
        _layer(d, f"{name} last", x, last, "ReLU")
        d.arrow(below, f"{name} last")
        below = f"{name} last"
    d.data(f"{name} y", x, 8.4, r"$\mathbf{y}$", size=(1.2, 0.6))
    d.arrow(below, f"{name} y")


def _layer(d: Diagram, name: str, x: float, y: float, text: str) -> None:
    """A box of a layer: hatched if it has parameters."""
    draw = d.operation if text == "ReLU" else d.parameter
    draw(name, x, y, text, size=(2.3, 0.6), fontsize=11)


def _shortcut(d: Diagram, x: float, bottom: float, top: float) -> None:
    """The way from the input around the layers to the sum."""
    right = x + 1.6
    d.ax.plot(
        [x + 0.6, right, right],
        [bottom, bottom, top],
        color=_GREEN,
        linestyle="-",
        linewidth=2.4,
        zorder=1,
    )
    d.arrow((right + 0.02, top), (x + 0.28, top), color=_GREEN, linewidth=2.4)
    d.text(right + 0.25, (bottom + top) / 2, "shortcut", color=_GREEN, rotation=90)


def inverted_residual_diagram(widen: int = 4) -> Figure:
    """Draw an inverted residual block; boxes are as high as the layer's channels are many.

    Args:
        widen: by how much the first convolution multiplies the channels.
    """
    d = Diagram(14.0, 6.2)
    y, low, high = 2.9, 0.95, 2.6
    d.data("x", 0.7, y, r"$\mathbf{x}$", size=(0.9, low))
    wide = f"{widen}c"
    d.parameter("expand", 2.7, y, "conv\n$1 \\times 1$\nnorm\nSiLU", size=(1.5, high), fontsize=11)
    d.parameter(
        "space", 5.2, y, "depth-\nwise\n$k \\times k$\nnorm\nSiLU", size=(1.5, high), fontsize=11
    )
    d.operation("weigh", 8.6, y, r"$\times$", size=(0.6, 0.6))
    d.parameter("narrow", 10.6, y, "conv\n$1 \\times 1$\nnorm", size=(1.4, 1.5), fontsize=11)
    d.operation("sum", 12.3, y, "+", size=(0.6, 0.6))
    d.data("y", 13.5, y, r"$\mathbf{y}$", size=(0.8, low))
    for start, end, text in (
        ("x", "expand", "$c$"),
        ("expand", "space", f"${wide}$"),
        ("space", "weigh", f"${wide}$"),
        ("weigh", "narrow", f"${wide}$"),
        ("narrow", "sum", "$c$"),
        ("sum", "y", ""),
    ):
        d.arrow(start, end, text, shift=(0.0, 0.28))
    d.parameter("excite", 7.5, 0.65, "mean of each channel,\ntwo small layers", size=(4.6, 0.9),
                fontsize=10)  # fmt: skip
    d.arrow((6.4, y), (6.4, 1.1))
    d.arrow((8.6, 1.1), "weigh", "factors from 0 to 1", shift=(1.95, -0.5))
    d.ax.plot(
        [0.7, 0.7, 12.3],
        [y + low / 2, 5.3, 5.3],
        color=_GREEN,
        linestyle="-",
        linewidth=2.4,
        zorder=1,
    )
    d.arrow((12.3, 5.32), (12.3, y + 0.3), color=_GREEN, linewidth=2.4)
    d.text(6.5, 5.6, "shortcut, where input and output have the same shape", color=_GREEN)
    return d.figure


def unet_diagram(size: int, widths: Sequence[int], classes: int) -> Figure:
    """Draw a U-Net: feature maps on the way down and up, and the connections between them.

    Args:
        size: height and width of the image.
        widths: channels of the feature maps at each level, from the finest to the coarsest.
        classes: channels of the output.
    """
    last = len(widths) - 1
    d = Diagram(14.0, 1.5 * last + 2.4)
    top = 1.5 * last + 0.55
    for level, width in enumerate(widths[:-1]):
        _level(d, level, width, size >> level, top - 1.5 * level)
    shape = f"${size >> last}^2 \\times {widths[-1]}$"
    d.data("coarse", 6.6, 0.55, shape, size=(2.1, 0.7), fontsize=11)
    d.arrow(f"down {last - 1}", "coarse", "pool, conv twice", shift=(-1.7, -0.1))
    d.arrow("coarse", f"join {last - 1}", "up", shift=(0.5, -0.1))
    for level in range(last - 1):
        d.arrow(f"down {level}", f"down {level + 1}", "pool, conv", shift=(-1.25, 0.0))
        d.arrow(f"up {level + 1}", f"join {level}", "up", shift=(0.45, 0.15))
    for name, x, text in (
        ("image", 2.4, f"image: ${size}^2 \\times 3$"),
        ("output", 11.6, f"output: ${size}^2 \\times {classes}$"),
    ):
        d.data(name, x, top + 1.45, text, size=(3.0, 0.7), fontsize=11)
    d.arrow("image", "down 0", "conv", color=_ORANGE, shift=(-0.6, 0.0))
    d.arrow("up 0", "output", "conv $1 \\times 1$", color=_ORANGE, shift=(1.0, 0.0))
    return d.figure


def _level(d: Diagram, level: int, width: int, size: int, y: float) -> None:
    """The maps of one size: on the way down, joined, and on the way up."""
    shift = 0.6 * level
    shape = f"${size}^2 \\times {width}$"
    d.data(f"down {level}", 2.4 + shift, y, shape, size=(2.1, 0.7), fontsize=11)
    d.operation(f"join {level}", 8.75 - shift, y, "join", size=(1.0, 0.6), fontsize=10)
    d.data(f"up {level}", 11.6 - shift, y, shape, size=(2.1, 0.7), fontsize=11)
    look: dict[str, Any] = {"color": _GREEN, "linestyle": "--", "linewidth": 2.0}
    d.arrow(f"down {level}", f"join {level}", "skip" if level == 0 else "", **look)
    d.arrow(f"join {level}", f"up {level}", "conv", color=_ORANGE, shift=(0.0, 0.25))


_CORNERS = "round,pad=0,rounding_size=0.07"


def gram_diagram() -> Figure:
    """Draw how a feature map becomes a matrix with a row a place, and that its Gram matrix."""
    d = Diagram(14.0, 5.0)
    _maps(d, 0.3, 1.3)
    d.text(1.9, 0.6, r"feature map: $h \times w \times c$", color=_INK)
    d.arrow((3.9, 2.6), (4.8, 2.6))
    d.text(4.35, 3.2, "a row\na place", color=_INK)
    tall, flat, square = (1.1, 3.2), (3.2, 1.1), (1.1, 1.1)
    d.text(6.9, 2.65, r"$\frac{1}{hw}$", fontsize=15, color=_INK)
    d.data("F below", 5.6, 2.6, "$F$", size=tall, boxstyle=_CORNERS)
    d.text(5.6, 0.6, r"$hw \times c$", color=_INK)
    d.data("transposed", 9.0, 2.6, r"$F^\top$", size=flat, boxstyle=_CORNERS)
    d.text(9.0, 0.6, r"$c \times hw$", color=_INK)
    d.data("F", 11.3, 2.6, "$F$", size=tall, boxstyle=_CORNERS)
    d.text(12.15, 2.6, "=", fontsize=14, color=_INK)
    d.data("G", 13.2, 2.6, "$G$", size=square, boxstyle=_CORNERS)
    d.text(13.1, 0.6, r"$c \times c$", color=_INK)
    return d.figure


def _maps(d: Diagram, left: float, bottom: float, channels: int = 3) -> None:
    """Feature maps one behind the other; the same place is marked on each."""
    from matplotlib.patches import Rectangle

    side = 0.62
    for back in reversed(range(channels)):
        for place in range(16):
            x = left + 0.35 * back + side * (place % 4)
            y = bottom + 0.35 * back + side * (place // 4)
            fill = "#F0B27A" if place == 10 else "#E3F1FA"
            d.ax.add_patch(Rectangle((x, y), side, side, fc=fill, ec="#0072B2", lw=0.8, zorder=2))


def style_loss_diagram() -> Figure:
    """Draw the losses of style transfer: what is computed from which image, and what is changed."""
    d = Diagram(14.0, 7.6)
    for name, y, text in (
        ("style", 6.4, "style\nphotograph"),
        ("x", 3.9, "image $\\mathbf{x}$"),
        ("content", 1.4, "content\nphotograph"),
    ):
        d.data(name, 1.7, y, text, size=(2.1, 1.0), fontsize=11)
    d.parameter("network", 4.3, 3.9, "VGG16,\nfixed", size=(1.6, 6.2), fontsize=11)
    for y, name in ((6.4, "style"), (3.9, "x"), (1.4, "content")):
        d.arrow(name, (3.5, y))
    d.data("T", 8.4, 6.4, "Gram\nmatrices $T$", size=(2.0, 1.0), fontsize=11)
    d.data("G", 8.4, 4.4, "Gram\nmatrices $G$", size=(2.0, 1.0), fontsize=11)
    d.data("F", 8.4, 2.8, r"$F(\mathbf{x})$", size=(2.0, 0.8), fontsize=12)
    d.data("F content", 8.4, 1.4, r"$F_\mathrm{content}$", size=(2.0, 0.8), fontsize=12)
    for place, end, text in ((6.4, "T", "4 layers"), (4.4, "G", "4 layers"), (2.8, "F", "1 layer"),
                             (1.4, "F content", "1 layer")):  # fmt: skip
        d.arrow((5.1, place), end, text, shift=(-0.3, 0.22))
    for name, y, pair in (("style", 5.4, ("T", "G")), ("content", 2.1, ("F", "F content"))):
        loss = rf"$\mathcal{{L}}_\mathrm{{{name}}}$"
        d.operation(f"{name} loss", 12.2, y, loss, size=(1.7, 0.9))
        for box in pair:
            d.arrow(box, f"{name} loss")
    for y in (5.4, 2.1):
        d.ax.plot([13.05, 13.5], [y, y], color=_ORANGE, linestyle="--", linewidth=2)
    d.ax.plot([13.5, 13.5, 0.25, 0.25], [5.4, 0.35, 0.35, 3.9], color=_ORANGE, linestyle="--",
              linewidth=2)  # fmt: skip
    d.arrow((0.25, 3.9), "x", color=_ORANGE, linewidth=2)
    d.text(9.3, 0.63, "gradient: only the image changes", color=_ORANGE)
    return d.figure
