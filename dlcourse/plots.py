"""Figures of the course: one style, and the few drawings that many chapters share.

Importing this module is cheap; matplotlib is imported when something is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dlcourse.session import in_open_notebook

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STYLE_FILE = Path(__file__).with_name("dlcourse.mplstyle")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">")
"""One marker a class, so that classes differ by shape as well as by colour."""


def use_style() -> None:
    """Give every later figure of this session the course's style.

    In a notebook that somebody has open (Jupyter, VS Code, Colab), figures are also drawn at twice
    the resolution for sharp text; their size on the page stays the same.
    """
    import matplotlib.pyplot as plt

    plt.style.use(STYLE_FILE)
    # The site's build runs notebooks too, but drops the width that a doubled figure carries, so
    # that it would stand there at twice its size.
    if in_open_notebook():
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        set_matplotlib_formats("retina")  # type: ignore[no-untyped-call]


def colours() -> list[str]:
    """The colours of the current style, in the order in which lines take them."""
    import matplotlib as mpl

    return [
        f"#{colour.lstrip('#')}" for colour in mpl.rcParams["axes.prop_cycle"].by_key()["color"]
    ]


_GAP, _LINE = 0.03, 0.21
"""Inches around an image in a grid, and of a line of its title."""


def show_images(
    images: npt.ArrayLike,
    titles: Sequence[object] | None = None,
    *,
    columns: int = 8,
    size: float = 0.85,
    cmap: str = "gray_r",
    limits: tuple[float, float] | None = None,
) -> Figure:
    """Draw images in a grid, row by row.

    Args:
        images: (n, height, width) grey values or (n, height, width, 3 or 4) colours.
        titles: n short titles, such as labels; none by default.
        columns: images in a row.
        size: width of one image in inches.
        cmap: colour map of grey images; "gray_r" shows ink as black.
        limits: the values drawn as the two ends of the colour map; by default the least and the
            greatest value of all images, so that images can be compared.

    Raises:
        ValueError: if the images are not a batch, or there is not one title for each.
    """
    import matplotlib.pyplot as plt

    batch = np.asarray(images)
    if batch.ndim not in (3, 4) or len(batch) == 0:
        raise ValueError(
            f"show_images needs a batch of shape (n, height, width[, channels]) with n >= 1, "
            f"got {batch.shape}. For one image pass image[None]."
        )
    if titles is not None and len(titles) != len(batch):
        raise ValueError(f"{len(batch)} images but {len(titles)} titles.")
    columns = min(columns, len(batch))
    rows = -(-len(batch) // columns)
    shown = [str(title) for title in titles] if titles is not None else []
    above = max((_LINE * (1 + text.count("\n")) for text in shown), default=0.0)
    width, height = size - 2 * _GAP, (size - 2 * _GAP) * batch.shape[1] / batch.shape[2]
    step = height + 2 * _GAP + above
    # One pair of axes for all, in inches: making axes takes far longer than drawing an image.
    figure = plt.figure(figsize=(columns * size, rows * step), layout="none")
    ax = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    ax.set_axis_off()
    low, high = limits if limits is not None else (float(batch.min()), float(batch.max()))
    for index, image in enumerate(batch):
        left = index % columns * size + _GAP
        top = index // columns * step + _GAP + above
        place = (left, left + width, top + height, top)
        ax.imshow(image, cmap=cmap, vmin=low, vmax=high, extent=place)
        if shown:
            middle = left + width / 2
            ax.text(middle, top - _GAP / 2, shown[index], fontsize=11, ha="center", va="bottom")
    ax.set(xlim=(0.0, columns * size), ylim=(rows * step, 0.0))
    return figure


def decision_regions(
    ax: Axes,
    predict: Callable[[npt.NDArray[np.float64]], npt.ArrayLike],
    points: npt.ArrayLike,
    labels: npt.ArrayLike,
    *,
    names: Sequence[str] | None = None,
    margin: float = 0.15,
    resolution: int = 200,
) -> None:
    """Colour the plane by the class that `predict` gives to each place, and draw the points on it.

    Args:
        ax: where to draw.
        predict: maps (m, 2) places to m integer classes.
        points: (n, 2) data points.
        labels: n integer classes, 0 to at most 9.
        names: names of the classes, in the order of the classes, for the legend.
        margin: room around the points, as a share of their range.
        resolution: places along each axis at which `predict` is asked.

    Raises:
        ValueError: if the shapes do not fit, or `predict` does not return one class a place.
    """
    x = np.asarray(points, dtype=np.float64)
    y = np.asarray(labels).astype(np.int64).ravel()
    if x.ndim != 2 or x.shape[1] != 2 or len(x) != len(y):
        raise ValueError(f"points must be (n, 2) with n labels, got {x.shape} and {y.shape}.")
    low, high = x.min(axis=0), x.max(axis=0)
    room = margin * np.where(high > low, high - low, 1.0)
    across, up = np.linspace(low - room, high + room, resolution).T
    grid = np.stack(np.meshgrid(across, up), axis=-1)
    answer = np.asarray(predict(grid.reshape(-1, 2)))
    if answer.size != resolution**2:
        raise ValueError(
            f"predict must return one class for each of {resolution**2} places, "
            f"got shape {answer.shape}."
        )
    _draw_regions(ax, across, up, answer.astype(np.int64).reshape(resolution, resolution))
    _draw_classes(ax, x, y, names)
    ax.set_xlim(across[0], across[-1])
    ax.set_ylim(up[0], up[-1])


def _class_colour(index: int) -> str:
    palette = colours()
    return palette[index % len(palette)]


def _draw_regions(
    ax: Axes,
    across: npt.NDArray[np.float64],
    up: npt.NDArray[np.float64],
    classes: npt.NDArray[np.int64],
) -> None:
    from matplotlib.colors import to_rgb

    ax.grid(visible=False)
    tints = np.array([to_rgb(_class_colour(index)) for index in range(int(classes.max()) + 1)])
    extent = (across[0], across[-1], up[0], up[-1])
    image = 1.0 - 0.22 * (1.0 - tints[classes])
    ax.imshow(image, extent=extent, origin="lower", aspect="auto", interpolation="nearest")
    for index in np.unique(classes)[1:]:
        ax.contour(
            across, up, (classes >= index).astype(float), levels=[0.5], colors="#555555",
            linewidths=1.2, linestyles="-",
        )  # fmt: skip


def _draw_classes(
    ax: Axes,
    points: npt.NDArray[np.float64],
    labels: npt.NDArray[np.int64],
    names: Sequence[str] | None,
) -> None:
    for index in np.unique(labels):
        chosen = points[labels == index]
        ax.scatter(
            chosen[:, 0], chosen[:, 1], s=38, marker=MARKERS[index % len(MARKERS)],
            color=_class_colour(int(index)), edgecolors="white", linewidths=0.8, zorder=3,
            label=f"class {index}" if names is None else names[index],
        )  # fmt: skip


def learning_curves(history: Any, *, metric: str = "accuracy") -> Figure:
    """Draw the loss and one metric against the epoch, training and validation side by side.

    Args:
        history: what `dlcourse.train.fit` or `model.fit` returned, or a mapping such as
            `{"loss": [...], "val_loss": [...], "accuracy": [...], "val_accuracy": [...]}`.
        metric: the metric beside the loss; its panel is left out where the history lacks it.

    Raises:
        ValueError: if the history holds no loss.
    """
    import matplotlib.pyplot as plt

    curves: Mapping[str, Sequence[float]] = getattr(history, "history", history)
    panels = [name for name in ("loss", metric) if name in curves]
    if "loss" not in panels:
        raise ValueError(f"the history holds no loss, only {sorted(curves)}. Was it trained?")
    figure, axes = plt.subplots(
        1, len(panels), figsize=(3.5 * len(panels), 2.9), squeeze=False, layout="constrained"
    )
    for ax, name in zip(axes.flat, panels, strict=True):
        _draw_curve(ax, curves, name)
    axes.flat[0].legend()
    return figure


def _draw_curve(ax: Axes, curves: Mapping[str, Sequence[float]], name: str) -> None:
    from matplotlib.ticker import MaxNLocator

    epochs = np.arange(1, len(curves[name]) + 1)
    few = len(epochs) <= 20
    ax.plot(epochs, curves[name], marker="o" if few else "", markersize=5, label="training")
    if f"val_{name}" in curves:
        held_out = curves[f"val_{name}"]
        ax.plot(epochs, held_out, marker="s" if few else "", markersize=5, label="validation")
    ax.set_xlabel("epoch")
    ax.set_ylabel(name.replace("_", " "))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))


def network_diagram(
    sizes: Sequence[int], *, names: Sequence[str] | None = None, most: int = 10
) -> Figure:
    """Draw a fully connected network: a circle a unit, a line a weight.

    Args:
        sizes: units in each layer, from input to output, such as `[784, 64, 10]`.
        names: a name for each layer; by default input, hidden 1, ..., output.
        most: draw at most this many units of a layer; a gap with dots stands for the rest.

    Raises:
        ValueError: if there are fewer than two layers, an empty layer, or a wrong count of names.
    """
    import matplotlib.pyplot as plt

    if len(sizes) < 2 or min(sizes) < 1:
        raise ValueError(f"a network needs two layers or more, each with a unit, got {sizes}.")
    if names is None:
        hidden = [f"hidden {i}" for i in range(1, len(sizes) - 1)]
        names = ["input", *(["hidden"] if len(hidden) == 1 else hidden), "output"]
    if len(names) != len(sizes):
        raise ValueError(f"{len(sizes)} layers but {len(names)} names.")
    tallest = max(min(size, most + 1) for size in sizes)
    figure, ax = plt.subplots(
        figsize=(min(7.0, 1.9 * len(sizes)), 0.3 * tallest + 0.9), layout="constrained"
    )
    ax.set_axis_off()
    ax.set_aspect("equal")
    step = 0.4 * tallest + 1.4
    layers = [_unit_places(size, most) for size in sizes]
    for left in range(len(layers) - 1):
        _draw_weights(ax, left * step, layers[left], (left + 1) * step, layers[left + 1])
    for index, (size, places) in enumerate(zip(sizes, layers, strict=True)):
        kind = 0 if index == 0 else 1 if index == len(sizes) - 1 else 2
        _draw_layer(ax, index * step, size, places, _class_colour(kind))
        unit = "unit" if size == 1 else "units"
        ax.text(
            index * step, -tallest / 2 - 0.35, f"{names[index]}\n{size} {unit}",
            ha="center", va="top", fontsize=11,
        )  # fmt: skip
    ax.set_xlim(-1.0, (len(sizes) - 1) * step + 1.0)
    ax.set_ylim(-tallest / 2 - 1.9, tallest / 2 + 0.1)
    return figure


def _unit_places(size: int, most: int) -> npt.NDArray[np.float64]:
    """Heights of the drawn units of a layer, from top to bottom, centred on 0."""
    if size <= most:
        return (size - 1) / 2 - np.arange(size, dtype=np.float64)
    slots = most / 2 - np.arange(most + 1, dtype=np.float64)
    return np.delete(slots, -2)


def _draw_weights(
    ax: Axes,
    left: float,
    sources: npt.NDArray[np.float64],
    right: float,
    targets: npt.NDArray[np.float64],
) -> None:
    from matplotlib.collections import LineCollection

    lines = [[(left, source), (right, target)] for source in sources for target in targets]
    ax.add_collection(LineCollection(lines, colors="#9A9A9A", linewidths=0.7, zorder=1))


def _draw_layer(
    ax: Axes, x: float, size: int, places: npt.NDArray[np.float64], colour: str
) -> None:
    from matplotlib.patches import Circle

    for place in places:
        ax.add_patch(Circle((x, place), 0.34, facecolor=colour, edgecolor="white", zorder=2))
    if len(places) < size:
        dots = (places[-2] + places[-1]) / 2 + np.array([0.28, 0.0, -0.28])
        ax.plot([x] * 3, dots, linestyle="none", marker="o", markersize=3, color="#222222")
