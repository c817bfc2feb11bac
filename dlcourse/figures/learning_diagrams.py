"""Figures of the first chapter: what learning is, what a layer holds, a folded line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dlcourse.figures.diagrams import Diagram

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["folds", "learning_diagram", "main_directions"]

Array = npt.NDArray[Any]

_INK, _ORANGE = "#222222", "#D55E00"


def learning_diagram() -> Figure:
    """Draw how a rule answers examples, and how its mistakes change its numbers."""
    d = Diagram(14.0, 6.4)
    d.text(0.3, 6.0, "learning", ha="left", fontsize=12, color=_INK)
    d.data("examples", 1.8, 5.0, "examples", size=(2.2, 0.9))
    d.operation("rule", 5.6, 5.0, "rule", size=(1.9, 0.9))
    d.parameter("numbers", 5.6, 3.2, "its numbers", size=(2.6, 0.8))
    d.data("answers", 9.2, 5.0, "answers", size=(2.0, 0.9))
    d.operation("loss", 12.3, 5.0, "how wrong?", size=(2.6, 0.9))
    d.data("labels", 12.3, 3.2, "labels", size=(2.0, 0.8))
    for start, end in (("examples", "rule"), ("numbers", "rule"), ("rule", "answers"),
                       ("answers", "loss"), ("labels", "loss")):  # fmt: skip
        d.arrow(start, end)
    d.arrow((11.0, 4.7), (7.0, 3.2), color=_ORANGE, linewidth=2.0, linestyle="--")
    d.text(9.6, 2.95, "change them a little,\nagain and again", color=_ORANGE)
    d.ax.plot([0.3, 13.7], [2.3, 2.3], color="#BBBBBB", linewidth=1, linestyle="-")
    d.text(0.3, 1.9, "use", ha="left", fontsize=12, color=_INK)
    d.data("new", 1.8, 0.9, "new input", size=(2.2, 0.9))
    d.operation("same rule", 5.6, 0.9, "rule", size=(1.9, 0.9))
    d.data("answer", 9.2, 0.9, "answer", size=(2.0, 0.9))
    d.arrow("new", "same rule")
    d.arrow("same rule", "answer")
    d.text(12.2, 0.9, "the numbers stay\nas they are", color=_INK)
    return d.figure


def main_directions(features: Mapping[str, Array], labels: Array) -> Figure:
    """Draw examples in the two directions in which each kind of features varies most.

    Args:
        features: for each panel its title and (n, d) numbers.
        labels: (n,) classes, each drawn with a colour and a marker of its own.
    """
    import matplotlib.pyplot as plt

    from dlcourse.plots import MARKERS

    figure, axes = plt.subplots(1, len(features), figsize=(7, 3.2), squeeze=False)
    for ax, (title, each) in zip(axes[0], features.items(), strict=True):
        centred = each - each.mean(axis=0)
        points = centred @ np.linalg.svd(centred, full_matrices=False)[2][:2].T
        for label, marker in zip(np.unique(labels), MARKERS, strict=False):
            here = points[labels == label]
            ax.scatter(here[:, 0], here[:, 1], s=18, marker=marker, label=f"{label}")
        ax.set(title=title, xlabel="first component", ylabel="second component")
    handles = axes[0, 0].get_legend_handles_labels()
    figure.legend(*handles, title="digit", loc="outside right upper")
    return figure


def folds(x: Array, fold: Callable[[Array], Array], counts: Sequence[int]) -> Figure:
    """Draw what is left of x after it has been folded several times, a panel for each count."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, len(counts), figsize=(7, 2.4), sharey=True, squeeze=False)
    for ax, count in zip(axes[0], counts, strict=True):
        folded = x
        for _ in range(count):
            folded = fold(folded)
        ax.plot(x, folded)
        ax.set(title=f"r = {count}", xlabel="x")
    axes[0, 0].set_ylabel("r folds of x")
    return figure
