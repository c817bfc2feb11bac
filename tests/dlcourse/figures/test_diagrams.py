"""Diagrams: each kind of box looks its own, and arrows join what they name."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from dlcourse.figures.diagrams import Diagram, unrolled_rnn


@pytest.fixture
def diagram() -> Iterator[Diagram]:
    made = Diagram(6, 2)
    made.data("x", 1, 1, "$x_t$")
    made.operation("cell", 3, 1, size=(1.2, 0.8))
    made.parameter("W", 5, 1)
    yield made
    plt.close(made.figure)


def boxes(diagram: Diagram) -> list[FancyBboxPatch]:
    return [patch for patch in diagram.ax.patches if isinstance(patch, FancyBboxPatch)]


def texts(diagram: Diagram) -> list[str]:
    return [text.get_text() for text in diagram.ax.texts]


def test_a_unit_is_as_long_in_both_directions(diagram: Diagram) -> None:
    width, height = diagram.figure.get_size_inches()
    assert width == pytest.approx(3 * height)


def test_kinds_differ_without_colour(diagram: Diagram) -> None:
    looks = [(type(b.get_boxstyle()).__name__, b.get_hatch()) for b in boxes(diagram)]
    assert len(set(looks)) == 3


def test_a_box_is_centred_on_its_place_and_shows_its_text_or_its_name(diagram: Diagram) -> None:
    cell = boxes(diagram)[1]
    assert cell.get_x() + cell.get_width() / 2 == pytest.approx(3)
    assert cell.get_y() + cell.get_height() / 2 == pytest.approx(1)
    assert texts(diagram) == ["$x_t$", "cell", "W"]


def test_an_arrow_ends_at_the_edges_of_its_boxes(diagram: Diagram) -> None:
    diagram.arrow("x", "cell", "(n, d)")
    diagram.figure.canvas.draw()
    (arrow,) = (p for p in diagram.ax.patches if isinstance(p, FancyArrowPatch))
    path = arrow.get_path()
    drawn = np.asarray(path.vertices)[np.asarray(path.codes) != path.CLOSEPOLY, 0]
    assert drawn.min() == pytest.approx(1.45, abs=0.06)
    assert drawn.max() == pytest.approx(2.4, abs=0.06)
    assert texts(diagram)[-1] == "(n, d)"


def test_an_arrow_to_an_unknown_box_names_the_known_ones(diagram: Diagram) -> None:
    with pytest.raises(KeyError, match="no box 'y'; it has: x, cell, W"):
        diagram.arrow("x", "y")


@pytest.mark.parametrize("steps", [2, 4])
def test_an_unrolled_network_has_a_box_a_step_and_the_same_weights_at_each(steps: int) -> None:
    drawn = unrolled_rnn(steps)
    shown = texts(drawn)
    assert shown.count(r"$\tanh$") == steps + 1  # and the loop
    assert shown.count("$W$") == shown.count("$U$") == steps + 1
    plt.close(drawn.figure)


def test_an_unrolled_network_of_one_step_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 2 steps"):
        unrolled_rnn(1)
