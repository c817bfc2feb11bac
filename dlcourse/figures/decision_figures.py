"""Figures of the chapter on decision processes. matplotlib is imported when one is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dlcourse.agents.gridworlds import GridWorld
from dlcourse.figures.diagrams import Diagram

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "draw_agent_loop",
    "draw_backups",
    "draw_contraction",
    "draw_policy_iteration",
    "draw_values",
    "draw_world",
]

_ORANGE, _BLUE, _GREEN, _INK, _GREY = "#D55E00", "#0072B2", "#009E73", "#222222", "#555555"

Array = npt.NDArray[np.floating[Any]]


def draw_agent_loop() -> Figure:
    """Draw agent and environment, what goes from one to the other, and when an episode is over."""
    d = Diagram(14.0, 5.6)
    d.operation("agent", 2.6, 2.9, "agent\n" + r"$\pi(a \mid s)$", size=(2.6, 1.5), fontsize=11)
    d.operation(
        "world", 11.0, 2.9, "environment\n" + r"$p(s^\prime \mid s, a),\ r$", size=(3.2, 1.5),
        fontsize=11,
    )  # fmt: skip
    d.data("action", 6.8, 4.7, r"action $A_t$", size=(2.2, 0.8), fontsize=11)
    d.data("state", 6.8, 2.0, r"state $S_{t+1}$", size=(2.2, 0.8), fontsize=11)
    d.data("reward", 6.8, 0.8, r"reward $R_{t+1}$", size=(2.2, 0.8), fontsize=11)
    d.arrow("agent", "action", color=_ORANGE)
    d.arrow("action", "world", color=_ORANGE)
    for name in ("state", "reward"):
        d.arrow("world", name, color=_BLUE)
        d.arrow(name, "agent", color=_BLUE)
    d.text(11.0, 4.35, "terminated: the task is over", fontsize=10)
    d.text(11.0, 5.0, "truncated: only the recording stops", fontsize=10)
    d.text(2.6, 4.35, "chooses", fontsize=10)
    return d.figure


def draw_policy_iteration() -> Figure:
    """Draw the loop between evaluation and improvement."""
    d = Diagram(14.0, 3.4)
    d.data("policy", 1.6, 1.7, r"policy $\pi$", size=(2.0, 0.9), fontsize=11)
    d.operation("evaluate", 5.2, 2.6, "evaluate\nsolve for $V$", size=(2.6, 1.2), fontsize=10)
    d.data("values", 8.8, 1.7, r"values $V_\pi$", size=(2.1, 0.9), fontsize=11)
    d.operation("improve", 5.2, 0.75, "improve\nbest action of $Q$", size=(2.9, 1.2), fontsize=10)
    d.arrow("policy", "evaluate", color=_BLUE)
    d.arrow("evaluate", "values", color=_BLUE)
    d.arrow("values", "improve", color=_ORANGE)
    d.arrow("improve", "policy", color=_ORANGE)
    d.text(12.0, 2.1, "no action changes:", fontsize=10)
    d.text(12.0, 1.55, r"$V_\pi = V^*$", fontsize=12)
    d.arrow("values", (11.0, 1.7))
    return d.figure


def draw_backups() -> Figure:
    """Draw the backup diagrams of V and Q, for a policy and for the best actions."""
    d = Diagram(14.0, 4.9)
    for left, kind, name in (
        (1.9, "state", r"$V_\pi(s)$"), (5.3, "action", r"$Q_\pi(s, a)$"),
        (8.7, "state", r"$V^*(s)$"), (12.1, "action", r"$Q^*(s, a)$"),
    ):  # fmt: skip
        d.text(left, 4.6, name, fontsize=12, color=_INK)
        best = "*" in name
        _branches(d, (left, 3.9), kind, best=best)
    d.text(7.0, 0.35, "circle: state    dot: action    arc: the largest counts", fontsize=10)
    return d.figure


_SPREAD = (0.85, 0.42)  # of the branches below the root, and below its children


def _branches(d: Diagram, root: tuple[float, float], kind: str, *, best: bool) -> None:
    """A node, two branches from it, and two from each of these."""
    other = "action" if kind == "state" else "state"
    middle = [(root[0] + side * _SPREAD[0], root[1] - 1.4) for side in (-1, 1)]
    leaves = [(x + side * _SPREAD[1], y - 1.4) for x, y in middle for side in (-1, 1)]
    for child in middle:
        d.ax.plot(*zip(root, child, strict=True), color=_GREY, lw=1.3, ls="-", zorder=1)
    for number, leaf in enumerate(leaves):
        d.ax.plot(
            *zip(middle[number // 2], leaf, strict=True), color=_GREY, lw=1.3, ls="-", zorder=1
        )
    _node(d, root, kind)
    for child in middle:
        _node(d, child, other)
    for leaf in leaves:
        _node(d, leaf, kind)
    labels = {"state": r"$\pi$", "action": "$p, r$"}
    d.text(root[0], root[1] - 0.85, "max" if best and kind == "state" else labels[kind],
           fontsize=10, color=_INK)  # fmt: skip
    tops = [root] if kind == "state" else middle
    spread = _SPREAD[0] if kind == "state" else _SPREAD[1]
    for x, y in middle:
        d.text(x, y - 1.15, "max" if best and other == "state" else labels[other], fontsize=8.5,
               color=_INK)  # fmt: skip
    if best:
        for x, y in tops:
            _arc(d, (x, y), spread / 1.4)


def _node(d: Diagram, place: tuple[float, float], kind: str) -> None:
    from matplotlib.patches import Circle

    radius, fill = (0.2, "#E3F1FA") if kind == "state" else (0.1, _ORANGE)
    edge = _BLUE if kind == "state" else _ORANGE
    d.ax.add_patch(Circle(place, radius, facecolor=fill, edgecolor=edge, lw=1.4, zorder=3))


def _arc(d: Diagram, top: tuple[float, float], slope: float) -> None:
    """An arc that joins the two branches below a node."""
    half = np.degrees(np.arctan(slope))
    angles = np.radians(np.linspace(-90 - half, -90 + half, 30))
    d.ax.plot(
        top[0] + 0.5 * np.cos(angles), top[1] + 0.5 * np.sin(angles), color=_INK, lw=1.6, ls="-"
    )


def draw_world(
    ax: Axes,
    world: GridWorld,
    values: npt.ArrayLike | None = None,
    *,
    policy: npt.ArrayLike | None = None,
    digits: int | None = 2,
    limits: tuple[float, float] | None = None,
) -> None:
    """Draw a map with the value and the chosen actions of each cell.

    Args:
        ax: where to draw.
        world: the map.
        values: (states,), drawn as colour and number; none by default.
        policy: an action for each state, shape (states,), or which actions are drawn, shape
            (states, actions); none by default.
        digits: after the point, of the values; None draws their colours only.
        limits: values at the ends of the colour map; by default the least and the greatest.
    """
    height, width = world.shape
    shown = np.zeros(height * width) if values is None else np.asarray(values, float)
    inner = ~world.terminal
    low, high = limits or (min(0.0, shown[inner].min()), max(shown[inner].max(), 1e-9))
    for state in range(height * width):
        row, column = divmod(state, width)
        letter = world.rows[row][column]
        share = float(np.clip((shown[state] - low) / max(high - low, 1e-9), 0, 1))
        _cell(ax, row, column, letter, ends=bool(world.terminal[state]), share=share)
        if not world.terminal[state]:
            if values is not None and digits is not None:
                drop = 0.3 if policy is not None else 0.0
                ax.text(column, row + drop, f"{shown[state]:.{digits}f}", ha="center", va="center",
                        fontsize=9, color=_INK)  # fmt: skip
            if policy is not None:
                rise = 0.0 if values is None or digits is None else 0.1
                _arrows(ax, row - rise, column, np.asarray(policy)[state])
    ax.set(xlim=(-0.5, width - 0.5), ylim=(height - 0.5, -0.5), aspect="equal")
    ax.set_axis_off()


def _cell(ax: Axes, row: int, column: int, letter: str, *, ends: bool, share: float) -> None:
    from matplotlib.patches import Rectangle

    white, blue = np.ones(3), np.array([0.45, 0.72, 0.90])
    fill: Any = white + share * (blue - white)
    if letter == "#":
        fill = "#777777"
    elif ends:
        fill = {"G": "#BFE5D8", "H": "#F6D3BF"}.get(letter, "#E8F3D5")
    ax.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor=fill, edgecolor=_GREY, lw=1))
    if ends and letter != "#":
        ax.text(column, row, letter, ha="center", va="center", fontsize=13, color=_INK)
    elif letter == "S":
        ax.text(column - 0.42, row - 0.28, "S", ha="left", va="center", fontsize=8, color=_GREY)


def _arrows(ax: Axes, row: float, column: int, chosen: Any) -> None:
    moves = ((-1, 0), (0, 1), (1, 0), (0, -1))  # left, down, right, up
    actions = [int(chosen)] if np.ndim(chosen) == 0 else np.flatnonzero(chosen).tolist()
    for action in actions:
        right, down = moves[action]
        one = len(actions) == 1
        start = (column - 0.25 * right * one, row - 0.25 * down * one)
        end = (column + 0.3 * right, row + 0.3 * down)
        ax.annotate("", end, start, arrowprops={
            "arrowstyle": "-|>,head_length=0.25,head_width=0.13", "color": _ORANGE, "lw": 1.5,
            "shrinkA": 0, "shrinkB": 0,
        })  # fmt: skip


def draw_values(
    world: GridWorld,
    panels: Mapping[str, tuple[npt.ArrayLike, npt.ArrayLike | None]],
    *,
    columns: int | None = None,
    digits: int | None = 2,
    shared: bool = False,
) -> Figure:
    """Draw the same map several times, each with values and a policy.

    Args:
        world: the map.
        panels: by title, values (states,) and a policy as for `draw_world`.
        columns: panels in a row; by default all.
        digits: after the point; None draws colours only.
        shared: whether all panels have the same colours for the same values.
    """
    import matplotlib.pyplot as plt

    across = columns or len(panels)
    down = -(-len(panels) // across)
    height, width = world.shape
    size = min(7.0 / (across * width), 0.75)
    figure, axes = plt.subplots(
        down, across, squeeze=False, layout="constrained",
        figsize=(size * width * across + 0.1, (size * height + 0.35) * down),
    )  # fmt: skip
    every = np.concatenate([np.asarray(values)[~world.terminal] for values, _ in panels.values()])
    limits = (float(min(0.0, every.min())), float(every.max())) if shared else None
    for ax, (title, (values, policy)) in zip(axes.flat, panels.items(), strict=False):
        draw_world(ax, world, values, policy=policy, digits=digits, limits=limits)
        ax.set_title(title, fontsize=11)
    return figure


def draw_contraction(errors: Mapping[float, Array]) -> Figure:
    """Draw the error of value iteration after each sweep, and what it may be at most.

    Args:
        errors: by discount, greatest errors (sweeps + 1,), that of the starting values first.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7.0, 3.2), layout="constrained")
    for (gamma, error), colour, marker in zip(
        errors.items(), (_GREEN, _BLUE, _ORANGE), "os^", strict=False
    ):
        sweeps = np.arange(len(error))
        ax.plot(sweeps, error, color=colour, ls="-", marker=marker, markevery=8, markersize=5,
                label=rf"$\gamma = {gamma}$")  # fmt: skip
        ax.plot(sweeps, error[0] * gamma**sweeps, color=colour, ls="--", lw=1.2)
    ax.plot([], [], color=_GREY, ls="--", lw=1.2, label=r"bound $\gamma^k \Vert V_0 - V^*\Vert$")
    ax.set(yscale="log", xlabel="sweeps $k$", ylabel=r"$\max_s |V_k(s) - V^*(s)|$")
    ax.set_ylim(bottom=1e-10)
    ax.legend(fontsize=9)
    return figure
