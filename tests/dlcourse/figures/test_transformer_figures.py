"""Figures of the transformer show what they are given."""

from __future__ import annotations

import numpy as np
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle

from dlcourse.figures import transformer_figures as figures


def test_a_mask_is_filled_where_a_query_sees_a_key() -> None:
    mask = np.tril(np.ones((3, 3), bool))
    (ax,) = figures.masks_diagram({"causal": mask}, ["a", "b", "c"]).axes
    filled = np.zeros((3, 3), bool)
    for square in ax.patches:
        assert isinstance(square, Rectangle)
        column, row = (int(place) for place in square.get_xy())
        filled[row, column] = to_rgba(square.get_facecolor())[3] > 0
    np.testing.assert_array_equal(filled, mask)


def test_a_cache_leaves_the_last_row_of_the_scores() -> None:
    counted = [
        sum(square.get_facecolor() == to_rgba("#D55E00") for square in ax.patches)
        for ax in figures.cache_diagram(4).axes
    ]
    assert counted == [10, 4]


def test_heads_show_their_size_and_number() -> None:
    (ax,) = figures.heads_diagram(64, 4).axes
    shown = [text.get_text() for text in ax.texts]
    assert "16 each" in shown
    assert "attention\nhead 4" in shown


def test_blocks_and_architectures_name_their_parts() -> None:
    (blocks,) = figures.blocks_diagram().axes
    shown = [text.get_text() for text in blocks.texts]
    assert shown.count("norm") == 4
    assert shown.count("attention") == shown.count("feed-forward") == 2
    (stacks,) = figures.architectures_diagram().axes
    assert [text.get_text() for text in stacks.texts].count("cross-attention") == 1


def test_a_curve_averages_groups_of_positions() -> None:
    curves = {"a": np.tile([1.0, 3.0], (2, 8))}
    (ax,) = figures.curves_by_position(curves, 4, group=4).axes
    x, y = ax.lines[0].get_data()
    np.testing.assert_array_equal(x, [2, 6, 10, 14])
    np.testing.assert_array_equal(y, 2)


def test_the_mean_of_the_seeds_is_marked_at_each_block() -> None:
    (ax,) = figures.gradient_sizes({"a": [[1.0, 2.0], [3.0, 4.0]]}).axes
    marked = [line for line in ax.lines if line.get_marker() == "o"]
    np.testing.assert_array_equal(marked[0].get_ydata(), [2, 3])
