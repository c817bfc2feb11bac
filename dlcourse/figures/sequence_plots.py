"""Figures of recurrent networks at work: gradients by lag, losses by seed, gates over time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["gate_figure", "gradients_by_lag", "losses_by_seed"]


def gradients_by_lag(norms: Mapping[str, npt.ArrayLike]) -> Figure:
    """Draw the norm of a gradient against the lag: the geometric mean, and the range of all draws.

    Args:
        norms: by name of the layer, (draws, lags) norms.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7, 3.6))
    for name, drawn in norms.items():
        curves = np.asarray(drawn, dtype=np.float64)
        lags = np.arange(curves.shape[1])
        (line,) = ax.semilogy(lags, np.exp(np.log(curves).mean(axis=0)), label=name)
        ax.fill_between(
            lags, curves.min(axis=0), curves.max(axis=0), color=line.get_color(), alpha=0.15,
            linewidth=0,
        )  # fmt: skip
    ax.set(xlabel="lag (steps before the last)", ylabel="norm of the gradient")
    ax.legend(fontsize=10)
    return figure


def losses_by_seed(
    losses: Mapping[str, npt.ArrayLike],
    every: int,
    levels: tuple[float, ...],
    *,
    columns: int = 3,
) -> Figure:
    """Draw a panel for each network with the loss of every seed, and lines at given losses.

    Args:
        losses: by name of the network, (seeds, epochs) losses.
        every: batches in an epoch.
        levels: losses to compare with, a line each.
        columns: panels in a row.
    """
    import matplotlib.pyplot as plt

    rows = -(-len(losses) // columns)
    figure, axes = plt.subplots(
        rows, columns, figsize=(7, 2.1 * rows), sharex=True, sharey=True, squeeze=False
    )
    for ax, (name, drawn) in zip(axes.flat, losses.items(), strict=False):
        curves = np.asarray(drawn)
        batches = every * np.arange(1, curves.shape[1] + 1)
        ax.plot(batches, curves.T, color="C0", linestyle="-", linewidth=1.2)
        for level in levels:
            ax.axhline(level, color="#555555", linewidth=0.8)
        ax.set_title(name, fontsize=11)
        ax.set_ylim(0, 1.5 * max(levels))
    figure.supxlabel("batches", fontsize=12)
    figure.supylabel("loss", fontsize=12)
    return figure


def gate_figure(
    values: npt.ArrayLike, marks: npt.ArrayLike, written: npt.ArrayLike, states: npt.ArrayLike
) -> Figure:
    """Draw one sequence, what each unit overwrites at each step, and the states of three units.

    Args:
        values: (steps,) from 0 to 1.
        marks: (steps,) whether a step is marked; a line goes through all panels there.
        written: (steps, units) from 0 to 1, the units in the order in which to draw them.
        states: (steps, units) from -1 to 1, in the same order; the first three are drawn.
    """
    import matplotlib.pyplot as plt

    figure, (top, middle, below) = plt.subplots(
        3, 1, figsize=(7, 5.6), sharex=True, height_ratios=[1, 1.6, 1.2]
    )
    value, marked = np.asarray(values), np.flatnonzero(marks)
    top.plot(value, linestyle="none", marker="o", markersize=3, color="#555555")
    top.plot(marked, value[marked], linestyle="none", marker="o", markersize=9, color="C1")
    top.set(ylabel="value", ylim=(-0.05, 1.05))
    middle.imshow(np.asarray(written).T, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    middle.grid(visible=False)
    middle.set(ylabel="unit", yticks=[])
    below.plot(np.asarray(states)[:, :3])
    below.set(xlabel="step", ylabel="state", ylim=(-1.05, 1.05))
    for ax in (top, middle, below):
        for step in marked:
            ax.axvline(step, color="C1", linestyle=":", linewidth=1.2)
    return figure
