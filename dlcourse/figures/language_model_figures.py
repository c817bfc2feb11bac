"""Figures of language models in use: scaling laws, retrieval, preference optimization.

Importing this module is cheap; matplotlib is imported when something is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dlcourse.figures.diagrams import Diagram

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["optimization_curves", "preference_diagram", "retrieval_diagram", "scaling_curves"]

Array = npt.NDArray[Any]

_ORANGE = "#D55E00"
_MARKERS = ("o", "s", "^", "D", "v", "P")
_STYLES = ("-", "--", ":", "-.")


def retrieval_diagram() -> Figure:
    """Draw a search by vectors and by words whose passages go into the prompt."""
    diagram = Diagram(14.4, 5.6)
    small = {"fontsize": 11}
    diagram.data("question", 1.2, 2.8, "question", size=(1.7, 0.8), **small)
    diagram.data("passages", 1.2, 4.8, "passages", size=(1.7, 0.8), **small)
    diagram.parameter("encoder", 4.2, 3.8, "encoder", size=(1.8, 0.9), **small)
    diagram.operation("bm25", 4.2, 1.5, "word counts,\nBM25", size=(2.4, 1.2), **small)
    diagram.operation("cosines", 7.2, 3.8, "cosines", size=(1.6, 0.8), **small)
    diagram.operation("fusion", 9.2, 2.4, "best $k$", size=(1.5, 0.8), **small)
    diagram.data("prompt", 11.4, 2.4, "prompt", size=(1.5, 0.8), **small)
    diagram.parameter("model", 11.4, 4.5, "language\nmodel", size=(1.7, 1.1), **small)
    diagram.data("answer", 13.5, 4.5, "answer", size=(1.4, 0.8), **small)
    diagram.arrow("question", "encoder")
    diagram.arrow("passages", "encoder")
    diagram.arrow("passages", "bm25")
    diagram.arrow("question", "bm25")
    diagram.arrow("encoder", "cosines", "(384,)", shift=(0, 0.3))
    diagram.arrow("cosines", "fusion")
    diagram.arrow("bm25", "fusion", "scores", shift=(0.1, -0.35))
    diagram.arrow("fusion", "prompt")
    diagram.arrow((1.2, 2.4), (11.4, 2.0), bend=0.38)
    diagram.arrow("prompt", "model")
    diagram.arrow("model", "answer")
    return diagram.figure


def preference_diagram() -> Figure:
    """Draw the three trainings in a row, and the loss of direct preference optimization."""
    diagram = Diagram(14.4, 7.4)
    small = {"fontsize": 11}
    for place, name in enumerate(("pretrained", "instructed", "policy")):
        diagram.parameter(name, 1.6 + 5.4 * place, 6.5, name, size=(2.1, 0.9), **small)
    diagram.arrow("pretrained", "instructed", "instruction tuning", shift=(0, 0.3))
    diagram.arrow("instructed", "policy", "preferences", shift=(0, 0.3))
    for name, y in (("chosen", 3.9), ("rejected", 1.2)):
        diagram.data(name, 1.6, y, name, size=(1.8, 0.8), **small)
        diagram.parameter(f"policy {name}", 5.2, y + 0.6, "policy", size=(1.9, 0.8), **small)
        diagram.parameter(
            f"reference {name}", 5.2, y - 0.6, "reference", size=(1.9, 0.8), linestyle="--", **small
        )
        diagram.operation(f"minus {name}", 8.6, y, "$-$", size=(0.9, 0.8))
        diagram.arrow(name, f"policy {name}")
        diagram.arrow(name, f"reference {name}")
        diagram.arrow(f"policy {name}", f"minus {name}", r"$\log \pi$", shift=(0.1, 0.3))
        diagram.arrow(
            f"reference {name}", f"minus {name}", r"$\log \pi_\mathrm{ref}$", shift=(0.2, -0.35)
        )
    diagram.operation("margin", 10.9, 2.55, r"$-$, times $\beta$", size=(1.9, 0.8), **small)
    diagram.operation("loss", 13.2, 2.55, r"$-\log \sigma$", size=(1.5, 0.8), **small)
    diagram.arrow("minus chosen", "margin")
    diagram.arrow("minus rejected", "margin")
    diagram.arrow("margin", "loss")
    diagram.arrow(
        (13.2, 2.95), (12.6, 6.0), "trains the policy alone", linestyle="--", color=_ORANGE,
        shift=(-2.0, -0.2),
    )  # fmt: skip
    return diagram.figure


def scaling_curves(
    parameters: Array,
    characters: Array,
    bits: Array,
    law: Callable[[Array, Array], Array],
    held_out: Array,
) -> Figure:
    """Bits of each run against the characters read, a curve of the fitted law for each size.

    Args:
        parameters: (n,) of each run's network.
        characters: (n,) that it read.
        bits: (n,) per held-out character.
        law: bits from parameters and characters, arrays of one shape.
        held_out: (n,) true where a run was not used to fit.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
    for place, size in enumerate(np.unique(parameters)):
        own = parameters == size
        along = np.geomspace(characters.min(), characters.max(), 60)
        ax.plot(
            along, law(np.full(60, size), along), color=f"C{place}", linestyle=_STYLES[place % 4]
        )
        ax.plot(
            characters[own], bits[own], _MARKERS[place % 6], color=f"C{place}", markersize=7,
            fillstyle="none" if held_out[own].any() else "full",
            label=f"{size:,.0f} parameters{', held out' if held_out[own].any() else ''}",
        )  # fmt: skip
    ax.set(xscale="log", yscale="log", xlabel="characters read", ylabel="bits per character")
    ax.yaxis.set_major_formatter("{x:.1f}")
    ax.yaxis.set_minor_formatter("{x:.1f}")
    ax.legend()
    return figure


def optimization_curves(divergence: Array, measures: Mapping[str, Array]) -> Figure:
    """Shares against the divergence from the reference, one curve for each measure.

    Args:
        divergence: (n,) in nats per answer.
        measures: by name, (n,) shares from 0 to 1.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7, 3.2), layout="constrained")
    for place, (name, values) in enumerate(measures.items()):
        ax.plot(
            divergence, values, marker=_MARKERS[place % 6], linestyle=_STYLES[place % 4], label=name
        )
    ax.set(xlabel="divergence from the reference (nats per answer)", ylabel="share", ylim=(0, 1.03))
    ax.legend()
    return figure
