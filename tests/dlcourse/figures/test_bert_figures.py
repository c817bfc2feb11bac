"""Figures of a pretrained encoder show what they are given."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.text import Text

from dlcourse.figures import bert_figures as figures
from dlcourse.figures.bert_figures import depth_and_pooling


def written(figure: Figure) -> list[str]:
    """All texts in a figure."""
    figure.canvas.draw()
    found = [artist for artist in figure.findobj() if isinstance(artist, Text)]
    return [text.get_text() for text in found if text.get_text()]


def test_the_encoder_is_drawn_with_each_token_once() -> None:
    tokens = ("[CLS]", "dull", "[SEP]")
    shown = written(figures.encoder_diagram(tokens))
    assert [shown.count(token) for token in tokens] == [1, 1, 1]
    assert {"block,\n6 times", "mean over tokens"} <= set(shown)


def test_masking_hides_one_character_and_asks_for_the_true_ones() -> None:
    shown = written(figures.masking_diagram("to be", masked=4, changed=1))
    assert [shown.count(name) for name in ("[M]", "q", "e", "o", "t")] == [1, 1, 1, 1, 1]


def test_the_matrix_that_stays_is_no_parameter_of_lora() -> None:
    figure = figures.lora_diagram()
    assert any("stays as it is" in text for text in written(figure))
    assert sum(bool(box.get_hatch()) for box in figure.axes[0].patches) == 2


def test_each_pooling_has_a_line_over_the_blocks() -> None:
    accuracies = {"mean": np.linspace(0.6, 0.8, 6), "[CLS]": np.linspace(0.5, 0.7, 6)}
    figure = depth_and_pooling(accuracies, np.full(6, 0.02))
    (ax,) = figure.axes
    assert {"mean", "[CLS]"} <= set(written(figure))
    np.testing.assert_array_equal(ax.lines[-1].get_xdata(), np.arange(1, 7))
