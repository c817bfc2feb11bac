"""Drawings for time series: windows, dilated convolutions, rolling origins, forecasts.

Importing this module is cheap; matplotlib is imported when something is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dlcourse.figures.diagrams import Diagram
from dlcourse.plots import colours

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "dilation_diagram",
    "forecast_band",
    "forecaster_diagram",
    "origins_diagram",
    "window_diagram",
]

_Look = dict[str, Any]
_TARGET: _Look = {"fc": "#FDEFE4", "ec": "#D55E00", "linewidth": 2.4}


def window_diagram(length: int, past: int, gap: int, horizon: int) -> Figure:
    """Draw the windows of a series below it: inputs, gap and targets of each, row by row.

    Args:
        length: of the series.
        past: inputs of a window.
        gap: values between inputs and targets, in neither.
        horizon: targets of a window.

    Raises:
        ValueError: if not one window fits into the series.
    """
    count = length - past - gap - horizon + 1
    if count < 1:
        raise ValueError(
            f"A window of {past} + {gap} + {horizon} values does not fit into a series of {length}."
        )
    diagram = Diagram(length + 3.2, 0.95 * (count + 1) + 0.5)
    for row in range(count + 1):
        y = 0.95 * (count - row) + 0.6
        diagram.text(1.2, y, "series" if row == 0 else f"window {row - 1}", fontsize=11)
        for index in range(length):
            look = _window_look(row - 1, index, past, gap, horizon)
            if look is not None:
                text = f"$x_{{{index}}}$"
                diagram.data(f"{row} {index}", index + 3.0, y, text, size=(0.86, 0.66), **look)
    return diagram.figure


def _window_look(start: int, index: int, past: int, gap: int, horizon: int) -> _Look | None:
    """How a value looks in the row of a window, or of the series (start -1); None where absent."""
    part = index - start
    if start < 0:
        return {"fc": "#FFFFFF"}
    if 0 <= part < past:
        return {}
    if past <= part < past + gap:
        return {"fc": "#FFFFFF", "ec": "#9A9A9A", "linestyle": "--"}
    return _TARGET if past + gap <= part < past + gap + horizon else None


def dilation_diagram(dilations: Sequence[int], steps: int = 16, *, causal: bool = True) -> Figure:
    """Draw which values the last output of stacked convolutions of width 3 or 2 has seen.

    Args:
        dilations: of each layer, from below; a causal layer of width 2 reads the steps t and
            t - dilation, one that is not causal has width 3 and reads t + dilation as well.
        steps: values in a row.
        causal: whether a layer reads no later step than its output's.
    """
    diagram = Diagram(steps + 2.6, 1.35 * len(dilations) + 1.3)
    focus = steps - 1 if causal else steps // 2
    seen = {focus}
    rows = [seen]
    offsets = [(-d, 0) if causal else (-d, 0, d) for d in reversed(dilations)]
    for steps_back in offsets:
        seen = {t + o for t in seen for o in steps_back if 0 <= t + o < steps}
        rows.append(seen)
    for level, row in enumerate(rows):
        height = 1.35 * (len(dilations) - level) + 0.65
        name = "inputs" if level == len(dilations) else f"dilation {dilations[-1 - level]}"
        diagram.text(1.05, height, name, fontsize=11)
        for t in range(steps):
            look: _Look = {"size": (0.62, 0.5)}
            look |= {} if t in row else {"fc": "#FFFFFF", "ec": "#BBBBBB"}
            if t == focus and level in (0, len(dilations)):
                diagram.data(f"{level} {t}", t + 2.6, height, "$t$", fontsize=11, **look)
            else:
                diagram.data(f"{level} {t}", t + 2.6, height, " ", fontsize=1, **look)
    for level, steps_back in enumerate(offsets):
        for t in rows[level]:
            for o in steps_back:
                if 0 <= t + o < steps:
                    diagram.arrow(f"{level + 1} {t + o}", f"{level} {t}", linewidth=1.0)
    return diagram.figure


def forecaster_diagram(past: int, features: int, units: int, horizon: int) -> Figure:
    """Draw a direct forecaster: a network over the past, a dense layer, plus the last value."""
    diagram = Diagram(13.0, 3.6)
    diagram.data("past", 1.3, 2.5, f"past\n({past}, {features})", size=(2.0, 1.1))
    diagram.parameter("network", 4.6, 2.5, "GRU or\nconvolutions", size=(2.4, 1.1), fontsize=11)
    diagram.parameter("dense", 7.6, 2.5, "dense", size=(1.6, 0.8))
    diagram.operation("plus", 10.2, 2.5, "+", size=(0.7, 0.7))
    diagram.data("forecast", 12.0, 2.5, f"forecast\n({horizon},)", size=(1.6, 1.1))
    diagram.data("last", 4.6, 0.7, "last temperature", size=(3.0, 0.7), fontsize=11)
    diagram.arrow("past", "network")
    diagram.arrow("network", "dense", f"({units},)", shift=(0.12, 0.28))
    diagram.arrow("dense", "plus", f"({horizon},)", shift=(0.2, 0.28))
    diagram.arrow("plus", "forecast")
    diagram.arrow("past", "last")
    diagram.arrow("last", "plus", "the same number for each hour", shift=(2.3, -0.55))
    return diagram.figure


def origins_diagram(names: Sequence[str], first: int) -> Figure:
    """Draw a backtest with a rolling origin, a row for each test part.

    Args:
        names: of the parts of the series, in order.
        first: the first part that is tested; all before it are trained on.
    """
    rows = len(names) - first
    diagram = Diagram(len(names) + 0.4, 0.8 * rows + 0.5)
    for row in range(rows):
        y = 0.8 * (rows - row) - 0.15
        for index, name in enumerate(names[: first + row + 1]):
            look = _TARGET if index == first + row else {}
            diagram.data(f"{row} {index}", index + 0.7, y, name, size=(0.9, 0.6), **look)
    return diagram.figure


def forecast_band(
    ax: Axes,
    past: npt.ArrayLike,
    truth: npt.ArrayLike,
    quantiles: npt.ArrayLike,
    *,
    name: str = "median",
) -> None:
    """Draw the past, what came, and a forecast with its band, against the hours from the origin.

    Args:
        ax: where to draw.
        past: (p,) values up to the origin.
        truth: (h,) values after it.
        quantiles: (h, 3) lower, middle and upper forecast.
        name: of the middle one, for the legend.
    """
    before, after = np.asarray(past, float), np.asarray(truth, float)
    low, middle, high = np.asarray(quantiles, float).T
    hours = np.arange(1, len(after) + 1)
    blue, orange = colours()[0], colours()[1]
    ax.plot(np.arange(1 - len(before), 1), before, color="#222222", linestyle="-", label="past")
    ax.plot(hours, after, color="#222222", linestyle=":", label="what came")
    ax.plot(hours, middle, color=orange, linestyle="--", label=name)
    ax.fill_between(hours, low, high, color=blue, alpha=0.2, linewidth=0, label="10 % to 90 %")
    ax.axvline(0.5, color="#9A9A9A", linestyle="-", linewidth=1.0)
