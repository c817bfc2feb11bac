"""The class report's drawings, in the course's figure style, as PNG bytes.

They show numbers and names from the assignment only, never text that a learner wrote.
"""

from __future__ import annotations

import io
import textwrap
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from dlcourse.plots import STYLE_FILE

# 6 inches fill a phone's width with labels of 9 px; 200 dots an inch are sharp at the page's 36 rem
# on a screen of double resolution.
_DOTS = 200
_WIDTH = 6.0
_BAR = "#0072B2"
# Colour, hatch and the colour of numbers on it: full, part, none.
_SHARES = (("#0072B2", "", "#FFFFFF"), ("#A6CEE8", "///", "#222222"), ("#E3E3E3", "", "#222222"))
_LINE = "#B0460A"


@contextmanager
def _style() -> Iterator[None]:
    with mpl.rc_context(fname=str(STYLE_FILE)), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # a title in another script
        yield


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=_DOTS, metadata={"Software": None})
    return buffer.getvalue()


def _label(text: str, width: int = 22) -> str:
    """A name as an axis label: dollars are no mathematics here, and long names break."""
    return "\n".join(textwrap.wrap(text, width, max_lines=2)).replace("$", r"\$")


def histogram(
    values: npt.ArrayLike,
    edges: npt.ArrayLike,
    *,
    across: str,
    whole: bool = False,
    line: tuple[float, str] | None = None,
) -> bytes:
    """How many submissions have a value, bar by bar.

    Args:
        values: one number a submission.
        edges: the ends of the bars, one more than bars.
        across: what the numbers are, with the unit.
        whole: bars stand for whole numbers, and touch no neighbour.
        line: where to draw a vertical line, and what it is.
    """
    with _style():
        figure = Figure(figsize=(_WIDTH, 3.0))
        ax = figure.subplots()
        ax.hist(
            np.asarray(values, float), list(np.asarray(edges, float)), color=_BAR,
            edgecolor="white", rwidth=0.8 if whole else 1.0,
        )  # fmt: skip
        if line is not None:
            place, name = line
            ax.axvline(place, color=_LINE, linestyle="--", label=_label(name, 60))
            figure.legend(loc="outside upper right")
        ax.set_xlabel(_label(across, 80))
        ax.set_ylabel("submissions")
        ax.grid(visible=False, axis="x")
        ax.set_xlim(np.min(edges), np.max(edges))
        steps = [1, 2, 5, 10]
        ax.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=6, steps=steps))
        ax.xaxis.set_major_locator(MaxNLocator(integer=whole, nbins=10, steps=steps))
        return _png(figure)


def shares(names: Sequence[str], parts: Mapping[str, Sequence[int]]) -> bytes:
    """For each name a bar of full length, divided into parts.

    Args:
        names: one a bar, from top to bottom.
        parts: up to three parts by name, each with its count in every bar.
    """
    with _style():
        figure = Figure(figsize=(_WIDTH, 0.48 * len(names) + 1.2))
        ax = figure.subplots()
        counts = np.array(list(parts.values()), float)
        share = counts / np.maximum(counts.sum(axis=0), 1)
        left = np.zeros(len(names))
        for i, part in enumerate(parts):
            colour, hatch, ink = _SHARES[i]
            ax.barh(
                np.arange(len(names)), share[i], left=left, color=colour, hatch=hatch,
                edgecolor="white", label=part, height=0.72,
            )  # fmt: skip
            _write_counts(ax, counts[i], share[i], left, (ink, colour))
            left += share[i]
        _name_rows(ax, names)
        ax.set_xlim(0, 1)
        ax.xaxis.set_major_formatter(lambda x, _: f"{100 * x:.0f} %")
        ax.set_xlabel("share of submissions (numbers: submissions)")
        ax.grid(visible=False)
        figure.legend(loc="outside upper right", ncols=len(parts))
        return _png(figure)


def _write_counts(
    ax: Any,
    counts: npt.NDArray[np.float64],
    share: npt.NDArray[np.float64],
    left: npt.NDArray[np.float64],
    colours: tuple[str, str],
) -> None:
    ink, ground = colours
    for row, (number, width, start) in enumerate(zip(counts, share, left, strict=True)):
        if width >= 0.045:  # narrower parts have no room for a number
            ax.text(
                start + width / 2, row, f"{number:.0f}", ha="center", va="center", color=ink,
                fontsize=10, bbox={"facecolor": ground, "edgecolor": "none", "pad": 1.0},
            )  # fmt: skip


def matrix(rows: Sequence[str], columns: Sequence[str], counts: Sequence[Sequence[int]]) -> bytes:
    """Counts as a table of tinted cells; the tint is the share of the row.

    Args:
        rows: names from top to bottom.
        columns: names from left to right.
        counts: one list a row.
    """
    with _style():
        figure = Figure(figsize=(_WIDTH, 0.48 * len(rows) + 0.9))
        ax = figure.subplots()
        table = np.array(counts, float).reshape(len(rows), len(columns))
        share = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
        ax.imshow(share, cmap="Blues", vmin=0, vmax=1, aspect="auto")
        for (row, column), number in np.ndenumerate(table):
            ink = "white" if share[row, column] > 0.55 else "#222222"
            ax.text(column, row, f"{number:.0f}", ha="center", va="center", color=ink)
        ax.set_xticks(range(len(columns)), columns)
        ax.xaxis.tick_top()
        ax.tick_params(length=0)
        ax.grid(visible=False)
        for side in ax.spines.values():
            side.set_visible(False)
        _name_rows(ax, rows)
        return _png(figure)


def _name_rows(ax: Any, names: Sequence[str]) -> None:
    ax.set_yticks(range(len(names)), [_label(name) for name in names])
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.tick_params(axis="y", length=0)
