"""Figures of a pretrained encoder: structure, masking, depth and pooling, low-rank adaptation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dlcourse.figures.diagrams import Diagram

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "depth_and_pooling",
    "encoder_diagram",
    "lora_diagram",
    "masking_diagram",
]

_GREEN = "#009E73"


def encoder_diagram(tokens: Sequence[str] = ("[CLS]", "not", "un", "##watch", "[SEP]")) -> Figure:
    """Draw BERT: three embeddings added, a block that is repeated, states, and a head on a mean."""
    d = Diagram(16.0, 12.6)
    columns = [4.4 + 2.1 * place for place in range(len(tokens))]
    for place, (x, token) in enumerate(zip(columns, tokens, strict=True)):
        d.data(f"token {place}", x, 0.5, token, size=(1.7, 0.6), fontsize=11)
        for row, name in enumerate(("token", "position", "segment")):
            index = ("", str(place), "0")[row]
            text = f"$E_{{{index}}}$" if index else "$E$"
            d.parameter(f"{name} {place}", x, 1.7 + 0.85 * row, text, size=(1.2, 0.6), fontsize=11)
        d.arrow(f"token {place}", f"token {place}")
        d.arrow((x, 0.82), (x, 1.38))
        d.arrow((x, 3.72), (x, 4.18))
    for row, name in enumerate(("of the token", "+ of the position", "+ of the segment")):
        d.text(1.6, 1.7 + 0.85 * row, name)
    middle, width = (columns[0] + columns[-1]) / 2, columns[-1] - columns[0] + 1.6
    d.parameter("norm", middle, 4.5, "normalization", size=(width, 0.55), fontsize=11)
    d.parameter("attention", middle, 6.0, "attention with 12 heads", size=(width, 0.6), fontsize=11)
    d.parameter("norm 1", middle, 7.1, "add, normalization", size=(width, 0.55), fontsize=11)
    d.parameter("dense", middle, 8.2, "dense 1536, GELU, dense 384", size=(width, 0.6), fontsize=11)
    d.parameter("norm 2", middle, 9.3, "add, normalization", size=(width, 0.55), fontsize=11)
    for low, high in (("norm", "attention"), ("attention", "norm 1"), ("norm 1", "dense"),
                      ("dense", "norm 2")):  # fmt: skip
        d.arrow(low, high)
    _around(d, middle, 5.25, 7.1, width)
    _around(d, middle, 7.6, 9.3, width)
    d.ax.plot([3.1, 2.8, 2.8, 3.1], [5.6, 5.6, 9.65, 9.65], color="#222222", linestyle="-")
    d.text(1.6, 7.5, "block,\n6 times", fontsize=12)
    for place, x in enumerate(columns):
        d.data(f"state {place}", x, 10.5, r"$\mathbf{h}$", size=(1.0, 0.6))
        d.arrow((x, 9.6), f"state {place}")
    d.text(1.6, 10.5, "states\n$(n, T, 384)$")
    d.operation("mean", middle, 11.75, "mean over tokens", size=(4.2, 0.6), fontsize=11)
    for place in range(len(tokens)):
        d.arrow(f"state {place}", (middle + 0.4 * (place - (len(tokens) - 1) / 2), 11.43))
    d.parameter("head", middle + 4.8, 11.75, r"$\mathbf{w},\,b$", size=(1.5, 0.7))
    d.arrow("mean", "head", "$(n, 384)$", shift=(0.65, 0.3))
    d.data("logit", middle + 6.5, 11.75, "$z$", size=(0.8, 0.6))
    d.arrow("head", "logit")
    return d.figure


def _around(d: Diagram, middle: float, low: float, high: float, width: float) -> None:
    """The way of the stream around a part, to the sum above it."""
    right = middle + width / 2 + 0.45
    d.ax.plot(
        [middle, right, right],
        [low, low, high],
        color=_GREEN,
        linestyle="-",
        linewidth=2.0,
        zorder=1,
    )
    d.arrow((right, high), (middle + width / 2, high), color=_GREEN, linewidth=2.0)


def masking_diagram(text: str = "to be or", masked: int = 4, changed: int = 1) -> Figure:
    """Draw a row of characters with one hidden and one exchanged, and what is to be predicted."""
    d = Diagram(14.0, 4.6)
    for place, character in enumerate(text):
        x = 1.4 + 1.6 * place
        name = "␣" if character == " " else character
        shown = {masked: "[M]", changed: "q"}.get(place, name)
        look: dict[str, Any] = {"ec": "#D55E00"} if place in (masked, changed) else {}
        d.data(f"in {place}", x, 0.6, shown, size=(1.1, 0.6), **look)
        d.arrow(f"in {place}", (x, 1.68))
        if place in (masked, changed):
            d.data(f"out {place}", x, 4.0, name, size=(1.1, 0.6))
            d.arrow((x, 2.62), f"out {place}")
            d.text(x + 0.75, 3.3, r"$-\log \hat{p}$")
    middle, width = 1.4 + 0.8 * (len(text) - 1), 1.6 * len(text)
    inside = "encoder: every place sees all others"
    d.parameter("encoder", middle, 2.15, inside, size=(width, 0.9), fontsize=11)
    return d.figure


def lora_diagram() -> Figure:
    """Draw a dense layer that stays as it is, beside the narrow way that is trained."""
    d = Diagram(14.0, 5.4)
    d.data("x", 1.0, 2.7, r"$\mathbf{x}$", size=(0.9, 0.7))
    d.data("W", 6.6, 4.3, "$W$, stays as it is: $384 \\times 384$", size=(6.6, 0.9))
    d.parameter("A", 4.6, 1.3, "$A$: $384 \\times r$", size=(2.6, 0.9))
    d.parameter("B", 8.4, 1.3, "$B$: $r \\times 384$", size=(2.6, 0.9))
    d.operation("scale", 11.0, 1.3, r"$\times\, \alpha / r$", size=(1.4, 0.8))
    d.operation("sum", 12.0, 2.9, "+", size=(0.7, 0.65))
    d.data("y", 13.4, 2.9, r"$\mathbf{y}$", size=(0.9, 0.7))
    d.arrow("x", "W", "$(n, T, 384)$", shift=(-1.3, 0.3))
    d.arrow("x", "A")
    d.arrow("A", "B", "$(n, T, r)$", shift=(0.0, 0.75))
    d.arrow("B", "scale")
    d.arrow("scale", "sum")
    d.arrow("W", "sum")
    d.arrow("sum", "y")
    return d.figure


def depth_and_pooling(accuracies: Mapping[str, npt.ArrayLike], errors: npt.ArrayLike) -> Figure:
    """Draw accuracy against the block after which states are taken, a line for each pooling.

    Args:
        accuracies: by pooling, (blocks,).
        errors: (blocks,) standard errors, drawn at the first line.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7, 3.3))
    for row, (name, given) in enumerate(accuracies.items()):
        values = np.asarray(given, dtype=np.float64)
        blocks = np.arange(1, len(values) + 1)
        style: dict[str, Any] = {"marker": "osD^"[row % 4], "label": name}
        if row == 0:
            ax.errorbar(blocks, values, np.asarray(errors), capsize=3, **style)
        else:
            ax.plot(blocks, values, linestyle=("--", ":", "-.")[row % 3], **style)
    ax.set(xlabel="states after block", ylabel="accuracy")
    ax.legend(fontsize=10)
    return figure
