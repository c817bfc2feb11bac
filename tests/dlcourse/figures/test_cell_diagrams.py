"""Diagrams of gated cells."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pytest
from matplotlib.figure import Figure

from dlcourse.figures.cell_diagrams import (
    bidirectional_diagram,
    gru_diagram,
    lstm_diagram,
    stacked_diagram,
)


def texts(figure: Figure) -> str:
    written = [text.get_text() for text in figure.axes[0].texts]
    plt.close(figure)
    return " ".join(written)


@pytest.mark.parametrize("letter", "figo")
def test_the_lstm_has_parameters_for_each_of_its_four_layers(letter: str) -> None:
    assert rf"$W_{letter},\,U_{letter},$" in texts(lstm_diagram())


def test_the_gru_resets_after_the_product_and_so_has_a_second_bias() -> None:
    assert r"\mathbf{b}'_h" in texts(gru_diagram())


def test_as_many_steps_are_drawn_as_were_asked_for() -> None:
    for draw in (stacked_diagram, bidirectional_diagram):
        written = texts(draw(3))
        assert r"\mathbf{x}_3" in written
        assert r"\mathbf{x}_4" not in written
