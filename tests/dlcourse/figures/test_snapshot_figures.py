"""Figures of the ninth project show what its page says that they show."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcourse.figures.snapshot_figures import (
    accuracies_by_approach,
    accuracies_by_bursts,
    project_diagram,
    two_measurements,
)


def test_the_diagram_names_the_steps() -> None:
    found = " ".join(text.get_text() for text in project_diagram().axes[0].texts)
    for word in ("files", "upright", "bursts", "folds", "frozen network", "refusal"):
        assert word in found


def test_every_run_is_a_point_and_every_approach_has_its_mean() -> None:
    ax: Any = accuracies_by_approach({"one": [0.2, 0.3], "two": [0.5, 0.6, 0.7]}, 0.2).axes[0]
    assert [len(line.get_xdata()) for line in ax.lines[:2]] == [2, 3]
    means = [collection.get_segments()[0][0, 0] for collection in ax.collections]
    assert np.allclose(means, [0.25, 0.6])


def test_accuracies_by_bursts_have_their_standard_errors() -> None:
    runs = np.array([[0.2, 0.5], [0.4, 0.5]])
    ax: Any = accuracies_by_bursts({"one": runs}, (1, 2), 0.2).axes[0]
    bar = ax.containers[0].lines[2][0].get_segments()[0]
    assert np.allclose(bar[:, 1], [0.2, 0.4])
    assert np.allclose(ax.containers[0].lines[0].get_ydata(), [0.3, 0.5])


def test_each_way_has_a_panel_with_its_runs_and_their_mean() -> None:
    pairs = {"a": [[0.9, 0.4], [0.7, 0.2]], "b": [[0.5, 0.5]]}
    axes: Any = two_measurements(pairs, ("then", "now"), 0.2).axes
    assert [ax.get_title() for ax in axes] == ["a", "b"]
    assert np.allclose(axes[0].lines[2].get_ydata(), [0.8, 0.3])
    assert [label.get_text() for label in axes[1].get_xticklabels()] == ["then", "now"]
