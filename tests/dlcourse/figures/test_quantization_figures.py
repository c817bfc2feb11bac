"""Figures of quantization show what they were given."""

from __future__ import annotations

import numpy as np
from matplotlib.container import ErrorbarContainer
from matplotlib.figure import Figure
from matplotlib.text import Annotation

from dlcourse.figures import quantization_figures as figures


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def test_each_number_points_to_the_place_where_it_is_stored() -> None:
    figure = figures.grid_of_numbers([0.1, 2.9], [-1, 0, 1], [-0.5, 0.0, 0.5], [0, 1])
    arrows = [text for text in figure.axes[0].texts if isinstance(text, Annotation)]
    assert [arrow.xy[0] for arrow in arrows] == [0.0, 0.5]
    assert {"0.1", "2.9", "-1", "-0.5"} <= set(texts(figure))


def test_the_integer_layer_says_what_is_known_before_any_input() -> None:
    shown = texts(figures.integer_layer_diagram())
    assert {r"$q_b - z_x \sum q_w$", "$M = s_x s_w / s_y$", "known before any input"} <= set(shown)
    assert shown.count("int32") == 3


def test_the_gradient_goes_around_rounding() -> None:
    shown = texts(figures.straight_through_diagram())
    assert {"round", "as if round were not there", "0 where clipped"} <= set(shown)


def test_measured_points_lie_beside_their_predicted_line() -> None:
    bits = np.arange(2, 5)
    figure = figures.noise_against_bits(
        {"a": bits * 6, "b": bits}, bits, {"a": bits * 6, "b": bits}
    )
    line, points = figure.axes[0].lines[:2]
    assert line.get_color() == points.get_color()
    np.testing.assert_array_equal(np.asarray(line.get_ydata()), np.asarray(points.get_ydata()))


def test_a_panel_for_each_calibration_with_a_line_for_each_rule() -> None:
    ranges = {"clean": {"min/max": 3.0, "99 %": 2.0}, "outlier": {"min/max": 30.0, "99 %": 2.5}}
    figure = figures.ranges_of_activations(np.linspace(0, 3, 50), ranges)
    assert [ax.get_title() for ax in figure.axes] == ["clean", "outlier"]
    assert [np.asarray(line.get_xdata())[0] for line in figure.axes[1].lines] == [30.0, 2.5]


def test_accuracies_are_means_with_standard_errors() -> None:
    found = {"one": {8: [0.9, 1.0], 2: [0.4, 0.6]}}
    figure = figures.accuracy_against_bits(found, [0.94, 0.96])
    ax = figure.axes[0]
    bars = next(c for c in ax.containers if isinstance(c, ErrorbarContainer))
    np.testing.assert_allclose(np.asarray(bars.lines[0].get_ydata()), [0.95, 0.5])
    np.testing.assert_allclose(np.asarray(ax.lines[0].get_ydata()), 0.95)
    segments = bars.lines[2][0].get_segments()
    np.testing.assert_allclose(segments[1][:, 1], [0.4, 0.6])
    assert list(ax.get_xticks()) == [2, 8]
