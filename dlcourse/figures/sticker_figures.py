"""Figures of the first project: how stickers are made, and how well networks recognize them.

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

__all__ = ["confusion_map", "project_diagram", "recalls_by_approach", "recalls_by_category"]


def project_diagram() -> Figure:
    """Draw what is split, what is drawn at random, and what is learned and measured."""
    diagram = Diagram(15.0, 5.4)
    small = {"fontsize": 11}
    diagram.data("families", 1.6, 3.9, "cut-outs,\nby families", size=(2.3, 1.1), **small)
    diagram.operation("split", 4.7, 3.9, "split", size=(1.4, 0.9), **small)
    diagram.data("own", 8.0, 4.6, "to train", size=(2.0, 0.7), **small)
    diagram.data("other", 8.0, 3.2, "held out", size=(2.0, 0.7), **small)
    diagram.operation("stick", 8.0, 1.0, "turn, shrink, move,\nlay on a photograph",
                      size=(4.2, 1.2), **small)  # fmt: skip
    diagram.data("stickers", 12.6, 1.0, "stickers", size=(1.9, 0.8), **small)
    diagram.parameter("network", 12.6, 3.0, "network", size=(1.9, 0.9), **small)
    diagram.data("recall", 12.6, 4.7, "recall by\ncategory", size=(2.2, 1.0), **small)
    diagram.data("crops", 3.6, 1.0, "crops of\nphotographs", size=(2.9, 1.1), **small)
    diagram.arrow("families", "split")
    diagram.arrow("split", "own")
    diagram.arrow("split", "other")
    diagram.arrow("other", "stick")
    diagram.arrow("crops", "stick")
    diagram.arrow("stick", "stickers", "$(n, 32, 32, 3)$", shift=(0.0, 0.75))
    diagram.arrow("stickers", "network")
    diagram.arrow("network", "recall", "$(n, 9)$", shift=(0.75, 0.0))
    return diagram.figure


def recalls_by_approach(recalls: Mapping[str, Sequence[float]]) -> Figure:
    """Draw each run's mean recall as a point, the mean of an approach as a line; dotted: chance.

    Args:
        recalls: of each approach the mean recalls of its runs.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7.2, 0.6 * len(recalls) + 1.0))
    runs_in_rows(ax, recalls)
    ax.axvline(1 / 9, color="0.5", ls=":")
    ax.set(xlim=(0, 1), xlabel="mean recall over nine categories, validation stickers")
    return figure


def recalls_by_category(recalls: Mapping[str, npt.ArrayLike], categories: Sequence[str]) -> Figure:
    """Draw the recall of each category with its standard error over runs.

    Args:
        recalls: of each approach (runs, categories).
        categories: their names.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7.2, 4.2))
    places = np.arange(len(categories))
    shifts = 0.2 * (np.arange(len(recalls)) - (len(recalls) - 1) / 2)
    looks = zip(shifts, cycle(MARKERS), recalls.items(), strict=False)
    for shift, marker, (name, values) in looks:
        runs = np.asarray(values, float)
        error = runs.std(axis=0, ddof=1) / np.sqrt(len(runs))
        ax.errorbar(runs.mean(axis=0), places + shift, xerr=error, fmt=marker, label=name)
    ax.set(yticks=places, yticklabels=list(categories), ylim=(len(categories) - 0.5, -0.5))
    ax.set(xlim=(0, 1), xlabel="recall")
    ax.legend(loc="upper center", bbox_to_anchor=(0.4, 1.14), ncols=len(recalls), frameon=False)
    return figure


def confusion_map(confusion: npt.ArrayLike, categories: Sequence[str]) -> Figure:
    """Draw a confusion matrix: shares of a row as shades, counts as numbers.

    Args:
        confusion: (k, k), true categories in rows.
        categories: their k names.
    """
    import matplotlib.pyplot as plt

    counts = np.asarray(confusion)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure, ax = plt.subplots(figsize=(6.6, 5.4))
    ax.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        if count:
            colour = "white" if shares[row, column] > 0.5 else "black"
            ax.text(column, row, str(count), ha="center", va="center", color=colour, fontsize=9)
    short = [name.split()[0] for name in categories]
    ax.set(xticks=range(len(short)), yticks=range(len(short)), yticklabels=list(categories))
    ax.set_xticks(range(len(short)), short, rotation=45, ha="right")
    ax.set(xlabel="what the network says", ylabel="truth")
    ax.grid(visible=False)
    return figure
