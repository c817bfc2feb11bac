"""Figures of the chapter on sequence to sequence. matplotlib is imported when one is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dlcourse.figures.diagrams import Diagram

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "draw_alignments",
    "draw_by_length",
    "draw_encoder_decoder",
    "draw_tiny_tree",
]

_ORANGE, _BLUE, _GREEN = "#D55E00", "#0072B2", "#009E73"


def draw_encoder_decoder(
    letters: Sequence[str] = ("k", "n", "e", "e"), phonemes: Sequence[str] = ("N", "IY")
) -> Figure:
    """Draw encoder, attention and decoder, unrolled, with what the decoder is fed in training.

    Args:
        letters: what the encoder reads.
        phonemes: what the decoder is to write, without the end.
    """
    d = Diagram(14.6, 7.6)
    apart, first = 1.45, 1.4
    for place, letter in enumerate(letters):
        x = first + apart * place
        d.data(f"x{place}", x, 0.6, letter, size=(0.8, 0.6))
        d.parameter(f"h{place}", x, 2.2, "GRU", size=(1.0, 0.7), fontsize=11)
        d.data(f"H{place}", x, 3.9, rf"$\mathbf{{h}}_{place + 1}$", size=(0.8, 0.6))
        d.arrow(f"x{place}", f"h{place}", "embed" if not place else "", shift=(-0.68, 0.0))
        d.arrow(f"h{place}", f"H{place}")
        if place:
            d.arrow((x - apart + 0.5, 2.32), (x - 0.5, 2.32))
            d.arrow((x - 0.5, 2.08), (x - apart + 0.5, 2.08))
    last = first + apart * (len(letters) - 1)
    start = last + 3.1
    _decoder(d, start, ("<", *phonemes), (*phonemes, ">"))
    d.arrow((last + 0.5, 2.2), (start - 0.55, 2.2), "last states", shift=(0.0, 0.26))
    middle = (first + last) / 2
    d.operation("attention", middle + 0.7, 5.3, "attention", size=(2.3, 0.7), fontsize=11)
    for place in range(len(letters)):
        d.arrow(f"H{place}", "attention")
    d.arrow("s0", "attention", bend=-0.1, color=_ORANGE)
    d.arrow("attention", "out0", bend=0.12, color=_GREEN)
    d.text(last + 1.35, 4.2, r"query $\mathbf{s}_1$", color=_ORANGE)
    d.text(last + 0.9, 5.95, r"context $\mathbf{c}_1$", color=_GREEN)
    d.text(middle, 6.9, "encoder: reads all, in both directions")
    d.text(start + 2.2, 7.35, "decoder: writes one by one")
    return d.figure


def _decoder(d: Diagram, start: float, fed: Sequence[str], written: Sequence[str]) -> None:
    apart = 2.1
    for place, (before, after) in enumerate(zip(fed, written, strict=True)):
        x = start + apart * place
        d.data(f"b{place}", x, 0.6, before, size=(0.8, 0.6))
        d.parameter(f"g{place}", x, 2.2, "GRU", size=(1.0, 0.7), fontsize=11)
        d.data(f"s{place}", x, 3.7, rf"$\mathbf{{s}}_{place + 1}$", size=(0.8, 0.6))
        d.parameter(f"out{place}", x, 5.3, "dense", size=(1.2, 0.7), fontsize=11)
        d.data(f"y{place}", x, 6.7, after, size=(0.8, 0.6))
        for a, b in (("b", "g"), ("g", "s"), ("s", "out"), ("out", "y")):
            d.arrow(f"{a}{place}", f"{b}{place}")
        if place:
            d.arrow(f"g{place - 1}", f"g{place}")
            d.arrow(f"y{place - 1}", f"b{place}", bend=-0.12, linestyle="--", color=_BLUE)


def draw_tiny_tree() -> Figure:
    """Draw two steps of a search over two symbols, with the greedy way and the best one."""
    d = Diagram(14.0, 5.4)
    d.data("start", 1.2, 2.7, "<", size=(0.9, 0.7))
    way: dict[str, Any] = {"color": _ORANGE, "linewidth": 3.0}
    best: dict[str, Any] = {"color": _BLUE, "linewidth": 3.0}
    for name, y, p, look in (("A", 4.2, 0.6, way), ("B", 1.2, 0.4, best)):
        d.data(name, 5.4, y, f"{name}   {p}", size=(1.7, 0.8))
        d.arrow("start", name, str(p), shift=(0.0, 0.32 if y > 3 else -0.32), **look)
    leaves: tuple[tuple[str, str, float, float, dict[str, Any]], ...] = (
        ("AA", "A", 4.8, 0.55, way),
        ("AB", "A", 3.6, 0.45, {}),
        ("BA", "B", 1.8, 0.1, {}),
        ("BB", "B", 0.6, 0.9, best),
    )
    first = {"A": 0.6, "B": 0.4}
    for name, parent, y, p, look in leaves:
        text = rf"{name[0]} {name[1]}   {first[parent]} $\cdot$ {p} = {first[parent] * p:.2f}"
        d.data(name, 10.6, y, text, size=(4.2, 0.8))
        d.arrow(parent, name, str(p), shift=(-0.1, 0.3), **look)
    return d.figure


def draw_alignments(
    weights: Sequence[npt.NDArray[np.floating[Any]]],
    letters: Sequence[str],
    phonemes: Sequence[Sequence[str]],
) -> Figure:
    """Draw for each word which letters each phoneme was written from.

    Args:
        weights: for each word the attention's weights (phonemes, letters), rows sum to 1.
        letters: the words.
        phonemes: what was written, the end included.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, len(weights), figsize=(9.0, 3.4), layout="constrained")
    for ax, shown, word, sounds in zip(
        np.atleast_1d(axes), weights, letters, phonemes, strict=True
    ):
        ax.imshow(shown, cmap="Blues", vmin=0, vmax=1, aspect="auto")
        ax.set_xticks(range(len(word)), list(word))
        ax.set_yticks(range(len(sounds)), sounds)
        ax.grid(visible=False)
        ax.set(xlabel="letter read", title=word)
    np.atleast_1d(axes)[0].set_ylabel("phoneme written")
    figure.colorbar(np.atleast_1d(axes)[-1].images[0], ax=axes, label="weight")
    return figure


def draw_by_length(
    right: Mapping[str, npt.NDArray[np.floating[Any]]], lengths: npt.NDArray[np.integer[Any]]
) -> Figure:
    """Draw the share of words that are right by length, with two standard errors over words.

    Args:
        right: by name, (seeds, words): 1 where a network has a word right.
        lengths: (words,) letters of each word.
    """
    import matplotlib.pyplot as plt

    from dlcourse.plots import MARKERS

    figure, ax = plt.subplots(figsize=(7.0, 3.6), layout="constrained")
    groups = [length for length in np.unique(lengths) if (lengths == length).sum() >= 40]
    for (name, marks), marker, shift in zip(right.items(), MARKERS, (-0.06, 0.06), strict=False):
        shares = [marks[:, lengths == length].mean(axis=0) for length in groups]
        error = [2 * share.std(ddof=1) / np.sqrt(len(share)) for share in shares]
        ax.errorbar(np.array(groups) + shift, [share.mean() for share in shares], error,
                    marker=marker, capsize=3, label=name)  # fmt: skip
    ax.set(xlabel="letters of the word", ylabel="share of words right", ylim=(0, 1))
    ax.legend()
    return figure
