"""Figures of tokens and of word vectors: how a word was merged, what skip-gram computes, a map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dlcourse.figures.diagrams import Diagram
from dlcourse.plots import MARKERS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["merge_tree", "skip_gram_diagram", "word_map"]

_ORANGE = "#D55E00"  # of arrows that multiply by parameters


def merge_tree(word: str, merges: Sequence[tuple[str, str]]) -> Figure:
    """Draw how byte-pair encoding cuts a word: characters below, a box for each merge above.

    Args:
        word: at least one character.
        merges: pairs of tokens in the order in which they were learned; each is applied from the
            left wherever it stands.

    Raises:
        ValueError: if the word is empty.
    """
    if not word:
        raise ValueError("merge_tree needs a word of at least one character.")
    row: list[tuple[str, float, str]] = [(c, 1.3 * i + 0.9, f"{i}") for i, c in enumerate(word)]
    steps = _merge_steps(word, merges)
    diagram = Diagram(1.3 * len(word) + 3.4, 1.1 * len(steps) + 1.2)
    for token, x, name in row:
        diagram.data(name, x, 0.6, token)
    for height, (number, pair) in enumerate(steps, start=1):
        y, joined = 0.6 + 1.1 * height, []
        while row:
            token, x, name = row.pop(0)
            if row and (token, row[0][0]) == pair:
                other, right, second = row.pop(0)
                token, x, made = token + other, (x + right) / 2, f"{name}+{second}"
                diagram.data(made, x, y, token, size=(0.5 + 0.32 * len(token), 0.6))
                diagram.arrow(name, made)
                diagram.arrow(second, made)
                name = made
            joined.append((token, x, name))
        row = joined
        diagram.text(1.3 * len(word) + 1.9, y, f"merge {number + 1}")
    return diagram.figure


def _merge_steps(word: str, merges: Sequence[tuple[str, str]]) -> list[tuple[int, tuple[str, str]]]:
    """The merges that change the word, with their numbers from 0."""
    tokens, steps = list(word), []
    for number, pair in enumerate(merges):
        at, before = 0, len(tokens)
        while at + 1 < len(tokens):
            if (tokens[at], tokens[at + 1]) == pair:
                tokens[at : at + 2] = ["".join(pair)]
            at += 1
        if len(tokens) < before:
            steps.append((number, pair))
    return steps


def skip_gram_diagram(centre: str, context: str, noise: Sequence[str]) -> Figure:
    """Draw skip-gram with negative sampling for one pair: two tables, inner products, targets.

    Args:
        centre: the word whose row of the first table is taken.
        context: a word that stands near it in the text.
        noise: words drawn at random.
    """
    height = 1.5 * (len(noise) + 1)
    d = Diagram(15.4, height + 0.9)
    middle = height / 2
    d.data("centre", 1.1, middle, centre, size=(1.8, 0.7))
    d.parameter("E", 4.0, middle, "$E$", size=(1.1, 1.9))
    d.data("v", 6.4, middle, r"$\mathbf{v}$")
    d.arrow("centre", "E", "one-hot", shift=(0.1, 0.3))
    d.arrow("E", "v", "row", color=_ORANGE, shift=(0.0, 0.3))
    d.text(4.0, middle - 1.25, r"$V \times d$")
    d.parameter("C", 11.2, middle, "$C$", size=(1.1, height - 0.3))
    d.text(11.2, height + 0.35, r"$V \times d$")
    for place, word in enumerate([context, *noise]):
        y, name = height - 0.75 - 1.5 * place, f"word {place}"
        d.data(name, 13.9, y, word, size=(1.9, 0.7))
        d.operation(f"sigma {place}", 8.6, y, r"$\sigma(\mathbf{v} \cdot \mathbf{c})$",
                    size=(1.9, 0.8))  # fmt: skip
        d.arrow(name, (11.75, y))
        d.arrow((10.65, y), f"sigma {place}", color=_ORANGE)
        d.arrow("v", f"sigma {place}")
        d.text(9.2, y - 0.62, "target 1" if place == 0 else "target 0", fontsize=9)
    return d.figure


def word_map(
    vectors: npt.ArrayLike, words: Sequence[str], groups: Mapping[str, Sequence[str]]
) -> Figure:
    """Draw words at the first two principal axes of their directions, a marker for each group.

    Args:
        vectors: (words, d), d at least 2. Only directions count, and only of the groups' words.
        words: the word of each row.
        groups: by name, the words of a group.

    Raises:
        KeyError: if a group's word is none of `words`.
    """
    import matplotlib.pyplot as plt

    row = {word: number for number, word in enumerate(words)}
    names = [word for members in groups.values() for word in members]
    chosen = np.asarray(vectors, dtype=np.float64)[[row[word] for word in names]]
    chosen /= np.linalg.norm(chosen, axis=1, keepdims=True)
    axes = np.linalg.svd(chosen - chosen.mean(axis=0), full_matrices=False)[2][:2]
    places = dict(zip(names, chosen @ axes.T, strict=True))
    figure, ax = plt.subplots(figsize=(7, 5.2))
    for number, (name, members) in enumerate(groups.items()):
        ax.plot(
            *np.array([places[word] for word in members]).T, linestyle="none",
            marker=MARKERS[number % len(MARKERS)], color=f"C{number}", label=name, markersize=6,
        )  # fmt: skip
        for word in members:
            ax.annotate(word, places[word], xytext=(4, 3), textcoords="offset points", fontsize=8)
    ax.set(xlabel="first axis", ylabel="second axis")
    ax.legend(fontsize=9, ncols=2)
    return figure
