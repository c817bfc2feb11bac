"""Figures of variational autoencoders: structure, two ways to a gradient, bound, rate, plane.

Importing this module is cheap; matplotlib is imported when something is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dlcourse.figures.diagrams import Diagram
from dlcourse.plots import MARKERS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "bound_curves",
    "gradient_paths",
    "image_rows",
    "latent_codes",
    "rate_by_latent",
    "rate_distortion",
    "vae_diagram",
]

_ORANGE = "#D55E00"


def vae_diagram(*, pixels: int = 784, units: int = 256, latents: int = 16) -> Figure:
    """Draw a variational autoencoder of dense layers, and where its loss comes from.

    Args:
        pixels: numbers in an image.
        units: of the hidden layers.
        latents: dimension of the latent space.
    """
    diagram = Diagram(17.4, 6.9)
    diagram.data("x", 0.8, 3.4, r"$\mathbf{x}$")
    diagram.parameter("encoder", 3.3, 3.4, f"dense\n{units}", size=(1.6, 1.3), fontsize=11)
    diagram.parameter("to mu", 5.9, 4.5, "dense", size=(1.3, 0.8), fontsize=11)
    diagram.parameter("to log var", 5.9, 2.3, "dense", size=(1.3, 0.8), fontsize=11)
    diagram.data("mu", 8.1, 4.5, r"$\mu$", size=(0.9, 0.7))
    diagram.data("log var", 8.1, 2.3, r"$\log\sigma^2$", size=(1.3, 0.7), fontsize=11)
    diagram.operation("z", 10.2, 3.4, r"$\mu + \sigma \odot \epsilon$", size=(2.0, 0.9))
    diagram.data("noise", 10.2, 0.9, r"$\epsilon \sim N(0, I)$", size=(2.3, 0.7), fontsize=11)
    diagram.parameter("decoder", 13.4, 3.4, f"dense {units}\ndense {pixels}", size=(1.9, 1.3),
                      fontsize=10)  # fmt: skip
    diagram.data("logits", 16.0, 3.4, "logits", size=(1.4, 0.7), fontsize=11)
    diagram.operation("kl", 8.1, 6.3, "KL: the rate", size=(2.6, 0.7), fontsize=11)
    diagram.operation("loss", 16.0, 0.9, "distortion", size=(2.2, 0.7), fontsize=11)
    diagram.data("x again", 13.3, 0.9, r"$\mathbf{x}$")
    diagram.arrow("x", "encoder", f"{pixels}", shift=(-0.1, 0.3))
    diagram.arrow("encoder", "to mu", f"{units}", shift=(-0.3, 0.3))
    diagram.arrow("encoder", "to log var")
    diagram.arrow("to mu", "mu")
    diagram.arrow("to log var", "log var", f"{latents}", shift=(0, 0.3))
    diagram.arrow("mu", "z")
    diagram.arrow("log var", "z")
    diagram.arrow("noise", "z", f"{latents}", shift=(0.4, 0))
    diagram.arrow("z", "decoder", f"{latents}", shift=(0, 0.3))
    diagram.arrow("decoder", "logits", f"{pixels}", shift=(0, 0.3))
    diagram.arrow("mu", "kl")
    diagram.arrow("log var", "kl", bend=-0.5)
    diagram.arrow("logits", "loss")
    diagram.arrow("x again", "loss")
    return diagram.figure


def gradient_paths() -> Figure:
    """Draw the two estimators of the gradient of an expectation, side by side."""
    diagram = Diagram(15.0, 6.6)
    for x, name in ((3.6, "score"), (11.2, "path")):
        diagram.data(f"mu {name}", x - 1.6, 0.8, r"$\mu, \sigma$", size=(1.3, 0.7))
        diagram.operation(f"f {name}", x, 5.2, "$f$", size=(1.0, 0.8))
    diagram.text(3.6, 6.3, "score function", fontsize=12, color="#222222")
    diagram.text(11.2, 6.3, "reparameterization", fontsize=12, color="#222222")
    diagram.operation("draw", 3.6, 2.9, r"draw $z \sim N(\mu, \sigma^2)$", size=(3.4, 0.9),
                      linestyle="--", fontsize=11)  # fmt: skip
    diagram.arrow("mu score", "draw")
    diagram.arrow("draw", "f score", "$z$", shift=(0.3, 0))
    diagram.arrow((2.9, 4.9), (2.9, 3.5), color=_ORANGE, linestyle="--")
    diagram.text(2.9, 3.72, "x", color=_ORANGE, fontsize=15)
    diagram.text(
        1.55, 4.25, "no derivative;\ninstead\n$f(z)\\,\\nabla\\log q(z)$", fontsize=9, color=_ORANGE
    )
    diagram.operation("sum", 11.2, 2.9, r"$z = \mu + \sigma\epsilon$", size=(2.4, 0.9), fontsize=11)
    diagram.data("noise", 12.9, 0.8, r"draw $\epsilon \sim N(0, 1)$", size=(2.9, 0.7), fontsize=11)
    diagram.arrow("mu path", "sum")
    diagram.arrow("noise", "sum", r"$\epsilon$", shift=(0.35, 0.1))
    diagram.arrow("sum", "f path", "$z$", shift=(0.3, 0))
    diagram.arrow((10.5, 4.9), (10.5, 3.5), "$f'(z)$", shift=(-0.6, 0), color=_ORANGE)
    diagram.arrow((9.7, 2.5), (8.9, 1.3), r"$1, \epsilon$", shift=(-0.6, 0.1), color=_ORANGE)
    return diagram.figure


def bound_curves(
    means: npt.NDArray[np.float64], bounds: Mapping[str, npt.ArrayLike], level: float
) -> Figure:
    """Draw lower bounds against the mean of q, and the quantity that they bound.

    Args:
        means: of q, along the axis.
        bounds: by the name of q's width, one value for each mean, in nats.
        level: the logarithm of the probability, in nats.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7, 3.3))
    for (name, values), style in zip(bounds.items(), ("-", "--", "-."), strict=False):
        ax.plot(means, np.asarray(values), style, label=name)
    ax.axhline(level, color="#222222", linestyle=":", label=r"$\log p(x)$")
    ax.set(xlabel="mean $m$ of q", ylabel="ELBO (nats)", ylim=(level - 3.2, level + 0.4))
    ax.legend(fontsize=10)
    return figure


def image_rows(rows: Mapping[str, npt.ArrayLike], *, size: float = 0.58) -> Figure:
    """Draw rows of images, each with its name on the left.

    Args:
        rows: by name, (n, height, width) grey values from 0 to 1, ink 1; the same n in each.
        size: width of an image in inches.
    """
    import matplotlib.pyplot as plt

    batches = {name: np.asarray(images) for name, images in rows.items()}
    count = max(len(images) for images in batches.values())
    margin = 7.0 - size * count
    height = size * len(batches)
    figure = plt.figure(figsize=(7.0, height), layout="none")
    ax = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    ax.set_axis_off()
    for row, (name, images) in enumerate(batches.items()):
        top = row * size
        ax.text(margin - 0.12, top + size / 2, name, ha="right", va="center", fontsize=10)
        for column, image in enumerate(images):
            left = margin + column * size
            place = (left + 0.02, left + size - 0.02, top + size - 0.02, top + 0.02)
            ax.imshow(image, cmap="gray_r", vmin=0, vmax=1, extent=place)
    ax.set(xlim=(0.0, 7.0), ylim=(height, 0.0))
    return figure


def rate_distortion(points: Mapping[str, Sequence[tuple[float, float]]]) -> Figure:
    """Draw distortion against rate, one place for each training.

    Args:
        points: by name of the setting, in the order of the curve, a (rate, distortion) pair in nats
            for each seed. A line joins the means.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7, 3.6))
    means = np.array([np.mean(found, axis=0) for found in points.values()])
    ax.plot(*means.T, color="#777777", linewidth=1.2, zorder=1)
    for index, (name, found) in enumerate(points.items()):
        rates, distortions = np.array(found).T
        ax.scatter(
            rates, distortions, s=46, marker=MARKERS[index], label=name, color=f"C{index}", zorder=3
        )
    ax.set(xlabel="rate (nats)", ylabel="distortion (nats)")
    ax.legend(fontsize=10)
    return figure


def rate_by_latent(rates: Mapping[str, npt.ArrayLike]) -> Figure:
    """Draw the mean KL divergence of each latent variable, the largest first.

    Args:
        rates: by name of the training, one value for each latent variable, in nats.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7, 3.2))
    width = 0.8 / len(rates)
    hatches = ("", "//", "..", "xx")
    for index, (name, values) in enumerate(rates.items()):
        ordered = np.sort(np.asarray(values))[::-1]
        places = np.arange(1, len(ordered) + 1) + width * (index - (len(rates) - 1) / 2)
        ax.bar(places, ordered, width, label=name, hatch=hatches[index % 4], edgecolor="white")
    ax.set(xlabel="latent variable, the most used first", ylabel="KL (nats)")
    ax.legend(fontsize=10)
    return figure


def latent_codes(
    planes: Mapping[str, npt.NDArray[np.float32]],
    labels: npt.NDArray[np.int64],
    *,
    circle: bool = True,
) -> Figure:
    """Draw the two-dimensional codes of images, one panel for each network.

    Args:
        planes: by name of the network, (n, 2) codes of the same images.
        labels: n digits.
        circle: whether to draw the circle in which 95 % of the draws from N(0, I) lie.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, len(planes), figsize=(7, 3.5), squeeze=False)
    for ax, (name, codes) in zip(axes.flat, planes.items(), strict=True):
        for digit in range(10):
            chosen: Any = codes[labels == digit]
            ax.scatter(*chosen.T, s=12, marker=MARKERS[digit], label=str(digit), alpha=0.8,
                       color=plt.get_cmap("tab10")(digit))  # fmt: skip
        if circle:
            around = np.linspace(0, 2 * np.pi, 200)
            radius = np.sqrt(-2 * np.log(0.05))
            ax.plot(radius * np.cos(around), radius * np.sin(around), color="#222222", lw=1.4)
        ax.set_title(name, fontsize=11)
        ax.set(xlabel="$z_1$", ylabel="$z_2$", aspect="equal")
    axes.flat[-1].legend(fontsize=8, ncols=1, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure
