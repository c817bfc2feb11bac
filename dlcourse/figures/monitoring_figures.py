"""Figures of monitoring: what is watched, kinds of drift, detectors, a canary's evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dlcourse.figures.diagrams import Diagram

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "canary_paths",
    "detection_by_size",
    "distribution_functions",
    "kinds_of_drift",
    "label_shares",
    "one_stream",
    "rollout_diagram",
    "same_emoji",
    "two_histograms",
    "watch_diagram",
]

_BLUE, _ORANGE, _GREY, _INK = "#0072B2", "#D55E00", "#777777", "#222222"


def watch_diagram() -> Figure:
    """Draw the service, what it logs, the windows that are compared, and the late labels."""
    d = Diagram(14.6, 6.6)
    d.data("requests", 1.5, 5.2, size=(2.2, 0.9))
    d.parameter("network", 5.4, 5.2, size=(2.2, 1.0))
    d.data("answers", 9.3, 5.2, size=(2.0, 0.9))
    d.data("log", 5.4, 3.0, "log: inputs, outputs,\ntimes, errors", size=(4.3, 1.2))
    d.data("reference", 1.6, 0.9, "reference\nwindow", size=(2.5, 1.2))
    d.operation("statistic", 6.3, 0.9, "statistic of\nthe last window", size=(2.9, 1.2))
    d.operation("threshold", 10.3, 0.9, "> threshold?", size=(2.6, 0.9))
    d.data("alarm", 13.4, 0.9, size=(1.5, 0.9))
    d.data("labels", 13.0, 5.2, "labels,\ndays later", size=(2.2, 1.1))
    d.operation("accuracy", 11.2, 3.0, "accuracy", size=(2.0, 0.9))
    d.arrow("requests", "network")
    d.arrow("network", "answers")
    d.arrow("requests", "log")
    d.arrow("network", "log")
    d.arrow("answers", "log")
    d.arrow("log", "statistic")
    d.arrow("log", "accuracy")
    d.arrow("reference", "statistic")
    d.arrow("statistic", "threshold")
    d.arrow("threshold", "alarm")
    d.arrow("labels", "accuracy", color=_ORANGE, linestyle="--")
    return d.figure


def same_emoji(first: npt.ArrayLike, second: npt.ArrayLike, titles: tuple[str, str]) -> Figure:
    """Draw two rows of pictures (k, h, w, 3), one of each maker, the same emoji in a column."""
    import matplotlib.pyplot as plt

    rows = [np.asarray(first), np.asarray(second)]
    figure, axes = plt.subplots(2, len(rows[0]), figsize=(7.0, 1.7), squeeze=False)
    for line, pictures, title in zip(axes, rows, titles, strict=True):
        for ax, picture in zip(line, pictures, strict=True):
            ax.imshow(picture, interpolation="nearest")
            ax.set_axis_off()
        line[0].set_title(title, fontsize=9, loc="left")
    return figure


def kinds_of_drift(count: int = 60, seed: int = 0) -> Figure:
    """Draw a sample of two classes and three changes of it, with the boundary that was learned."""
    import matplotlib.pyplot as plt

    rng = np.random.default_rng(seed)
    # Each panel: the share of class B, where x_1 is centred, and how steep a new boundary is.
    panels = {
        "as trained": (0.5, -0.8, 0.0),
        "covariate shift": (0.5, 1.7, 0.0),
        "label shift": (0.88, -0.8, 0.0),
        "concept drift": (0.5, -0.8, 1.3),
    }
    figure, axes = plt.subplots(1, 4, figsize=(7.0, 2.3), sharex=True, sharey=True)
    for ax, (title, (share, centre, steep)) in zip(axes, panels.items(), strict=True):
        x = centre + 0.8 * rng.normal(size=count)
        boundary = 0.4 * np.maximum(x - 0.2, 0) ** 2 + steep * (x - centre)
        of_b = rng.random(count) < share
        y = boundary + np.where(of_b, 1, -1) * np.abs(rng.normal(size=count))
        ax.plot(x[~of_b], y[~of_b], "o", color=_BLUE, markersize=4, label="class A")
        ax.plot(x[of_b], y[of_b], "^", color=_ORANGE, markersize=4, label="class B")
        ax.axhline(0, color=_GREY, linestyle="--")
        ax.set(xlabel="$x_1$", xlim=(-3.5, 3.8), ylim=(-3.5, 4.5))
        ax.set_title(title, fontsize=10)
    axes[0].set_ylabel("$x_2$")
    axes[0].legend(fontsize=7, loc="upper right", borderpad=0.2, handletextpad=0.1)
    return figure


def distribution_functions(samples: Mapping[str, npt.ArrayLike], label: str) -> Figure:
    """Draw two empirical distribution functions and where they are furthest apart.

    Args:
        samples: by name, (n,) values; two of them.
        label: of the values, with their unit.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7.0, 2.7))
    values = [np.sort(np.asarray(sample, dtype=np.float64)) for sample in samples.values()]
    looks = ((_BLUE, "-"), (_ORANGE, "--"))
    for name, sample, (colour, style) in zip(samples, values, looks, strict=True):
        heights = np.arange(len(sample) + 1) / len(sample)
        ax.step(np.r_[sample[0], sample], heights, style, where="post", color=colour, label=name)
    grid = np.concatenate(values)
    first, second = (np.searchsorted(v, grid, "right") / len(v) for v in values)
    at = int(np.abs(first - second).argmax())
    ax.plot([grid[at]] * 2, [first[at], second[at]], "-", color=_GREY, linewidth=3)
    ax.annotate("$D$", (grid[at], (first[at] + second[at]) / 2), (6, -4),
                textcoords="offset points")  # fmt: skip
    ax.set(xlabel=label, ylabel="share at or below")
    ax.legend(fontsize=9)
    return figure


def detection_by_size(
    found: Mapping[str, Mapping[int, float]], false_alarms: float = 0.05
) -> Figure:
    """Plot the share of shifted windows that fire against the size of a window.

    Args:
        found: by statistic, by requests in a window: the share that fires.
        false_alarms: the share without drift that fires, drawn as a line.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7.0, 3.3))
    looks = ("o-", "s--", "^-.", "D:", "v-", "P--", "X-.", "*:")
    for (name, by_size), look in zip(found.items(), cycle(looks), strict=False):
        ax.plot(list(by_size), list(by_size.values()), look, label=name, markersize=5)
    ax.axhline(false_alarms, color=_GREY, linestyle=":", linewidth=1)
    sizes = list(next(iter(found.values())))
    ax.set(xlabel="requests in a window", ylabel="share of windows that fire", xscale="log")
    ax.set_xticks(sizes, [str(size) for size in sizes])
    ax.minorticks_off()
    ax.legend(fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def two_histograms(samples: Mapping[str, npt.ArrayLike], threshold: float, label: str) -> Figure:
    """Draw histograms of a statistic without and with drift, and the threshold."""
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7.0, 2.6))
    together = np.concatenate([np.ravel(sample) for sample in samples.values()])
    edges = [float(edge) for edge in np.histogram_bin_edges(together, 40)]
    for (name, sample), (colour, hatch) in zip(
        samples.items(), ((_BLUE, ""), (_ORANGE, "///")), strict=True
    ):
        ax.hist(np.ravel(sample), edges, color=colour, alpha=0.55, hatch=hatch, label=name)
    ax.axvline(threshold, color=_INK, linestyle="--", label="threshold")
    ax.set(xlabel=label, ylabel="windows")
    ax.legend(fontsize=9)
    return figure


def one_stream(
    lines: Mapping[str, tuple[npt.ArrayLike, npt.ArrayLike, float]], onset: float
) -> Figure:
    """Plot detectors along one stream, a panel each, with threshold and first alarm.

    Args:
        lines: by detector: the requests seen (n,), its statistic (n,), its threshold.
        onset: the request at which drift begins.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(len(lines), 1, figsize=(7.0, 1.5 * len(lines)), sharex=True)
    panels = np.atleast_1d(axes)
    for ax, (name, (seen, statistic, threshold)) in zip(panels, lines.items(), strict=True):
        x, y = np.asarray(seen), np.asarray(statistic)
        ax.plot(x, y, "-", color=_BLUE, linewidth=1.3)
        ax.axhline(threshold, color=_INK, linestyle="--", linewidth=1)
        ax.axvline(onset, color=_GREY, linestyle=":")
        late = np.flatnonzero(y > threshold)
        if len(late):
            ax.plot(x[late[0]], y[late[0]], "o", color=_ORANGE, markersize=7)
        ax.set_title(name, fontsize=9, loc="left")
    panels[-1].set_xlabel("requests")
    return figure


def label_shares(shares: Mapping[str, npt.ArrayLike], classes: Sequence[str]) -> Figure:
    """Draw shares of classes (k,) side by side, as they are and as they were estimated."""
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7.0, 2.9))
    width = 0.8 / len(shares)
    looks = ((_GREY, ""), (_ORANGE, "///"), (_BLUE, "..."))
    for place, ((name, values), (colour, hatch)) in enumerate(
        zip(shares.items(), cycle(looks), strict=False)
    ):
        x = np.arange(len(classes)) + (place - (len(shares) - 1) / 2) * width
        ax.bar(x, np.asarray(values), width, color=colour, hatch=hatch, alpha=0.8, label=name)
    ax.set_xticks(range(len(classes)), classes, rotation=25, ha="right", fontsize=8)
    ax.set_ylabel("share of requests")
    ax.legend(fontsize=9)
    return figure


def rollout_diagram() -> Figure:
    """Draw the way of a candidate: registry, shadow, canary, all requests, and the way back."""
    d = Diagram(14.6, 4.6)
    d.parameter("candidate", 1.6, 3.2, size=(2.2, 1.0))
    d.operation("shadow", 5.2, 3.2, "shadow: answers\nare only logged", size=(3.1, 1.3))
    d.operation("canary", 9.2, 3.2, "canary:\n5 % of users", size=(2.5, 1.3))
    d.operation("all", 12.9, 3.2, "all requests", size=(2.4, 1.0))
    d.parameter("previous", 9.2, 0.8, "previous version, still loaded", size=(6.0, 0.9))
    d.arrow("candidate", "shadow")
    d.arrow("shadow", "canary")
    d.arrow("canary", "all")
    d.arrow("canary", "previous", "roll back", shift=(1.0, 0.1), color=_ORANGE)
    d.arrow("all", "previous", color=_ORANGE, bend=-0.2)
    d.text(5.2, 2.1, "same requests: pairs")
    d.text(9.2, 4.2, "other requests")
    return d.figure


def canary_paths(
    walks: npt.ArrayLike, fixed: npt.ArrayLike, always: npt.ArrayLike, shown: int = 30
) -> Figure:
    """Plot random walks of a canary that is no worse, with two boundaries.

    Args:
        walks: (runs, n) failures of the canary less those of the control, by discordant pairs.
        fixed: (n,) boundary of a test that is made once.
        always: (n,) boundary of a test that may be looked at after every pair.
        shown: walks that are drawn.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7.0, 3.2))
    paths, x = np.asarray(walks), np.arange(1, np.shape(walks)[1] + 1)
    crossed = (np.abs(paths) > np.asarray(fixed)).any(axis=1)
    for path, late in zip(paths[:shown], crossed[:shown], strict=True):
        colour, wide = (_ORANGE, 0.9) if late else (_GREY, 0.5)
        ax.plot(x, path, "-", color=colour, linewidth=wide, alpha=0.8)
    for sign in (1, -1):
        names = ("read once", "always valid") if sign == 1 else (None, None)
        ax.plot(x, sign * np.asarray(fixed), "--", color=_INK, label=names[0])
        ax.plot(x, sign * np.asarray(always), "-", color=_BLUE, linewidth=2, label=names[1])
    ax.set(xlabel="pairs with exactly one failure", ylabel="canary's less control's")
    ax.legend(fontsize=9, loc="upper left")
    return figure
