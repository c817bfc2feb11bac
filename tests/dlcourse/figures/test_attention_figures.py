"""Figures of attention show what the chapter says that they show."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from dlcourse.figures.attention_figures import (
    draw_alignments,
    draw_blocks,
    draw_lookup,
    draw_scores,
    draw_smoothing,
    draw_spread,
    draw_training,
)


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def test_one_query_meets_every_key_and_each_weight_its_value() -> None:
    found = texts(draw_lookup(4))
    assert found.count("score") == 4
    assert {r"$\mathbf{k}_4$", r"$\mathbf{v}_4$", "$a_4$"} <= set(found)


def test_two_of_the_three_scores_have_matrices() -> None:
    found = texts(draw_scores())
    assert found.count("$W$") == found.count("$U$") == 2
    assert found.count("$s$") == 3


def test_three_numbers_go_from_block_to_block() -> None:
    assert texts(draw_blocks()).count(r"$m, \ell, \mathbf{o}$") == 2


def test_each_bandwidth_has_a_panel() -> None:
    line = np.zeros(5)
    figure = draw_smoothing(np.zeros(3), np.ones(3), line, line, {"h = 2": line, "h = 1": line})
    assert [ax.get_title() for ax in figure.axes] == ["h = 2", "h = 1"]


def test_entropy_and_slope_are_drawn_for_each_score() -> None:
    measured = {"plain": {"entropy": [1.0, 0.5], "slope": [0.9, 0.1]}}
    entropy, slope = draw_spread((1, 4), measured, 2.0).axes
    assert np.array_equal(entropy.lines[0].get_ydata(), [1.0, 0.5])
    assert np.array_equal(slope.lines[0].get_ydata(), [0.9, 0.1])


def test_the_error_after_training_is_a_mean_over_seeds() -> None:
    errors = {("scaled", d): np.array([[0.1, 0.3], [0.2, 0.6]]) for d in (4, 8)}
    first, _ = draw_training((4, 8), (0.01, 0.1), errors, 0.05).axes
    assert np.allclose(first.lines[0].get_ydata(), [0.2, 0.4])


def test_an_alignment_has_a_panel_for_each_network_and_a_column_for_each_letter() -> None:
    figure = draw_alignments(
        {"dot": (np.eye(3), ["A", "B", "end"]), "additive": (np.eye(3), ["A", "C", "end"])}, "abc"
    )
    labels = [[text.get_text() for text in ax.get_xticklabels()] for ax in figure.axes[:2]]
    assert labels == [list("abc")] * 2
