"""Figures of quantization: grids, integer layers, noise by bits, ranges, accuracy by bits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dlcourse.figures.diagrams import Diagram

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "accuracy_against_bits",
    "grid_of_numbers",
    "integer_layer_diagram",
    "noise_against_bits",
    "ranges_of_activations",
    "straight_through_diagram",
]

_BLUE, _ORANGE, _GREY = "#0072B2", "#D55E00", "#888888"
_LOOKS = ("o-", "s--", "^:", "D-.")


def grid_of_numbers(
    numbers: npt.ArrayLike, integers: npt.ArrayLike, levels: npt.ArrayLike, stored: npt.ArrayLike
) -> Figure:
    """Draw numbers above the grid on which they are stored, each with an arrow to its place.

    Args:
        numbers: (n,) real.
        integers: (k,) that can be stored, ascending.
        levels: (k,) the real numbers that these stand for.
        stored: (n,) integers that stand for `numbers`.
    """
    import matplotlib.pyplot as plt

    x, values = np.asarray(numbers, float), np.asarray(levels, float)
    step = values[1] - values[0]
    figure, ax = plt.subplots(figsize=(7.0, 2.0))
    for integer, value in zip(np.asarray(integers), values, strict=True):
        ax.plot([value, value], [-0.12, 0.12], "-", color=_ORANGE, linewidth=2)
        ax.text(value, -0.3, f"{integer:g}", ha="center", va="top", color=_ORANGE)
        ax.text(value, -0.72, f"{value:g}", ha="center", va="top", fontsize=9)
    ax.plot(values[[0, -1]], [0, 0], "-", color=_ORANGE, linewidth=1)
    places = dict(zip(np.asarray(integers).tolist(), values.tolist(), strict=True))
    for number, integer in zip(x, np.asarray(stored).tolist(), strict=True):
        ax.annotate(
            "", (places[integer], 0.14), (number, 0.8),
            arrowprops={"arrowstyle": "-|>", "color": _BLUE, "linewidth": 1.4},
        )  # fmt: skip
        ax.text(number, 0.85, f"{number:g}", ha="center", color=_BLUE)
    left, right = min(x.min(), values[0]) - 1.7 * step, max(x.max(), values[-1]) + 0.6 * step
    ax.text(left, -0.3, "integer", va="top", color=_ORANGE, fontsize=9)
    ax.text(left, -0.72, "stands for", va="top", fontsize=9)
    ax.text(left, 0.85, "number", color=_BLUE, fontsize=9)
    ax.set(xlim=(left, right), ylim=(-1.05, 1.2))
    ax.set_axis_off()
    return figure


def integer_layer_diagram() -> Figure:
    """Draw a dense layer in integers: products and sums, requantization, clipping."""
    d = Diagram(14.6, 5.4)
    d.data("input", 1.6, 3.9, "$q_x$", size=(1.5, 0.8))
    d.parameter("weights", 1.6, 1.4, "$q_w$", size=(1.5, 0.8))
    d.operation("product", 4.7, 3.9, r"$\sum q_x q_w$", size=(2.2, 0.9))
    d.parameter("constant", 4.7, 1.4, r"$q_b - z_x \sum q_w$", size=(3.0, 0.8))
    d.operation("sum", 7.6, 3.9, "$+$", size=(0.8, 0.8))
    d.operation("scale", 9.6, 3.9, r"$\times M$", size=(1.3, 0.8))
    d.parameter("multiplier", 9.6, 1.4, r"$M = s_x s_w / s_y$", size=(3.0, 0.8))
    d.operation("clip", 11.9, 3.9, "round, $+z_y$,\nclip", size=(2.0, 1.1), fontsize=11)
    d.data("output", 13.9, 3.9, "$q_y$", size=(0.9, 0.8))
    d.arrow("input", "product", "int8", shift=(0.0, 0.25))
    d.arrow("weights", "product", "int8", shift=(-0.1, 0.45))
    d.arrow("product", "sum", "int32", shift=(0.1, 0.25))
    d.arrow("constant", "sum", "int32", shift=(0.55, -0.1))
    d.arrow("sum", "scale", "int32", shift=(0.0, 0.65))
    d.arrow("multiplier", "scale")
    d.arrow("scale", "clip")
    d.arrow("clip", "output")
    d.text(13.9, 3.1, "int8")
    d.text(4.7, 0.6, "known before any input", fontsize=9)
    d.text(9.6, 0.6, "one number a channel", fontsize=9)
    return d.figure


def straight_through_diagram() -> Figure:
    """Draw a weight's way through rounding in training: forward, and backward around it."""
    d = Diagram(14.6, 4.4)
    d.parameter("weight", 1.6, 2.4, "$w$", size=(1.2, 0.8))
    d.operation("clip", 4.8, 2.4, "clip$(w/s)$", size=(2.0, 0.8))
    d.operation("round", 8.0, 2.4, "round", size=(1.6, 0.8))
    d.data("rounded", 11.0, 2.4, r"$\hat{w}$", size=(1.1, 0.8))
    d.data("loss", 13.5, 2.4, "loss", size=(1.4, 0.8))
    for start, end in (("weight", "clip"), ("clip", "round"), ("rounded", "loss")):
        d.arrow(start, end)
    d.arrow("round", "rounded", r"$\times s$", shift=(0.0, 0.3))
    back: dict[str, Any] = {"linestyle": "--", "color": _ORANGE}
    d.arrow((13.3, 1.95), (11.1, 1.95), "", bend=-0.25, **back)
    d.arrow((10.9, 1.95), (5.0, 1.95), "as if round were not there", bend=-0.2,
            shift=(0.0, -0.35), **back)  # fmt: skip
    d.arrow((4.6, 1.95), (1.8, 1.95), "0 where clipped", bend=-0.25, shift=(0.0, -0.35), **back)
    d.text(8.0, 3.3, "slope 0 almost everywhere")
    return d.figure


def noise_against_bits(
    found: Mapping[str, npt.ArrayLike], bits: npt.ArrayLike, predicted: Mapping[str, npt.ArrayLike]
) -> Figure:
    """Plot signal-to-noise ratios against bits, measured as points and predicted as lines.

    Args:
        found: by layer, (b,) decibels.
        bits: (b,).
        predicted: by layer, (b,) decibels.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7.0, 3.0))
    for (name, decibels), look in zip(found.items(), ("o", "s", "^", "D"), strict=False):
        line = ax.plot(bits, np.asarray(predicted[name]), "-", linewidth=1, alpha=0.7)[0]
        ax.plot(bits, np.asarray(decibels), look, color=line.get_color(), markersize=5, label=name)
    ax.set(xlabel="bits", ylabel="signal to noise, dB")
    ax.legend(fontsize=9)
    return figure


def ranges_of_activations(
    values: npt.ArrayLike, ranges: Mapping[str, Mapping[str, float]], bins: int = 60
) -> Figure:
    """Plot activations with the upper ends of ranges that several rules choose.

    Args:
        values: (n,) activations, as they occur in use.
        ranges: by what was calibrated with, by rule: the upper end.
        bins: of the histogram.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, len(ranges), figsize=(7.0, 2.8), sharey=True, squeeze=False)
    data = np.asarray(values, float).ravel()
    for ax, (title, by_rule) in zip(axes[0], ranges.items(), strict=True):
        last = 1.05 * max(*by_rule.values(), data.max())
        ax.hist(data, np.linspace(0, last, bins), color=_GREY, alpha=0.6, log=True)
        for (rule, end), style, color in zip(
            by_rule.items(), ("-", "--", ":"), ("#D55E00", "#0072B2", "#009E73"), strict=False
        ):
            ax.axvline(end, linestyle=style, linewidth=2, color=color, label=f"{rule}: {end:.1f}")
        ax.set(xlabel="activation")
        ax.set_title(title, fontsize=11)
        ax.legend(fontsize=8, loc="upper right", frameon=True, framealpha=0.95, edgecolor="none")
    axes[0, 0].set_ylabel("count")
    return figure


def accuracy_against_bits(
    found: Mapping[str, Mapping[int, npt.ArrayLike]], float32: npt.ArrayLike
) -> Figure:
    """Plot accuracies against bits, means over seeds with standard errors.

    Args:
        found: by method, by bits, (seeds,) accuracies.
        float32: (seeds,) accuracies of the networks whose weights were not quantized.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7.0, 3.0))
    ax.axhline(float(np.mean(np.asarray(float32))), color=_GREY, linestyle="-", label="float32")
    for shift, ((name, by_bits), look) in enumerate(zip(found.items(), _LOOKS, strict=False)):
        rows = np.array([np.asarray(values, float) for values in by_bits.values()])
        places = np.array(list(by_bits)) + 0.06 * (shift - 1)
        errors = rows.std(axis=1, ddof=1) / np.sqrt(rows.shape[1])
        ax.errorbar(places, rows.mean(axis=1), errors, fmt=look, capsize=3, label=name)
    ax.set(xlabel="bits of each weight", ylabel="accuracy")
    ax.set_xticks(sorted({bits for by_bits in found.values() for bits in by_bits}))
    ax.legend(fontsize=9)
    return figure
