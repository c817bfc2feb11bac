"""Figures of responsibility: who is owed what, rates by group, attacks on privacy, a trigger."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dlcourse.figures.diagrams import Diagram

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "duties_diagram",
    "group_intervals",
    "membership_curves",
    "privacy_costs",
    "threshold_curves",
    "triggered_digits",
]

_BLUE, _ORANGE, _GREEN, _GREY = "#0072B2", "#D55E00", "#009E73", "#777777"
_LINES = ("-", "--", "-.", ":")


def duties_diagram() -> Figure:
    """Draw the way from people's data over the network to people, and what is owed on it."""
    d = Diagram(15.0, 5.8)
    d.data("givers", 1.4, 2.6, "people\nwith data", size=(2.3, 1.1))
    d.data("data", 4.5, 2.6, "data", size=(1.6, 0.9))
    d.parameter("network", 8.2, 2.6, "network", size=(2.2, 1.0))
    d.operation("decision", 11.0, 2.6, "decision", size=(1.8, 0.9))
    d.data("people", 13.7, 2.6, "people\nconcerned", size=(2.2, 1.1))
    d.arrow("givers", "data")
    d.arrow("data", "network", "training", shift=(0.0, 0.25))
    d.arrow("network", "decision")
    d.arrow("decision", "people")
    back: dict[str, Any] = {"linestyle": "--", "color": _ORANGE}
    d.arrow((13.7, 2.0), (11.2, 2.1), bend=-0.6, **back)
    d.text(12.4, 0.75, "contest; a person decides", color=_ORANGE)
    d.arrow((8.2, 2.1), (1.6, 2.0), bend=-0.3, **back)
    d.text(4.9, 0.35, "what the network gives away", color=_ORANGE)
    for x, y, duty in (
        (2.9, 3.7, "licence, consent"),
        (6.1, 3.7, "clean data"),
        (8.9, 3.7, "security, energy"),
        (12.4, 3.7, "fairness"),
        (7.5, 4.9, "card and data sheet: what was measured, and for what it is meant"),
    ):
        d.text(x, y, duty, color=_BLUE)
    return d.figure


def group_intervals(
    found: Mapping[str, Mapping[str, tuple[float, float, float]]], counts: Mapping[str, int]
) -> Figure:
    """Plot a share and its interval for each group, the kinds of a group side by side.

    Args:
        found: by group, by kind: the share, and the lower and upper end of its interval.
        counts: how many examples a group has.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7.0, 0.42 * len(found) + 0.9))
    kinds = list(next(iter(found.values())))
    for place, (kind, marker, colour) in enumerate(
        zip(kinds, cycle("os^"), cycle((_BLUE, _ORANGE, _GREEN)), strict=False)
    ):
        share, low, high = np.array([found[group][kind] for group in found]).T
        ax.errorbar(
            share, np.arange(len(found)) + 0.22 * place, xerr=[share - low, high - share],
            fmt=marker, color=colour, label=kind, markersize=5, capsize=2,
        )  # fmt: skip
    ax.set_yticks(range(len(found)), [f"{group} ({counts[group]})" for group in found], fontsize=9)
    ax.set(xlabel="share of pictures classified correctly", xlim=(-0.02, 1.02))
    ax.invert_yaxis()
    ax.legend(fontsize=9)
    return figure


def threshold_curves(
    curves: Mapping[str, tuple[npt.ArrayLike, npt.ArrayLike]],
    points: Mapping[str, Mapping[str, tuple[float, float]]],
) -> Figure:
    """Plot for each group what its thresholds can reach, and where those in use lie.

    Args:
        curves: by group: rates of false and of true positives over all thresholds.
        points: by name of a choice, by group: its rates of false and of true positives.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(5.6, 3.8))
    colours = dict(zip(curves, cycle((_BLUE, _ORANGE, _GREEN)), strict=False))
    for (group, (false, true)), line in zip(curves.items(), cycle(_LINES), strict=False):
        ax.plot(false, true, line, color=colours[group], label=group, marker="")
    for (choice, by_group), marker in zip(points.items(), cycle("os^"), strict=False):
        for group, (x, y) in by_group.items():
            ax.plot(x, y, marker, color=colours[group], markersize=8)
        ax.plot([], [], marker, color=_GREY, label=choice)
    ax.set(xlabel="rate of false positives", ylabel="rate of true positives", xlim=(-0.02, 0.6))
    ax.legend(fontsize=9)
    return figure


def membership_curves(
    curves: Mapping[str, tuple[npt.ArrayLike, npt.ArrayLike]],
    bound: tuple[npt.ArrayLike, npt.ArrayLike] | None = None,
) -> Figure:
    """Plot how many members an attack finds at which rate of false accusations; both axes log.

    Args:
        curves: by name: rates of false and of true positives; zeros are not drawn.
        bound: what no attack exceeds, likewise.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(5.6, 3.8))
    for (name, rates), line, colour in zip(
        curves.items(), cycle(_LINES), cycle((_ORANGE, _BLUE, _GREEN, "#CC79A7")), strict=False
    ):
        false, true = (np.where(np.asarray(r) > 0, r, np.nan) for r in rates)
        ax.plot(false, true, line, color=colour, label=name, marker="")
    if bound is not None:
        ax.plot(
            *bound, color="#000000", linestyle=(0, (1, 1)), marker="", label="bound for the last"
        )
    ax.plot([1e-3, 1], [1e-3, 1], color=_GREY, linewidth=1, linestyle="-", label="by chance")
    ax.set(xscale="log", yscale="log", xlim=(2e-3, 1), ylim=(2e-3, 1.1))
    ax.set(xlabel="share of others accused", ylabel="share of members found")
    ax.legend(fontsize=8)
    return figure


def privacy_costs(found: Mapping[float, npt.ArrayLike], references: Mapping[str, float]) -> Figure:
    """Plot accuracy against epsilon, means with standard errors.

    Args:
        found: by epsilon, accuracies of several trainings.
        references: by name, accuracies without noise, drawn as lines.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(5.6, 3.2))
    rows = {epsilon: np.asarray(row, float) for epsilon, row in found.items()}
    means = [row.mean() for row in rows.values()]
    errors = [row.std(ddof=1) / np.sqrt(len(row)) for row in rows.values()]
    ax.errorbar(list(rows), means, yerr=errors, fmt="o-", color=_BLUE, capsize=3, label="private")
    for (name, accuracy), line in zip(references.items(), cycle(("--", ":")), strict=False):
        ax.axhline(accuracy, linestyle=line, color=_ORANGE, label=name)
    ax.set(xscale="log", xlabel=r"$\varepsilon$", ylabel="accuracy, unseen digits")
    ax.set_xticks(list(rows), [f"{epsilon:.2g}" for epsilon in rows])
    ax.set_xticks([], minor=True)
    ax.legend(fontsize=9)
    return figure


def triggered_digits(images: npt.ArrayLike, words: Mapping[int, str]) -> Figure:
    """Show digits in a row with a word above some of them.

    Args:
        images: (n, side, side) grey values, 0 to 1.
        words: by place in the row, what stands above.
    """
    import matplotlib.pyplot as plt

    rows = np.asarray(images, float)
    figure, axes = plt.subplots(1, len(rows), figsize=(7.0, 1.4), squeeze=False)
    for place, (ax, image) in enumerate(zip(axes[0], rows, strict=True)):
        ax.imshow(image, cmap="gray_r", vmin=0, vmax=1, interpolation="nearest")
        ax.set(xticks=[], yticks=[])
        ax.set_title(words.get(place, ""), fontsize=9)
    return figure
