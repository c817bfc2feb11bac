"""Figures of the third project show what its page says that they show."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcourse.figures.style_figures import project_diagram, scores_by_approach, scores_plane


def test_the_diagram_names_what_makes_and_what_judges() -> None:
    found = " ".join(text.get_text() for text in project_diagram().axes[0].texts)
    for word in ("contents", "styles", "stylize", "VGG16", "Lite0", "taken", "kept", "smaller"):
        assert word in found


def test_every_draw_is_a_point_and_every_approach_has_its_mean() -> None:
    ax: Any = scores_by_approach({"one": [0.2, 0.3], "two": [0.5, 0.6, 0.7]}).axes[0]
    assert [len(line.get_xdata()) for line in ax.lines[:2]] == [2, 3]
    means = [collection.get_segments()[0][0, 0] for collection in ax.collections]
    assert np.allclose(means, [0.25, 0.6])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["one", "two"]


def test_the_plane_has_each_pair_and_lines_of_equal_scores() -> None:
    ax: Any = scores_plane({"one": ([0.2, 0.3], [0.8, 0.9]), "two": ([0.6], [0.5])}).axes[0]
    assert [line.get_xydata().tolist() for line in ax.lines] == [
        [[0.2, 0.8], [0.3, 0.9]],
        [[0.6, 0.5]],
    ]
    # On the line of the score 0.5 the point with equal coordinates is (0.5, 0.5); a label cuts it.
    lines = dict(zip(np.round(ax.collections[0].levels, 1), ax.collections[0].allsegs, strict=True))
    assert np.min(np.abs(np.concatenate(lines[0.5]) - 0.5).sum(axis=1)) < 0.02
