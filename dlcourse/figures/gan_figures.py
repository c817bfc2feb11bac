"""Figures of generative adversarial networks: the game, the networks, samples and measured curves.

Importing this module is cheap; matplotlib is imported when something is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dlcourse.figures.diagrams import Diagram

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "bias_of_sample_size",
    "dcgan_diagram",
    "game_diagram",
    "generator_gradients",
    "gradient_norms",
    "ring_samples",
]

Array = npt.NDArray[Any]

_BLUE, _ORANGE = "#0072B2", "#D55E00"
_STYLES = ("-", "--", ":", "-.")


def game_diagram() -> Figure:
    """Draw the two networks, what flows between them, and which loss trains which."""
    diagram = Diagram(14.4, 6.4)
    diagram.data("z", 0.8, 2.1, r"$\mathbf{z}$", size=(0.9, 0.8))
    diagram.parameter("G", 3.9, 2.1, "generator $G$", size=(2.4, 1.0), fontsize=11)
    diagram.data("fake", 6.9, 2.1, r"$G(\mathbf{z})$", size=(1.4, 0.8))
    diagram.data("real", 6.9, 4.6, r"$\mathbf{x}$", size=(1.4, 0.8))
    diagram.parameter("D", 9.8, 3.35, "discriminator $D$", size=(2.6, 1.2), fontsize=11)
    diagram.operation("loss D", 13.2, 4.6, "loss of $D$", size=(2.0, 0.8), fontsize=11)
    diagram.operation("loss G", 13.2, 2.1, "loss of $G$", size=(2.0, 0.8), fontsize=11)
    diagram.arrow("z", "G", "noise", shift=(-0.1, 0.25))
    diagram.arrow("G", "fake")
    diagram.arrow("fake", "D")
    diagram.arrow("real", "D")
    diagram.arrow("D", "loss D", "logits of both", shift=(0.9, -0.35))
    diagram.arrow("D", "loss G", "logits of fakes", shift=(0.95, 0.35))
    diagram.text(6.9, 5.25, "data", fontsize=11)
    # Gradients: to D from its own loss; to G through D, which stays as it is.
    back = {"linestyle": "--", "color": _ORANGE}
    diagram.arrow((13.2, 5.05), (9.8, 4.0), "trains $D$", bend=0.35, shift=(0, 0.3), **back)
    diagram.arrow(
        (13.2, 1.65), (3.9, 1.55), "trains $G$, through $D$", bend=-0.12, shift=(0, 0.25), **back
    )
    return diagram.figure


def dcgan_diagram(side: int = 28, channels: int = 1, width: int = 32, latent: int = 64) -> Figure:
    """Draw generator and discriminator of a DCGAN, with the shapes of what flows.

    Args:
        side: height and width of the images in pixels, a multiple of 4.
        channels: of the images.
        width: channels next to the image; the layer farther away has twice as many.
        latent: length of the generator's input.
    """
    quarter, half = side // 4, side // 2
    shapes = [
        f"{latent}", f"{quarter}x{quarter}x{2 * width}", f"{half}x{half}x{width}",
        f"{side}x{side}x{channels}",
    ]  # fmt: skip
    diagram = Diagram(16.4, 5.6)
    _row(diagram, 4.0, "G", r"$\mathbf{z}$", "image", shapes, (
        "dense\nbatch norm, ReLU", "transposed conv\n4x4, stride 2\nbatch norm, ReLU",
        "transposed conv\n4x4, stride 2\nsigmoid",
    ))  # fmt: skip
    _row(diagram, 1.3, "D", "image ", "logit", [*shapes[:0:-1], "1"], (
        "convolution\n4x4, stride 2\nleaky ReLU", "convolution\n4x4, stride 2\nleaky ReLU",
        "dense",
    ))  # fmt: skip
    diagram.text(8.2, 5.25, "generator", fontsize=11)
    diagram.text(8.2, 2.5, "discriminator: every layer spectrally normalized", fontsize=11)
    return diagram.figure


def _row(
    diagram: Diagram, y: float, name: str, first: str, last: str, shapes: list[str],
    layers: tuple[str, ...],
) -> None:  # fmt: skip
    """One network from left to right; a shape stands above each arrow that leaves an array."""
    diagram.data(f"{name} in", 0.8, y, first, size=(1.2, 0.8), fontsize=11)
    before = f"{name} in"
    for place, layer in enumerate(layers):
        x = 4.0 + 4.1 * place
        diagram.parameter(f"{name} {place}", x, y, layer, size=(2.3, 1.4), fontsize=8)
        diagram.arrow(before, f"{name} {place}")
        diagram.text(x - 1.9 if place else 2.1, y + 0.25, shapes[place], fontsize=8)
        before = f"{name} {place}"
    diagram.data(f"{name} out", 15.6, y, last, size=(1.2, 0.8), fontsize=11)
    diagram.arrow(before, f"{name} out")
    diagram.text(15.6, y - 0.65, shapes[-1])


def ring_samples(samples: Mapping[str, Array], modes: Array, *, games: int = 4) -> Figure:
    """Draw points of several generators on the plane: a row for each setting.

    Args:
        samples: for each setting, points (games, n, 2).
        modes: (k, 2) centres of the data.
        games: how many of the games are drawn, one a column.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(
        len(samples), games, figsize=(7.0, 1.85 * len(samples)), squeeze=False,
        sharex=True, sharey=True, layout="constrained",
    )  # fmt: skip
    for row, (name, points) in zip(axes, samples.items(), strict=True):
        row[0].set_ylabel(name, fontsize=9)
        for column, (ax, cloud) in enumerate(zip(row, np.asarray(points)[:games], strict=True)):
            ax.scatter(*np.asarray(modes).T, s=130, facecolors="none", edgecolors=_ORANGE)
            ax.scatter(*cloud[:400].T, s=2, color=_BLUE, rasterized=True)
            ax.set(xlim=(-3.2, 3.2), ylim=(-3.2, 3.2), aspect="equal", xticks=(), yticks=())
            if ax in axes[0]:
                ax.set_title(f"seed {column}", fontsize=10)
    return figure


def generator_gradients(distance: Array, slopes: Mapping[str, Array]) -> Figure:
    """Draw the size of the generator's gradient against its distance from the data.

    Args:
        distance: (n,) between the means of two normal distributions of variance 1.
        slopes: for each loss, (n,) absolute values of the derivative by the distance.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(6.0, 3.2), layout="constrained")
    for (name, values), style in zip(slopes.items(), _STYLES, strict=False):
        ax.semilogy(distance, values, style, label=name)
    ax.set(
        xlabel=r"distance $\theta$ between fakes and data (standard deviations)",
        ylabel="size of the gradient", ylim=(1e-6, 30),
    )  # fmt: skip
    ax.legend()
    return figure


def gradient_norms(updates: Array, norms: Mapping[str, Array]) -> Figure:
    """Draw the norm of the generator's gradient while only the discriminator learns.

    Args:
        updates: (k,) of the discriminator.
        norms: for each loss, (k, games).
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(6.0, 3.2), layout="constrained")
    for (name, values), style in zip(norms.items(), _STYLES, strict=False):
        (line,) = ax.semilogy(updates, np.median(values, axis=1), style, label=name)
        ax.fill_between(
            updates, values.min(axis=1), values.max(axis=1), color=line.get_color(), alpha=0.2
        )
    ax.set(xlabel="updates of the discriminator", ylabel="norm of the generator's gradient")
    ax.legend()
    return figure


def bias_of_sample_size(sizes: Array, distances: Mapping[str, Array]) -> Figure:
    """Draw Frechet distances against one over the number of images, with straight lines.

    Args:
        sizes: (k,) numbers of images.
        distances: for each kind of images, (k, draws).
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(6.0, 3.4), layout="constrained")
    inverse = 1 / np.asarray(sizes, float)
    for (name, values), marker in zip(distances.items(), "osD", strict=False):
        mean = np.asarray(values).mean(axis=1)
        slope, end = np.polyfit(inverse, mean, 1)
        (line,) = ax.plot(inverse, mean, marker, label=name)
        ax.plot([0, inverse.max()], [end, end + slope * inverse.max()], color=line.get_color())
    ax.set(xlabel="1 / number of images", ylabel="Fréchet distance", xlim=(0, None), ylim=(0, None))
    ax.legend()
    return figure
