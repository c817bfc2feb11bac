"""Figures about results of reinforcement learning: what a score depends on, runs, bands, profiles.

Importing this module is cheap; matplotlib is imported when something is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dlcourse.agents.run_statistics import interquartile_mean
from dlcourse.figures.diagrams import Diagram

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "bands_and_runs",
    "experiment_diagram",
    "profiles",
    "score_histograms",
    "wrong_orders",
]

Array = npt.NDArray[Any]

_MARKERS = ("o", "s", "^", "D")
_STYLES = ("-", "--", "-.", ":")


def experiment_diagram() -> Figure:
    """Draw how one score comes about, and how scores become a statement."""
    diagram = Diagram(14.4, 6.0)
    small = {"fontsize": 11}
    diagram.data("settings", 1.5, 4.2, "settings", size=(1.9, 0.8), **small)
    diagram.data("seed", 1.5, 2.6, "seed 1, 2, ..., $n$", size=(2.6, 0.8), **small)
    diagram.operation("training", 4.9, 3.4, "training", size=(1.9, 0.9), **small)
    diagram.parameter("snapshots", 7.6, 3.4, "snapshots", size=(1.9, 0.9), **small)
    diagram.operation("choice", 10.0, 3.4, "choice of\none", size=(1.7, 1.1), **small)
    diagram.operation("episodes", 12.7, 3.4, "evaluation\nepisodes", size=(2.0, 1.1), **small)
    diagram.data("score", 12.7, 1.0, "score of a run", size=(2.6, 0.8), **small)
    diagram.data("table", 7.4, 1.0, "$n$ scores", size=(1.9, 0.8), **small)
    diagram.data("interval", 3.4, 1.0, "estimate and\ninterval", size=(2.4, 1.0), **small)
    diagram.arrow("settings", "training")
    diagram.arrow("seed", "training")
    diagram.arrow("training", "snapshots")
    diagram.arrow("snapshots", "choice")
    diagram.arrow("choice", "episodes")
    diagram.arrow("episodes", "score")
    diagram.arrow("score", "table", "one for each seed", shift=(-0.12, 0.28))
    diagram.arrow("table", "interval")
    diagram.arrow((12.7, 4.1), (1.5, 4.75), "tuning: what was seen decides the next settings",
                  bend=0.13, shift=(0, 0.32))  # fmt: skip
    return diagram.figure


def score_histograms(
    scores: Mapping[str, Array], statistics: Mapping[str, Callable[[Array], float]]
) -> Figure:
    """Draw the distribution of final scores, one panel for each agent, with lines at statistics."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(len(scores), 1, sharex=True, figsize=(7, 1.7 * len(scores)))
    values = np.concatenate(list(scores.values()))
    bins = np.linspace(values.min(), values.max(), 31)
    for ax, (agent, row) in zip(np.atleast_1d(axes), scores.items(), strict=True):
        ax.hist(row, bins, color="#CFE3F0", edgecolor="#7FA8C4")
        for place, (name, statistic) in enumerate(statistics.items()):
            ax.axvline(statistic(row), color=f"C{place}", linestyle=_STYLES[place], label=name)
        ax.set(title=agent, ylabel="runs")
    np.atleast_1d(axes)[0].legend(loc="upper left")
    np.atleast_1d(axes)[-1].set_xlabel("probability of reaching the goal, exact")
    return figure


def wrong_orders(counts: Sequence[int], chances: Mapping[str, Array]) -> Figure:
    """Draw how often the worse agent looks better against runs per agent, one line a statistic."""
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots()
    for place, (name, chance) in enumerate(chances.items()):
        ax.plot(counts, chance, marker=_MARKERS[place], label=name)
    ax.axhline(0.05, color="#555555", linewidth=1, linestyle=":")
    ax.set(xscale="log", xlabel="runs of each agent", ylabel="worse agent looks better")
    ax.set_xticks(counts, [str(count) for count in counts])
    ax.minorticks_off()
    ax.set_ylim(0, 0.5)
    ax.legend()
    return figure


def bands_and_runs(steps: Array, curves: Array, ylabel: str = "return") -> Figure:
    """Draw means and interquartile means beside the single runs that they summarize.

    The band is two standard errors of the mean.

    Args:
        steps: shape (points,).
        curves: shape (runs, points).
        ylabel: what the curves are.
    """
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, sharey=True, figsize=(7, 3.1))
    mean = curves.mean(axis=0)
    error = curves.std(axis=0, ddof=1) / np.sqrt(len(curves))
    left.plot(steps, mean, label="mean")
    left.plot(steps, interquartile_mean(curves, axis=0), label="interquartile mean")
    left.legend(loc="upper left", fontsize=10)
    left.fill_between(steps, mean - 2 * error, mean + 2 * error, alpha=0.2, linewidth=0)
    left.set(title=f"{len(curves)} runs together", xlabel="environment steps", ylabel=ylabel)
    for place, run in enumerate(curves):
        chosen = place < 2
        right.plot(steps, run, color=f"C{1 + place}" if chosen else "#B0B0B0",
                   linewidth=1.8 if chosen else 0.8, linestyle=_STYLES[place if chosen else 0],
                   zorder=2 + chosen)  # fmt: skip
    right.set(title="the runs", xlabel="environment steps")
    for ax in (left, right):
        ax.xaxis.set_major_formatter(lambda value, _: f"{value / 1000:g}k")
    return figure


def profiles(levels: Array, shares: Mapping[str, Array], xlabel: str) -> Figure:
    """Draw performance profiles: the share of runs above each level, one line an agent."""
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots()
    for name, share in shares.items():
        ax.plot(levels, share, label=name)
    ax.set(xlabel=xlabel, ylabel="share of runs above it", ylim=(0, 1.02))
    ax.legend()
    return figure
