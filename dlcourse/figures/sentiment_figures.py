"""Figures of models that judge a text: structure, accuracy, and the words they weigh."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dlcourse.check.display import Shown
from dlcourse.figures.diagrams import Diagram

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "accuracy_by_group",
    "accuracy_by_size",
    "bag_diagram",
    "highlighted",
    "rating_histograms",
    "reader_diagram",
    "reliability",
]

_WORDS = ("not", "a", "good", "film", "pad")
_COLUMNS = tuple(2.9 + 2.2 * column for column in range(len(_WORDS)))
_SOLID: dict[str, Any] = {}
_DASHED: dict[str, Any] = {"linestyle": "--"}


def highlighted(
    texts: Sequence[tuple[str, Sequence[str], npt.ArrayLike]], *, shown: float = 0.1
) -> Shown:
    """Show words with a background that is the stronger, the larger a word's weight is.

    Every weight can be read as well: large ones stand below their word, all of them appear when
    the pointer rests on it.

    Args:
        texts: for each text what stands before it, its n words, and their weights (n,), which are
            at least 0 and add up to 1.
        shown: from which weight on a number stands below the word.

    Raises:
        ValueError: if a text has not as many weights as words, or a weight is outside of 0 to 1.
    """
    blocks, lines = [], []
    for title, words, given in texts:
        weights = np.asarray(given, dtype=np.float64)
        if weights.shape != (len(words),) or np.any((weights < 0) | (weights > 1 + 1e-6)):
            raise ValueError(
                f"{title!r} needs a weight from 0 to 1 for each of its {len(words)} words, got "
                f"weights of shape {weights.shape}."
            )
        pairs = list(zip(words, weights.tolist(), strict=True))
        marked = " ".join(_marked(word, weight, shown) for word, weight in pairs)
        blocks.append(f'<p style="line-height: 2.2">{escape(title)} {marked}</p>')
        told = [f"{word} [{weight:.2f}]" if weight >= shown else word for word, weight in pairs]
        lines.append(f"{title} {' '.join(told)}")
    return Shown("\n".join(lines), f"<div>{''.join(blocks)}</div>")


def _marked(word: str, weight: float, shown: float) -> str:
    """A word on a half transparent ground, which both dark and light letters can be read on."""
    number = f"<sub>{weight:.2f}</sub>" if weight >= shown else ""
    ground = f"rgba(213, 94, 0, {0.5 * min(1.0, 1.6 * weight):.2f})"
    return (
        f'<span title="{weight:.3f}" style="background-color: {ground}; padding: .15em .2em; '
        f'border-radius: .2em">{escape(word)}{number}</span>'
    )


def bag_diagram() -> Figure:
    """Draw the bag of words: a text, its counts by word, and logistic regression on them."""
    d = Diagram(14.0, 4.6)
    d.data("text", 2.0, 2.55, "not a good film,\nnot at all", size=(3.3, 1.1), fontsize=11)
    d.operation("count", 5.0, 2.55, "count", size=(1.3, 0.7))
    words = ("a", "all", "at", "bad", "film", "good", "not")
    for row, (word, count) in enumerate(zip(words, (1, 1, 1, 0, 1, 1, 2), strict=True)):
        y = 4.2 - 0.55 * row
        d.data(word, 7.3, y, f"{count}", size=(0.6, 0.46), fontsize=11)
        d.text(6.6, y, word, ha="right")
    d.parameter("weights", 10.2, 2.55, r"$\mathbf{w},\,b$", size=(1.3, 0.9))
    d.operation("sigmoid", 11.75, 2.55, r"$\sigma$", size=(0.7, 0.7))
    d.data("p", 13.4, 2.55, r"$\hat{p}$", size=(0.8, 0.7))
    d.arrow("text", "count")
    d.arrow((5.65, 2.55), (5.98, 2.55))
    d.arrow((7.75, 2.55), "weights", r"$(n, |V|)$", shift=(-0.35, 0.3))
    d.arrow("weights", "sigmoid")
    d.arrow("sigmoid", "p", "$(n,)$", shift=(-0.05, 0.3))
    return d.figure


def reader_diagram(pooling: str) -> Figure:
    """Draw a network that looks up a vector for each word and makes one vector of them.

    Args:
        pooling: "average", "attention", "LSTM" or "convolution".

    Raises:
        ValueError: if `pooling` is another word.
    """
    drawings = {
        "average": _average,
        "attention": _attention,
        "LSTM": _lstm,
        "convolution": _convolution,
    }
    if pooling not in drawings:
        raise ValueError(f"pooling is one of {', '.join(drawings)}, got {pooling!r}.")
    d = Diagram(14.0, 8.0)
    d.parameter("E", 7.3, 1.7, "$E$", size=(10.4, 0.7))
    d.text(1.2, 1.7, "look up\na row")
    d.text(1.2, 0.6, "ids\n$(n, T)$")
    d.text(1.2, 2.9, "vectors\n$(n, T, d)$")
    for x, word in zip(_COLUMNS, _WORDS, strict=True):
        look = _DASHED if word == "pad" else _SOLID
        d.data(f"id {word}", x, 0.6, word, size=(1.3, 0.6), **look)
        d.data(word, x, 2.9, r"$\mathbf{e}$", size=(0.9, 0.6), **look)
        d.arrow(f"id {word}", (x, 1.33), **look)
        d.arrow((x, 2.07), word, **look)
    drawings[pooling](d)
    d.data("pooled", 7.3, 6.4, r"$\mathbf{z}$", size=(0.9, 0.6))
    d.parameter("head", 9.6, 6.4, r"$\mathbf{w},\,b,\,\sigma$", size=(1.8, 0.8))
    d.data("p", 12.0, 6.4, r"$\hat{p}$", size=(0.8, 0.6))
    d.arrow("pooled", "head")
    d.arrow("head", "p", "$(n,)$", shift=(0.25, 0.28))
    return d.figure


def _average(d: Diagram) -> None:
    d.operation("mean", 6.2, 4.7, "mean of the steps that are not padding", size=(8.2, 0.7))
    for x, word in list(zip(_COLUMNS, _WORDS, strict=True))[:-1]:
        d.arrow(word, (x, 4.33))
    d.arrow((7.3, 5.07), (7.3, 6.08), "$(n, d)$", shift=(0.6, 0.0))


def _attention(d: Diagram) -> None:
    weights = (0.5, 0.05, 0.4, 0.05, 0.0)
    d.parameter("score", 7.3, 4.0, r"score $\mathbf{v}$, softmax over the words", size=(10.4, 0.6))
    d.operation("sum", 7.3, 5.5, "weighted sum", size=(10.4, 0.5))
    for x, word, weight in zip(_COLUMNS, _WORDS, weights, strict=True):
        look = _DASHED if word == "pad" else _SOLID
        d.arrow(word, (x, 3.68), **look)
        d.arrow((x, 4.32), (x, 5.23), f"{weight:g}", shift=(-0.42, 0.0), **look)
        d.ax.plot([x + 0.45, x + 0.62, x + 0.62], [2.9, 2.9, 3.68], color="#555555", linewidth=1.0,
                  linestyle="--" if word == "pad" else "-", zorder=1)  # fmt: skip
        d.arrow((x + 0.62, 4.32), (x + 0.62, 5.23), linewidth=1.0, **look)
    d.text(1.1, 4.75, "weights $\\alpha$\n$(n, T)$")
    d.arrow((7.3, 5.76), (7.3, 6.08))
    d.text(8.0, 5.93, "$(n, d)$")


def _lstm(d: Diagram) -> None:
    before = ""
    for x, word in zip(_COLUMNS, _WORDS, strict=True):
        name, look = f"cell {word}", _DASHED if word == "pad" else _SOLID
        d.parameter(name, x, 4.6, "LSTM", size=(1.2, 0.8), fontsize=11, **look)
        d.arrow(word, name, **look)
        if before:
            d.arrow(before, name, r"$\mathbf{h},\mathbf{c}$", shift=(0.0, 0.28), **look)
        before = name
    d.arrow("cell film", (7.6, 6.08), "$(n, u)$", shift=(0.75, 0.05))
    d.text(12.2, 5.35, "skipped\nby the mask")


def _convolution(d: Diagram) -> None:
    windows = [(left + right) / 2 for left, right in zip(_COLUMNS[:-2], _COLUMNS[2:], strict=True)]
    for column, x in enumerate(windows):
        name, look = f"window {column}", _DASHED if column == 2 else _SOLID
        d.parameter(name, x, 4.2, "$W$, ReLU", size=(1.7, 0.6), fontsize=11, **look)
        for word in _WORDS[column : column + 3]:
            d.arrow(word, name, **(_DASHED if word == "pad" else _SOLID))
        d.arrow(name, (x, 5.13), **look)
    d.operation("max", 7.3, 5.4, "maximum over the windows", size=(6.6, 0.5))
    d.text(1.2, 4.2, "windows of 3\n$(n, T, u)$")
    d.arrow((7.3, 5.66), (7.3, 6.08))
    d.text(8.0, 5.86, "$(n, u)$")


def rating_histograms(texts: Mapping[str, npt.ArrayLike]) -> Figure:
    """Draw how many people gave a text each rating from -4 to 4, a panel for each text.

    Args:
        texts: by title, the ratings of one text.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(
        1, len(texts), figsize=(7, 2.4), sharex=True, sharey=True, squeeze=False
    )
    values = np.arange(-4, 5)
    for ax, (title, given) in zip(axes.flat, texts.items(), strict=True):
        ratings = np.asarray(given)
        ax.bar(values, [np.sum(ratings == value) for value in values], color="C0")
        ax.axvline(ratings.mean(), color="C1", linestyle="--", linewidth=1.6)
        ax.set_title(title, fontsize=11)
        ax.set_xticks(values[::2])
    axes[0, 0].set_ylabel("people")
    figure.supxlabel("rating", fontsize=12)
    return figure


def accuracy_by_size(
    sizes: Sequence[int], accuracies: Mapping[str, npt.ArrayLike], *, bound: float | None = None
) -> Figure:
    """Draw accuracy against the number of training examples: mean and standard error of draws.

    Args:
        sizes: numbers of examples, drawn on a logarithmic axis.
        accuracies: by model, (draws, sizes).
        bound: an accuracy to compare with, a dotted line.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7, 3.6))
    for column, (name, given) in enumerate(accuracies.items()):
        drawn = np.asarray(given, dtype=np.float64)
        error = drawn.std(axis=0, ddof=1) / np.sqrt(len(drawn))
        ax.errorbar(
            np.asarray(sizes) * 1.02**column, drawn.mean(axis=0), error, marker="osD^v"[column % 5],
            capsize=3, label=name,
        )  # fmt: skip
    if bound is not None:
        ax.axhline(bound, color="#555555", linestyle=":", linewidth=1.4)
    ax.set_xscale("log")
    ax.set_xticks(sizes, [f"{size:,}" for size in sizes])
    ax.minorticks_off()
    ax.set(xlabel="training examples", ylabel="accuracy")
    ax.legend(fontsize=10)
    return figure


def accuracy_by_group(
    groups: Sequence[str], accuracies: Mapping[str, tuple[npt.ArrayLike, npt.ArrayLike]]
) -> Figure:
    """Draw the accuracy in groups of texts, with its standard error, for several models.

    Args:
        groups: names, from left to right.
        accuracies: by model, mean and standard error in each group.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7, 3.2))
    for row, (name, (mean, error)) in enumerate(accuracies.items()):
        shift = 0.16 * (row - (len(accuracies) - 1) / 2)
        ax.errorbar(
            np.arange(len(groups)) + shift, np.asarray(mean), np.asarray(error), linestyle="none",
            marker="osD^v"[row % 5], capsize=3, label=name,
        )  # fmt: skip
    ax.set_xticks(range(len(groups)), groups)
    ax.set(ylabel="accuracy")
    ax.legend(fontsize=10)
    return figure


def reliability(
    probabilities: Mapping[str, npt.ArrayLike], labels: npt.ArrayLike, bins: int = 8
) -> Figure:
    """Draw, for bins of equally many texts, the share of label 1 against the mean probability.

    Args:
        probabilities: by model, (n,) of label 1.
        labels: (n,) 0 or 1, or the share of people who said 1.
        bins: how many.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(4.6, 4.0))
    truth = np.asarray(labels, dtype=np.float64)
    for row, (name, given) in enumerate(probabilities.items()):
        predicted = np.asarray(given, dtype=np.float64)
        parts = np.array_split(np.argsort(predicted), bins)
        ax.plot(
            [predicted[part].mean() for part in parts], [truth[part].mean() for part in parts],
            marker="osD^v"[row % 5], label=name,
        )  # fmt: skip
    ax.plot([0, 1], [0, 1], color="#555555", linestyle=":", linewidth=1.2)
    ax.set(xlabel="predicted probability", ylabel="share that is positive", aspect="equal")
    ax.legend(fontsize=10)
    return figure
