"""Figures of learning from preferences: the parts of the training, and over-optimization.

Importing this module is cheap; matplotlib is imported when something is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from dlcourse.figures.diagrams import Diagram

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw_overoptimization", "draw_preference_training"]

Array = npt.NDArray[Any]


def draw_preference_training() -> Figure:
    """Draw reward model, policy gradient with a penalty, and the short way of DPO."""
    diagram = Diagram(14.4, 6.6)
    small = {"fontsize": 11}
    diagram.data("comparisons", 1.7, 5.4, "comparisons\n$y_w \\succ y_l$", size=(2.4, 1.1), **small)
    diagram.parameter("reward", 5.6, 5.4, "reward model\n$r(x, y)$", size=(2.5, 1.1), **small)
    diagram.data("prompt", 1.7, 1.9, "prompt $x$", size=(2.0, 0.8), **small)
    diagram.parameter("policy", 5.6, 1.9, "policy\n$\\pi(y \\mid x)$", size=(2.2, 1.1), **small)
    diagram.data("answers", 9.2, 1.9, "$G$ answers", size=(2.0, 0.8), **small)
    diagram.operation("score", 9.2, 4.3, "$r - \\beta\\,\\log\\,(\\pi / \\pi_\\mathrm{ref})$",
                      size=(3.4, 0.9), **small)  # fmt: skip
    diagram.parameter("reference", 13.1, 5.4, "reference\n$\\pi_\\mathrm{ref}$", size=(2.1, 1.1),
                      **small)  # fmt: skip
    diagram.operation("advantage", 12.6, 2.8, "minus the mean\nof the others", size=(3.1, 1.1),
                      **small)  # fmt: skip
    diagram.arrow("comparisons", "reward", "fit once", shift=(0, 0.25))
    diagram.arrow("prompt", "policy")
    diagram.arrow("policy", "answers")
    diagram.arrow("answers", "score")
    diagram.arrow("reward", "score")
    diagram.arrow("reference", "score")
    diagram.arrow("score", "advantage")
    diagram.arrow((12.6, 2.2), (5.6, 1.3), "policy gradient", bend=-0.22, shift=(2.3, -0.42))
    diagram.arrow("comparisons", "policy", "DPO", shift=(-0.35, -0.25), linestyle="--")
    return diagram.figure


def draw_overoptimization(panels: Mapping[str, tuple[Array, Array, Array]]) -> Figure:
    """Draw learned and true reward against the divergence, one panel for each reward model.

    Args:
        panels: for each title the divergence (points,), and the gains of learned and of true
            reward, each (fits, points).
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(
        1, len(panels), figsize=(7, 3), sharex=True, sharey=True, squeeze=False
    )
    for ax, (title, (divergence, learned, true)) in zip(axes[0], panels.items(), strict=True):
        for place, (name, gains) in enumerate((("learned reward", learned), ("true reward", true))):
            ax.plot(divergence, gains.mean(axis=0), label=name)
            low, high = gains.min(axis=0), gains.max(axis=0)
            ax.fill_between(divergence, low, high, color=f"C{place}", alpha=0.15, linewidth=0)
        ax.set_title(title, fontsize=11)
    figure.supxlabel("KL to the reference, nats", fontsize=12)
    axes[0, 0].set_ylabel("gain over the reference")
    axes[0, 0].legend(loc="upper left", fontsize=9)
    return figure
