"""Figures of the capstone show what its page says that they show."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcourse.figures.heat_figures import (
    band_of_days,
    heat_by_temperature,
    lines_by_month,
    pipeline_diagram,
    ratios_by_day,
    skills_by_approach,
)


def test_the_diagram_names_all_milestones() -> None:
    found = " ".join(text.get_text() for text in pipeline_diagram().axes[0].texts)
    for word in ("1 validate", "2 baseline", "3 network", "4 service", "5 monitor", "decision"):
        assert word in found


def test_days_off_are_drawn_apart() -> None:
    off = np.array([[True, False, False]] * 2)
    figure = heat_by_temperature(np.zeros((2, 3)), np.ones((2, 3)), off, ["homes", "offices"])
    axes: Any = figure.axes
    assert [len(line.get_xdata()) for line in axes[0].lines] == [2, 1]
    assert [ax.get_title() for ax in axes] == ["homes", "offices"]


def test_every_run_is_a_point_and_every_approach_has_its_mean() -> None:
    ax: Any = skills_by_approach({"one": [0.2, 0.3], "two": [0.5, 0.6, 0.7]}).axes[0]
    assert [len(line.get_xdata()) for line in ax.lines[:2]] == [2, 3]
    means = [collection.get_segments()[0][0, 0] for collection in ax.collections]
    assert np.allclose(means, [0.25, 0.6])


def test_months_have_standard_errors_where_there_are_runs() -> None:
    runs = np.tile([[1.0], [3.0]], 12)
    ax: Any = lines_by_month({"runs": runs, "one": np.ones(12)}, "error").axes[0]
    many, one = ax.containers
    assert np.allclose(many.lines[0].get_ydata(), 2.0)
    assert np.allclose(many.lines[2][0].get_segments()[0][:, 1], [1.0, 3.0])
    assert not one.has_yerr


def test_the_band_holds_what_is_between_the_quantiles() -> None:
    days = np.arange("2023-01-01", "2023-01-04", dtype="datetime64[D]")
    ax: Any = band_of_days(days, [2, 2, 2], [[1, 1, 1], [2, 3, 2], [4, 4, 5]], [3, 3, 3]).axes[0]
    heights = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert (heights.min(), heights.max()) == (1, 5)
    assert "2023-01-01" in ax.get_xlabel()


def test_a_change_is_marked_where_there_is_one() -> None:
    ratios = {"quiet": np.ones(42), "release": np.ones(42)}
    figure = ratios_by_day(ratios, {"quiet": -1, "release": 16}, (0.95, 1.05))
    axes: Any = figure.axes
    assert [len(ax.lines) for ax in axes] == [1, 2]
    assert axes[1].lines[1].get_xdata()[0] == 15.5
