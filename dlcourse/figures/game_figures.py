"""Figures of games and robotics: a search tree, shares of best moves, a robot's room, robustness.

Importing this module is cheap; matplotlib is imported when something is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dlcourse.agents import cleaning
from dlcourse.agents.run_statistics import bootstrap_interval
from dlcourse.figures.diagrams import Diagram
from dlcourse.plots import MARKERS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "draw_lengths", "draw_pay_and_wish", "draw_room", "draw_search", "draw_shares",
]  # fmt: skip

Floats = npt.NDArray[np.float64]
_INK, _GREY, _ORANGE = "#222222", "#555555", "#D55E00"
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#BE3C83")


def draw_search() -> Figure:
    """Draw the four steps of a simulation: down the tree, a new leaf, its value, and back up."""
    diagram = Diagram(18.6, 8.4)
    for y, text in ((7.4, "you move"), (4.2, "opponent moves"), (1.3, "you move")):
        diagram.text(1.7, y, text, fontsize=11)
    places = {"root": (9.8, 7.4), "a": (5.0, 4.2), "b": (9.8, 4.2), "c": (14.6, 4.2),
              "leaf": (9.8, 1.3)}  # fmt: skip
    names = {"root": "root", "a": "move 1", "b": "move 2", "c": "move 3",
             "leaf": "new leaf\n$v = 0.4$"}  # fmt: skip
    for name, (x, y) in places.items():
        diagram.data(name, x, y, names[name], size=(2.4, 1.1), fontsize=11)
    for start, end in (("root", "a"), ("root", "c"), ("root", "b"), ("b", "leaf")):
        taken = end in ("b", "leaf")
        diagram.arrow(start, end, color=_ORANGE if taken else _GREY,
                      linewidth=2.6 if taken else 1.2)  # fmt: skip
    for x, y, text in ((4.6, 6.2, "$P = 0.5,\\ N = 3$\n$W = -0.6$"),
                       (15.0, 6.2, "$P = 0.2,\\ N = 0$\n$W = 0$"),
                       (10.8, 5.5, "$P = 0.3$\n$N = 1$\n$W = 0.5$")):  # fmt: skip
        diagram.text(x, y, text, fontsize=10)
    diagram.text(14.4, 7.5, "1  select by $Q + U$", fontsize=11)
    diagram.text(13.9, 1.3, "2  expand, 3  evaluate", fontsize=11)
    diagram.text(7.2, 2.75, "4  back up $-0.4$", fontsize=11, color="#009E73")
    diagram.text(9.1, 5.6, "$+0.4$", fontsize=11, color="#009E73")
    return diagram.figure


def draw_shares(
    simulations: Sequence[int], found: Mapping[str, Sequence[npt.ArrayLike]], alone: npt.ArrayLike
) -> Figure:
    """Draw the share of positions with a best move against the simulations, with 95 % intervals.

    Args:
        simulations: of a search.
        found: by the search's name, for each of the simulations 0 or 1 for each position.
        alone: 0 or 1 for each position, of the network without a search.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7, 3.4))
    for (name, each), colour, marker in zip(found.items(), _COLOURS, MARKERS, strict=False):
        rows = np.asarray(each, float)
        means = rows.mean(axis=1)
        low, high = np.transpose([bootstrap_interval(row, resamples=500) for row in rows])
        bars = [means - low, high - means]
        ax.errorbar(simulations, means, bars, label=name, color=colour, marker=marker, capsize=3)
    mean = float(np.mean(np.asarray(alone, float)))
    ax.axhline(mean, color=_GREY, linestyle="--", label="network alone")
    ax.set(xscale="log", xlabel="simulations for a move", ylabel="share of best moves")
    ax.set_xticks(simulations, [str(each) for each in simulations])
    ax.minorticks_off()
    ax.legend(fontsize=10, loc="lower right")
    return figure


def draw_room() -> Figure:
    """Draw the room of the cleaning robot."""
    diagram = Diagram(9.0, 5.6)
    looks = {"d": "#C9B08F", "P": "#BFD8B8", "G": "#9CCBEA"}
    texts = {"S": "start", "d": "dirt", "P": "flowerpot", "G": "dock"}
    for i, row in enumerate(cleaning.ROWS):
        for j, letter in enumerate(row):
            diagram.operation(f"{i} {j}", 1.4 + 2.05 * j, 4.7 - 1.75 * i, texts.get(letter, " "),
                              size=(2.0, 1.7), fontsize=12,
                              fc=looks.get(letter, "#FFFFFF"))  # fmt: skip
    return diagram.figure


def draw_pay_and_wish(places: npt.ArrayLike, curves: Mapping[str, Mapping[str, Floats]]) -> Figure:
    """Draw, side by side for each reward, what was paid and what was wanted over the training.

    Args:
        places: steps taken.
        curves: by the reward trained on, then by what is measured, (places, runs).
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, len(curves), figsize=(7, 3.0), sharey=True, squeeze=False)
    thousands = np.asarray(places, float) / 1000
    for ax, (title, lines) in zip(axes.flat, curves.items(), strict=True):
        for (name, runs), colour in zip(lines.items(), _COLOURS, strict=False):
            low, high = np.transpose([bootstrap_interval(row, resamples=400) for row in runs])
            ax.plot(thousands, runs.mean(axis=1), color=colour, label=name)
            ax.fill_between(thousands, low, high, color=colour, alpha=0.2, linewidth=0)
        ax.axhline(0, color=_GREY, linewidth=0.8, linestyle="-")
        ax.set(title=title, xlabel="steps (thousands)")
    axes[0, 0].set(ylabel="return of an episode")
    axes[0, 0].legend(fontsize=10)
    return figure


def draw_lengths(
    half_lengths: Sequence[float], returns: Mapping[str, Floats], trained: Mapping[str, Floats]
) -> Figure:
    """Draw the return over the true half-length of the pole, one thin line for each agent.

    Args:
        half_lengths: in m.
        returns: by how the agents were trained, (agents, half_lengths).
        trained: the half-lengths that each kind was trained on.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7, 3.3))
    for k, (name, runs) in enumerate(returns.items()):
        look: dict[str, Any] = {"color": _COLOURS[k]}
        ax.plot(half_lengths, runs.T, linewidth=0.8, alpha=0.6, **look)
        ax.plot(
            half_lengths, runs.mean(axis=0), linewidth=2.4, marker=MARKERS[k], label=name, **look
        )
        ax.plot(trained[name], np.full(len(trained[name]), -25.0 - 22 * k), "|", **look)
    ax.set(xscale="log", xlabel="half-length of the pole (m)", ylabel="return", ylim=(-65, 520))
    ax.set_xticks(half_lengths, [f"{each:g}" for each in half_lengths])
    ax.minorticks_off()
    ax.legend(fontsize=10, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    return figure
