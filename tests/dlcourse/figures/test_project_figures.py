"""Runs of approaches are drawn in rows, with their means."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from dlcourse.figures.project_figures import MARKERS, runs_in_rows


def test_each_approach_has_a_row_with_its_runs_and_their_mean() -> None:
    ax: Any = plt.subplots()[1]
    runs_in_rows(ax, {"one": [0.2, 0.4], "two": np.array([0.5, 0.6, 0.7])})
    assert [line.get_xydata().tolist() for line in ax.lines] == [
        [[0.2, 0], [0.4, 0]],
        [[0.5, 1], [0.6, 1], [0.7, 1]],
    ]
    means = [collection.get_segments()[0][0, 0] for collection in ax.collections]
    assert np.allclose(means, [0.3, 0.6])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["one", "two"]
    bottom, top = ax.get_ylim()
    assert bottom > top  # the first approach stands above


def test_markers_begin_anew_after_the_last() -> None:
    ax: Any = plt.subplots()[1]
    runs_in_rows(ax, {str(k): [0.5] for k in range(len(MARKERS) + 1)})
    assert [line.get_marker() for line in ax.lines] == [*MARKERS, MARKERS[0]]
