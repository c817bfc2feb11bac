"""Figures of actor-critic methods: structure, bias and variance, learning curves, a pendulum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dlcourse.agents.ppo_runs import carried
from dlcourse.agents.run_statistics import bootstrap_interval
from dlcourse.figures.diagrams import Diagram

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "actor_critic_diagram",
    "advantage_diagram",
    "bias_and_variance",
    "learning_bands",
    "monitors",
    "pendulum_strip",
]

_BLUE, _ORANGE = "#0072B2", "#D55E00"


def actor_critic_diagram() -> Figure:
    """Draw the loop of environment, actor and critic, and where each of them learns from."""
    d = Diagram(14.6, 8.6)
    d.operation("environments", 7.3, 0.8, "environments", size=(3.4, 0.9))
    d.data("state", 2.0, 2.4, "$S_t$")
    d.parameter("actor", 2.0, 4.6, r"actor $\theta$", size=(2.2, 1.0))
    d.parameter("critic", 7.3, 4.6, r"critic $\phi$", size=(2.2, 1.0))
    d.data("policy", 2.0, 6.6, r"$\pi_\theta(\cdot \mid S_t)$", size=(2.4, 0.7))
    d.data("value", 7.3, 6.6, r"$V_\phi(S_t)$", size=(1.9, 0.7))
    d.data("reward", 12.2, 2.4, "$R_{t+1}, S_{t+1}$", size=(2.6, 0.7))
    d.operation("advantage", 12.2, 6.6, "TD errors, GAE", size=(3.0, 0.8))
    d.arrow("environments", "state", bend=-0.12)
    d.arrow("environments", "reward", bend=0.12)
    d.arrow("state", "actor")
    d.arrow("state", "critic")
    d.arrow("actor", "policy")
    d.arrow("critic", "value")
    d.arrow("reward", "advantage")
    d.arrow("value", "advantage")
    d.arrow((0.7, 6.6), (5.6, 0.8), "$A_t$", bend=0.85, shift=(0.35, 0.3))
    back: dict[str, Any] = {"linestyle": "--"}
    d.arrow((12.2, 7.05), (2.0, 7.0), r"$\hat{A}_t$: more or less of this action",
            bend=0.16, shift=(0.0, -0.42), color=_ORANGE, **back)  # fmt: skip
    d.arrow((11.4, 6.15), (8.45, 4.6), r"$\hat{A}_t + V_\phi(S_t)$: target", bend=-0.25,
            shift=(0.1, -0.75), color=_ORANGE, **back)  # fmt: skip
    return d.figure


def advantage_diagram(steps: int = 3) -> Figure:
    """Draw TD errors of successive steps and how GAE adds them up from the last to the first."""
    d = Diagram(3.6 * steps + 2.4, 5.2)
    for t in range(steps + 1):
        x = 1.2 + 3.6 * t
        name = "t" if t == 0 else f"t+{t}"
        d.data(f"value {t}", x, 0.7, f"$V(S_{{{name}}})$", size=(1.8, 0.7))
        if t == steps:
            continue
        following = f"t+{t + 1}"
        d.operation(f"delta {t}", x + 1.8, 2.5, rf"$\delta_{{{name}}}$", size=(1.2, 0.7))
        d.data(f"advantage {t}", x + 1.8, 4.4, rf"$\hat{{A}}_{{{name}}}$", size=(1.2, 0.7))
        d.arrow(f"value {t}", f"delta {t}", "$-$", shift=(-0.3, 0.1))
        d.text(x + 1.8, 1.55, f"$+R_{{{following}}}$")
        d.arrow(f"delta {t}", f"advantage {t}")
    for t in range(steps):
        d.arrow(f"value {t + 1}", f"delta {t}", r"$+\gamma$", shift=(0.4, 0.1))
        if t < steps - 1:
            d.arrow(f"advantage {t + 1}", f"advantage {t}", r"$\gamma\lambda$", shift=(0, 0.3),
                    color=_ORANGE)  # fmt: skip
    return d.figure


def bias_and_variance(
    found: Mapping[str, Mapping[float, tuple[float, float]]], count: int = 256
) -> Figure:
    """Plot bias, deviation and error of the mean of `count` estimates against lambda.

    Args:
        found: by critic, by lambda: bias and standard deviation of one estimate.
        count: independent estimates in a mean.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, len(found), figsize=(7.0, 2.9), sharey=True)
    panels = np.atleast_1d(axes)
    for ax, (title, by_lambda) in zip(panels, found.items(), strict=True):
        bias, deviation = np.array(list(by_lambda.values())).T
        deviation = deviation / np.sqrt(count)
        lines = {"bias": bias, "deviation": deviation, "error": np.hypot(bias, deviation)}
        for (name, line), style in zip(lines.items(), ("o-", "s--", "^:"), strict=True):
            ax.plot(range(len(line)), line, style, label=name, markersize=5)
        ax.set_xticks(range(len(bias)), [f"{lam:g}" for lam in by_lambda], fontsize=8)
        ax.set(xlabel=r"$\lambda$")
        ax.set_title(title, fontsize=11)
    panels[0].set_ylabel(f"of the mean of {count}")
    panels[0].legend(fontsize=9)
    return figure


def learning_bands(
    steps: npt.ArrayLike,
    curves: Mapping[str, npt.ArrayLike],
    *,
    groups: Sequence[Sequence[str]],
    window: int = 8,
) -> Figure:
    """Plot mean returns with 95 % bootstrap bands over seeds, one panel for each group.

    Args:
        steps: (m,) taken in all environments.
        curves: by variant, (seeds, m) mean returns of the episodes that ended; NaN where none did.
        groups: which variants share a panel, at most four of them.
        window: updates that one point of a curve stands for.
    """
    import matplotlib.pyplot as plt

    rows = -(-len(groups) // 2)
    figure, axes = plt.subplots(
        rows, 2, figsize=(7.0, 2.5 * rows), sharex=True, sharey=True, squeeze=False
    )
    for ax, group in zip(axes.flat, groups, strict=False):
        for name, style in zip(group, ("-", "--", "-.", ":"), strict=False):
            _band(ax, np.asarray(steps), np.asarray(curves[name]), window, style, name)
        ax.legend(fontsize=8)
    for ax in axes.flat[len(groups) :]:
        ax.set_axis_off()
    for ax in axes[-1]:
        ax.set_xlabel("steps in all environments")
    for ax in axes[:, 0]:
        ax.set_ylabel("return")
    return figure


def _band(
    ax: Axes, steps: np.ndarray, rows: np.ndarray, window: int, style: str, name: str
) -> None:
    used = rows.shape[1] // window * window
    parts = rows[:, :used].reshape(len(rows), -1, window)
    counts = np.isfinite(parts).sum(axis=2)
    means = np.where(counts > 0, np.nansum(parts, axis=2) / np.maximum(counts, 1), np.nan)
    means = carried(means)
    x = steps[:used].reshape(-1, window)[:, -1]
    line = ax.plot(x, means.mean(axis=0), style, label=name)[0]
    bounds = [bootstrap_interval(column, resamples=500) for column in means.T]
    low, high = np.array(bounds).T
    ax.fill_between(x, low, high, color=line.get_color(), alpha=0.2, linewidth=0)


def monitors(
    steps: npt.ArrayLike, runs: Mapping[str, Mapping[str, npt.ArrayLike]], names: Mapping[str, str]
) -> Figure:
    """Plot what is watched while an agent trains, one panel for each quantity.

    Args:
        steps: (m,) taken in all environments.
        runs: by variant, by quantity, (m,) numbers.
        names: of the quantities to show, with their labels.
    """
    import matplotlib.pyplot as plt

    rows = -(-len(names) // 2)
    figure, axes = plt.subplots(rows, 2, figsize=(7.0, 2.1 * rows), sharex=True, squeeze=False)
    for ax, (key, label) in zip(axes.flat, names.items(), strict=False):
        for (name, run), style in zip(runs.items(), ("-", "--", ":"), strict=False):
            ax.plot(steps, run[key], style, label=name, linewidth=1.2)
        ax.set_ylabel(label)
        if key == "kl":  # over orders of magnitude, and 0 where nothing was moved
            ax.set(yscale="log", ylim=(1e-5, None))
    axes.flat[0].legend(fontsize=8)
    for ax in axes[-1]:
        ax.set_xlabel("steps in all environments")
    return figure


def pendulum_strip(
    episodes: Mapping[str, npt.ArrayLike], *, every: int = 4, frames: int = 9, enlarged: float = 4.0
) -> Figure:
    """Draw InvertedPendulum as it was played: one row of frames for each agent.

    Args:
        episodes: by agent, (steps, 4) observations: place of the cart in metres, angle of the pole
            in radians, and their velocities.
        every: steps between two frames.
        frames: in a row, fewer where the episode is over.
        enlarged: how many times larger places and angles are drawn than they are.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(len(episodes), 1, figsize=(7.0, 1.25 * len(episodes)))
    for ax, (name, episode) in zip(np.atleast_1d(axes), episodes.items(), strict=True):
        rows = enlarged * np.asarray(episode)[: every * frames : every]
        for number, (place, angle, *_) in enumerate(rows):
            left, x, look = 2.4 * number, 2.4 * number + place, {"linestyle": "-"}
            ax.plot([left - 1, left + 1], [0, 0], color="#888888", linewidth=1, **look)
            ax.plot([x - 0.2, x + 0.2], [0, 0], color=_BLUE, linewidth=7, **look)
            ax.plot([x, x + 0.9 * np.sin(angle)], [0, 0.9 * np.cos(angle)], color=_ORANGE,
                    linewidth=3, **look)  # fmt: skip
            ax.text(left, -0.55, f"{every * number}", ha="center", fontsize=8)
        ax.set(xlim=(-1.3, 2.4 * frames - 1.1), ylim=(-0.75, 1.1), aspect="equal")
        ax.set_title(name, fontsize=9, loc="left")
        ax.set_axis_off()
    return figure
