"""Figures of the chapter on diffusion. matplotlib is imported when one is drawn."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dlcourse.figures.diagrams import Diagram

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "draw_chain", "draw_denoiser", "draw_guidance", "draw_latent_diffusion", "draw_paths",
    "draw_schedules",
]  # fmt: skip

_ORANGE, _BLUE, _GREEN = "#D55E00", "#0072B2", "#009E73"

Array = npt.NDArray[np.floating[Any]]


def draw_chain() -> Figure:
    """Draw the forward process, its shortcut from the image to any step, and the way back."""
    d = Diagram(14.0, 4.9)
    places = {"x_0": 1.0, "x_1": 4.0, "x_{t-1}": 7.0, "x_t": 10.0, "x_T": 13.0}
    for name, x in places.items():
        sub = name.removeprefix("x_").strip("{}")
        d.data(name, x, 2.4, rf"$\mathbf{{x}}_{{{sub}}}$", size=(1.3, 0.9), fontsize=14)
    names = list(places)
    for before, after in itertools.pairwise(names):
        straight = (before, after) in (("x_0", "x_1"), ("x_{t-1}", "x_t"))
        text = {"x_1": r"noise $\beta_1$", "x_t": r"noise $\beta_t$"}.get(after, "")
        d.arrow(before, after, text, shift=(0.0, 0.26), linestyle="-" if straight else ":")
    d.arrow(
        (1.2, 2.95), (9.8, 2.95), bend=-0.19, color=_BLUE,
    )  # fmt: skip
    d.text(5.5, 4.35, r"at once: $\sqrt{\bar\alpha_t}\,\mathbf{x}_0 + "
           r"\sqrt{1-\bar\alpha_t}\,\boldsymbol{\epsilon}$", color=_BLUE, fontsize=12)  # fmt: skip
    d.parameter("network", 8.5, 0.6, "network", size=(1.9, 0.8), fontsize=11)
    d.arrow("x_t", "network", color=_ORANGE, linestyle="--")
    d.arrow("network", "x_{t-1}", color=_ORANGE, linestyle="--")
    d.text(11.3, 0.75, "the way back,\nlearned", color=_ORANGE, fontsize=11)
    d.text(1.0, 1.55, "data", fontsize=11)
    d.text(13.0, 1.55, "pure noise", fontsize=11)
    return d.figure


def draw_denoiser(size: int, units: int, blocks: int, *, labels: bool = True) -> Figure:
    """Draw the network that predicts the noise.

    Args:
        size: of a noisy vector.
        units: of its hidden layers.
        blocks: residual blocks.
        labels: whether it is given a label.
    """
    d = Diagram(15.2, 5.4)
    d.data("x", 1.1, 4.3, r"$\mathbf{x}_t$", size=(1.1, 0.8))
    d.data("t", 1.1, 2.6, r"$t/T$", size=(1.1, 0.8))
    d.operation("sines", 3.7, 2.6, "sines,\ncosines", size=(1.8, 1.0), fontsize=10)
    d.data("e", 6.4, 1.7, r"$\mathbf{e}$", size=(1.0, 0.8))
    d.arrow("t", "sines", "1")
    d.arrow("sines", "e", "32", shift=(0.1, 0.3))
    if labels:
        d.data("y", 1.1, 0.8, "label", size=(1.3, 0.8), fontsize=11)
        d.parameter("table", 3.7, 0.8, "embedding", size=(1.9, 0.8), fontsize=10)
        d.arrow("y", "table", "1")
        d.arrow("table", "e", "32", shift=(0.1, -0.3))
    d.parameter("first", 6.4, 4.3, "dense, SiLU", size=(2.1, 0.8), fontsize=10)
    d.parameter("block", 9.6, 4.3, "dense, SiLU", size=(2.1, 0.8), fontsize=10)
    d.operation("sum", 11.9, 4.3, "+", size=(0.6, 0.6))
    d.parameter("last", 13.7, 2.6, "dense", size=(1.5, 0.8), fontsize=10)
    d.data("noise", 13.7, 0.8, r"$\hat{\boldsymbol{\epsilon}}$", size=(1.1, 0.8))
    d.arrow("x", "first", f"{size}")
    d.arrow("e", "first")
    d.arrow("e", "block", bend=0.1)
    d.arrow("first", "block", f"{units}", shift=(0.0, -0.3))
    d.arrow("block", "sum")
    d.arrow((8.0, 4.45), (11.7, 4.62), bend=-0.25)
    d.arrow("sum", "last", f"{units}", shift=(0.45, 0.1))
    d.arrow("last", "noise", f"{size}", shift=(0.35, 0.0))
    d.text(10.7, 3.45, f"residual block,\n{blocks} times", fontsize=10)
    return d.figure


def draw_latent_diffusion(latents: int) -> Figure:
    """Draw where the diffusion works: on the codes of an autoencoder.

    Args:
        latents: length of a code.
    """
    d = Diagram(15.0, 5.2)
    d.data("image", 1.3, 4.1, "image", size=(1.5, 0.9), fontsize=11)
    d.parameter("encoder", 4.3, 4.1, "encoder", size=(1.9, 0.9), fontsize=11)
    d.data("code", 7.3, 4.1, r"code $\mathbf{x}_0$", size=(1.8, 0.9), fontsize=11)
    d.parameter("decoder", 10.4, 4.1, "decoder", size=(1.9, 0.9), fontsize=11)
    d.data("out", 13.5, 4.1, "image", size=(1.5, 0.9), fontsize=11)
    d.data("noisy", 7.3, 1.0, r"noise $\mathbf{x}_T$", size=(1.8, 0.9), fontsize=11)
    d.parameter("denoiser", 11.0, 2.4, "denoiser", size=(1.9, 0.9), fontsize=11)
    d.data("label", 13.5, 2.4, "label", size=(1.5, 0.9), fontsize=11)
    d.arrow("image", "encoder", r"28$\times$28", shift=(0.0, 0.25))
    d.arrow("encoder", "code", f"{latents}", shift=(0.0, 0.25))
    d.arrow("code", "decoder", f"{latents}", shift=(0.0, 0.25))
    d.arrow("decoder", "out", r"28$\times$28", shift=(0.0, 0.25))
    d.arrow((7.0, 3.6), (7.0, 1.5), "noise added\n(training)", shift=(-1.25, 0.0), color=_BLUE)
    d.arrow((7.6, 1.5), (7.6, 3.6), color=_ORANGE, linestyle="--")
    d.arrow("denoiser", (7.7, 2.4), "every step", shift=(-0.5, 0.3), color=_ORANGE, linestyle="--")
    d.arrow("label", "denoiser")
    d.text(2.9, 1.3, "encoder and decoder are\ntrained first, then fixed", fontsize=10)
    return d.figure


def draw_schedules(kept: Mapping[str, Array]) -> Figure:
    """Draw the signal-to-noise ratio of schedules against the step.

    Args:
        kept: by name of the schedule, (T + 1,) shares of signal in the variance; 1 at step 0.
    """
    import matplotlib.pyplot as plt

    from dlcourse.plots import MARKERS

    figure, ax = plt.subplots(figsize=(7.0, 3.4), layout="constrained")
    for (name, share), marker in zip(kept.items(), MARKERS, strict=False):
        ratio = 10 * np.log10(share[1:] / (1 - share[1:]))
        steps = np.arange(1, len(share))
        ax.plot(steps, ratio, marker=marker, markevery=len(steps) // 8, label=name)
    ax.axhline(0, color="#555555", linewidth=1, linestyle=":")
    ax.set(xlabel="step t", ylabel="signal-to-noise ratio (dB)")
    ax.legend()
    return figure


def draw_paths(paths: Mapping[str, Array], times: Sequence[int], centres: Array) -> Figure:
    """Draw points in the plane at some steps of one or more processes, a row each.

    Args:
        paths: by name of the process, (len(times), n, 2) points.
        times: the step of each column.
        centres: (k, 2) of the true distribution, marked by crosses.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(
        len(paths), len(times), figsize=(7.4, 1.12 * len(paths) + 0.3), squeeze=False,
        sharex=True, sharey=True, layout="constrained",
    )  # fmt: skip
    for row, (name, points) in zip(axes, paths.items(), strict=True):
        for ax, time, shown in zip(row, times, points, strict=True):
            ax.scatter(*shown.T, s=2.5, color=_BLUE, alpha=0.6, linewidths=0)
            ax.plot(*centres.T, "x", color=_ORANGE, markersize=4, markeredgewidth=1.2)
            ax.set(xlim=(-3.2, 3.2), ylim=(-3.2, 3.2), aspect="equal", xticks=[], yticks=[])
            if ax in axes[0]:
                ax.set_title(f"t = {time}", fontsize=10)
        row[0].set_ylabel(name, fontsize=9)
    return figure


def draw_guidance(
    weights: Sequence[float], measures: Mapping[str, Array], levels: Mapping[str, float]
) -> Figure:
    """Draw what is measured of samples against the weight of the guidance, a panel each.

    Args:
        weights: of the guidance.
        measures: by name, (draws, len(weights)); mean and two standard errors are drawn.
        levels: by the same names, the value of real images; a dashed line.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(
        1, len(measures), figsize=(2.3 * len(measures), 2.6), layout="constrained"
    )
    for ax, (name, values) in zip(np.atleast_1d(axes), measures.items(), strict=True):
        error = 2 * values.std(axis=0, ddof=1) / np.sqrt(len(values))
        ax.errorbar(weights, values.mean(axis=0), error, marker="o", markersize=4, capsize=3)
        if name in levels:
            ax.axhline(levels[name], color=_ORANGE, linestyle="--", linewidth=1.4)
        ax.set(xlabel="guidance w", title=name)
        ax.title.set_fontsize(10)
    return figure
