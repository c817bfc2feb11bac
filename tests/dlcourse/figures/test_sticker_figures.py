"""Figures of the first project show what its page says that they show."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcourse.figures.sticker_figures import (
    confusion_map,
    project_diagram,
    recalls_by_approach,
    recalls_by_category,
)

CATEGORIES = ("Flags", "Food & Drink", "Objects")


def texts(ax: Any) -> str:
    return " ".join(text.get_text() for text in ax.texts)


def test_the_diagram_names_what_is_split_and_what_is_learned() -> None:
    found = texts(project_diagram().axes[0])
    for word in ("families", "split", "held out", "photograph", "network", "recall"):
        assert word in found


def test_every_run_is_a_point_and_every_approach_has_its_mean() -> None:
    ax: Any = recalls_by_approach({"one": [0.2, 0.3], "two": [0.5, 0.6, 0.7]}).axes[0]
    points = [line.get_xdata() for line in ax.lines[:2]]
    assert [len(p) for p in points] == [2, 3]
    means = [collection.get_segments()[0][0, 0] for collection in ax.collections]
    assert np.allclose(means, [0.25, 0.6])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["one", "two"]


def test_recalls_have_their_standard_errors() -> None:
    runs = np.array([[0.2, 0.5, 0.9], [0.4, 0.5, 0.7]])
    ax: Any = recalls_by_category({"one": runs}, CATEGORIES).axes[0]
    bar = ax.containers[0].lines[2][0].get_segments()[0]
    assert np.allclose(bar[:, 0], [0.2, 0.4])
    assert np.allclose(ax.containers[0].lines[0].get_xdata(), runs.mean(axis=0))


def test_the_map_shows_counts_and_leaves_zeros_out() -> None:
    ax: Any = confusion_map([[3, 1, 0], [0, 2, 0], [0, 0, 0]], CATEGORIES).axes[0]
    assert sorted(text.get_text() for text in ax.texts) == ["1", "2", "3"]
    shares = np.array([[0.75, 0.25, 0], [0, 1, 0], [0, 0, 0]])
    assert np.allclose(ax.images[0].get_array(), shares)
