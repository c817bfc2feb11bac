"""Figures of the capstone: the way from reports to an alarm, a town's heat, forecasts, incidents.

Importing this module is cheap; matplotlib is imported when something is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dlcourse.figures.diagrams import Diagram
from dlcourse.figures.project_figures import MARKERS, runs_in_rows

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "band_of_days",
    "heat_by_temperature",
    "lines_by_month",
    "pipeline_diagram",
    "ratios_by_day",
    "skills_by_approach",
]

_LINES = ("-", "--", ":", "-.")
_MONTHS = "JFMAMJJASOND"


def pipeline_diagram() -> Figure:
    """Draw what is handed in: data, baseline, model, service, monitoring, and what flows."""
    d = Diagram(15.0, 5.8)
    small = {"fontsize": 11}
    d.data("reports", 1.6, 4.6, "reports of\nthe meters", size=(2.3, 1.1), **small)
    d.operation("validate", 4.9, 4.6, "1 validate,\nsplit by time", size=(2.5, 1.1), **small)
    d.data("rows", 8.3, 4.6, "rows", size=(1.5, 0.8), **small)
    d.parameter("network", 11.6, 4.6, "3 network", size=(2.1, 0.9), **small)
    d.operation("baseline", 8.3, 2.8, "2 baseline,\nbacktest", size=(2.3, 1.1), **small)
    d.operation("service", 11.6, 2.8, "4 service", size=(2.1, 0.9), **small)
    d.data("requests", 14.0, 1.0, "requests", size=(1.7, 0.8), **small)
    d.data("log", 11.0, 1.0, "log", size=(1.2, 0.8), **small)
    d.operation("monitor", 7.4, 1.0, "5 monitor", size=(2.1, 0.9), **small)
    d.data("truths", 4.3, 1.0, "truths, two\ndays later", size=(2.3, 1.1), **small)
    d.data("decision", 4.3, 2.8, "decision", size=(1.9, 0.8), **small)
    d.arrow("reports", "validate")
    d.arrow("validate", "rows")
    d.arrow("rows", "network", "$(n, 13)$")
    d.arrow("rows", "baseline")
    d.arrow("network", "service", "exported", shift=(1.0, 0.0))
    d.arrow("baseline", "service")
    d.arrow("requests", "service")
    d.arrow("service", "log")
    d.arrow("log", "monitor")
    d.arrow("truths", "monitor")
    d.arrow("monitor", "decision")
    return d.figure


def heat_by_temperature(
    temperature: npt.ArrayLike, heat: npt.ArrayLike, off: npt.ArrayLike, titles: Sequence[str]
) -> Figure:
    """Draw the heat of substations by the temperature, working days and days off apart.

    Args:
        temperature: (substations, days) in degrees Celsius.
        heat: (substations, days) in percent of the contract.
        off: (substations, days) whether the day is off.
        titles: of each substation.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, len(titles), figsize=(7.2, 3.2), sharey=True, squeeze=False)
    panels = zip(
        axes[0],
        np.asarray(temperature),
        np.asarray(heat),
        np.asarray(off, bool),
        titles,
        strict=True,
    )
    for ax, degrees, taken, free, title in panels:
        ax.plot(degrees[~free], taken[~free], "o", ms=2.5, label="working day")
        ax.plot(degrees[free], taken[free], "^", ms=3.0, label="day off")
        ax.set(title=title, xlabel="temperature (°C)")
    axes[0, 0].set_ylabel("heat (% of the contract)")
    axes[0, -1].legend()
    return figure


def skills_by_approach(skills: Mapping[str, Sequence[float]]) -> Figure:
    """Draw each run's skill as a point, the mean of an approach as a line; dotted: the baseline.

    Args:
        skills: of each approach the skills of its runs.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7.2, 0.6 * len(skills) + 1.0))
    runs_in_rows(ax, skills)
    ax.axvline(0.0, color="0.5", ls=":")
    ax.set(xlim=(-0.02, 0.8), xlabel="skill against the heat a week ago, 2023")
    return figure


def lines_by_month(values: Mapping[str, npt.ArrayLike], label: str) -> Figure:
    """Draw a number for each month, a line for each name, with standard errors over runs.

    Args:
        values: of each name (runs, 12), or (12,) where there is one series.
        label: of the axis.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7.2, 3.2))
    looks = zip(values.items(), cycle(MARKERS), cycle(_LINES), strict=False)
    for (name, some), marker, line in looks:
        runs = np.atleast_2d(np.asarray(some, float))
        error = runs.std(axis=0, ddof=1) / np.sqrt(len(runs)) if len(runs) > 1 else None
        ax.errorbar(range(12), runs.mean(axis=0), yerr=error, fmt=marker + line, ms=5, label=name)
    ax.set(xticks=range(12), xticklabels=list(_MONTHS), xlabel="month", ylabel=label)
    ax.set_ylim(bottom=0)
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, 1.2), ncols=len(values), frameon=False)
    return figure


def band_of_days(
    days: npt.NDArray[np.datetime64],
    truth: npt.ArrayLike,
    quantiles: npt.ArrayLike,
    naive: npt.ArrayLike,
) -> Figure:
    """Draw the heat of days, its forecast with an interval, and the heat a week before.

    Args:
        days: (n,)
        truth: (n,)
        quantiles: (3, n) low, median, high.
        naive: (n,)
    """
    import matplotlib.pyplot as plt

    low, median, high = np.asarray(quantiles)
    figure, ax = plt.subplots(figsize=(7.2, 3.4))
    number = np.arange(len(days))
    ax.fill_between(number, low, high, alpha=0.25, label="interval")
    ax.plot(number, median, label="median")
    ax.plot(number, naive, ":", label="a week ago")
    ax.plot(number, truth, "ko", ms=3, label="what came")
    ax.set(xlabel=f"days since {days[0]}", ylabel="heat (% of the contract)")
    ax.legend(ncols=2)
    return figure


def ratios_by_day(
    ratios: Mapping[str, npt.ArrayLike], begins: Mapping[str, int], band: tuple[float, float]
) -> Figure:
    """Draw the ratio of heat to forecast by day for each kind of log, and when it changed.

    Args:
        ratios: of each kind (days,), nan where it is not known.
        begins: of each kind the day of the change; -1: none.
        band: the least and largest ratio of quiet winters, shaded.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(
        len(ratios), 1, figsize=(7.2, 1.15 * len(ratios) + 0.8), sharex=True, sharey=True
    )
    for ax, (kind, values) in zip(np.atleast_1d(axes), ratios.items(), strict=True):
        ax.axhspan(*band, color="0.88")
        ax.plot(np.asarray(values), "o-", ms=3)
        if begins[kind] >= 0:
            ax.axvline(begins[kind] - 0.5, color="k", ls="--", lw=1)
        ax.set_ylabel(kind, rotation=0, ha="right", va="center")
    np.atleast_1d(axes)[-1].set_xlabel("day of the log")
    figure.suptitle("mean of the last seven days: heat / forecast", fontsize=10)
    return figure
