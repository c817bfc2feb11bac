"""Figures of monitoring show what they were given."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from dlcourse.figures import monitoring_figures as figures


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def heights(line: Line2D) -> list[float]:
    return [float(y) for y in np.asarray(line.get_ydata())]


def test_labels_come_late_and_a_threshold_decides() -> None:
    shown = texts(figures.watch_diagram())
    assert {"labels,\ndays later", "> threshold?", "alarm", "reference\nwindow"} <= set(shown)


def test_a_candidate_goes_by_shadow_and_canary_and_can_come_back() -> None:
    shown = " ".join(texts(figures.rollout_diagram()))
    assert all(word in shown for word in ("shadow", "canary", "all requests", "roll back"))


def test_the_same_emoji_stand_in_a_column() -> None:
    figure = figures.same_emoji(np.zeros((5, 4, 4, 3)), np.ones((5, 4, 4, 3)), ("one", "two"))
    shown = [np.asarray(ax.images[0].get_array()).mean() for ax in figure.axes]
    assert shown == [0.0] * 5 + [1.0] * 5


def test_each_kind_of_drift_changes_its_own_part() -> None:
    figure = figures.kinds_of_drift(count=400)
    counts, means, errors = {}, {}, {}
    for ax in figure.axes:
        a, b = (np.asarray(line.get_xydata()) for line in ax.lines[:2])
        counts[ax.get_title()] = len(b) / 400
        means[ax.get_title()] = np.concatenate([a, b])[:, 0].mean()
        errors[ax.get_title()] = (np.sum(a[:, 1] > 0) + np.sum(b[:, 1] < 0)) / 400
    assert counts["label shift"] > counts["as trained"] + 0.3
    assert means["covariate shift"] > means["as trained"] + 2
    assert means["concept drift"] == pytest.approx(means["as trained"], abs=0.15)
    assert errors["as trained"] < 0.05
    assert errors["label shift"] < 0.05
    assert min(errors["covariate shift"], errors["concept drift"]) > 0.15


def test_the_largest_distance_is_marked_between_the_two_functions() -> None:
    figure = figures.distribution_functions({"a": [1, 2, 3, 5], "b": [4, 6, 7, 8]}, "value")
    bar = figure.axes[0].lines[2]
    assert abs(np.diff(heights(bar))[0]) == pytest.approx(0.75)
    assert np.asarray(bar.get_xdata())[0] == 3


def test_a_line_for_each_statistic_over_sizes() -> None:
    found = {"KS": {25: 0.2, 50: 0.4}, "MMD": {25: 0.1, 50: 0.9}}
    lines = figures.detection_by_size(found).axes[0].lines
    assert [line.get_label() for line in lines[:2]] == ["KS", "MMD"]
    assert heights(lines[1]) == pytest.approx([0.1, 0.9])


def test_histograms_count_windows_and_the_threshold_stands_where_it_is() -> None:
    figure = figures.two_histograms({"a": [0.0, 1.0, 1.0], "b": [2.0]}, 1.5, "statistic")
    ax = figure.axes[0]
    assert sum(patch.get_height() for patch in ax.patches) == 4  # type: ignore[attr-defined]
    assert np.asarray(ax.lines[0].get_xdata())[0] == 1.5


def test_the_first_alarm_is_marked_and_none_where_there_is_none() -> None:
    steps = np.arange(5)
    fires, silent = np.array([0.0, 3, 1, 4, 0]), np.zeros(5)
    lines = {"fires": (steps, fires, 2.0), "silent": (steps, silent, 2.0)}
    figure = figures.one_stream(lines, onset=1)
    drawn = [len(ax.lines) for ax in figure.axes]
    assert drawn == [4, 3]
    assert np.asarray(figure.axes[0].lines[3].get_xdata())[0] == 1


def test_shares_of_classes_stand_side_by_side() -> None:
    figure = figures.label_shares({"true": [0.2, 0.8], "found": [0.3, 0.7]}, ("x", "y"))
    bars = [patch.get_height() for patch in figure.axes[0].patches]  # type: ignore[attr-defined]
    assert bars == pytest.approx([0.2, 0.8, 0.3, 0.7])


def test_walks_that_crossed_the_boundary_of_one_look_are_coloured() -> None:
    walks = np.array([[1, 2, 3], [1, 0, 1]])
    figure = figures.canary_paths(walks, fixed=[1.5, 1.8, 2.2], always=[4, 4, 4])
    first, second = figure.axes[0].lines[:2]
    assert first.get_color() != second.get_color()
    assert len(figure.axes[0].lines) == 2 + 4
