"""Figures of distillation and of the frontier show what they were given."""

from __future__ import annotations

import numpy as np
import pytest

from dlcourse.compression.frontier import Point
from dlcourse.figures import frontier_figures as figures


def point(network: str, size: int, right: int) -> Point:
    correct = np.arange(10)[np.newaxis] < right
    return Point(network, "int8", size, 10 * size, 1e-5, 1e-3, 1e-4, correct)


def test_the_students_two_losses_have_their_inputs() -> None:
    shown = {text.get_text() for text in figures.distillation_diagram().axes[0].texts}
    assert {"teacher", "student", "cross-entropy", "label $y$", "$p_T$", "$q_T$"} <= shown


def test_a_higher_temperature_draws_flatter_bars() -> None:
    logits = np.array([[0.0, 4, 1, 0, 0, 0, 0, 0, 0, 0]])
    figure = figures.soft_targets(np.zeros((1, 28, 28, 1)), logits, (1, 4))
    heights = [[bar.get_bbox().height for bar in ax.containers[0]] for ax in figure.axes[1:]]
    sharp, flat = (max(bars) for bars in heights)
    expected = [np.exp(4 / t) / np.exp(logits / t).sum() for t in (1, 4)]
    assert [sharp, flat] == pytest.approx(expected)


def test_gains_are_shown_in_percentage_points_with_their_control() -> None:
    figure = figures.gains([{"soft": ("labels", [0.01, 0.03])}])
    ax = figure.axes[0]
    assert list(np.asarray(ax.lines[0].get_xdata())) == pytest.approx([1, 3])
    assert ax.get_yticklabels()[0].get_text() == "soft\nless labels"


def test_the_front_is_a_staircase_through_its_points() -> None:
    points = [
        point("scratch 1/8", 100, 7),
        point("reference", 900, 9),
        point("scratch 1/4", 950, 8),
    ]
    figure = figures.cost_and_accuracy(points, {"bytes": [1, 0]}, {"bytes": "size"})
    stairs = next(line for line in figure.axes[0].lines if line.get_drawstyle() == "steps-post")
    assert list(np.asarray(stairs.get_xdata())) == [100, 900]
    assert list(np.asarray(stairs.get_ydata())) == pytest.approx([0.7, 0.9])


def test_each_cost_has_a_panel() -> None:
    points = [point("reference", 900, 9)]
    labels = {"bytes": "size", "multiply_adds": "operations"}
    figure = figures.cost_and_accuracy(points, {"bytes": [0], "multiply_adds": [0]}, labels)
    assert [ax.get_xlabel() for ax in figure.axes] == ["size", "operations"]


def test_ranks_are_those_of_the_numbers() -> None:
    columns = {"one": {"a": 1.0, "b": 2.0}, "other": {"a": 5.0, "b": 4.0}}
    lines = figures.rank_changes(columns).axes[0].lines
    assert [list(np.asarray(line.get_ydata())) for line in lines] == [[1, 2], [2, 1]]


def test_seconds_are_drawn_as_microseconds() -> None:
    figure = figures.cost_and_accuracy(
        [point("reference", 9, 9)], {"seconds": [0]}, {"seconds": ""}
    )
    stairs = next(line for line in figure.axes[0].lines if line.get_drawstyle() == "steps-post")
    assert list(np.asarray(stairs.get_xdata())) == pytest.approx([10])
