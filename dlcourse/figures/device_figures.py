"""Figures of training on several devices: replicas, ring, pipeline, tensor parallel, memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dlcourse.figures.diagrams import Diagram

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "data_parallel_diagram",
    "efficiency_curves",
    "memory_hierarchy",
    "pipeline_timeline",
    "ring_states",
    "ring_steps",
    "tensor_parallel_diagram",
    "tile_diagram",
]

_BLUE, _ORANGE, _GREEN, _INK = "#0072B2", "#D55E00", "#009E73", "#222222"


def data_parallel_diagram() -> Figure:
    """Draw one training step on two devices: same weights, two shards, one mean gradient."""
    d = Diagram(14.6, 5.6)
    for number, y in ((0, 4.4), (1, 1.2)):
        d.data(f"x{number}", 1.5, y, f"shard {number}", size=(2.0, 0.8))
        d.parameter(f"w{number}", 4.9, y, r"$\theta$", size=(1.3, 1.0))
        d.data(f"g{number}", 7.6, y, f"$g_{number}$", size=(1.2, 0.8))
        d.parameter(f"new{number}", 13.0, y, r"$\theta - \eta\,\bar{g}$", size=(2.2, 1.0))
        d.arrow(f"x{number}", f"w{number}", f"$n_{number}$ rows", shift=(0.0, 0.3))
        d.arrow(f"w{number}", f"g{number}")
    d.operation("mean", 10.2, 2.8, "all-reduce", size=(2.4, 0.9))
    for number in (0, 1):
        d.arrow(f"g{number}", "mean", color=_ORANGE)
        d.arrow("mean", f"new{number}", r"$\bar{g}$", shift=(-0.3, 0.35 - 0.7 * number),
                color=_ORANGE)  # fmt: skip
    d.text(4.9, 2.8, "the same weights\non both devices")
    return d.figure


def ring_steps(workers: int) -> list[list[list[list[int]]]]:
    """Which workers' numbers each chunk holds, in each state of a ring all-reduce.

    Args:
        workers: how many stand in the ring, p.

    Returns:
        2p - 1 states; in each, for each worker, for each of its p chunks, the workers whose
        numbers are summed there.

    Raises:
        ValueError: if there are fewer than 2 workers.
    """
    if workers < 2:
        raise ValueError(f"a ring has 2 workers or more, got {workers}.")
    state = [[[rank] for _ in range(workers)] for rank in range(workers)]
    states = [state]
    for step in range(2 * (workers - 1)):
        following = [[list(chunk) for chunk in row] for row in state]
        for rank in range(workers):
            chunk, to = (rank - step) % workers, (rank + 1) % workers
            # In the second half, what arrives is whole and takes the place of what was there.
            kept = state[to][chunk] if step < workers - 1 else []
            following[to][chunk] = sorted({*kept, *state[rank][chunk]})
        state = following
        states.append(state)
    return states


def ring_states(workers: int = 3) -> Figure:
    """Draw a ring all-reduce: one row for each state, the darker a chunk, the more is summed."""
    import matplotlib.pyplot as plt

    states = ring_steps(workers)
    figure, ax = plt.subplots(figsize=(7.0, 0.85 * len(states)), layout="none")
    figure.subplots_adjust(0, 0, 1, 1)
    width = workers + 1.2
    for row, state in enumerate(states):
        y = -1.6 * row
        label = "start" if row == 0 else f"{'add' if row < workers else 'copy'}, step {row}"
        ax.text(-0.3, y + 0.35, label, ha="right", va="center", fontsize=10)
        for rank, chunks in enumerate(state):
            for place, summed in enumerate(chunks):
                x = rank * width + place
                new = row > 0 and summed != states[row - 1][rank][place]
                _chunk(ax, x, y, summed, len(summed) / workers, new)
                if new and rank > 0:
                    _hop(ax, (x - width + 0.5, y + 1.58), (x + 0.4, y + 0.75))
    for rank in range(workers):
        ax.text(rank * width + workers / 2, 1.0, f"worker {rank}", ha="center", fontsize=11)
    ax.set(xlim=(-2.4, workers * width), ylim=(-1.6 * (len(states) - 1) - 0.2, 1.5))
    ax.set_axis_off()
    return figure


def _chunk(ax: Axes, x: float, y: float, summed: list[int], share: float, new: bool) -> None:
    """A box, filled by the share that is summed, with a thick edge where it has changed."""
    from matplotlib.patches import Rectangle

    edge: dict[str, Any] = {"ec": _ORANGE, "lw": 2.5} if new else {"ec": _INK}
    fill = share**2 * 0.75 + 0.05
    ax.add_patch(Rectangle((x, y), 1, 0.7, fc=_BLUE, alpha=fill, ec="none"))
    ax.add_patch(Rectangle((x, y), 1, 0.7, fc="none", zorder=3 if new else 2, **edge))
    colour = "white" if share > 0.8 else _INK
    ax.text(x + 0.5, y + 0.33, "+".join(map(str, summed)), ha="center", va="center",
            fontsize=10 if len(summed) < 3 else 8, color=colour, zorder=4)  # fmt: skip


def _hop(ax: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    from matplotlib.patches import FancyArrowPatch

    look: dict[str, Any] = {"arrowstyle": "-|>", "mutation_scale": 10, "color": _ORANGE, "lw": 1.2}
    ax.add_patch(FancyArrowPatch(start, end, **look))


def pipeline_timeline(grids: Mapping[str, npt.ArrayLike]) -> Figure:
    """Draw which stage computes what and when.

    Args:
        grids: by title, (stages, slots) texts: "F3" for the forward pass of micro-batch 3, "B3"
            for its backward pass, "" where the stage waits.
    """
    import matplotlib.pyplot as plt
    from matplotlib.patches import Rectangle

    tables = {title: np.asarray(grid, dtype=str) for title, grid in grids.items()}
    slots = max(grid.shape[1] for grid in tables.values())
    figure, axes = plt.subplots(
        len(tables), 1, figsize=(7.0, 1.8 * len(tables)), sharex=True, squeeze=False
    )
    for ax, (title, grid) in zip(axes[:, 0], tables.items(), strict=True):
        for (stage, slot), text in np.ndenumerate(grid):
            look = {"F": ("#CFE6F5", None), "B": ("#FBD9C2", "///")}.get(
                text[:1], ("#FFFFFF", None)
            )
            box = Rectangle((slot, stage - 0.45), 1, 0.9, fc=look[0], hatch=look[1],
                            ec="#888888", lw=0.8)  # fmt: skip
            ax.add_patch(box)
            ax.text(slot + 0.5, stage, text, ha="center", va="center", fontsize=9, color=_INK,
                    bbox={"fc": look[0], "ec": "none", "pad": 0.8} if text else None)  # fmt: skip
        ax.set(xlim=(0, slots), ylim=(len(grid) - 0.4, -0.6), yticks=range(len(grid)),
               ylabel="stage")  # fmt: skip
        ax.set_title(title, fontsize=10, loc="left")
        ax.grid(False)
    axes[-1, 0].set_xticks(range(0, slots + 1, 2))
    axes[-1, 0].set_xlabel("time, in passes of one micro-batch through one stage")
    return figure


def tensor_parallel_diagram() -> Figure:
    """Draw two dense layers on two devices: columns of the first, rows of the second, one sum."""
    d = Diagram(14.6, 6.0)
    d.data("x", 1.1, 2.9, "$X$", size=(1.0, 0.9))
    d.operation("sum", 11.6, 2.9, "sum", size=(1.4, 0.9))
    d.data("y", 13.7, 2.9, "$Y$", size=(1.0, 0.9))
    for number, y in ((0, 4.6), (1, 1.2)):
        d.parameter(f"a{number}", 4.0, y, f"$A_{number}$", size=(1.2, 1.0))
        d.data(f"h{number}", 6.5, y, f"$H_{number}$", size=(1.1, 0.8))
        d.parameter(f"b{number}", 8.9, y, f"$B_{number}$", size=(1.2, 1.0))
        d.arrow("x", f"a{number}", r"$n \times d$", shift=(-0.3, 0.3 if number == 0 else -0.35))
        d.arrow(f"a{number}", f"h{number}", r"relu", shift=(0.0, 0.3))
        d.arrow(f"h{number}", f"b{number}", r"$n \times k/2$", shift=(0.0, 1.3 * number - 0.65))
        d.arrow(f"b{number}", "sum", r"$n \times d$", color=_ORANGE,
                shift=(0.35, 0.35 if number == 0 else -0.35))  # fmt: skip
        d.text(4.0, y + 0.8 - 1.6 * number, "half of the columns")
        d.text(8.9, y + 0.8 - 1.6 * number, "half of the rows")
    d.arrow("sum", "y", color=_ORANGE)
    d.text(6.5, 2.9, "between the layers: nothing to send")
    d.text(11.6, 2.1, "all-reduce", color=_ORANGE)
    return d.figure


def memory_hierarchy(levels: Sequence[tuple[str, str, str]]) -> Figure:
    """Draw where threads run, and the memories beside them, the largest and slowest below.

    Args:
        levels: from the nearest to the farthest: name, size, rate; an empty text is left out.
    """
    d = Diagram(14.6, 8.4)
    boxes = {
        "grid: the whole kernel": (0.3, 0.5, 6.2, 7.2),
        "block: runs on one SM": (0.8, 1.1, 5.2, 4.9),
        "warp: 32 threads in step": (1.3, 1.7, 4.2, 2.7),
    }
    for number, (text, (x, y, w, h)) in enumerate(boxes.items()):
        d.operation(f"box {number}", x + w / 2, y + h / 2, " ", size=(w, h))
        d.text(x + w / 2, y + h - 0.4, text, color=_INK, fontsize=11)
    for column in range(8):
        d.ax.plot([1.75 + 0.47 * column] * 2, [2.1, 3.5], color=_BLUE, lw=2.5, linestyle="-")
    d.text(3.4, 1.9, "threads", fontsize=9)
    height = 7.2 / len(levels)
    for number, (name, size, rate) in enumerate(levels):
        y = 7.7 - height * (number + 0.5)
        width = 3.6 + 3.6 * number / (len(levels) - 1)
        said = "\n".join(part for part in (name, ", ".join(p for p in (size, rate) if p)) if part)
        d.data(name, 10.8, y, said, size=(width, 0.8 * height), fontsize=10)
        if number:
            d.arrow(levels[number - 1][0], name)
    return d.figure


def tile_diagram(n: int = 6, tile: int = 2) -> Figure:
    """Draw what a block of threads reads for one tile of a product of n x n matrices."""
    d = Diagram(3 * n + 5.0, n + 2.2)
    for number, name in enumerate("ABC"):
        left = 0.5 + number * (n + 2)
        for row in range(n):
            for column in range(n):
                look = {"A": row // tile == 1, "B": column // tile == 1,
                        "C": row // tile == column // tile == 1}[name]  # fmt: skip
                now = (name == "A" and look and column // tile == 0) or (
                    name == "B" and look and row // tile == 0
                )
                fill = _ORANGE if now else "#CFE6F5" if look else "#FFFFFF"
                d.operation(f"{name}{row},{column}", left + column + 0.5, n - row + 0.3, " ",
                            size=(1, 1), fc=fill, linewidth=0.7)  # fmt: skip
        d.text(left + n / 2, n + 1.5, f"${name}$", color=_INK, fontsize=14)
        if number < 2:
            sign = r"$\times$" if number == 0 else "$=$"
            d.text(left + n + 1, n / 2 + 0.8, sign, color=_INK, fontsize=16)
    return d.figure


def efficiency_curves(devices: npt.ArrayLike, curves: Mapping[str, npt.ArrayLike]) -> Figure:
    """Plot the share of a device's time that computes, against the number of devices.

    Args:
        devices: (m,) numbers of devices.
        curves: by name, (m,) shares from 0 to 1.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7.0, 2.9))
    for (name, shares), style in zip(curves.items(), ("o-", "s--", "^:", "D-."), strict=False):
        ax.plot(devices, shares, style, label=name, markersize=5)
    ax.set_xscale("log", base=2)
    ax.set_xticks(np.asarray(devices), [f"{p:g}" for p in np.asarray(devices)])
    ax.set(xlabel="devices", ylabel="efficiency", ylim=(0, 1.05))
    ax.minorticks_off()
    ax.legend(fontsize=9)
    return figure
