"""Figures of the project on four in a row: boards and games, what is learned, scores of players.

Importing this module is cheap; matplotlib is imported when something is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dlcourse.figures.diagrams import Diagram
from dlcourse.figures.project_figures import MARKERS, runs_in_rows

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["board_strip", "lengths_of_training", "project_diagram", "scores_by_approach"]

_OWN, _OTHER, _GREY = "#D55E00", "#0072B2", "#777777"


def board_strip(
    boards: npt.ArrayLike,
    titles: Sequence[str],
    *,
    values: npt.ArrayLike | None = None,
    last: Sequence[tuple[int, int] | None] | None = None,
    columns: int = 5,
) -> Figure:
    """Draw boards in rows: own stones as orange discs, the other's as blue squares.

    Args:
        boards: (n, rows, columns), 1 own, -1 the other's, 0 empty.
        titles: n of them.
        values: (n, columns), written below the columns of each board; nan is left out.
        last: of each board the cell (row, column) of the last stone, which gets a ring.
        columns: boards in a row of the figure.
    """
    import matplotlib.pyplot as plt

    many = np.asarray(boards)
    rows = -(-len(many) // columns)
    height, width = many.shape[1:]
    below = 0.5 if values is not None else 0.0
    figure, axes = plt.subplots(rows, columns, figsize=(1.75 * columns, (1.75 + below) * rows),
                                squeeze=False)  # fmt: skip
    for i, ax in enumerate(axes.ravel()):
        ax.axis("off")
        if i >= len(many):
            continue
        _draw_board(ax, many[i])
        ax.set_title(titles[i], fontsize=9)
        if last is not None and (cell := last[i]) is not None:
            ax.plot(cell[1], cell[0], "o", ms=5, color="white", mec="black")
        if values is not None:
            for column, value in enumerate(np.asarray(values)[i]):
                if np.isfinite(value):
                    ax.text(column, height - 0.1, f"{value:+.1f}", ha="center", va="top",
                            fontsize=7)  # fmt: skip
        ax.set(xlim=(-0.6, width - 0.4), ylim=(height - 0.4 + 1.4 * below, -0.6), aspect="equal")
    return figure


def _draw_board(ax: Any, board: npt.NDArray[Any]) -> None:
    height, width = board.shape
    for (row, column), stone in np.ndenumerate(board):
        ax.plot(column, row, "o", ms=9.5, color="white", mec="0.75")
        if stone:
            shape, colour = ("o", _OWN) if stone > 0 else ("s", _OTHER)
            ax.plot(column, row, shape, ms=9.5 if stone > 0 else 8, color=colour)
    ax.plot([-0.5, -0.5, width - 0.5, width - 0.5], [-0.5, height - 0.5, height - 0.5, -0.5],
            color=_GREY, lw=1.5)  # fmt: skip


def project_diagram() -> Figure:
    """Draw how games against itself become targets, and how the grader plays with the network."""
    diagram = Diagram(15.0, 5.6)
    small = {"fontsize": 11}
    diagram.parameter("network", 7.5, 3.0, "value network", size=(2.8, 1.0), **small)
    diagram.operation("play", 2.2, 4.6, "games against\nitself", size=(2.8, 1.1), **small)
    diagram.data("boards", 2.2, 1.4, "boards and\ntargets", size=(2.6, 1.1), **small)
    diagram.operation("ahead", 12.6, 4.6, "one move ahead", size=(3.0, 0.9), **small)
    diagram.data("openings", 8.2, 5.0, "drawn openings", size=(3.2, 0.9), **small)
    diagram.operation("opponents", 12.6, 2.9, "three opponents", size=(3.0, 0.9), **small)
    diagram.data("scores", 12.6, 1.2, "scores, both sides\nof each opening", size=(3.4, 1.1),
                 **small)  # fmt: skip
    diagram.arrow("network", "play")
    diagram.arrow("play", "boards")
    diagram.arrow("boards", "network")
    diagram.arrow("openings", "ahead")
    diagram.arrow("network", "ahead")
    diagram.arrow("ahead", "opponents")
    diagram.arrow("opponents", "scores")
    return diagram.figure


def scores_by_approach(scores: Mapping[str, npt.ArrayLike], opponents: Sequence[str]) -> Figure:
    """Draw each run's mean score as a point, one panel an opponent; grey: the mean of an approach.

    Args:
        scores: of each approach (runs, opponents).
        opponents: their names.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, len(opponents), sharey=True, squeeze=False,
                                figsize=(8.2, 0.5 * len(scores) + 1.1))  # fmt: skip
    for k, (ax, opponent) in enumerate(zip(axes[0], opponents, strict=True)):
        runs_in_rows(ax, {name: np.asarray(runs)[:, k] for name, runs in scores.items()}, size=6)
        ax.axvline(0.5, color="0.5", ls=":")
        ax.set(xlim=(0, 1), xticks=(0, 0.5, 1), xlabel="mean score", title=opponent)
    return figure


def lengths_of_training(
    rounds: Sequence[int], scores: npt.ArrayLike, opponents: Sequence[str]
) -> Figure:
    """Draw mean scores against the number of rounds, with standard errors over runs.

    Args:
        rounds: after which a network was measured.
        scores: (runs, rounds, opponents).
        opponents: their names.
    """
    import matplotlib.pyplot as plt

    values = np.asarray(scores, float)
    errors = values.std(axis=0, ddof=1) / np.sqrt(len(values))
    figure, ax = plt.subplots(figsize=(6.4, 3.2))
    for k, (opponent, marker) in enumerate(zip(opponents, cycle(MARKERS), strict=False)):
        ax.errorbar(rounds, values.mean(axis=0)[:, k], yerr=errors[:, k], marker=marker,
                    label=opponent)  # fmt: skip
    ax.axhline(0.5, color="0.5", ls=":")
    ax.set(xlabel="rounds of 128 games", ylabel="mean score", ylim=(0, 1))
    ax.legend(title="opponent", loc="upper left")
    return figure
