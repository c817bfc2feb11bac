"""What figures of several projects share: the runs of some approaches, side by side.

Importing this module is cheap; nothing is drawn before a function is called.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["MARKERS", "runs_in_rows"]

MARKERS = ("o", "s", "^", "D", "v", "P")
"""Of the first approach, the second and so on; after the last they begin anew."""


def runs_in_rows(ax: Axes, values: Mapping[str, npt.ArrayLike], size: float = 7) -> None:
    """Draw a row for each approach: a point for each of its runs, a grey line at their mean.

    Args:
        ax: where.
        values: of each approach what its runs measured, (runs,).
        size: of the points.
    """
    for place, (runs, marker) in enumerate(zip(values.values(), cycle(MARKERS), strict=False)):
        found = np.asarray(runs, float)
        # A run at the edge of the axis is a whole point.
        ax.plot(found, np.full(len(found), place), marker, ms=size, alpha=0.7, clip_on=False)
        ax.vlines(float(found.mean()), place - 0.3, place + 0.3, color="0.5", lw=2)
    ax.set(yticks=range(len(values)), yticklabels=list(values), ylim=(len(values) - 0.5, -0.5))
