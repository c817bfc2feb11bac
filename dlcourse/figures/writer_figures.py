"""Figures of the second project: how a writer of plays is judged, its bits, and what it copies.

Importing this module is cheap; matplotlib is imported when something is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np

from dlcourse.figures.diagrams import Diagram
from dlcourse.figures.project_figures import MARKERS, runs_in_rows

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["bits_by_approach", "longest_copies", "project_diagram"]

_LINES = ("--", ":", "-.")


def project_diagram() -> Figure:
    """Draw what the network learns from, on what it is judged, and how it writes."""
    diagram = Diagram(15.2, 5.6)
    small = {"fontsize": 11}
    diagram.data("train", 1.7, 4.6, "31 plays\nto train on", size=(2.4, 1.0), **small)
    diagram.data("judge", 1.7, 2.8, "3 plays that\nnobody has", size=(2.4, 1.0), **small)
    diagram.data("prompt", 1.7, 1.0, "a beginning", size=(2.4, 0.8), **small)
    diagram.operation("windows", 5.2, 4.6, "windows of\n16 characters", size=(2.8, 1.1), **small)
    diagram.parameter("network", 8.6, 2.8, "network", size=(2.0, 1.2), **small)
    diagram.operation("bits", 13.2, 4.6, "bits per\ncharacter", size=(2.2, 1.0), **small)
    diagram.operation("draw", 13.2, 2.8, "temperature,\ndraw one", size=(2.8, 1.1), **small)
    diagram.data("text", 13.2, 1.0, "its own text", size=(2.4, 0.8), **small)
    diagram.arrow("train", "windows")
    diagram.arrow("windows", "network", "training", shift=(0.5, 0.35))
    diagram.arrow("judge", "network")
    diagram.arrow("prompt", "network")
    diagram.arrow("network", "bits", "judged", shift=(-0.7, 0.25))
    diagram.arrow("network", "draw", "logits", shift=(0.1, 0.28))
    diagram.arrow("draw", "text")
    diagram.arrow("text", "network", "read again", shift=(-0.9, -0.25))
    return diagram.figure


def bits_by_approach(
    bits: Mapping[str, Sequence[float]], levels: Mapping[str, float] | None = None
) -> Figure:
    """Draw each run's bits as a point, the mean of an approach as a line across.

    Args:
        bits: of each approach the bits per character of its runs.
        levels: by name, numbers that are the same in every run: a vertical line each.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7.2, 0.6 * len(bits) + 1.5))
    runs_in_rows(ax, bits)
    for (name, level), style in zip((levels or {}).items(), cycle(_LINES), strict=False):
        ax.axvline(level, color="#555555", ls=style, label=name)
    ax.set(xlabel="bits per character of the validation plays")
    if levels:
        ax.legend(loc="upper center", bbox_to_anchor=(0.45, 1.2), ncols=len(levels), frameon=False)
    return figure


def longest_copies(lengths: Mapping[str, Sequence[int]], control: str) -> Figure:
    """Draw of each sample the longest piece that stands in the training text.

    Args:
        lengths: by who wrote it, characters for each sample.
        control: whose longest one is drawn as a line through all rows.

    Raises:
        KeyError: if there is no such control.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7.2, 0.6 * len(lengths) + 1.0))
    for place, (values, marker) in enumerate(zip(lengths.values(), cycle(MARKERS), strict=False)):
        shifts = np.linspace(-0.22, 0.22, len(values)) if len(values) > 1 else np.zeros(1)
        ax.plot(values, place + shifts, marker, ms=5, alpha=0.7)
    ax.axvline(max(lengths[control]), color="0.5", ls=":")
    ax.set(yticks=range(len(lengths)), yticklabels=list(lengths))
    ax.set(ylim=(len(lengths) - 0.5, -0.5), xscale="log")
    ticks = [8, 16, 32, 64, 128]
    ax.set_xticks(ticks, [str(tick) for tick in ticks])
    ax.set(xlabel="characters of the longest copied piece, for each sample")
    ax.minorticks_off()
    return figure
