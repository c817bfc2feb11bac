"""Figures of deployment: image layers, control loop, updates, probes, scaling, costs, memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dlcourse.figures.diagrams import Diagram

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from dlcourse.serving.orchestration import Restarts, Rollout, Scaling

__all__ = [
    "contracts_diagram",
    "control_loop_diagram",
    "layers_diagram",
    "live_bytes",
    "monthly_costs",
    "probes",
    "scalings",
    "updates",
]

_BLUE, _ORANGE, _GREEN, _GREY = "#0072B2", "#D55E00", "#009E73", "#777777"


def layers_diagram() -> Figure:
    """Draw instructions, the layers that they make, and two containers that share them."""
    d = Diagram(15.0, 7.0)
    rows = [
        ("FROM python:3.12-slim@...", "base"),
        ("COPY --from=build /packages", "packages"),
        ("COPY emoji.onnx", "network"),
        ("COPY score.py app.py", "code"),
    ]
    for row, (instruction, layer) in enumerate(rows):
        y = 0.9 + 1.25 * row
        d.operation(instruction, 2.9, y, instruction, size=(5.2, 0.8), fontsize=9)
        d.data(layer, 8.6, y, layer, size=(3.6, 0.9), fontsize=11)
        d.arrow(instruction, layer)
    for name, y in (("A", 5.1), ("B", 1.9)):
        d.data(f"written {name}", 12.9, y, f"container {name}:\nwhat it writes", size=(3.2, 1.2),
               fontsize=10, linestyle="--", ec=_ORANGE)  # fmt: skip
        d.arrow((10.9, 2.8), f"written {name}")
    d.ax.plot([10.6, 10.9, 10.9, 10.6], [5.1, 5.1, 0.45, 0.45], "-", color=_GREY, linewidth=1.4)
    d.text(2.9, 6.2, "instructions", color=_BLUE)
    d.text(8.6, 6.2, "image: layers, read only,\nstored once", color=_BLUE)
    d.text(12.9, 6.5, "containers", color=_BLUE)
    d.text(12.9, 0.7, "lost with the container", color=_ORANGE)
    return d.figure


def contracts_diagram() -> Figure:
    """Draw three platforms that ask one application, each by its own routes."""
    d = Diagram(15.0, 6.4)
    asks = {
        "SageMaker": ("GET /ping", "POST /invocations"),
        "Vertex AI": ("GET AIP_HEALTH_ROUTE", "POST AIP_PREDICT_ROUTE"),
        "Azure ML": ("GET /", "POST /score"),
    }
    d.operation("app", 9.9, 3.2, "app.py:\nroutes, types,\nstatus", size=(2.4, 5.6), fontsize=11)
    d.parameter("score", 13.4, 3.2, "score.py:\ninit, run", size=(2.3, 1.5), fontsize=11)
    for row, (name, (health, predict)) in enumerate(asks.items()):
        y = 5.3 - 2.1 * row
        d.data(name, 1.6, y, name, size=(2.6, 0.9), fontsize=11)
        d.arrow((2.95, y), (8.65, y))
        d.text(5.8, y + 0.32, health, fontsize=9)
        d.text(5.8, y - 0.32, predict, fontsize=9)
    d.arrow("app", "score")
    return d.figure


def control_loop_diagram() -> Figure:
    """Draw the loop of declared state, plan, apply and observed state."""
    d = Diagram(15.0, 4.6)
    d.data("desired", 1.9, 3.4, "desired state\n(in a file)", size=(3.0, 1.2), fontsize=11)
    d.data("actual", 1.9, 1.0, "actual state\n(observed)", size=(3.0, 1.2), fontsize=11)
    d.operation("plan", 6.6, 2.2, "plan:\ncompare", size=(2.2, 1.3), fontsize=11)
    d.operation("apply", 10.6, 2.2, "apply", size=(1.9, 1.3), fontsize=11)
    d.data("world", 13.7, 2.2, "services", size=(1.9, 1.1), fontsize=11)
    d.arrow("desired", "plan")
    d.arrow("actual", "plan")
    d.arrow("plan", "apply", "actions", shift=(0.0, 0.3))
    d.arrow("apply", "world")
    d.arrow((13.7, 1.6), (3.45, 0.8), "look again", bend=-0.12, shift=(0.0, 0.3))
    d.arrow((13.7, 4.2), "world", "drift: changed by hand", color=_ORANGE, shift=(-2.6, 0.5))
    return d.figure


def updates(runs: Mapping[str, Rollout], least: int) -> Figure:
    """Plot pods that are believed to be ready and those that can answer, one panel an update.

    Args:
        runs: by name.
        least: pods that are to be ready at all times.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, len(runs), figsize=(7.0, 2.6), sharex=True, sharey=True)
    panels = np.atleast_1d(axes)
    for ax, (name, run) in zip(panels, runs.items(), strict=True):
        seconds = np.arange(len(run.total))
        ax.step(seconds, run.total, where="post", linestyle=":", color=_GREY, label="exist")
        ax.step(seconds, run.believed, where="post", linestyle="-", color=_BLUE, linewidth=6,
                alpha=0.35, label="ready, by the probe")  # fmt: skip
        ax.step(seconds, run.serving, where="post", color=_ORANGE, label="can answer")
        ax.axhline(least, color=_GREEN, linewidth=1, label="bound")
        ax.set(xlabel="time, s")
        ax.set_title(name, fontsize=10)
    panels[0].set_ylabel("pods")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=4,
                  fontsize=9)  # fmt: skip
    return figure


def probes(runs: Mapping[str, Restarts], rate: float) -> Figure:
    """Plot requests that come and are answered under load, one panel a probe.

    Args:
        runs: by name.
        rate: requests per second that one replica answers; what is up is drawn by it.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, len(runs), figsize=(7.0, 2.7), sharex=True, sharey=True)
    panels = np.atleast_1d(axes)
    for ax, (name, run) in zip(panels, runs.items(), strict=True):
        seconds = np.arange(len(run.offered))
        ax.plot(seconds, run.offered, "-", color=_GREY, linewidth=1, label="come")
        ax.step(seconds, run.up * rate, where="post", linestyle="--", color=_BLUE,
                label="replicas that are up could answer")  # fmt: skip
        ax.plot(seconds, run.answered, "-", color=_ORANGE, label="answered")
        ax.set(xlabel="time, s")
        ax.set_title(name, fontsize=10)
    panels[0].set_ylabel("requests per second")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3,
                  fontsize=9)  # fmt: skip
    return figure


def scalings(runs: Mapping[str, Scaling], rate: float) -> Figure:
    """Plot replicas that the load needs and those that are ready, one panel a rule.

    Args:
        runs: by name.
        rate: requests per second that one replica answers.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(len(runs), 1, figsize=(7.0, 1.7 * len(runs)), sharex=True,
                                sharey=True)  # fmt: skip
    panels = np.atleast_1d(axes)
    for ax, (name, run) in zip(panels, runs.items(), strict=True):
        minutes = np.arange(len(run.load)) / 60
        ax.plot(minutes, run.load / rate, "-", color=_GREY, linewidth=0.8, label="load")
        ax.step(minutes, run.ready, where="post", color=_BLUE, label="ready")
        ax.fill_between(minutes, 0, run.load.max() / rate, where=run.overloaded.tolist(),
                        color=_ORANGE, alpha=0.35, linewidth=0, label="overloaded")  # fmt: skip
        ax.set_title(name, fontsize=10)
        ax.set_ylabel("replicas")
    panels[-1].set_xlabel("time, minutes")
    panels[0].legend(fontsize=8, ncols=3, loc="upper left")
    return figure


def monthly_costs(
    requests: npt.ArrayLike, costs: Mapping[str, npt.ArrayLike], break_even: float
) -> Figure:
    """Plot what a month costs against how many requests it has, on logarithmic axes.

    Args:
        requests: per month, (n,).
        costs: by way of running, in dollars, (n,) each.
        break_even: requests at which two of them cost the same.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(6.4, 3.2))
    styles = (("-", _BLUE), ("--", _ORANGE), (":", _GREEN))
    for (name, dollars), (style, colour) in zip(costs.items(), cycle(styles), strict=False):
        ax.plot(np.asarray(requests), np.asarray(dollars), style, color=colour, label=name)
    ax.axvline(break_even, color=_GREY, linewidth=1, linestyle="-.", label="break-even")
    ax.set(xscale="log", yscale="log", xlabel="requests per month", ylabel="dollars per month")
    ax.legend(fontsize=9)
    return figure


def live_bytes(names: Sequence[str], inputs: Sequence[int], outputs: Sequence[int]) -> Figure:
    """Plot for each operation the bytes of its input and of its output, stacked.

    Args:
        names: of the operations, in their order.
        inputs: bytes that each reads.
        outputs: bytes that each writes.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(6.4, 2.8))
    places = np.arange(len(names))
    read, written = np.asarray(inputs) / 1e3, np.asarray(outputs) / 1e3
    ax.bar(places, read, color=_BLUE, label="input", hatch="//", edgecolor="white")
    ax.bar(places, written, bottom=read, color=_ORANGE, label="output")
    ax.axhline(float((read + written).max()), color=_GREY, linestyle="--", linewidth=1,
               label="arena")  # fmt: skip
    ax.set(ylabel="kB in use")
    ax.set_xticks(places, list(names), rotation=30, ha="right")
    ax.legend(fontsize=9)
    return figure
