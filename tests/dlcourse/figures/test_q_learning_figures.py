"""Figures of Q-learning and SARSA show what the chapter says that they show."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle

from dlcourse.agents.gridworlds import cliff_world
from dlcourse.figures.q_learning_figures import (
    draw_bands,
    draw_double_target,
    draw_paths,
    draw_sample_backups,
    draw_target_errors,
    draw_two_choices,
)


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def heights(ax: Axes, line: int) -> list[float]:
    return [float(height) for height in np.asarray(ax.get_lines()[line].get_ydata(), float)]


def test_each_method_has_its_backup_and_only_monte_carlo_reaches_the_end() -> None:
    figure = draw_sample_backups()
    names = {"TD(0)", "3 steps", "Monte Carlo", "SARSA", "expected SARSA", "Q-learning"}
    assert names <= set(texts(figure))
    ends = [patch for patch in figure.axes[0].patches if isinstance(patch, Rectangle)]
    dots = [patch for patch in figure.axes[0].patches if isinstance(patch, Circle)]
    assert len(ends) == 1
    assert sum(dot.radius < 0.15 for dot in dots) == 8 + 2 + 4 + 4  # actions


def test_the_second_state_says_how_many_actions_it_has() -> None:
    assert any("7 actions" in text for text in texts(draw_two_choices(7)))


def test_one_table_chooses_and_the_other_one_values() -> None:
    assert {"$Q_1$", "$Q_2$", "$a^*$"} <= set(texts(draw_double_target()))


def test_targets_have_a_point_and_a_curve_for_each_length() -> None:
    errors = np.random.default_rng(0).random((3, 5, 4))
    figure = draw_target_errors([1, 2, 99], [0.3, 0.2, 0], [0, 0.1, 0.5], range(5), errors)
    left, right = figure.axes
    assert [tick.get_text() for tick in left.get_xticklabels()] == ["1", "2", "MC"]
    assert len(right.get_lines()) == 3
    np.testing.assert_allclose(heights(right, 1), errors[1].mean(axis=1))


def test_a_band_is_two_standard_errors_wide() -> None:
    values = np.random.default_rng(0).normal(size=(6, 9))
    ax = draw_bands({"a": values}, xlabel="x", ylabel="y").axes[0]
    path = np.asarray(ax.collections[0].get_paths()[0].vertices)
    error = values[2].std(ddof=1) / 3
    at_third = path[path[:, 0] == 3, 1]
    assert at_third.max() - at_third.min() == pytest.approx(4 * error)


def test_smoothing_takes_the_mean_of_that_point_and_those_before() -> None:
    values = np.repeat(np.arange(5.0)[:, None], 2, axis=1)
    ax = draw_bands({"a": values}, xlabel="x", ylabel="y", smooth=2).axes[0]
    assert np.asarray(ax.get_lines()[0].get_xdata()).tolist() == [2, 3, 4, 5]
    assert heights(ax, 0) == [0.5, 1.5, 2.5, 3.5]


def test_a_path_that_does_not_end_has_a_cross() -> None:
    figure = draw_paths(cliff_world(), {"a": [[36, 24, 36]], "b": [[46, 47]]})
    markers = [[line.get_marker() for line in ax.get_lines()] for ax in figure.axes]
    assert markers == [["None", "x"], ["None"]]
