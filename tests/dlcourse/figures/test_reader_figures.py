"""Figures of the fourth project show what its page says that they show."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcourse.figures.reader_figures import (
    confidence,
    project_diagram,
    shares_and_answers,
    sharpened,
    skills_by_labels,
)


def test_the_diagram_names_what_is_frozen_and_what_is_trained() -> None:
    found = " ".join(text.get_text() for text in project_diagram().axes[0].texts)
    for word in ("sentences", "frozen", "adapters", "head", "probabilities", "shares"):
        assert word in found


def test_every_run_is_a_point_and_means_are_joined() -> None:
    skills = {"one": {128: [0.1, 0.3], 512: [0.4, 0.6]}, "two": {128: [0.2, 0.2]}}
    ax: Any = skills_by_labels(skills).axes[0]
    lines = [line.get_ydata() for line in ax.lines]
    assert np.allclose(lines[0], [0.2, 0.5])
    assert np.allclose(lines[1], [0.1, 0.3])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["one", "two"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["128", "512"]


def test_bins_hold_equally_many_sentences() -> None:
    p = np.array([0.1, 0.9, 0.2, 0.8])
    ax: Any = confidence({"one": p}, [0.0, 1.0, 0.5, 0.5], bins=2).axes[0]
    assert np.allclose(ax.lines[1].get_xdata(), [0.15, 0.85])
    assert np.allclose(ax.lines[1].get_ydata(), [0.25, 0.75])


def test_skills_stand_above_their_factors() -> None:
    ax: Any = sharpened({"one": [0.1, 0.5, -0.2]}, [0.5, 1, 2]).axes[0]
    assert np.allclose(ax.lines[0].get_xdata(), [0.5, 1, 2])
    assert np.allclose(ax.lines[0].get_ydata(), [0.1, 0.5, -0.2])


def test_bars_fill_the_row_and_texts_stand_above_them() -> None:
    shares = np.array([[0.2, 0.1, 0.7], [0.5, 0.5, 0.0]])
    verdicts = ("against", "neither", "for")
    ax: Any = shares_and_answers(["Good.", "Bad."], shares, shares[::-1], verdicts).axes[0]
    assert [text.get_text() for text in ax.texts] == ["Good.", "Bad."]
    widths = np.array([patch.get_width() for patch in ax.patches])
    assert np.isclose(widths.sum(), 4)
    assert np.allclose(widths[:2], shares[:, 0])
