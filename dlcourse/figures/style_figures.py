"""Figures of the third project: how pictures are judged, and how far approaches come.

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
from dlcourse.models.style_judge import together

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["project_diagram", "scores_by_approach", "scores_plane"]


def project_diagram() -> Figure:
    """Draw what `stylize` gets and gives, and what judges it."""
    diagram = Diagram(15.0, 5.2)
    small = {"fontsize": 11}
    diagram.data("content", 1.3, 4.2, "contents", size=(2.0, 0.9), **small)
    diagram.data("style", 1.3, 1.0, "styles", size=(2.0, 0.9), **small)
    diagram.operation("stylize", 4.6, 2.6, "stylize", size=(1.9, 0.9), **small)
    diagram.parameter("vgg", 4.6, 0.7, "VGG16, fixed", size=(2.6, 0.8), **small)
    diagram.data("made", 7.6, 2.6, "pictures", size=(1.9, 0.9), **small)
    diagram.parameter("judge", 10.6, 2.6, "EfficientNet-\nLite0, fixed", size=(2.4, 1.1), **small)
    diagram.data("kept", 13.6, 4.2, "content\nkept", size=(1.9, 1.0), **small)
    diagram.data("taken", 13.6, 1.0, "style\ntaken", size=(1.9, 1.0), **small)
    diagram.operation("score", 13.6, 2.6, "the\nsmaller", size=(1.9, 0.9), **small)
    diagram.arrow("content", "stylize")
    diagram.arrow("style", "stylize")
    diagram.arrow("vgg", "stylize")
    diagram.arrow("stylize", "made")
    diagram.arrow("made", "judge", "$(n, 64, 64, 3)$", shift=(-0.6, 0.9))
    diagram.arrow("judge", "kept")
    diagram.arrow("judge", "taken")
    diagram.arrow("kept", "score")
    diagram.arrow("taken", "score")
    return diagram.figure


def scores_by_approach(scores: Mapping[str, Sequence[float]]) -> Figure:
    """Draw the mean score of each draw of pairs as a point, the mean of an approach as a line.

    Args:
        scores: of each approach the mean scores of its draws.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7.2, 0.5 * len(scores) + 1.0))
    runs_in_rows(ax, scores)
    ax.set(xlabel="score, mean of a draw of pairs")
    return figure


def scores_plane(pairs: Mapping[str, tuple[npt.ArrayLike, npt.ArrayLike]]) -> Figure:
    """Draw approaches by the style that they take and the content that they keep.

    Args:
        pairs: of each approach the style taken and the content kept, each (n,).
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7.2, 4.6))
    style, content = np.meshgrid(np.linspace(0, 1, 101), np.linspace(0, 1, 101))
    levels = np.arange(0.1, 1.0, 0.1)
    score = together(style.ravel(), content.ravel()).reshape(style.shape)
    lines = ax.contour(style, content, score, levels, colors="0.6", linewidths=0.8)
    ax.clabel(lines, fontsize=8)
    for marker, (name, (taken, kept)) in zip(cycle(MARKERS), pairs.items(), strict=False):
        ax.plot(np.asarray(taken), np.asarray(kept), marker, ms=6, alpha=0.7, label=name)
    ax.set(xlim=(-0.02, 1.02), ylim=(0, 1.02), xlabel="style taken", ylabel="content kept")
    ax.grid(visible=False)
    ax.legend(loc="center left", bbox_to_anchor=(1.02, 0.5), frameon=False)
    return figure
