"""Figures of the ninth project: how few photographs are learned, and what their number hides.

Importing this module is cheap; matplotlib is imported when something is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dlcourse.figures.diagrams import Diagram
from dlcourse.figures.project_figures import MARKERS, runs_in_rows

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["accuracies_by_approach", "accuracies_by_bursts", "project_diagram", "two_measurements"]

_LINES = ("-", "--", ":", "-.")


def project_diagram() -> Figure:
    """Draw the way from files to answers, and what is split."""
    diagram = Diagram(16.0, 5.4)
    small = {"fontsize": 11}
    diagram.data("files", 1.4, 4.2, "files", size=(1.7, 0.9), **small)
    diagram.operation("read", 4.4, 4.2, "turn upright,\ncut a square", size=(2.6, 1.1), **small)
    diagram.data("pictures", 7.9, 4.2, "pictures", size=(2.0, 0.9), **small)
    diagram.operation("body", 11.2, 4.2, "frozen network", size=(2.7, 0.9), **small)
    diagram.data("features", 14.5, 4.2, "features", size=(2.1, 0.9), **small)
    diagram.operation("hash", 7.9, 2.5, "hash, link", size=(2.1, 0.9), **small)
    diagram.data("bursts", 7.9, 0.9, "bursts", size=(1.9, 0.9), **small)
    diagram.operation("folds", 11.2, 0.9, "folds", size=(1.5, 0.9), **small)
    diagram.parameter("head", 14.5, 2.5, "classifier", size=(2.1, 0.9), **small)
    diagram.data("answer", 14.5, 0.9, "answer\nor refusal", size=(2.1, 1.0), **small)
    diagram.arrow("files", "read")
    diagram.arrow("read", "pictures")
    diagram.arrow("pictures", "body")
    diagram.arrow("body", "features", "$(n, 1440)$", shift=(0.0, 0.75))
    diagram.arrow("pictures", "hash")
    diagram.arrow("hash", "bursts")
    diagram.arrow("bursts", "folds")
    diagram.arrow("features", "head")
    diagram.arrow("folds", "head")
    diagram.arrow("head", "answer")
    return diagram.figure


def accuracies_by_approach(accuracies: Mapping[str, Sequence[float]], chance: float) -> Figure:
    """Draw each run's accuracy as a point, the mean of an approach as a line; dotted: chance.

    Args:
        accuracies: of each approach those of its runs.
        chance: that of guessing.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7.2, 0.6 * len(accuracies) + 1.0))
    runs_in_rows(ax, accuracies)
    ax.axvline(chance, color="0.5", ls=":")
    ax.set(xlim=(0, 1), xlabel="share of new pictures that are right, mean over folders")
    return figure


def accuracies_by_bursts(
    accuracies: Mapping[str, npt.ArrayLike], bursts: Sequence[int], chance: float
) -> Figure:
    """Draw the accuracy on pictures of a class against the number of its bursts in training.

    Args:
        accuracies: of each approach (runs, numbers of bursts).
        bursts: the numbers.
        chance: that of guessing, dotted.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7.2, 3.4))
    looks = zip(accuracies.items(), cycle(MARKERS), cycle(_LINES), strict=False)
    for (name, values), marker, line in looks:
        runs = np.asarray(values, float)
        error = runs.std(axis=0, ddof=1) / np.sqrt(len(runs))
        ax.errorbar(bursts, runs.mean(axis=0), yerr=error, marker=marker, ls=line, label=name)
    ax.axhline(chance, color="0.5", ls=":")
    ax.set(xticks=list(bursts), ylim=(0, 1))
    ax.set(xlabel="bursts of the class that were learned from", ylabel="share right")
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, 1.17), ncols=4, frameon=False, fontsize=10)
    return figure


def two_measurements(
    pairs: Mapping[str, npt.ArrayLike], names: tuple[str, str], chance: float
) -> Figure:
    """Draw two measurements of each run, joined by a line; dotted: chance.

    Args:
        pairs: of each way (runs, 2), a panel each.
        names: of the two measurements.
        chance: that of guessing.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, len(pairs), figsize=(7.2, 3.2), sharey=True, squeeze=False)
    for ax, (way, values) in zip(axes[0], pairs.items(), strict=True):
        runs = np.asarray(values, float)
        for run in runs:
            ax.plot([0, 1], run, color="0.6", lw=1, ls="-", marker="o", ms=4)
        ax.plot([0, 1], runs.mean(axis=0), color="C0", lw=3, ls="-", marker="s", ms=8)
        ax.axhline(chance, color="0.5", ls=":")
        ax.set(title=way, xticks=[0, 1], xticklabels=list(names), xlim=(-0.3, 1.3), ylim=(0, 1.03))
    axes[0, 0].set_ylabel("share right")
    return figure
