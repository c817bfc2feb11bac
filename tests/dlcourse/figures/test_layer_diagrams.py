"""Diagrams of layers: what they say is computed from what they are given."""

from __future__ import annotations

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Rectangle

from dlcourse.figures.layer_diagrams import (
    convolution_diagram,
    graph_diagram,
    matrices_diagram,
)


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def test_a_graph_shows_the_derivative_of_the_squared_error_at_each_edge() -> None:
    x, w, b, y = 2.0, 3.0, 1.0, 4.0
    shown = texts(graph_diagram(x, w, b, y))

    def loss(x: float, w: float, b: float, y: float) -> float:
        return (w * x + b - y) ** 2

    h = 1e-4
    for name, step in {
        "x": (h, 0, 0, 0),
        "w": (0, h, 0, 0),
        "b": (0, 0, h, 0),
        "y": (0, 0, 0, h),
    }.items():
        above = loss(x + step[0], w + step[1], b + step[2], y + step[3])
        below = loss(x - step[0], w - step[1], b - step[2], y - step[3])
        assert rf"$\bar{{{name}}} = {round((above - below) / (2 * h), 6):g}$" in shown


def test_matrices_are_to_scale_and_inner_sides_agree() -> None:
    figure = matrices_diagram([64, 32, 10], ["ReLU", "softmax"])
    boxes = [p for p in figure.axes[0].patches if isinstance(p, FancyBboxPatch)]
    read, weights = boxes[:2]
    assert read.get_width() == pytest.approx(weights.get_height())
    assert weights.get_height() == pytest.approx(2 * weights.get_width())
    assert r"$W^{(2)}$: $32 \times 10$" in texts(figure)


def test_a_network_without_an_activation_for_each_layer_is_refused() -> None:
    with pytest.raises(ValueError, match="2 layers need as many activations, got 1"):
        matrices_diagram([4, 3, 2], ["ReLU"])


def test_a_convolution_marks_the_window_on_every_channel_and_one_number_of_one_map() -> None:
    drawn = convolution_diagram(channels=3, kernels=4, width=6)
    marked = [
        patch
        for patch in drawn.axes[0].patches
        if isinstance(patch, Rectangle) and mpl.colors.to_hex(patch.get_facecolor()) == "#f0b27a"
    ]
    assert len(marked) == 3 * 9 + 1
    assert r"$+\;b_{4}$" in texts(drawn)
