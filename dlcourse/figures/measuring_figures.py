"""Figures of measuring: a network's costs, a roofline, latencies, a trace, numbers of 16 bits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dlcourse.figures.diagrams import Diagram
from dlcourse.plots import MARKERS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "cost_shares",
    "float_formats",
    "gradients_in_float16",
    "latencies",
    "network_diagram",
    "roofline",
    "throughput",
    "timeline",
]

_BLUE, _ORANGE, _GREEN, _GREY = "#0072B2", "#D55E00", "#009E73", "#888888"
_SMALLEST, _LARGEST = -24, 16
"""Powers of two between which float16 has numbers: from its smallest up to 65,504."""


def network_diagram() -> Figure:
    """Draw the week's reference network: six layers, and the shapes between them."""
    d = Diagram(15.6, 3.5)
    layers = [
        ("parameter", "3x3, 1 to 32\nReLU", "28, 28, 32"),
        ("operation", "max of 2x2", "14, 14, 32"),
        ("parameter", "3x3, 32 to 64\nReLU", "14, 14, 64"),
        ("operation", "max of 2x2", "7, 7, 64"),
        ("parameter", "3136 to 128\nReLU", "128"),
        ("parameter", "128 to 10", "10"),
    ]
    d.data("0", 0.95, 2.9, "28, 28, 1", size=(1.7, 0.7), fontsize=9)
    names = ("conv_1", "pool_1", "conv_2", "pool_2", "dense_1", "logits")
    for place, ((kind, what, shape), name) in enumerate(zip(layers, names, strict=True), 1):
        x, y = 0.95 + 2.28 * place, 2.9
        below = 1.2
        draw = d.parameter if kind == "parameter" else d.operation
        draw(name, x - 1.14, below, what, size=(2.0, 0.95), fontsize=9)
        d.text(x - 1.14, below - 0.75, name, fontsize=10)
        d.data(str(place), x, y, shape, size=(1.7, 0.7), fontsize=9)
        d.arrow(str(place - 1), name)
        d.arrow(name, str(place))
    return d.figure


def cost_shares(costs: Mapping[str, Sequence[float]], quantities: Sequence[str]) -> Figure:
    """Draw which layer has which share of each cost, one panel for each quantity.

    Args:
        costs: by layer, one number for each quantity.
        quantities: their names.
    """
    import matplotlib.pyplot as plt

    numbers = np.array(list(costs.values()), float)
    figure, axes = plt.subplots(1, len(quantities), figsize=(7.0, 2.6), sharey=True)
    places = np.arange(len(costs))
    for ax, name, column in zip(np.atleast_1d(axes), quantities, numbers.T, strict=True):
        shares = 100 * column / column.sum()
        ax.barh(places, shares)
        for place, share in zip(places, shares, strict=True):
            ax.text(share + 2, place, f"{share:.0f} %", va="center", fontsize=9)
        ax.set(xlim=(0, 122), xticks=(0, 50, 100), xlabel="% of the network's")
        ax.set_title(name, fontsize=11)
        ax.grid(axis="y", visible=False)
    np.atleast_1d(axes)[0].set_yticks(places, list(costs))
    np.atleast_1d(axes)[0].invert_yaxis()
    return figure


def roofline(
    peak: float,
    bandwidths: Mapping[str, float],
    points: Mapping[str, Mapping[Any, tuple[float, float]]],
) -> Figure:
    """Draw what a machine can reach, and what was reached, both axes logarithmic.

    Args:
        peak: operations a second.
        bandwidths: by kind of memory, bytes a second.
        points: by series, by name, pairs (operations a byte, operations a second).
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7.0, 4.4))
    reached = np.array([pair for series in points.values() for pair in series.values()], float)
    low, high = min(0.1, reached[:, 0].min()), 2 * max(200.0, reached[:, 0].max())
    x = np.geomspace(low, high, 400)
    for (name, bandwidth), style in zip(bandwidths.items(), ("-", "--", ":"), strict=False):
        ax.plot(x, np.minimum(peak, bandwidth * x) / 1e9, style, color="#222222", label=name)
    for place, (name, series) in enumerate(points.items()):
        intensity, speed = np.array(list(series.values()), float).T
        ax.plot(intensity, speed / 1e9, MARKERS[place], linestyle="none", label=name, markersize=7)
        for label, x_y in zip(series, zip(intensity, speed / 1e9, strict=True), strict=True):
            ax.annotate(str(label), x_y, (5, 4), textcoords="offset points", fontsize=8)
    ax.set(xscale="log", yscale="log", xlabel="intensity in FLOPs a byte", ylabel="GFLOPs a second")
    ax.set_ylim(top=2.5 * max(peak, reached[:, 1].max()) / 1e9)
    ax.legend(fontsize=9, loc="lower right")
    return figure


def latencies(times: Mapping[str, npt.ArrayLike]) -> Figure:
    """Draw every call's time, and median and 95th percentile, one row for each function.

    Args:
        times: by function, (calls,) seconds.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7.0, 0.5 * len(times) + 1.0))
    rng = np.random.default_rng(0)
    for row, seconds in enumerate(times.values()):
        ms = 1e3 * np.asarray(seconds, float)
        half, late = np.percentile(ms, (50, 95))
        named = {"label": ("median", "95th percentile")} if row == 0 else {"label": ("", "")}
        ax.plot(ms, row + rng.uniform(-0.2, 0.2, len(ms)), ".", color=_BLUE, alpha=0.35,
                linestyle="none")  # fmt: skip
        ax.plot(half, row, "|", color="#222222", markersize=20, markeredgewidth=3,
                linestyle="none", label=named["label"][0])  # fmt: skip
        ax.plot(late, row, "D", color=_ORANGE, linestyle="none", label=named["label"][1])
    ax.set(xscale="log", xlabel="milliseconds for one image", ylim=(len(times) - 0.4, -0.6))
    ax.set_yticks(range(len(times)), list(times))
    ax.legend(fontsize=9)
    return figure


def throughput(seconds: Mapping[str, Mapping[int, float]]) -> Figure:
    """Draw the time of a call and images a second against the batch.

    Args:
        seconds: by function, by batch, of one call.
    """
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(7.0, 2.9))
    for (name, by_batch), style in zip(seconds.items(), ("o-", "s--", "^:"), strict=False):
        batch, time = np.array(list(by_batch)), np.array(list(by_batch.values()))
        left.plot(batch, 1e3 * time, style, label=name)
        right.plot(batch, batch / time, style, label=name)
    left.set(ylabel="milliseconds a call", yscale="log")
    right.set(ylabel="images a second")
    for ax in (left, right):
        batches = sorted({size for by_batch in seconds.values() for size in by_batch})
        ax.set(xlabel="images in a batch", xscale="log")
        ax.set_xticks(batches, [str(size) for size in batches])
        ax.minorticks_off()
    right.legend(fontsize=9)
    return figure


def timeline(events: Sequence[tuple[str, float, float]], *, shortest: float = 0.01) -> Figure:
    """Draw a trace: each event below the one that it ran in.

    Args:
        events: (name, start, duration) of one thread, in microseconds; in any order.
        shortest: events shorter than this share of the whole are left out.
    """
    import matplotlib.pyplot as plt

    begin = min(start for _, start, _ in events)
    end = max(start + length for _, start, length in events)
    ordered = sorted(events, key=lambda event: (event[1], -event[2]))
    kept = [event for event in ordered if event[2] >= shortest * (end - begin)]
    open_ends: list[float] = []
    rows: list[int] = []
    for _, start, length in kept:
        open_ends = [other for other in open_ends if other > start + 1e-9]
        rows.append(len(open_ends))
        open_ends.append(start + length)
    figure, ax = plt.subplots(figsize=(7.0, 0.42 * (max(rows) + 1) + 0.9))
    for (name, start, length), row in zip(kept, rows, strict=True):
        share = length / (end - begin)
        ax.barh(row, length, left=start - begin, height=0.9, color=("#CFE4F3", "#FBE3D2")[row % 2],
                edgecolor="#555555", linewidth=0.6)  # fmt: skip
        letters = int(share * 92)
        shown = name if len(name) <= letters else name[: letters - 1] + "."
        if letters >= 4:
            ax.text(start - begin + length / 2, row, shown, ha="center", va="center", fontsize=8)
    ax.set(xlabel="microseconds", yticks=[], xlim=(0, end - begin), ylim=(max(rows) + 0.6, -0.6))
    ax.grid(visible=False)
    return figure


def float_formats() -> Figure:
    """Draw sign, exponent and fraction of float32, bfloat16 and float16, a square a bit."""
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7.0, 1.9))
    formats = {"float32": (1, 8, 23), "bfloat16": (1, 8, 7), "float16": (1, 5, 10)}
    parts = {"sign": "#DDDDDD", "exponent: range": "#F6C7A4", "fraction: spacing": "#B9DCF2"}
    for row, (name, counts) in enumerate(formats.items()):
        at = 0
        for count, (part, colour) in zip(counts, parts.items(), strict=True):
            for bit in range(count):
                ax.barh(row, 0.92, left=at + bit, height=0.7, color=colour, edgecolor="#555555",
                        label=part if row == bit == 0 else None, align="center")  # fmt: skip
            ax.text(at + count / 2, row, f"{count}", ha="center", va="center", fontsize=10,
                    bbox={"fc": colour, "ec": "none", "pad": 1.5})  # fmt: skip
            at += count
        ax.text(-0.4, row, name, ha="right", va="center", fontsize=11)
    ax.set(xlim=(-5, 33), ylim=(3.4, -0.6))
    ax.set_axis_off()
    ax.legend(loc="lower right", fontsize=9, ncols=3, bbox_to_anchor=(1.0, -0.05))
    return figure


def gradients_in_float16(gradients: npt.ArrayLike, scales: Sequence[float]) -> Figure:
    """Draw how large gradients are after scaling, and which of them float16 can hold.

    Args:
        gradients: numbers of any shape; those that are 0 are left out.
        scales: one panel for each.
    """
    import matplotlib.pyplot as plt

    sizes = np.abs(np.asarray(gradients, float)).ravel()
    exponents = np.log2(sizes[sizes > 0])
    figure, axes = plt.subplots(1, len(scales), figsize=(7.0, 2.7), sharey=True, squeeze=False)
    for ax, scale in zip(axes[0], scales, strict=True):
        shifted = exponents + np.log2(scale)
        ax.hist(shifted, bins=np.arange(-46, 22, 1.0), color=_BLUE)
        ax.axvspan(_SMALLEST, _LARGEST, color=_GREEN, alpha=0.15, linewidth=0)
        _bound(ax, _SMALLEST, "0")
        _bound(ax, _LARGEST, "inf")
        ax.set(xlabel="log2 of the size", xlim=(-46, 22), yscale="log")
        ax.set_title(f"scale {scale:,.0f}", fontsize=11)
    axes[0, 0].set_ylabel("gradients")
    return figure


def _bound(ax: Axes, place: float, beyond: str) -> None:
    """Mark an end of float16's range, and what numbers beyond it become."""
    ax.axvline(place, color=_GREEN, linestyle="--", linewidth=1.4)
    outward = -1 if place < 0 else 1
    ax.text(place + outward, 0.97, beyond, transform=ax.get_xaxis_transform(), fontsize=10,
            ha="right" if place < 0 else "left", va="top")  # fmt: skip
