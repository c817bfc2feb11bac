"""Figures of policy gradients: an aliased corridor, REINFORCE, its noise, a field, equal steps.

Importing this module is cheap; matplotlib is imported when something is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from scipy.special import softmax

from dlcourse.agents import river
from dlcourse.agents.policy_gradient import Training
from dlcourse.agents.run_statistics import bootstrap_interval
from dlcourse.figures.diagrams import Diagram
from dlcourse.plots import MARKERS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "draw_corridor", "draw_equal_steps", "draw_field", "draw_horizon", "draw_learning_curves",
    "draw_objective", "draw_reinforce", "draw_return_and_loss",
]  # fmt: skip

Floats = npt.NDArray[np.float64]
_INK, _GREY, _ORANGE = "#222222", "#555555", "#D55E00"
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#BE3C83")


def draw_corridor() -> Figure:
    """Draw the corridor of five cells, coloured by what the agent sees there."""
    diagram = Diagram(14.0, 3.3)
    looks = ("#FFFFFF", "#9CCBEA", "#FFFFFF", "#9CCBEA", "#FFFFFF")
    texts = ("left end\n0.6", "corridor", "exit", "corridor", "right end\n0.4")
    for cell, (fill, text) in enumerate(zip(looks, texts, strict=True)):
        edge = {"linestyle": "--"} if cell == 2 else {}
        diagram.operation(f"cell {cell}", 1.8 + 2.6 * cell, 1.9, text, size=(2.6, 1.5),
                          fontsize=11, fc=fill, **edge)  # fmt: skip
        diagram.text(1.8 + 2.6 * cell, 0.8, f"cell {cell}", fontsize=11)
    for start, end in ((3.7, 5.7), (10.3, 8.3)):
        diagram.arrow((start, 2.95), (end, 2.95), color=_ORANGE, linewidth=2)
    diagram.text(7.0, 2.95, "needed here", fontsize=10, color=_ORANGE)
    return diagram.figure


def draw_objective(chances: Floats, values: Floats) -> Figure:
    """Draw the objective over the probability of going right, and its best place.

    Args:
        chances: probabilities, in ascending order.
        values: the objective at each.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7, 2.9))
    ax.plot(chances, values)
    ends = [0, -1]
    ax.plot(chances[ends], values[ends], "s", color=_ORANGE, clip_on=False, label="deterministic")
    best = int(values.argmax())
    ax.plot(chances[best], values[best], "o", color="#009E73", label="best")
    ax.set(xlabel="probability of going right in the corridor", ylabel="objective $J$")
    ax.legend(loc="lower center")
    return figure


def draw_reinforce() -> Figure:
    """Draw REINFORCE: policy, environment, rewards-to-go, baseline, loss and its gradient."""
    diagram = Diagram(17.4, 7.2)
    diagram.data("observation", 1.3, 5.4, "$S_t$", size=(1.2, 0.8))
    diagram.parameter("hidden", 4.0, 5.4, "dense\n32, tanh", size=(1.9, 1.2), fontsize=11)
    diagram.parameter("logits", 7.0, 5.4, "dense\n2", size=(1.6, 1.2), fontsize=11)
    diagram.operation("softmax", 9.8, 5.4, "softmax", size=(1.9, 0.8), fontsize=11)
    diagram.operation("draw", 12.6, 5.4, "draw", size=(1.4, 0.8), fontsize=11)
    diagram.data("action", 15.2, 5.4, "$A_t$", size=(1.2, 0.8))
    diagram.operation("world", 15.2, 3.3, "environment", size=(2.8, 0.9), fontsize=11)
    diagram.operation("to go", 15.2, 0.9, "reward-to-go $G_t$", size=(3.6, 0.9), fontsize=11)
    diagram.operation("minus", 10.9, 0.9, "minus baseline", size=(3.1, 0.9), fontsize=11)
    diagram.data("weight", 7.8, 0.9, "$w_t$", size=(1.1, 0.8))
    diagram.operation("loss", 4.3, 0.9, r"loss $-w_t\,\log\pi$", size=(3.3, 0.9), fontsize=11)
    diagram.data("log", 9.8, 3.3, r"$\log\pi(A_t \mid S_t)$", size=(3.3, 0.9), fontsize=11)
    shapes = (("observation", "hidden", "4"), ("hidden", "logits", "32"),
              ("logits", "softmax", "2"), ("softmax", "draw", "2"))  # fmt: skip
    for start, end, shape in shapes:
        diagram.arrow(start, end, shape, shift=(0, 0.3))
    for start, end in (("draw", "action"), ("action", "world"), ("draw", "log"),
                       ("softmax", "log"), ("to go", "minus"), ("minus", "weight"),
                       ("weight", "loss"), ("log", "loss")):  # fmt: skip
        diagram.arrow(start, end)
    diagram.arrow("world", "to go", "rewards", shift=(-1.0, 0.0))
    diagram.text(7.8, 1.65, "constant", fontsize=10)
    look: dict[str, Any] = {"color": _ORANGE, "linestyle": "--"}
    diagram.arrow((3.2, 1.4), (3.6, 4.75), "gradient", shift=(-1.2, 0.0), **look)
    diagram.arrow((4.2, 1.4), (6.6, 4.75), **look)
    # The next observation goes back over the top.
    diagram.ax.plot([16.7, 17.15, 17.15, 1.3, 1.3], [3.3, 3.3, 6.7, 6.7, 6.3], color=_GREY,
                    linewidth=1.4, linestyle="-")  # fmt: skip
    diagram.arrow((1.3, 6.4), (1.3, 5.8))
    diagram.text(9.2, 6.95, "$S_{t+1}$", fontsize=11)
    return diagram.figure


def draw_horizon(horizons: Sequence[int], needed: Mapping[str, Sequence[float]]) -> Figure:
    """Draw how many episodes an estimate needs against the horizon.

    Args:
        horizons: steps of an episode.
        needed: by the estimator's name, variance over squared gradient for each horizon.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7, 3.3))
    for (name, values), marker in zip(needed.items(), MARKERS, strict=False):
        ax.plot(horizons, values, marker=marker, markersize=6, label=name)
    ax.set(xscale="log", yscale="log", xlabel="horizon (steps)", ylabel="episodes needed")
    ax.set_xticks(horizons, [str(each) for each in horizons])
    ax.minorticks_off()
    ax.legend(fontsize=10, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def draw_learning_curves(places: Sequence[float] | Floats, curves: Mapping[str, Floats]) -> Figure:
    """Draw mean learning curves with 95 % bootstrap intervals of the mean.

    Args:
        places: steps in the environment.
        curves: by name, (runs, places) returns.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7, 3.4))
    thousands = np.asarray(places) / 1000
    for (name, runs), colour in zip(curves.items(), _COLOURS, strict=False):
        ax.plot(thousands, runs.mean(axis=0), label=name, linewidth=2, color=colour)
        bands = [bootstrap_interval(column, resamples=400) for column in runs.T]
        low, high = np.transpose(bands)
        ax.fill_between(thousands, low, high, color=colour, alpha=0.15, linewidth=0)
    ax.set(xlabel="steps in the environment (thousands)", ylabel="return", ylim=(0, 510))
    ax.legend(loc="upper left")
    return figure


def draw_return_and_loss(training: Training) -> Figure:
    """Draw what each batch of a training earned, and the value of the loss, side by side."""
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(7, 2.7))
    thousands = training.steps / 1000
    left.plot(thousands, training.returns)
    right.plot(thousands, training.losses, color=_ORANGE)
    right.axhline(0, color=_INK, linewidth=0.8, linestyle="-")
    left.set(xlabel="steps (thousands)", ylabel="mean return of the batch")
    right.set(xlabel="steps (thousands)", ylabel="loss")
    return figure


def draw_field(snapshots: Mapping[str, river.Snapshot]) -> Figure:
    """Draw policies as arrows over the river, and the values of their baselines as colours.

    Args:
        snapshots: one panel each, by its title.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(
        1, len(snapshots), figsize=(7, 2.9), squeeze=False, layout="constrained"
    )
    edges = np.linspace(0, 1, 41)
    grid = np.stack(np.meshgrid(edges, edges), axis=-1).reshape(-1, 2)
    values = {title: river.bumps(grid) @ each.v for title, each in snapshots.items()}
    low = min(float(each.min()) for each in values.values())
    for ax, (title, each) in zip(axes.flat, snapshots.items(), strict=True):
        image = ax.imshow(
            -values[title].reshape(41, 41), origin="lower", extent=(0, 1, 0, 1), cmap="Blues",
            vmin=0, vmax=-low, interpolation="bilinear",
        )  # fmt: skip
        _draw_arrows(ax, each)
        ax.set(title=title, xticks=[0, 1], yticks=[0, 1], xlim=(-0.03, 1.03), ylim=(-0.03, 1.03))
        ax.grid(visible=False)
    figure.colorbar(image, ax=list(axes.flat), label="steps still needed", shrink=0.75)
    return figure


def _draw_arrows(ax: Axes, snapshot: river.Snapshot) -> None:
    from matplotlib.patches import Circle

    lines = np.linspace(0.06, 0.94, 8)
    places = np.stack(np.meshgrid(lines, lines), axis=-1).reshape(-1, 2)
    actions = np.clip(snapshot.mean(places), -1, 1)
    ax.quiver(*places.T, *actions.T, color=_INK, scale=11, width=0.009, pivot="middle")
    ax.add_patch(Circle((river.LANDING[0], river.LANDING[1]), river.RADIUS, fc=_ORANGE, alpha=0.75))


_CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, 3**0.5 / 2]])


def draw_equal_steps(policies: Sequence[Floats], *, length: float, divergence: float) -> Figure:
    """Draw, in the triangle of three probabilities, steps of equal length and of equal KL.

    Args:
        policies: probabilities (3,), each the middle of two rings.
        length: of the steps of the logits in the left panel.
        divergence: Kullback-Leibler divergence, in nats, of the steps in the right panel.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(7, 3.3))
    names = (f"steps of length {length:g}", f"steps of KL {divergence:g}")
    for ax, name in zip(axes, names, strict=True):
        outline = _CORNERS[[0, 1, 2, 0]]
        ax.plot(*outline.T, color=_INK, linewidth=1.2, linestyle="-")
        for corner, place in enumerate(_CORNERS):
            ax.text(place[0], place[1] + (0.03 if corner == 2 else -0.09), f"$a_{corner + 1}$",
                    ha="center")  # fmt: skip
        ax.set(title=name, xlim=(-0.05, 1.05), ylim=(-0.13, 0.97), aspect="equal")
        ax.set_axis_off()
    for policy, marker in zip(policies, MARKERS, strict=False):
        rings = (_ring(policy, length=length), _ring(policy, divergence=divergence))
        for ax, ring, colour in zip(axes, rings, _COLOURS, strict=False):
            ax.plot(*(ring @ _CORNERS).T, color=colour, linestyle="-")
            ax.plot(*(policy @ _CORNERS), marker=marker, color=_INK, markersize=5)
    return figure


def _ring(
    policy: Floats, *, length: float | None = None, divergence: float | None = None
) -> Floats:
    """Policies (121, 3) around one: after steps of the logits of one length, or of one KL."""
    angles = np.linspace(0, 2 * np.pi, 121)
    # Two directions of the logits that change the policy; the third, (1, 1, 1), does not.
    plane = np.array([[1, -1, 0], [1, 1, -2]]) / np.sqrt([[2], [6]])
    directions = np.stack([np.cos(angles), np.sin(angles)], axis=1) @ plane
    if length is not None:
        return np.asarray(softmax(np.log(policy) + length * directions, axis=-1))
    low, high = np.zeros((121, 1)), np.full((121, 1), 60.0)
    for _ in range(50):  # the divergence grows with the length: bisection
        middle = (low + high) / 2
        reached = softmax(np.log(policy) + middle * directions, axis=-1)
        kl = (policy * np.log(policy / np.maximum(reached, 1e-300))).sum(axis=1, keepdims=True)
        low, high = np.where(kl < divergence, middle, low), np.where(kl < divergence, high, middle)
    return np.asarray(softmax(np.log(policy) + low * directions, axis=-1))
