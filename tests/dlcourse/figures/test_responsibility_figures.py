"""Figures of responsibility show what they were given."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D

from dlcourse.figures import responsibility_figures as figures


def drawn(line: Line2D) -> list[list[float]]:
    x, y = np.asarray(line.get_xdata(), float), np.asarray(line.get_ydata(), float)
    return [[float(a), float(b)] for a, b in zip(x, y, strict=True)]


def bars(ax: Axes) -> list[np.ndarray]:
    """The ends (2, 2) of each error bar."""
    (lines,) = (c for c in ax.collections if isinstance(c, LineCollection))
    return [np.asarray(segment) for segment in lines.get_segments()]


def test_people_stand_at_both_ends_of_the_way() -> None:
    shown = [text.get_text() for text in figures.duties_diagram().axes[0].texts]
    assert {"people\nwith data", "people\nconcerned", "network", "fairness"} <= set(shown)


def test_each_group_has_its_count_beside_it() -> None:
    both = {"one": (0.5, 0.4, 0.7), "two": (0.2, 0.1, 0.3)}
    ax = figures.group_intervals({"flags": both, "food": both}, {"flags": 7, "food": 9}).axes[0]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["flags (7)", "food (9)"]


def test_an_interval_reaches_from_its_lower_to_its_upper_end() -> None:
    ax = figures.group_intervals({"flags": {"one": (0.5, 0.4, 0.7)}}, {"flags": 7}).axes[0]
    (ends,) = bars(ax)
    assert ends[:, 0] == pytest.approx([0.4, 0.7])


def test_a_choice_has_a_point_for_each_group() -> None:
    curve = ([0, 1], [0, 1])
    figure = figures.threshold_curves(
        {"a": curve, "b": curve}, {"one threshold": {"a": (0.1, 0.9), "b": (0.2, 0.6)}}
    )
    points = [drawn(line) for line in figure.axes[0].lines]
    assert [[0.1, 0.9]] in points
    assert [[0.2, 0.6]] in points


def test_rates_of_zero_are_not_drawn_on_axes_of_logarithms() -> None:
    figure = figures.membership_curves({"a": ([0, 0.1, 1], [0.2, 0.3, 1])})
    false = np.asarray(figure.axes[0].lines[0].get_xdata(), float)
    assert np.isnan(false[0])
    assert false[1:] == pytest.approx([0.1, 1])


def test_a_bound_is_drawn_only_where_there_is_one() -> None:
    curves = {"a": ([0.1, 1], [0.3, 1])}
    without, with_one = (
        len(figures.membership_curves(curves, bound).axes[0].lines)
        for bound in (None, ([0.1, 1], [0.5, 1]))
    )
    assert with_one == without + 1


def test_the_error_is_that_of_a_mean() -> None:
    ax = figures.privacy_costs({1.0: [0.5, 0.7], 2.0: [0.8, 0.8]}, {"no noise": 0.9}).axes[0]
    first, second = bars(ax)
    assert first[:, 1] == pytest.approx([0.5, 0.7])
    assert second[:, 1] == pytest.approx([0.8, 0.8])


def test_words_stand_above_their_digits() -> None:
    figure = figures.triggered_digits(np.zeros((3, 7, 7)), {1: "patched"})
    assert [ax.get_title() for ax in figure.axes] == ["", "patched", ""]
