"""Figures of models of the next character: shifted targets, rows of windows, measured curves.

Importing this module is cheap; matplotlib is imported when something is drawn.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dlcourse.figures.diagrams import Diagram

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["bits_by_context", "copied_shares", "next_character_diagram", "windows_diagram"]

_TARGET = {"fc": "#FDEFE4", "ec": "#D55E00", "linewidth": 2.4}


def next_character_diagram(text: str = "thee", *, features: int, units: int, k: int) -> Figure:
    """Draw a recurrent network that reads a text and predicts each next character.

    Args:
        text: its characters but the last are inputs, its characters but the first are targets.
        features: length of a character's vector.
        units: of the recurrent layer.
        k: number of characters that there are.

    Raises:
        ValueError: if the text has fewer than two characters.
    """
    if len(text) < 2:
        raise ValueError(f"An input and a target are two characters at least, got {text!r}.")
    diagram = Diagram(2.3 * len(text) - 0.8, 7.4)
    diagram.data("h 0", 0.7, 3.4, r"$\mathbf{h}_0$", size=(0.8, 0.7))
    for t, (given, target) in enumerate(itertools.pairwise(text), start=1):
        x = 2.3 * t + 0.3
        diagram.data(f"x {t}", x, 0.5, f'"{given}"')
        diagram.parameter(f"embedding {t}", x, 1.8, "embedding", size=(1.5, 0.6), fontsize=9)
        diagram.parameter(f"h {t}", x, 3.4, "GRU", size=(1.2, 0.8))
        diagram.parameter(f"dense {t}", x, 5.0, "dense", size=(1.2, 0.6), fontsize=10)
        diagram.data(f"y {t}", x, 6.7, f'"{target}"', **_TARGET)
        diagram.arrow(f"x {t}", f"embedding {t}")
        diagram.arrow(f"embedding {t}", f"h {t}", f"{features}", shift=(0.35, 0))
        diagram.arrow(f"h {t}", f"dense {t}", f"{units}", shift=(0.4, 0))
        diagram.arrow(f"dense {t}", f"y {t}", f"{k}", shift=(0.35, 0))
        diagram.arrow(f"h {t - 1}", f"h {t}", rf"$\mathbf{{h}}_{{{t - 1}}}$", shift=(0, 0.3))
    diagram.text(0.75, 0.5, "inputs", fontsize=11)
    diagram.text(0.75, 6.7, "targets", fontsize=11, color="#D55E00")
    return diagram.figure


def windows_diagram(rows: int = 2, batches: int = 3, steps: int = 4) -> Figure:
    """Draw how a text is cut into rows and windows, and what goes from one window to the next.

    Args:
        rows: pieces of the text that are read side by side.
        batches: windows of a row, one for each batch.
        steps: characters of a window.
    """
    width, apart = 0.52 * steps + 0.3, 1.3
    across = width + apart
    diagram = Diagram(1.6 + across * batches, 1.9 * rows + 1.4)
    for row in range(rows):
        y = 1.9 * (rows - row) - 0.75
        diagram.text(0.7, y, f"row {row}", fontsize=11)
        for batch in range(batches):
            x = 1.4 + across * batch + width / 2
            first = (row * batches + batch) * steps
            text = f"{first} to {first + steps - 1}"
            diagram.data(f"{row} {batch}", x, y, text, size=(width, 0.9), fontsize=10)
            if batch:
                diagram.arrow(f"{row} {batch - 1}", f"{row} {batch}", "state", shift=(0, 0.24))
                gap = x - across / 2
                diagram.arrow(
                    (gap + 0.5, y - 0.62), (gap - 0.06, y - 0.62), color="#D55E00",
                    linestyle="--",
                )  # fmt: skip
                diagram.text(gap - 0.22, y - 0.62, "x", color="#D55E00", fontsize=13)
                diagram.text(gap, y - 0.92, "gradient", color="#D55E00", fontsize=9)
    for batch in range(batches):
        x = 1.4 + across * batch + width / 2
        diagram.text(x, 1.9 * rows + 0.55, f"batch {batch}", fontsize=11)
    return diagram.figure


def bits_by_context(
    bits: Mapping[str, npt.ArrayLike], levels: Mapping[str, float] | None = None
) -> Figure:
    """Draw bits per character against the number of characters read before.

    Args:
        bits: by name of the model, (rows, characters) bits of each character of rows that begin
            without context. The mean of all rows is drawn, in groups that grow by a factor.
        levels: by name, values that do not depend on the context, a line each.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7, 3.6))
    for (name, given), marker in zip(bits.items(), "os^D", strict=False):
        values = np.asarray(given, dtype=np.float64)
        edges = np.unique(np.geomspace(1, values.shape[1] + 1, 22).round().astype(int)) - 1
        means = [values[:, a:b].mean() for a, b in itertools.pairwise(edges)]
        middles = [np.sqrt((a + 1) * b) for a, b in itertools.pairwise(edges)]
        ax.semilogx(middles, means, marker=marker, markersize=5, label=name)
    for (name, level), style in zip((levels or {}).items(), ("--", ":", "-."), strict=False):
        ax.axhline(level, color="#555555", linestyle=style, label=name)
    ax.set(xlabel="characters since the start, this one counted", ylabel="bits per character")
    ax.legend(fontsize=10)
    return figure


def copied_shares(shares: Mapping[str, Sequence[float]], lengths: Sequence[int]) -> Figure:
    """Draw which share of the pieces of a text stands in another one, by their length.

    Args:
        shares: by name of the text, a share from 0 to 1 for each length.
        lengths: of the pieces, in characters.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7, 3.6))
    for (name, values), marker in zip(shares.items(), "os^DvP", strict=False):
        ax.plot(lengths, values, marker=marker, label=name)
    ax.set(xlabel="length of the piece (characters)", ylabel="share found in the training text")
    ax.set_ylim(-0.02, 1.02)
    ax.legend(fontsize=10)
    return figure
