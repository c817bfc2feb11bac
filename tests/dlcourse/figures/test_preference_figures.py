"""Figures of learning from preferences show what the chapter says that they show."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcourse.figures.preference_figures import draw_overoptimization, draw_preference_training


def test_the_diagram_has_both_ways_from_comparisons_to_the_policy() -> None:
    ax: Any = draw_preference_training().axes[0]
    found = " ".join(text.get_text() for text in ax.texts)
    for word in ("comparisons", "reward model", "reference", "policy gradient", "DPO"):
        assert word in found


def test_lines_are_means_of_the_fits_and_bands_reach_their_extremes() -> None:
    kl, gains = np.arange(4.0), np.arange(12.0).reshape(3, 4)
    figure: Any = draw_overoptimization({"one": (kl, gains, -gains), "two": (kl, gains, gains)})
    assert [ax.get_title() for ax in figure.axes] == ["one", "two"]
    learned, true = figure.axes[0].lines
    assert learned.get_ydata().tolist() == gains.mean(axis=0).tolist()
    assert true.get_ydata().tolist() == (-gains.mean(axis=0)).tolist()
    assert figure.axes[0].collections[0].get_paths()[0].vertices[:, 1].max() == gains.max()
