"""Figures of week 8's transformer: heads, masks, blocks, architectures, and measured curves.

Importing this module is cheap; matplotlib is imported when something is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dlcourse.figures.diagrams import Diagram

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "architectures_diagram", "blocks_diagram", "cache_diagram", "curves_by_position",
    "gradient_sizes", "heads_diagram", "masks_diagram",
]  # fmt: skip

_BLUE, _ORANGE, _GREY = "#0072B2", "#D55E00", "#555555"


def heads_diagram(width: int, heads: int) -> Figure:
    """Draw multi-head attention: three products, a split, attention in each head, and a join.

    Args:
        width: numbers of one position.
        heads: how many; three are drawn, the middle one as dots, if there are more than two.
    """
    size = width // heads
    diagram = Diagram(14.0, 7.6)
    diagram.data("x", 1.0, 3.8, "$X$", size=(1.1, 0.9))
    for y, name in ((6.4, "q"), (3.8, "k"), (1.2, "v")):
        diagram.parameter(f"W {name}", 3.3, y, f"$W_{name}$", size=(1.1, 0.9))
        diagram.arrow("x", f"W {name}", f"{width}", shift=(0, 0.28))
    for y, label in ((6.4, "1"), (1.2, f"{heads}")):
        diagram.operation(f"head {label}", 7.3, y, f"attention\nhead {label}", size=(2.3, 1.3))
        for name in "qkv":
            diagram.arrow(f"W {name}", f"head {label}")
    for y in (4.2, 3.8, 3.4):
        diagram.text(7.3, y, ".", fontsize=18)
    diagram.text(5.0, 7.1, f"{size} each", fontsize=10)
    diagram.operation("join", 10.1, 3.8, "join", size=(1.1, 0.9))
    for label in ("1", f"{heads}"):
        diagram.arrow(f"head {label}", "join", f"{size}", shift=(0.35, 0.1))
    diagram.parameter("W o", 11.8, 3.8, "$W_o$", size=(1.0, 0.9))
    diagram.data("y", 13.3, 3.8, "$Y$", size=(0.9, 0.9))
    diagram.arrow("join", "W o", f"{width}", shift=(0, 0.3))
    diagram.arrow("W o", "y", f"{width}", shift=(0, 0.3))
    return diagram.figure


def masks_diagram(masks: Mapping[str, npt.ArrayLike], words: Sequence[str]) -> Figure:
    """Draw masks side by side: a filled square where the query of a row sees the key of a column.

    Args:
        masks: by name, (t, t) booleans.
        words: t of them, of queries and of keys.
    """
    import matplotlib.pyplot as plt
    from matplotlib.patches import Rectangle

    figure, axes = plt.subplots(1, len(masks), figsize=(7, 7 / len(masks) + 0.6), squeeze=False)
    t = len(words)
    for ax, (name, mask) in zip(axes[0], masks.items(), strict=True):
        for row, column in np.ndindex(t, t):
            seen = bool(np.asarray(mask)[row, column])
            ax.add_patch(
                Rectangle(
                    (column + 0.06, row + 0.06), 0.88, 0.88, ec=_GREY,
                    fc=_BLUE if seen else "none", alpha=1.0 if seen else 0.5,
                )
            )  # fmt: skip
        ax.set(xlim=(0, t), ylim=(t, 0), aspect="equal")
        ax.set_title(name, fontsize=11)
        ax.set_xticks(np.arange(t) + 0.5, words, rotation=90, fontsize=9)
        ax.set_yticks(np.arange(t) + 0.5, words, fontsize=9)
        ax.tick_params(length=0)
        ax.grid(visible=False)
        ax.set_xlabel("key", fontsize=10)
    axes[0, 0].set_ylabel("query", fontsize=10)
    return figure


def blocks_diagram() -> Figure:
    """Draw a block with normalization after each sum, and one with it inside each branch."""
    diagram = Diagram(14.0, 9.4)
    _post_norm(diagram, 3.2)
    _pre_norm(diagram, 10.4)
    return diagram.figure


def _post_norm(diagram: Diagram, x: float) -> None:
    diagram.text(x, 9.0, "post-norm", fontsize=13)
    diagram.data("post in", x, 0.6, "$X$")
    previous, y = "post in", 0.6
    for name, text in (("attention", "attention"), ("feed", "feed-forward")):
        side = f"post {name}"
        diagram.parameter(side, x + 1.9, y + 1.35, text, size=(2.4, 0.8), fontsize=10)
        diagram.operation(f"{side} sum", x, y + 2.4, "+", size=(0.7, 0.7))
        diagram.parameter(f"{side} norm", x, y + 3.5, "norm", size=(1.4, 0.7), fontsize=10)
        diagram.arrow(previous, f"{side} sum")
        diagram.arrow((x, y + 0.5), side, bend=0.3)
        diagram.arrow(side, f"{side} sum", bend=0.3)
        diagram.arrow(f"{side} sum", f"{side} norm")
        previous, y = f"{side} norm", y + 3.6
    diagram.data("post out", x, y + 0.75, "$Y$", size=(0.9, 0.5))
    diagram.arrow(previous, "post out")


def _pre_norm(diagram: Diagram, x: float) -> None:
    diagram.text(x, 9.0, "pre-norm", fontsize=13)
    diagram.data("pre in", x, 0.6, "$X$")
    previous, y = "pre in", 0.6
    for name, text in (("attention", "attention"), ("feed", "feed-forward")):
        side = f"pre {name}"
        diagram.parameter(f"{side} norm", x + 1.9, y + 1.0, "norm", size=(1.4, 0.7), fontsize=10)
        diagram.parameter(side, x + 1.9, y + 2.2, text, size=(2.4, 0.8), fontsize=10)
        diagram.operation(f"{side} sum", x, y + 3.2, "+", size=(0.7, 0.7))
        diagram.arrow(previous, f"{side} sum", color=_BLUE, linewidth=3)
        diagram.arrow((x, y + 0.4), f"{side} norm", bend=0.25)
        diagram.arrow(f"{side} norm", side)
        diagram.arrow(side, f"{side} sum", bend=0.3)
        previous, y = f"{side} sum", y + 3.5
    diagram.data("pre out", x, y + 0.95, "$Y$", size=(0.9, 0.5))
    diagram.arrow(previous, "pre out", color=_BLUE, linewidth=3)
    diagram.text(x - 1.4, 4.3, "residual\nstream", fontsize=11, color=_BLUE)


def architectures_diagram() -> Figure:
    """Draw an encoder, a decoder, and an encoder with a decoder."""
    diagram = Diagram(14.0, 8.0)
    columns = (
        ("encoder", 1.8, "text", ("self-attention\nall positions", "feed-forward"), "vectors"),
        ("decoder", 5.3, "text so far", ("self-attention\ncausal", "feed-forward"), "next token"),
        ("encoder of two", 9.0, "source", ("self-attention\nall positions", "feed-forward"), None),
        (
            "decoder of two", 12.4, "target so far",
            ("self-attention\ncausal", "cross-attention", "feed-forward"), "next token",
        ),
    )  # fmt: skip
    for name, x, source, layers, result in columns:
        diagram.data(f"{name} in", x, 0.6, source, size=(2.3, 0.7), fontsize=10)
        previous, y = f"{name} in", 2.1
        for layer in layers:
            diagram.parameter(f"{name} {layer}", x, y, layer, size=(2.4, 1.0), fontsize=9)
            diagram.arrow(previous, f"{name} {layer}")
            previous, y = f"{name} {layer}", y + 1.5
        diagram.text(x + 1.45, 2.9, "N times", fontsize=9, rotation=90)
        if result:
            diagram.data(f"{name} out", x, 6.6, result, size=(2.3, 0.7), fontsize=10)
            diagram.arrow(previous, f"{name} out")
    diagram.arrow(
        "encoder of two feed-forward", "decoder of two cross-attention", color=_ORANGE,
        linewidth=2.2,
    )  # fmt: skip
    diagram.text(10.7, 4.5, "keys, values", color=_ORANGE, fontsize=9)
    for x, title in ((1.8, "encoder\n(BERT)"), (5.3, "decoder\n(GPT)")):
        diagram.text(x, 7.5, title, fontsize=11)
    diagram.text(10.7, 7.5, "encoder-decoder\n(the transformer of 2017, T5)", fontsize=11)
    return diagram.figure


def cache_diagram(steps: int = 6) -> Figure:
    """Draw which scores are computed for the last of some characters, without and with a cache.

    Args:
        steps: characters read, the last one new.
    """
    import matplotlib.pyplot as plt
    from matplotlib.patches import Rectangle

    figure, axes = plt.subplots(1, 2, figsize=(7, 3.6))
    for ax, title in zip(axes, ("everything again", "with a cache"), strict=True):
        for row, column in np.ndindex(steps, steps):
            new = row == steps - 1 or title == "everything again"
            if column <= row:
                ax.add_patch(
                    Rectangle(
                        (column + 0.06, row + 0.06), 0.88, 0.88, ec=_GREY,
                        fc=_ORANGE if new else "none",
                    )
                )  # fmt: skip
        ax.set(xlim=(0, steps), ylim=(steps, 0), aspect="equal")
        ax.set_title(title, fontsize=11)
        ax.set_xticks(np.arange(steps) + 0.5, range(1, steps + 1))
        ax.set_yticks(np.arange(steps) + 0.5, range(1, steps + 1))
        ax.set(xlabel="key at position")
        ax.tick_params(length=0)
        ax.grid(visible=False)
    axes[0].set_ylabel("query at position")
    return figure


def gradient_sizes(sizes: Mapping[str, npt.ArrayLike]) -> Figure:
    """Draw the size of the gradient at each block of networks with new weights.

    Args:
        sizes: by name, (seeds, blocks) norms; the mean is drawn, and each seed faintly.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7, 3.4))
    for (name, given), marker, colour in zip(
        sizes.items(), "os^", (_ORANGE, _BLUE, _GREY), strict=False
    ):
        values = np.asarray(given, dtype=np.float64)
        blocks = np.arange(1, values.shape[1] + 1)
        ax.semilogy(blocks, values.T, color=colour, alpha=0.3, linewidth=1)
        ax.semilogy(blocks, values.mean(axis=0), marker=marker, color=colour, label=name)
    ax.set(xlabel="block, from the input", ylabel="norm of the gradient")
    ax.set_xticks(blocks)
    ax.legend(fontsize=10)
    return figure


def curves_by_position(
    bits: Mapping[str, npt.ArrayLike], trained: int, *, group: int = 8, top: float | None = None
) -> Figure:
    """Draw bits per character against the position in the text.

    Args:
        bits: by name of the model, (seeds, positions); groups of positions are averaged, the mean
            over the seeds is drawn with its standard error.
        trained: length of the rows in training; a line marks it.
        group: how many positions are averaged.
        top: of the vertical axis; None for what the curves need.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7, 3.8))
    for (name, given), marker in zip(bits.items(), "os^Dv", strict=False):
        values = np.asarray(given, dtype=np.float64)
        groups = values[:, : values.shape[1] // group * group].reshape(len(values), -1, group)
        means = groups.mean(axis=2)
        places = group * (np.arange(means.shape[1]) + 0.5)
        error = means.std(axis=0, ddof=1) / np.sqrt(len(means)) if len(means) > 1 else None
        ax.errorbar(places, means.mean(axis=0), error, marker=marker, markersize=4, label=name)
    ax.axvline(trained, color=_GREY, linestyle=":", label="length in training")
    ax.set(xlabel="position in the text (characters)", ylabel="bits per character")
    if top is not None:
        ax.set_ylim(top=top)
    ax.legend(fontsize=10)
    return figure
