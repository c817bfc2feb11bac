"""Figures of sequence to sequence show what the chapter says that they show."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from dlcourse.figures.seq2seq_figures import (
    draw_alignments,
    draw_by_length,
    draw_encoder_decoder,
    draw_tiny_tree,
)


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def test_the_decoder_is_fed_what_it_writes_one_step_later() -> None:
    found = texts(draw_encoder_decoder(("a", "x"), ("AE", "K", "S")))
    for symbol in ("AE", "K", "S"):
        assert found.count(symbol) == 2
    assert found.count("<") == found.count(">") == 1
    assert found.count("GRU") == 2 + 4


def test_the_tiny_tree_multiplies_along_its_ways() -> None:
    found = " ".join(texts(draw_tiny_tree()))
    for product in ("0.33", "0.27", "0.04", "0.36"):
        assert product in found


def test_an_alignment_has_a_column_for_each_letter() -> None:
    weights = [np.full((2, 3), 1 / 3), np.eye(4)]
    figure = draw_alignments(weights, ["abc", "wxyz"], [["B", "end"], ["A", "B", "C", "end"]])
    labels = [[text.get_text() for text in ax.get_xticklabels()] for ax in figure.axes[:2]]
    assert labels == [list("abc"), list("wxyz")]


def test_lengths_with_few_words_are_left_out() -> None:
    lengths = np.repeat([3, 4, 5], [50, 60, 10])
    marks = np.stack([lengths == 3, lengths < 5]).astype(float)
    (ax,) = draw_by_length({"one": marks, "other": marks}, lengths).axes
    line = ax.containers[0][0]
    assert line.get_xdata() == pytest.approx([2.94, 3.94])
    assert line.get_ydata() == pytest.approx([1.0, 0.5])
