"""Figures of the chapter on deep Q-networks. matplotlib is imported when one is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dlcourse.agents.run_statistics import bootstrap_interval
from dlcourse.figures.diagrams import Diagram

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "draw_ablation", "draw_breakout_network", "draw_divergence", "draw_dqn", "draw_heads",
    "draw_learning", "draw_overestimation",
]  # fmt: skip

_ORANGE, _BLUE, _GREY = "#D55E00", "#0072B2", "#555555"

Array = npt.NDArray[np.floating[Any]]


def draw_dqn() -> Figure:
    """Draw what runs in DQN: agent and environment, replay, two networks, the loss."""
    d = Diagram(15.0, 7.6)
    d.operation("environment", 1.9, 6.7, "environment", size=(2.8, 0.9), fontsize=11)
    d.parameter("act", 1.9, 4.4, r"$Q(\cdot\,;\theta)$", size=(2.6, 0.9), fontsize=11)
    d.data("replay", 7.4, 6.7, "replay: the latest\ntransitions", size=(3.6, 1.2), fontsize=11)
    d.data("batch", 7.4, 4.4, r"batch $s, a, r, s'$, ended", size=(4.0, 0.8), fontsize=11)
    d.parameter("online", 4.6, 2.3, r"$Q(s, \cdot\,;\theta)$", size=(2.7, 0.9), fontsize=11)
    d.parameter("target", 9.8, 2.3, r"$Q(s', \cdot\,;\theta^-)$", size=(2.9, 0.9), fontsize=11)
    d.operation("goal", 13.2, 3.4, r"$r + \gamma \max$", size=(2.2, 0.8), fontsize=11)
    d.operation("loss", 13.2, 1.3, "Huber loss", size=(2.2, 0.8), fontsize=11)
    d.arrow((1.5, 6.2), (1.5, 4.9), r"$s$", shift=(-0.3, 0.0))
    d.arrow((2.3, 4.9), (2.3, 6.2), r"$a$, $\epsilon$-greedy", shift=(1.15, 0.0))
    d.arrow("environment", "replay", "transition", shift=(0.0, 0.25))
    d.arrow("replay", "batch", "drawn at random", shift=(1.6, 0.0))
    d.arrow("batch", "online", r"$s, a$", shift=(-0.6, 0.1))
    d.arrow("batch", "target", r"$s'$", shift=(0.4, 0.1))
    d.arrow("batch", "goal", "$r$, ended", bend=-0.1, shift=(0.2, 0.3))
    d.arrow("target", "goal")
    d.arrow("goal", "loss", "constant", shift=(0.9, 0.0))
    d.arrow((5.2, 1.85), (12.0, 1.4), r"$Q(s, a\,;\theta)$", bend=0.1, shift=(0.0, -0.3))
    d.arrow((12.0, 1.1), (4.2, 1.85), "gradient", bend=-0.2, shift=(-1.6, -0.3),
            color=_ORANGE, linestyle="--")  # fmt: skip
    d.arrow("online", "target", "copied", shift=(0.0, 0.25), color=_BLUE)
    d.arrow("online", "act", "same weights", shift=(-1.2, -0.25), color=_BLUE, linestyle=":")
    return d.figure


def draw_heads(actions: int) -> Figure:
    """Draw the two heads of a dueling network.

    Args:
        actions: values that come out.
    """
    d = Diagram(14.0, 3.6)
    d.data("s", 1.0, 1.8, "$s$", size=(1.0, 0.8))
    d.parameter("hidden", 3.8, 1.8, "hidden layers", size=(2.5, 0.9), fontsize=11)
    d.parameter("value", 7.4, 2.9, "$V$: dense", size=(2.1, 0.8), fontsize=11)
    d.parameter("advantage", 7.4, 0.7, "$A$: dense", size=(2.1, 0.8), fontsize=11)
    d.operation("mean", 10.0, 0.7, "minus mean", size=(1.9, 0.8), fontsize=10)
    d.operation("sum", 11.6, 1.8, "+", size=(0.7, 0.7))
    d.data("q", 13.2, 1.8, "$Q$", size=(1.0, 0.8))
    d.arrow("s", "hidden")
    d.arrow("hidden", "value")
    d.arrow("hidden", "advantage")
    d.arrow("value", "sum", "1", shift=(0.0, 0.3))
    d.arrow("advantage", "mean", f"{actions}", shift=(0.0, 0.25))
    d.arrow("mean", "sum", f"{actions}", shift=(0.35, -0.1))
    d.arrow("sum", "q", f"{actions}", shift=(0.0, 0.25))
    return d.figure


def draw_breakout_network(shapes: Sequence[str]) -> Figure:
    """Draw the network for Breakout.

    Args:
        shapes: of input, convolution, dense layer and output, one text each.
    """
    d = Diagram(15.4, 2.2)
    d.data("state", 1.3, 0.9, "state", size=(1.7, 0.9), fontsize=11)
    d.parameter("convolution", 5.2, 0.9, "conv 3x3, ReLU", size=(2.9, 0.9), fontsize=11)
    d.parameter("dense", 9.3, 0.9, "dense, ReLU", size=(2.4, 0.9), fontsize=11)
    d.parameter("last", 12.2, 0.9, "dense", size=(1.5, 0.9), fontsize=11)
    d.data("q", 14.6, 0.9, "$Q$", size=(1.0, 0.9), fontsize=11)
    names = ("state", "convolution", "dense", "last", "q")
    for before, after, text in zip(names, names[1:], shapes, strict=False):
        d.arrow(before, after, text, shift=(0.0, 0.75))
    return d.figure


def draw_divergence(values: Mapping[str, Array]) -> Figure:
    """Draw how large the largest value is after each update, on a logarithmic axis.

    Args:
        values: by name, (updates,) largest absolute values.
    """
    import matplotlib.pyplot as plt

    from dlcourse.plots import MARKERS

    figure, ax = plt.subplots(figsize=(7.0, 3.2), layout="constrained")
    for (name, line), marker in zip(values.items(), MARKERS, strict=False):
        ax.plot(line, marker=marker, markevery=len(line) // 6, label=name)
    ax.set(yscale="log", xlabel="updates", ylabel="largest |v(s)|")
    ax.legend()
    return figure


def _band(ax: Axes, steps: Array, curves: Array, label: str, **look: Any) -> None:
    intervals = np.array([bootstrap_interval(column) for column in curves.T])
    (line,) = ax.plot(steps, curves.mean(axis=0), label=label, **look)
    ax.fill_between(steps, *intervals.T, color=line.get_color(), alpha=0.25, linewidth=0)


def draw_ablation(steps: Array, curves: Mapping[str, Array]) -> Figure:
    """Draw each variant's learning curve over that of the first, with 95 % bootstrap bands.

    Args:
        steps: (m,) of the environment.
        curves: by variant, (seeds, m) mean returns; the first is drawn in all panels.
    """
    import matplotlib.pyplot as plt

    (base, reference), *others = curves.items()
    rows = -(-len(others) // 2)
    figure, axes = plt.subplots(
        rows, 2, figsize=(7.0, 1.9 * rows), sharex=True, sharey=True, layout="constrained",
        squeeze=False,
    )  # fmt: skip
    for ax, (name, lines) in zip(axes.flat, others, strict=False):
        _band(ax, steps / 1000, reference, base, color="#888888", linestyle="--")
        _band(ax, steps / 1000, lines, name, color=_BLUE, marker="o", markersize=3)
        ax.legend(fontsize=9, loc="upper left")
        ax.set_ylim(0, 510)
    for ax in axes.flat[len(others) :]:
        ax.set_axis_off()
    figure.supxlabel("environment steps (1,000)", fontsize=11)
    figure.supylabel("mean return of greedy episodes", fontsize=11)
    return figure


def draw_learning(steps: Array, curves: Mapping[str, Array], ylabel: str) -> Figure:
    """Draw one line for each training, or of each training.

    Args:
        steps: (m,) of the environment.
        curves: by name, (m,) values.
        ylabel: what the values are.
    """
    import matplotlib.pyplot as plt

    from dlcourse.plots import MARKERS

    figure, ax = plt.subplots(figsize=(7.0, 3.0), layout="constrained")
    for (name, line), marker in zip(curves.items(), MARKERS, strict=False):
        ax.plot(np.asarray(steps) / 1000, line, marker=marker, markersize=4, label=name)
    ax.set(xlabel="environment steps (1,000)", ylabel=ylabel)
    ax.set_ylim(bottom=0)
    ax.legend()
    return figure


def draw_overestimation(steps: Array, predicted: Mapping[str, Array], limit: float) -> Figure:
    """Draw predictions against steps, one panel each for double and plain targets.

    Args:
        steps: (m,) of the environment.
        predicted: by "<copies> x 2 actions, <target>", (seeds, m) largest values.
        limit: which no return exceeds.
    """
    import matplotlib.pyplot as plt

    targets = list(dict.fromkeys(name.split(", ")[1] for name in predicted))
    figure, axes = plt.subplots(
        1, len(targets), figsize=(7.0, 3.0), sharey=True, layout="constrained"
    )
    for ax, target in zip(axes, targets, strict=True):
        for name, marker in zip(predicted, "oosss^^", strict=False):
            if name.endswith(f", {target}"):
                _band(ax, steps / 1000, predicted[name], name.split(",")[0], marker=marker)
        ax.axhline(limit, color=_GREY, linestyle=":", label="no return exceeds")
        ax.set(title=target, xlabel="environment steps (1,000)")
    axes[0].set_ylabel("largest value in the first state")
    axes[0].legend(fontsize=9)
    return figure
