"""Figures of distillation and of the frontier: structure, soft targets, gains, costs, ranks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dlcourse.compression.frontier import Point
from dlcourse.figures.diagrams import Diagram

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["cost_and_accuracy", "distillation_diagram", "gains", "rank_changes", "soft_targets"]

_LOOKS = {
    "reference": ("s", "#0072B2"),
    "pruned": ("^", "#D55E00"),
    "from scratch": ("D", "#009E73"),
    "distorted": ("P", "#B5659B"),
    "distilled": ("o", "#C79100"),
}


def distillation_diagram() -> Figure:
    """Draw teacher and student with the two losses that the student is trained with."""
    d = Diagram(16.4, 7.2)
    d.data("image", 1.2, 4.2, "image", size=(1.6, 0.7))
    d.parameter("teacher", 4.0, 5.9, "teacher", size=(2.0, 0.9))
    d.parameter("student", 4.0, 2.5, "student", size=(2.0, 0.9))
    d.data("v", 6.6, 5.9, "$v$")
    d.data("z", 6.6, 2.5, "$z$")
    d.operation("soft teacher", 9.2, 5.9, r"softmax$(v/T)$", size=(2.9, 0.8))
    d.operation("soft student", 9.2, 3.4, r"softmax$(z/T)$", size=(2.9, 0.8))
    d.operation("hard student", 9.2, 1.6, r"softmax$(z)$", size=(2.9, 0.8))
    d.operation("divergence", 12.9, 4.6, r"$T^2\,$KL$(p_T \,\|\, q_T)$", size=(3.0, 0.9))
    d.operation("cross", 12.9, 1.6, "cross-entropy", size=(3.1, 0.8))
    d.data("label", 12.9, 0.5, "label $y$", size=(1.6, 0.6))
    d.arrow("image", "teacher")
    d.arrow("image", "student")
    d.arrow("teacher", "v", "10", shift=(0, 0.3))
    d.arrow("student", "z", "10", shift=(0, 0.3))
    d.arrow("v", "soft teacher")
    d.arrow("z", "soft student")
    d.arrow("z", "hard student")
    d.arrow("soft teacher", "divergence", "$p_T$", shift=(0.1, 0.3))
    d.arrow("soft student", "divergence", "$q_T$", shift=(0.1, -0.35))
    d.arrow("hard student", "cross", "$q_1$", shift=(0, 0.3))
    d.arrow("label", "cross")
    d.data("loss", 15.7, 3.1, "$L$")
    d.arrow("divergence", "loss", r"$\alpha$", shift=(0.3, 0.3))
    d.arrow("cross", "loss", r"$1-\alpha$", shift=(0.4, -0.4))
    d.text(4.0, 6.7, "trained before, stays as it is")
    d.text(4.0, 1.7, "is trained")
    return d.figure


def soft_targets(
    images: npt.ArrayLike, logits: npt.ArrayLike, temperatures: Sequence[float]
) -> Figure:
    """Draw digits with what a teacher says of them at several temperatures.

    Args:
        images: (n, 28, 28, 1) grey values.
        logits: (n, 10) of the teacher.
        temperatures: a column of bars for each.
    """
    import matplotlib.pyplot as plt

    pictures, rows = np.asarray(images), np.asarray(logits, float)
    figure, axes = plt.subplots(
        len(rows), 1 + len(temperatures), figsize=(7.0, 1.35 * len(rows)), squeeze=False,
        width_ratios=[0.5, *[1.0] * len(temperatures)],
    )  # fmt: skip
    for row, (picture, v) in enumerate(zip(pictures, rows, strict=True)):
        axes[row, 0].imshow(picture[..., 0], cmap="gray_r")
        axes[row, 0].set_axis_off()
        for ax, temperature in zip(axes[row, 1:], temperatures, strict=True):
            powers = np.exp((v - v.max()) / temperature)
            ax.bar(range(v.size), powers / powers.sum(), color="#0072B2")
            ax.set(ylim=(0, 1), xticks=range(v.size), yticks=[0, 1])
            ax.tick_params(labelsize=8)
            if row == 0:
                ax.set_title(f"T = {temperature:g}", fontsize=10)
    axes[-1, 1].set_xlabel("class", fontsize=9)
    axes[-1, 1].set_ylabel("probability", fontsize=9)
    return figure


def gains(panels: Sequence[Mapping[str, tuple[str, npt.ArrayLike]]]) -> Figure:
    """Plot paired differences of accuracy, each seed and the mean with its standard error.

    Args:
        panels: each with an axis of its own; by what is compared: the name of its control, and
            (seeds,) differences.
    """
    import matplotlib.pyplot as plt

    rows = [len(panel) for panel in panels]
    figure, axes = plt.subplots(
        len(panels), 1, figsize=(7.0, 0.42 * sum(rows) + 0.7 * len(rows)), squeeze=False,
        height_ratios=rows, layout="constrained",
    )  # fmt: skip
    for ax, panel in zip(axes[:, 0], panels, strict=True):
        for row, (_, numbers) in enumerate(panel.values()):
            d = 100 * np.asarray(numbers, float)
            ax.plot(d, np.full(d.size, row), "o", color="#888888", markersize=4, alpha=0.7)
            error = d.std(ddof=1) / np.sqrt(d.size)
            ax.errorbar(d.mean(), row, xerr=error, fmt="D", color="#D55E00", capsize=4)
        ax.axvline(0, color="#555555", linewidth=1, linestyle="-")
        names = [f"{name}\nless {control}" for name, (control, _) in panel.items()]
        ax.set_yticks(range(len(names)), names, fontsize=8)
        ax.set_ylim(len(names) - 0.5, -0.5)
    axes[-1, 0].set_xlabel("difference of accuracy, percentage points")
    return figure


def cost_and_accuracy(
    points: Sequence[Point], fronts: Mapping[str, Sequence[int]], labels: Mapping[str, str]
) -> Figure:
    """Plot accuracy against costs, one panel for each, with standard errors and the front.

    Args:
        points: all of them.
        fronts: by an attribute of points, which of them are on the front; seconds are drawn as
            microseconds.
        labels: of the axes, by attribute.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(
        1, len(fronts), figsize=(7.0, 3.4), sharey=True, squeeze=False, layout="constrained"
    )
    for ax, (cost, front) in zip(axes[0], fronts.items(), strict=True):
        unit = 1e6 if cost == "seconds" else 1
        for kind, (shape, color) in _LOOKS.items():
            some = [p for p in points if p.kind == kind]
            ax.errorbar(
                [unit * getattr(p, cost) for p in some], [p.accuracy for p in some],
                yerr=[p.standard_error for p in some], fmt=shape, color=color, markersize=4.5,
                elinewidth=0.6, alpha=0.85, label=kind,
            )  # fmt: skip
        edge = sorted((unit * getattr(points[i], cost), points[i].accuracy) for i in front)
        x, y = np.array(edge).T
        ax.step(x, y, where="post", color="#555555", linewidth=1.2, linestyle="-")
        ax.set(xscale="log", xlabel=labels[cost])
        ax.xaxis.set_minor_formatter("")
        if cost == "seconds":  # less than two decades
            ax.set_xticks([30, 100, 300], ["30", "100", "300"])
    axes[0, 0].set_ylabel("accuracy")
    handles, names = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=5, fontsize=8)
    return figure


def rank_changes(columns: Mapping[str, Mapping[str, float]]) -> Figure:
    """Draw how the order of some names changes from one measurement to the next, least on top.

    Args:
        columns: by measurement, by name, a number; all have the same names.
    """
    import matplotlib.pyplot as plt

    names = list(next(iter(columns.values())))
    ranks = {key: np.argsort(np.argsort([c[n] for n in names])) for key, c in columns.items()}
    figure, ax = plt.subplots(figsize=(7.0, 0.3 * len(names) + 0.9))
    styles: Any = ("-", "--", "-.", ":")
    for place, name in enumerate(names):
        y = [int(ranks[key][place]) + 1 for key in columns]
        ax.plot(range(len(y)), y, "o", linestyle=styles[place % 4], markersize=5, linewidth=1.3)
        ax.text(-0.06, y[0], name, ha="right", va="center", fontsize=8)
        ax.text(len(y) - 0.94, y[-1], name, ha="left", va="center", fontsize=8)
    ax.set_xticks(range(len(columns)), list(columns), fontsize=9)
    ax.set(xlim=(-0.9, len(columns) - 0.1), yticks=[])
    ax.grid(visible=False)
    ax.invert_yaxis()
    ax.set_ylabel("most          least", fontsize=9)
    return figure
