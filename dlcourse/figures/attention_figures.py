"""Figures of the chapter on attention. matplotlib is imported when one is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dlcourse.figures.diagrams import Diagram

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "draw_alignments",
    "draw_blocks",
    "draw_lookup",
    "draw_scores",
    "draw_smoothing",
    "draw_spread",
    "draw_training",
]

_ORANGE, _BLUE, _GREEN = "#D55E00", "#0072B2", "#009E73"

Array = npt.NDArray[np.floating[Any]]


def draw_lookup(keys: int = 3) -> Figure:
    """Draw one query that is compared with all keys, and the mixture of the values.

    Args:
        keys: how many pairs of key and value are drawn.
    """
    d = Diagram(14.6, 6.2)
    d.data("q", 1.2, 3.1, r"query $\mathbf{q}$", size=(1.9, 0.8), fontsize=11)
    heights = np.linspace(5.2, 1.6, keys)
    d.operation("softmax", 8.4, 3.4, "softmax", size=(1.2, 4.6), fontsize=10)
    d.operation("sum", 12.4, 3.4, r"$\sum$", size=(0.8, 4.6))
    for place, y in enumerate(heights, start=1):
        d.operation(f"score{place}", 6.1, y, "score", size=(1.3, 0.7), fontsize=10)
        beside = 0.62 if y > 3.1 else -0.45  # clear of the query's arrow
        d.data(f"k{place}", 3.9, y + beside, rf"$\mathbf{{k}}_{place}$", size=(0.8, 0.6))
        d.data(f"v{place}", 10.4, y + 0.62, rf"$\mathbf{{v}}_{place}$", size=(0.8, 0.6))
        d.arrow(f"k{place}", f"score{place}")
        d.arrow("q", f"score{place}", color=_ORANGE)
        d.arrow((6.8, y), (7.75, y), rf"$s_{place}$", shift=(0.0, 0.22))
        d.arrow((9.05, y), (11.95, y), rf"$a_{place}$", shift=(-1.1, 0.22), color=_BLUE)
        d.arrow(f"v{place}", (11.95, y + 0.3))
    d.data("c", 14.0, 3.4, r"$\mathbf{c}$", size=(0.8, 0.7))
    d.arrow("sum", "c")
    d.text(8.4, 0.7, "weights: positive,\nsum 1", fontsize=10)
    d.text(13.2, 0.7, r"context $\mathbf{c} = \sum_j a_j \mathbf{v}_j$", fontsize=10)
    return d.figure


def draw_scores() -> Figure:
    """Draw how the three scores are computed from a query and a key."""
    d = Diagram(15.0, 5.4)
    for name, x in (("dot product", 2.0), ("scaled, projected", 6.9), ("additive", 12.4)):
        d.text(x, 5.1, name, fontsize=11)
        wide = 1.0 if name == "dot product" else 1.3
        d.data(f"q {name}", x - wide, 0.5, r"$\mathbf{q}$", size=(0.8, 0.6))
        d.data(f"k {name}", x + wide, 0.5, r"$\mathbf{k}$", size=(0.8, 0.6))
    d.operation("dot", 2.0, 2.9, r"$\cdot$", size=(0.8, 0.6))
    d.data("s dot", 2.0, 4.4, r"$s$", size=(0.7, 0.6))
    d.arrow("q dot product", "dot")
    d.arrow("k dot product", "dot")
    d.arrow("dot", "s dot")
    for name, x in (("scaled, projected", 6.9), ("additive", 12.4)):
        d.parameter(f"W {name}", x - 1.3, 1.7, "$W$", size=(0.9, 0.6))
        d.parameter(f"U {name}", x + 1.3, 1.7, "$U$", size=(0.9, 0.6))
        d.arrow(f"q {name}", f"W {name}")
        d.arrow(f"k {name}", f"U {name}")
        d.data(f"s {name}", x, 4.4, r"$s$", size=(0.7, 0.6))
    d.operation("scaled", 6.9, 3.1, r"$\cdot\ / \sqrt{d}$", size=(1.5, 0.7))
    d.arrow("W scaled, projected", "scaled")
    d.arrow("U scaled, projected", "scaled")
    d.arrow("scaled", "s scaled, projected")
    d.operation("tanh", 12.4, 2.75, r"$+$, tanh", size=(1.5, 0.6), fontsize=11)
    d.parameter("v", 12.4, 3.65, r"$\mathbf{w}$", size=(0.9, 0.5))
    d.arrow("W additive", "tanh")
    d.arrow("U additive", "tanh")
    d.arrow("tanh", "v")
    d.arrow("v", "s additive")
    return d.figure


def draw_smoothing(
    angles: Array, values: Array, places: Array, truth: Array, means: Mapping[str, Array]
) -> Figure:
    """Draw noisy points of a curve, the curve, and its smoothed versions, a panel each.

    Args:
        angles: (m,) of the points.
        values: (m,) of the points.
        places: (n,) at which the curve and the means are given.
        truth: (n,) the curve.
        means: by name, (n,) weighted means.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(
        1, len(means), figsize=(8.4, 2.5), sharey=True, layout="constrained"
    )
    for ax, (name, mean) in zip(axes, means.items(), strict=True):
        ax.plot(angles, values, ".", color="#777777", markersize=5)
        ax.plot(places, truth, "--", color=_ORANGE, linewidth=1.6, label="curve")
        ax.plot(places, mean, color=_BLUE, linewidth=2.0, label="weighted mean")
        ax.set(title=name, xlabel="angle (rad)")
        ax.title.set_fontsize(11)
    axes[0].set_ylabel("value")
    axes[0].legend(fontsize=8)
    return figure


def draw_spread(lengths: Sequence[int], measured: Mapping[str, Mapping[str, Sequence[float]]],
                most: float) -> Figure:  # fmt: skip
    """Draw the entropy of the weights and the size of the softmax's derivative against d.

    Args:
        lengths: of queries and keys.
        measured: by name of the score, "entropy" (nats) and "slope", one number for each length.
        most: the entropy of equal weights.
    """
    import matplotlib.pyplot as plt

    from dlcourse.plots import MARKERS

    figure, axes = plt.subplots(1, 2, figsize=(7.6, 2.9), layout="constrained")
    for (name, columns), marker in zip(measured.items(), MARKERS, strict=False):
        for ax, quantity in zip(axes, ("entropy", "slope"), strict=True):
            ax.plot(lengths, columns[quantity], marker=marker, label=name)
    axes[0].axhline(most, color="#555555", linestyle=":", linewidth=1.2)
    axes[0].set(xscale="log", xlabel="length d of query and key", ylabel="entropy (nats)", ylim=0)
    axes[1].set(xscale="log", yscale="log", xlabel="length d of query and key",
                ylabel="sum of a(1 - a)")  # fmt: skip
    axes[0].legend(fontsize=9)
    return figure


def draw_training(
    lengths: Sequence[int],
    rates: Sequence[float],
    errors: Mapping[tuple[str, int], Array],
    level: float,
) -> Figure:
    """Draw the error after training against the learning rate, a panel for each length d.

    Args:
        lengths: of queries and keys.
        rates: learning rates.
        errors: by name of the score and length, (len(rates), seeds) mean squared errors; their mean
            and two standard errors are drawn.
        level: error of the best fixed kernel; a dotted line.
    """
    import matplotlib.pyplot as plt

    from dlcourse.plots import MARKERS

    figure, axes = plt.subplots(
        1, len(lengths), figsize=(8.4, 2.9), sharey=True, layout="constrained"
    )
    names = list(dict.fromkeys(name for name, _ in errors))
    for ax, d in zip(axes, lengths, strict=True):
        for place, (name, marker) in enumerate(zip(names, MARKERS, strict=False)):
            each = errors[name, d]
            bar = 2 * each.std(axis=1, ddof=1) / np.sqrt(each.shape[1])
            ax.errorbar(np.array(rates) * 1.08 ** (place - 1), each.mean(axis=1), bar,
                        marker=marker, capsize=3, label=name)  # fmt: skip
        ax.axhline(level, color="#555555", linestyle=":", linewidth=1.2)
        ax.set(xscale="log", yscale="log", xlabel="learning rate", title=f"d = {d}")
        ax.set_xticks(rates, [f"{rate:g}" for rate in rates])
        ax.set_yticks([0.1, 0.2, 0.4], ["0.1", "0.2", "0.4"])
        ax.minorticks_off()
    axes[0].set_ylabel("mean squared error")
    axes[0].legend(fontsize=8)
    return figure


def draw_alignments(looked: Mapping[str, tuple[Array, Sequence[str]]], word: str) -> Figure:
    """Draw which letters of one word the phonemes were written from, a panel for each network.

    Args:
        looked: by name, the attention's weights (phonemes, letters) and the phonemes written.
        word: what was read.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, len(looked), figsize=(9.0, 3.4), layout="constrained")
    for ax, (name, (weights, sounds)) in zip(axes, looked.items(), strict=True):
        image = ax.imshow(weights, cmap="Blues", vmin=0, vmax=1, aspect="auto")
        ax.set_xticks(range(len(word)), list(word))
        ax.set_yticks(range(len(sounds)), sounds)
        ax.grid(visible=False)
        ax.set(xlabel="letter read", title=name)
    axes[0].set_ylabel("phoneme written")
    figure.colorbar(image, ax=axes, label="weight")
    return figure


def draw_blocks() -> Figure:
    """Draw attention over blocks of keys, with the three numbers that a query carries on."""
    d = Diagram(14.6, 4.8)
    for place, x in enumerate((3.2, 7.6, 12.0), start=1):
        d.data(f"KV{place}", x, 4.0, rf"$K_{place}, V_{place}$", size=(1.9, 0.8))
        d.operation(f"step{place}", x, 2.3, "scores, merge", size=(2.4, 0.8), fontsize=11)
        d.arrow(f"KV{place}", f"step{place}")
        d.arrow((x, 0.9), f"step{place}", color=_ORANGE)
        if place < 3:
            d.arrow(
                (x + 1.2, 2.3), (x + 3.2, 2.3), r"$m, \ell, \mathbf{o}$",
                shift=(0.0, 0.3), color=_BLUE,
            )  # fmt: skip
    d.data("Q", 3.2, 0.6, "$Q$", size=(0.9, 0.6))
    for start, end in ((3.65, 7.6), (7.6, 12.0)):
        d.ax.plot([start, end], [0.6, 0.6], "-", color=_ORANGE, linewidth=1.4, zorder=1)
    for x in (7.6, 12.0):
        d.ax.plot([x, x], [0.6, 0.95], "-", color=_ORANGE, linewidth=1.4, zorder=1)
    d.data("start", 0.85, 2.3, r"$-\infty, 0, \mathbf{0}$", size=(1.5, 0.8), fontsize=10)
    d.arrow("start", "step1", color=_BLUE)
    d.arrow((13.2, 2.3), (13.75, 2.3), color=_BLUE)
    d.text(14.1, 2.3, r"$\mathbf{o} / \ell$", color=_BLUE, fontsize=12)
    return d.figure
