"""Figures of the chapter on Q-learning and SARSA. matplotlib is imported when one is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dlcourse.agents.gridworlds import GridWorld
from dlcourse.figures.diagrams import Diagram

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "draw_bands",
    "draw_double_target",
    "draw_paths",
    "draw_sample_backups",
    "draw_target_errors",
    "draw_two_choices",
]

_ORANGE, _BLUE, _GREEN, _INK, _GREY = "#D55E00", "#0072B2", "#009E73", "#222222", "#555555"
_COLOURS = (_BLUE, _ORANGE, _GREEN, "#CC79A7", "#E69F00", _INK)
_STYLES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)))

Array = npt.NDArray[np.floating[Any]]


def draw_sample_backups() -> Figure:
    """Draw which sampled steps each method uses, and which estimate it takes at the end."""
    d = Diagram(15.0, 7.0)
    for x, name, steps in ((1.3, "TD(0)", 1), (3.7, "3 steps", 3), (6.1, "Monte Carlo", 4)):
        _title(d, x, name)
        _chain(d, x, steps, ends=name == "Monte Carlo")
    for x, name in ((8.7, "SARSA"), (11.1, "expected SARSA"), (13.6, "Q-learning")):
        _title(d, x, name)
        _pair(d, x, name)
    d.ax.plot([7.4, 7.4], [0.9, 6.7], color=_GREY, lw=0.8, ls=":")
    d.text(3.7, 0.4, "values of states $V$", fontsize=10)
    d.text(11.1, 0.4, "values of actions $Q$", fontsize=10)
    return d.figure


def _title(d: Diagram, x: float, name: str) -> None:
    d.text(x, 6.6, name, fontsize=10.5, color=_INK)


def _chain(d: Diagram, x: float, steps: int, *, ends: bool) -> None:
    """A state, then an action and a state for each step; at the end an estimate or the end."""
    y, gap = 6.0, 0.62
    for _ in range(steps):
        _line(d, (x, y), (x, y - 2 * gap))
        _node(d, (x, y), "state")
        _node(d, (x, y - gap), "action")
        y -= 2 * gap
    _node(d, (x, y), "end" if ends else "state")
    if not ends:
        d.text(x + 0.55, y, "$V$", fontsize=10, color=_INK)


def _pair(d: Diagram, x: float, name: str) -> None:
    """An action, the state that follows, and the actions of which the next value is made."""
    _line(d, (x, 6.0), (x, 4.4))
    d.text(x + 0.4, 5.2, "$r$", fontsize=10, color=_INK)
    places = [x] if name == "SARSA" else [x - 0.75, x, x + 0.75]
    for place in places:
        _line(d, (x, 4.4), (place, 2.8))
    _node(d, (x, 6.0), "action")
    _node(d, (x, 4.4), "state")
    for place in places:
        _node(d, (place, 2.8), "action")
    said = {
        "SARSA": "$Q(s', a')$",
        "expected SARSA": r"$\sum_a \pi(a \mid s')\, Q(s', a)$",
        "Q-learning": r"$\max_a Q(s', a)$",
    }[name]
    d.text(x, 2.0, said, fontsize=9.5, color=_INK)
    if name == "Q-learning":
        angles = np.radians(np.linspace(-90 - 25, -90 + 25, 30))
        d.ax.plot(x + 0.8 * np.cos(angles), 4.4 + 0.8 * np.sin(angles), color=_INK, lw=1.6, ls="-")


def _line(d: Diagram, start: tuple[float, float], end: tuple[float, float]) -> None:
    d.ax.plot(*zip(start, end, strict=True), color=_GREY, lw=1.3, ls="-", zorder=1)


def _node(d: Diagram, place: tuple[float, float], kind: str) -> None:
    from matplotlib.patches import Circle, Rectangle

    x, y = place
    if kind == "end":
        d.ax.add_patch(
            Rectangle((x - 0.19, y - 0.19), 0.38, 0.38, fc="#DDDDDD", ec=_INK, lw=1.4, zorder=3)
        )
        return
    radius, fill = (0.2, "#E3F1FA") if kind == "state" else (0.1, _ORANGE)
    edge = _BLUE if kind == "state" else _ORANGE
    d.ax.add_patch(Circle(place, radius, facecolor=fill, edgecolor=edge, lw=1.4, zorder=3))


def draw_target_errors(
    lengths: Sequence[int],
    bias: npt.ArrayLike,
    deviation: npt.ArrayLike,
    rates: Sequence[float],
    errors: npt.ArrayLike,
) -> Figure:
    """Draw what is wrong with targets of n steps, and the error of values learned with them.

    Args:
        lengths: numbers of steps n; the last one stands for whole episodes.
        bias: of the targets, shape (lengths,).
        deviation: their standard deviation, shape (lengths,).
        rates: step sizes.
        errors: root mean squared error of the values, shape (lengths, rates, runs).
    """
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(7.0, 3.1), layout="constrained")
    names = [*map(str, lengths[:-1]), "MC"]
    places = np.arange(len(lengths))
    left.plot(places, np.abs(bias), "o-", color=_BLUE, label="|bias|")
    left.plot(places, np.asarray(deviation), "s--", color=_ORANGE, label="standard deviation")
    left.set_xticks(places, names)
    left.set(xlabel="steps $n$ of the target", ylabel="of the target", ylim=(0, None))
    left.legend(fontsize=9)
    for number, (name, error) in enumerate(zip(names, np.asarray(errors), strict=True)):
        mean, se = _mean_and_error(error)
        look = {"color": plt.colormaps["viridis"](number / len(names)), "ls": _STYLES[number % 6]}
        right.plot(rates, mean, label=f"n = {name}" if name != "MC" else name, **look)
        right.fill_between(rates, mean - 2 * se, mean + 2 * se, color=look["color"], alpha=0.2)
    right.set(xlabel=r"step size $\alpha$", ylabel="RMS error of $V$", ylim=(0.2, 0.8))
    right.legend(fontsize=8, ncols=2)
    return figure


def _mean_and_error(values: npt.ArrayLike) -> tuple[Array, Array]:
    """Mean and standard error over the last axis, the runs."""
    runs = np.asarray(values, float)
    return runs.mean(axis=-1), runs.std(axis=-1, ddof=1) / runs.shape[-1] ** 0.5


def draw_bands(
    curves: Mapping[str, npt.ArrayLike],
    *,
    ylabel: str,
    xlabel: str = "episode",
    x: npt.ArrayLike | None = None,
    smooth: int = 1,
    line: tuple[float, str] | None = None,
    scale: str = "linear",
    ylim: tuple[float, float] | None = None,
) -> Figure:
    """Draw means over runs with bands of two standard errors.

    Args:
        curves: by name, values of shape (points, runs).
        ylabel: what the values are.
        xlabel: what the points are.
        x: of the points; by default 1, 2, ...
        smooth: each point is the mean of so many values, that one and those before.
        line: a dotted horizontal line: its height and its name.
        scale: of both axes, "linear" or "log".
        ylim: lowest and highest value shown; by default all values.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7.0, 3.1), layout="constrained")
    for (name, values), colour, style in zip(curves.items(), _COLOURS, _STYLES, strict=False):
        runs = np.asarray(values, float)
        if smooth > 1:
            sums = np.concatenate([np.zeros((1, runs.shape[1])), runs.cumsum(axis=0)])
            runs = (sums[smooth:] - sums[:-smooth]) / smooth
        mean, se = _mean_and_error(runs)
        places = np.arange(smooth, smooth + len(mean)) if x is None else np.asarray(x)
        ax.plot(places, mean, color=colour, ls=style, label=name)
        ax.fill_between(places, mean - 2 * se, mean + 2 * se, color=colour, alpha=0.2, lw=0)
    if line is not None:
        ax.axhline(line[0], color=_GREY, ls=":", label=line[1])
    ax.set(xlabel=xlabel, ylabel=ylabel, xscale=scale, yscale=scale)
    if ylim is not None:
        ax.set_ylim(ylim)
    ax.legend(fontsize=9)
    return figure


def draw_paths(world: GridWorld, panels: Mapping[str, Sequence[Sequence[int]]]) -> Figure:
    """Draw the paths of several runs on a map with a cliff, a panel for each method.

    Args:
        world: the map.
        panels: by title, paths as lists of states.
    """
    import matplotlib.pyplot as plt

    height, width = world.shape
    figure, axes = plt.subplots(
        len(panels), 1, figsize=(6.0, 2.15 * len(panels)), squeeze=False, layout="constrained"
    )
    for ax, (title, paths) in zip(axes.flat, panels.items(), strict=True):
        _cliff(ax, world)
        offsets = np.linspace(-0.3, 0.3, len(paths)) if len(paths) > 1 else np.zeros(1)
        for path, offset in zip(paths, offsets, strict=True):
            rows, columns = np.divmod(np.asarray(path), width)
            ends = bool(world.terminal[path[-1]])
            ax.plot(columns + offset, rows + offset, color=_BLUE if ends else _ORANGE, lw=1.5,
                    ls="-" if ends else "--", alpha=0.8)  # fmt: skip
            if not ends:
                ax.plot(columns[-1] + offset, rows[-1] + offset, "x", color=_ORANGE, ms=8, mew=2)
        ax.set_title(title, fontsize=11)
        ax.set(xlim=(-0.5, width - 0.5), ylim=(height - 0.5, -0.5), aspect="equal")
        ax.set_axis_off()
    return figure


def _cliff(ax: Axes, world: GridWorld) -> None:
    from matplotlib.patches import Rectangle

    for row, letters in enumerate(world.rows):
        for column, letter in enumerate(letters):
            fill = {"C": "#777777", "G": "#BFE5D8"}.get(letter, "#FFFFFF")
            corner = column - 0.5, row - 0.5
            ax.add_patch(Rectangle(corner, 1, 1, facecolor=fill, edgecolor="#BBBBBB", lw=0.7))
            if letter in "SG":
                ax.text(column, row, letter, ha="center", va="center", fontsize=11, color=_INK)


def draw_two_choices(actions: int = 10) -> Figure:
    """Draw the process in which one of two actions leads to many that are worth less than 0.

    Args:
        actions: of the second state.
    """
    d = Diagram(14.0, 3.6)
    d.data("B", 4.4, 1.8, "$B$", size=(1.0, 0.9), fontsize=12)
    d.data("A", 9.0, 1.8, "$A$", size=(1.0, 0.9), fontsize=12)
    for name, x in (("left", 1.0), ("right", 13.0)):
        d.operation(name, x, 1.8, "end", size=(1.2, 0.9), fontsize=10)
    d.arrow("A", "B", "left, reward 0", shift=(0.0, 0.3))
    d.arrow("A", "right", "right, reward 0", shift=(0.0, 0.3))
    for bend in (-0.5, -0.25, 0.0, 0.25, 0.5):
        d.arrow("B", "left", bend=bend)
    d.text(2.8, 3.3, f"{actions} actions, reward from $\\mathcal{{N}}(-0.1, 1)$", fontsize=10)
    d.text(9.0, 2.75, "start", fontsize=10)
    return d.figure


def draw_double_target() -> Figure:
    """Draw double Q-learning: one table chooses the next action, the other one values it."""
    d = Diagram(14.0, 3.6)
    d.data("s", 1.2, 1.8, "$s'$", size=(1.0, 0.8), fontsize=12)
    d.parameter("Q1", 4.2, 2.8, "$Q_1$", size=(1.4, 0.9), fontsize=12)
    d.parameter("Q2", 8.2, 0.9, "$Q_2$", size=(1.4, 0.9), fontsize=12)
    d.operation("choose", 6.6, 2.8, r"$\arg\max_a$", size=(1.7, 0.9), fontsize=11)
    d.operation("target", 11.2, 1.8, r"$r + \gamma\, Q_2(s', a^*)$", size=(3.2, 0.9), fontsize=11)
    d.arrow("s", "Q1")
    d.arrow("s", "Q2")
    d.arrow("Q1", "choose")
    d.arrow("choose", "Q2", "$a^*$", shift=(0.4, 0.0))
    d.arrow("Q2", "target")
    d.arrow("target", "Q1", bend=0.32, color=_ORANGE)
    d.text(11.4, 3.2, "moves $Q_1(s, a)$", fontsize=10)
    return d.figure
