"""Figures of the fourth project: how sentences become probabilities, and how good these are.

Importing this module is cheap; matplotlib is imported when something is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dlcourse.figures.diagrams import Diagram

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["confidence", "project_diagram", "shares_and_answers", "sharpened", "skills_by_labels"]

_MARKERS = ("o", "s", "^", "D")
_VERDICT_LOOKS = (("#D55E00", "//"), ("#BBBBBB", ""), ("#0072B2", "\\\\"))


def project_diagram() -> Figure:
    """Draw what is frozen, what is trained, and what is measured."""
    diagram = Diagram(15.0, 5.6)
    small = {"fontsize": 11}
    diagram.data("sentences", 1.6, 4.3, "sentences", size=(2.3, 0.9), **small)
    diagram.operation("lower", 5.2, 4.3, "four blocks,\nfrozen", size=(2.3, 1.1), **small)
    diagram.data("states", 9.0, 4.3, "states,\ncomputed once", size=(3.1, 1.1), **small)
    diagram.parameter("block", 13.0, 4.3, "fifth block,\nadapters", size=(2.5, 1.1), **small)
    diagram.parameter("head", 13.0, 1.4, "mean, head", size=(2.6, 0.9), **small)
    diagram.data("p", 8.6, 1.4, "probabilities", size=(2.4, 0.9), **small)
    diagram.operation("loss", 4.9, 1.4, "cross-\nentropy", size=(1.9, 1.1), **small)
    diagram.data("readers", 1.6, 1.4, "readers'\nshares", size=(2.1, 1.1), **small)
    diagram.arrow("sentences", "lower")
    diagram.arrow("lower", "states")
    diagram.arrow("states", "block")
    diagram.arrow("block", "head", "$(n, 18, 384)$", shift=(-1.35, 0.0))
    diagram.arrow("head", "p", "$(n, 3)$", shift=(0.0, 0.45))
    diagram.arrow("p", "loss")
    diagram.arrow("readers", "loss")
    return diagram.figure


def skills_by_labels(skills: Mapping[str, Mapping[int, Sequence[float]]]) -> Figure:
    """Draw each run's skill against the number of labels, and the mean of an approach as a line.

    Args:
        skills: of each approach and number of labels the skills of its runs.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7.2, 3.8))
    shifts = np.exp(0.05 * (np.arange(len(skills)) - (len(skills) - 1) / 2))
    for shift, marker, (name, runs) in zip(shifts, cycle(_MARKERS), skills.items(), strict=False):
        labels = np.array(sorted(runs))
        means = [float(np.mean(runs[n])) for n in labels]
        (line,) = ax.plot(labels * shift, means, marker, ls="-", ms=8, label=name)
        for n in labels:
            ax.plot(np.full(len(runs[n]), n * shift), runs[n], marker, ms=4, alpha=0.5,
                    color=line.get_color())  # fmt: skip
    ticks = sorted({n for runs in skills.values() for n in runs})
    ax.set_xscale("log")
    ax.minorticks_off()
    ax.set_xticks(ticks, [f"{n:,}" for n in ticks])
    ax.set(xlabel="sentences with labels", ylabel="skill, validation sentences")
    ax.axhline(0, color="0.5", ls=":")
    ax.legend(frameon=False)
    return figure


def confidence(
    answers: Mapping[str, npt.ArrayLike], shares: npt.ArrayLike, bins: int = 8
) -> Figure:
    """Draw the share of readers who said "for" against the probability of it, in equal bins.

    Args:
        answers: of each approach the probabilities of "for", (n,).
        shares: of each sentence the share of its readers, (n,).
        bins: how many bins of equally many sentences.
    """
    import matplotlib.pyplot as plt

    truth = np.asarray(shares, float)
    figure, ax = plt.subplots(figsize=(5.2, 4.2))
    ax.plot([0, 1], [0, 1], color="0.5", ls=":")
    for marker, (name, answer) in zip(cycle(_MARKERS), answers.items(), strict=False):
        p = np.asarray(answer, float)
        rows = np.array_split(np.argsort(p), bins)
        ax.plot([p[r].mean() for r in rows], [truth[r].mean() for r in rows], marker, ls="-",
                label=name)  # fmt: skip
    ax.set(xlim=(0, 1), ylim=(0, 1), xlabel='probability of "for"', ylabel='readers who said "for"')
    ax.legend(frameon=False)
    return figure


def sharpened(skills: Mapping[str, Sequence[float]], factors: Sequence[float]) -> Figure:
    """Draw the skill when all logits are multiplied by a factor.

    Args:
        skills: of each approach, one for each factor.
        factors: more than 1 is surer.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7.2, 3.4))
    for marker, (name, values) in zip(cycle(_MARKERS), skills.items(), strict=False):
        ax.plot(factors, values, marker, ls="-", label=name)
    ax.axvline(1, color="0.5", ls=":")
    ax.axhline(0, color="0.5", ls=":")
    ax.set_xscale("log")
    ax.minorticks_off()
    ax.set_xticks(list(factors), [f"{f:g}" for f in factors])
    ax.set(xlabel="factor on the logits (more is surer)", ylabel="skill")
    ax.legend(frameon=False)
    return figure


def shares_and_answers(
    texts: Sequence[str], shares: npt.ArrayLike, answers: npt.ArrayLike, verdicts: Sequence[str]
) -> Figure:
    """Draw for each text what its readers said (upper bar) and what a network says (lower bar).

    Args:
        texts: n short texts.
        shares: (n, k) of the readers.
        answers: (n, k) probabilities.
        verdicts: k names.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7.2, 0.62 * len(texts) + 0.9))
    for values, shift in ((np.asarray(shares), -0.11), (np.asarray(answers), 0.11)):
        left = np.zeros(len(texts))
        for k, (verdict, (colour, hatch)) in enumerate(zip(verdicts, _VERDICT_LOOKS, strict=True)):
            ax.barh(np.arange(len(texts)) + shift + 0.2, values[:, k], 0.2, left=left,
                    color=colour, hatch=hatch, edgecolor="white", lw=0.5,
                    label=verdict if shift < 0 else None)  # fmt: skip
            left = left + values[:, k]
    for place, text in enumerate(texts):
        ax.text(0, place - 0.12, text, va="center", fontsize=9)
    ax.set(ylim=(len(texts) - 0.3, -0.5), xlim=(0, 1), yticks=[])
    ax.set(xlabel="share of readers (upper bar), probability (lower bar)")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(verdicts), frameon=False)
    return figure
