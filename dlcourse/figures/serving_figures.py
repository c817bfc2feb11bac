"""Figures of serving: the service, a batcher's timeline, a stall, time against utilization."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dlcourse.figures.diagrams import Diagram

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["batch_timeline", "service_diagram", "stalls", "utilization_curves"]

_BLUE, _ORANGE, _GREEN, _GREY = "#0072B2", "#D55E00", "#009E73", "#777777"


def service_diagram() -> Figure:
    """Draw a request's way: checks on the event loop, queue, batcher, the network, and back."""
    d = Diagram(17.0, 6.6)
    d.data("clients", 1.4, 3.6, size=(2.0, 0.9))
    d.operation("handlers", 5.2, 3.6, "handlers:\ncheck, wait", size=(2.7, 1.4))
    d.data("queue", 8.7, 3.6, "queue of\n64 rows", size=(2.1, 1.3))
    d.operation("batcher", 11.9, 3.6, "batcher", size=(1.9, 0.9))
    d.parameter("network", 15.6, 3.6, "network", size=(2.2, 1.1))
    d.operation("health", 5.2, 0.9, "health, metrics", size=(3.4, 0.9))
    d.arrow("clients", "handlers", "JSON", shift=(-0.15, 0.3))
    d.arrow("handlers", "queue", "row", shift=(0.1, 0.3))
    d.arrow("queue", "batcher", "rows", shift=(0.05, 0.3))
    d.arrow("batcher", "network", "batch", shift=(-0.3, 0.3))
    d.arrow((15.6, 4.2), (5.4, 4.35), "results, by futures", bend=0.2, shift=(0.0, 0.35))
    d.arrow((4.6, 4.3), (1.4, 4.1), "answer", bend=0.25, shift=(0.0, 0.25))
    d.arrow(
        (8.7, 2.9), (1.4, 3.1), "full: 503 at once", bend=-0.2, shift=(1.2, -0.35), color=_ORANGE
    )
    d.arrow("health", (1.2, 3.1), bend=-0.2)
    d.text(6.9, 6.3, "event loop: never computes", color=_BLUE)
    d.text(15.4, 6.3, "one thread", color=_BLUE)
    d.ax.axvline(14.1, 0.04, 0.98, color=_GREY, linestyle=":", linewidth=1.2)
    return d.figure


def batch_timeline(
    arrivals: Sequence[float], batches: Sequence[tuple[Sequence[int], float]], busy: float
) -> Figure:
    """Draw when requests arrive, wait and run.

    Args:
        arrivals: of each request, in ms.
        batches: which requests run together, and when they start, in ms.
        busy: how long a run takes, in ms.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7.0, 2.6))
    for k, (indices, start) in enumerate(batches):
        colour = (_BLUE, _ORANGE, _GREEN)[k % 3]
        for i in indices:
            ax.plot([arrivals[i], start], [i, i], color=_GREY, linestyle="-", linewidth=1.5)
            ax.plot(arrivals[i], i, "o", color=_GREY, markersize=6)
            ax.plot([start, start + busy], [i, i], color=colour, linestyle="-", linewidth=9,
                    solid_capstyle="butt")  # fmt: skip
    ax.set(xlabel="time, ms", ylabel="request", yticks=range(len(arrivals)))
    ax.invert_yaxis()
    return figure


def stalls(loads: Mapping[str, tuple[npt.ArrayLike, npt.ArrayLike]]) -> Figure:
    """Plot the latency of each request against when it was due or sent, one panel a load.

    Args:
        loads: by name: times (n,) and latencies (n,), in seconds.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, len(loads), figsize=(7.0, 2.6), sharex=True, sharey=True)
    panels = np.atleast_1d(axes)
    for ax, (name, (times, latency)) in zip(panels, loads.items(), strict=True):
        ax.plot(times, latency, "o", markersize=3, color=_BLUE)
        ax.set(xlabel="time when due or sent, s")
        ax.set_title(name, fontsize=11)
    panels[0].set_ylabel("latency, s")
    return figure


def utilization_curves(
    curves: Mapping[str, Mapping[float, tuple[float, float, float]]],
) -> Figure:
    """Plot time in the system against utilization, in service times.

    Args:
        curves: by queue, by utilization: the formula's mean, the simulation's mean and its p99.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7.0, 3.4))
    looks = ((_BLUE, "o"), (_ORANGE, "s"))
    for (name, by_rho), (colour, marker) in zip(curves.items(), looks, strict=False):
        rho = list(by_rho)
        formula, mean, p99 = np.array(list(by_rho.values())).T
        ax.plot(rho, formula, "-", color=colour, label=f"{name}, mean")
        ax.plot(rho, mean, marker, color=colour)
        ax.plot(rho, p99, marker + "--", color=colour, fillstyle="none", label=f"{name}, p99")
    ax.set(xlabel=r"utilization $\rho$", yscale="log")
    ax.set_ylabel("time in the system,\nin service times")
    ax.legend(fontsize=9)
    return figure
