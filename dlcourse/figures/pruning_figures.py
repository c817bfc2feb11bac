"""Figures of pruning: masks, sizes of weights, channels, accuracy by sparsity, times of products.

Importing this module is cheap; matplotlib is imported when something is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dlcourse.figures.diagrams import Diagram

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "accuracy_by_level",
    "break_even",
    "channel_diagram",
    "mask_diagram",
    "schedules",
    "size_histograms",
]

_BLUE, _ORANGE, _GREY = "#0072B2", "#D55E00", "#B8B8B8"
_STYLES = ("o-", "s--", "^:", "D-.", "v-")


def mask_diagram() -> Figure:
    """Draw a layer whose kernel is multiplied by a mask, and where the mask acts in training."""
    d = Diagram(14.0, 4.9)
    d.data("input", 1.2, 3.9, "$X$", size=(1.2, 0.8))
    d.operation("product", 5.0, 3.9, r"$X(W \odot M) + b$", size=(3.6, 0.9))
    d.operation("loss", 9.2, 3.9, "later layers,\nloss", size=(2.5, 1.1))
    d.parameter("kernel", 3.2, 1.4, "$W$", size=(1.2, 0.9))
    d.data("mask", 6.6, 1.4, r"$M \in \{0, 1\}$", size=(2.4, 0.9))
    d.operation("step", 11.9, 1.4, "Adam", size=(1.6, 0.8))
    d.arrow("input", "product")
    d.arrow("kernel", "product")
    d.arrow("mask", "product")
    d.arrow("product", "loss")
    back: dict[str, Any] = {"linestyle": "--", "color": _ORANGE}
    d.arrow("loss", "step", "gradient", shift=(0.75, 0.2), **back)
    d.arrow("step", "mask", r"$\odot\, M$", shift=(0.0, 0.28), **back)
    d.arrow("mask", "kernel", **back)
    d.text(9.25, 0.55, "the step, and the weights after it, are multiplied by the mask",
           color=_ORANGE)  # fmt: skip
    return d.figure


def size_histograms(kernels: Mapping[str, npt.ArrayLike], share: float) -> Figure:
    """Plot how large the weights of each layer are, one panel a layer.

    Args:
        kernels: by layer.
        share: of the weights that go; a line at their bound in all layers together, and one at
            the bound in the layer alone.
    """
    import matplotlib.pyplot as plt

    sizes = {name: np.abs(np.ravel(kernel)) for name, kernel in kernels.items()}
    overall = float(np.quantile(np.concatenate(list(sizes.values())), share))
    figure, axes = plt.subplots(len(sizes), 1, figsize=(7.0, 1.15 * len(sizes)), sharex=True)
    bins = np.geomspace(1e-4, 1.0, 61)
    for ax, (name, layer) in zip(np.atleast_1d(axes), sizes.items(), strict=True):
        shown, each = np.clip(layer, bins[0], bins[-1]), np.full(layer.size, 1 / layer.size)
        ax.hist(shown, bins, weights=each, color="#CFE3F0", edgecolor="#7FA8C4")
        ax.axvline(overall, color=_BLUE, label=f"smallest {share:.0%} of all")
        ax.axvline(float(np.quantile(layer, share)), color=_ORANGE, linestyle="--",
                   label=f"smallest {share:.0%} of the layer")  # fmt: skip
        ax.set(xscale="log", yticks=[])
        ax.set_ylabel(f"{name}\n{layer.size:,}", rotation=0, ha="right", va="center", fontsize=10)
    np.atleast_1d(axes)[0].legend(fontsize=9, loc="upper left")
    np.atleast_1d(axes)[-1].set_xlabel("absolute value of a weight")
    return figure


def accuracy_by_level(
    curves: Mapping[str, Mapping[float, npt.ArrayLike]],
    *,
    dense: npt.ArrayLike | None = None,
    least: float | None = None,
) -> Figure:
    """Plot mean accuracies with standard errors against levels, evenly spaced.

    Args:
        curves: by method, by level: an accuracy or (seeds,) of them.
        dense: accuracies of the network that lost nothing, a band across the plot.
        least: accuracy that is shown; curves leave the plot below it.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7.0, 3.6))
    levels = sorted({level for curve in curves.values() for level in curve})
    if dense is not None:
        mean, error = _summary(dense)
        ax.axhline(mean, color="#777777", linewidth=1, label="dense")
        ax.axhspan(mean - error, mean + error, color="#777777", alpha=0.2, linewidth=0)
    for (name, curve), style in zip(curves.items(), _STYLES, strict=False):
        places = [levels.index(level) for level in sorted(curve)]
        means, errors = np.array([_summary(curve[level]) for level in sorted(curve)]).T
        ax.errorbar(places, means, errors, fmt=style, capsize=3, markersize=5, label=name)
    ax.set_xticks(range(len(levels)), [f"{level:g}" for level in levels])
    ax.set(xlabel="share of weights that are 0", ylabel="accuracy, 1,000 unseen digits")
    ax.set_ylim(bottom=least)
    ax.legend(fontsize=9)
    return figure


def _summary(accuracies: npt.ArrayLike) -> tuple[float, float]:
    """Mean and its standard error, 0 for a single number."""
    values = np.atleast_1d(np.asarray(accuracies, float))
    error = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else 0.0
    return float(values.mean()), float(error)


def schedules(curves: Mapping[str, npt.ArrayLike], every: int) -> Figure:
    """Plot the sparsity in force at each step, (steps,) by schedule.

    Args:
        curves: sparsity before each choice of masks.
        every: steps between two choices.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7.0, 2.6))
    for (name, curve), style in zip(curves.items(), ("-", "--", ":"), strict=False):
        values = np.asarray(curve, float)
        steps = every * np.arange(len(values) + 1)
        ax.step(steps, np.append(values, values[-1]), style, where="post", label=name)
    ax.set(xlabel="step of 64 images", ylabel="share of zeros", ylim=(-0.03, 1.0))
    ax.legend(fontsize=9, loc="lower right")
    return figure


def channel_diagram(channels: Sequence[int] = (4, 6), gone: Sequence[int] = (1,)) -> Figure:
    """Draw two kernels as grids, inputs by outputs, and what leaves with channels between them.

    Args:
        channels: of the first layer's output and of the second's.
        gone: which channels of the first are removed.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7.0, 3.0))
    ax.set_axis_off()
    first, second = channels
    _grid(ax, (0.0, 0.0), 2, first, columns=gone)
    _grid(ax, (0.0, -1.6), 1, first, columns=gone)
    _grid(ax, (first + 4.0, 0.0), first, second, rows=gone)
    _grid(ax, (first + 4.0, -1.6), 1, second)
    note: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 10, "color": "#333333"}
    ax.text(first / 2, -2.2, "layer 1", **note)
    ax.text(first + 4 + second / 2, -2.2, "layer 2", **note)
    ax.text(-0.9, -1.1, "bias", **note)
    ax.text(-0.9, 1.0, "inputs", **note)
    ax.text(first + 3.0, -1.1, "bias", **note)
    ax.text(first + 3.0, first / 2, "inputs", **note)
    ax.annotate("", (first + 3.8, first - gone[0] - 0.5), (gone[0] + 0.6, 2.0),
                arrowprops={"arrowstyle": "-|>", "color": _ORANGE, "linestyle": "--",
                            "connectionstyle": "arc3,rad=-0.25"})  # fmt: skip
    ax.set(xlim=(-1.8, first + second + 4.3), ylim=(-2.6, first + 1.6), aspect="equal")
    return figure


def _grid(
    ax: Axes,
    corner: tuple[float, float],
    rows_count: int,
    columns_count: int,
    *,
    rows: Sequence[int] = (),
    columns: Sequence[int] = (),
) -> None:
    """Cells of a matrix; the removed rows (from above) and columns are crossed out in grey."""
    from matplotlib.patches import Rectangle

    for row in range(rows_count):
        for column in range(columns_count):
            out = row in rows or column in columns
            look: dict[str, Any] = {"fc": "#EEEEEE", "ec": _GREY, "hatch": "xx"} if out else {
                "fc": "#FDEFE4", "ec": _ORANGE,
            }  # fmt: skip
            place = (corner[0] + column, corner[1] + rows_count - 1 - row)
            ax.add_patch(Rectangle(place, 0.9, 0.9, **look))


def break_even(times: Mapping[str, Mapping[float, Mapping[str, float]]]) -> Figure:
    """Plot how long products take against the share of zeros, one panel for each batch.

    Args:
        times: by panel, by share of zeros, by way of computing: seconds.
    """
    import matplotlib.pyplot as plt
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    figure, axes = plt.subplots(1, len(times), figsize=(7.0, 3.0))
    for ax, (title, by_share) in zip(np.atleast_1d(axes), times.items(), strict=True):
        shares = sorted(by_share)
        for name, style in zip(by_share[shares[0]], _STYLES, strict=False):
            row = [1000 * by_share[share][name] for share in shares]
            ax.plot(range(len(shares)), row, style, label=name, markersize=5)
        ax.set_xticks(range(len(shares)), [f"{share:g}" for share in shares], fontsize=9)
        ax.set(yscale="log", xlabel="share of zeros")
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        ax.yaxis.set_minor_formatter(NullFormatter())
        ax.set_title(title, fontsize=11)
    np.atleast_1d(axes)[0].set_ylabel("milliseconds")
    np.atleast_1d(axes)[0].legend(fontsize=9)
    return figure
