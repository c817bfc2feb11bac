"""Figures of pruning show what they were given."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from dlcourse.figures import pruning_figures as figures


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def test_the_mask_meets_the_kernel_and_the_step() -> None:
    shown = texts(figures.mask_diagram())
    assert {"$W$", r"$M \in \{0, 1\}$", "Adam", r"$\odot\, M$"} <= set(shown)


def test_each_layer_has_the_common_bound_and_its_own() -> None:
    kernels = {"small": np.full(100, 0.01), "large": np.full(100, 0.1)}
    figure = figures.size_histograms(kernels, 0.4)
    bounds = [[float(np.asarray(line.get_xdata())[0]) for line in ax.lines] for ax in figure.axes]
    assert bounds[0] == pytest.approx([0.01, 0.01])
    assert bounds[1] == pytest.approx([0.01, 0.1])


def test_levels_are_in_order_and_errors_are_those_of_means() -> None:
    curves = {"one": {0.9: [0.7, 0.9], 0.5: [0.9, 0.9]}}
    figure = figures.accuracy_by_level(curves, dense=[0.95, 0.97])
    (container,) = figure.axes[0].containers
    line, _, (bars,) = container.lines  # type: ignore[attr-defined]
    assert list(line.get_ydata()) == pytest.approx([0.9, 0.8])
    low, high = (float(point[1]) for point in bars.get_segments()[1])
    assert (low, high) == pytest.approx((0.7, 0.9))
    assert [text.get_text() for text in figure.axes[0].get_xticklabels()] == ["0.5", "0.9"]


def test_a_single_accuracy_has_no_error() -> None:
    figure = figures.accuracy_by_level({"one": {0.5: 0.9}})
    (container,) = figure.axes[0].containers
    (bars,) = container.lines[2]  # type: ignore[attr-defined]
    segment = bars.get_segments()[0]
    assert segment[0][1] == segment[1][1] == pytest.approx(0.9)


def test_curves_leave_the_plot_at_the_least_accuracy() -> None:
    figure = figures.accuracy_by_level({"one": {0.5: 0.9, 0.9: 0.1}}, least=0.8)
    assert figure.axes[0].get_ylim()[0] == 0.8


def test_a_schedule_holds_until_the_next_choice() -> None:
    figure = figures.schedules({"one": [0.0, 0.5, 0.9]}, every=10)
    line = figure.axes[0].lines[0]
    assert list(np.asarray(line.get_xdata())) == [0, 10, 20, 30]
    assert list(np.asarray(line.get_ydata())) == [0, 0.5, 0.9, 0.9]


def test_a_channel_leaves_as_a_column_with_its_bias_and_as_a_row() -> None:
    figure = figures.channel_diagram((4, 6), gone=(1,))
    boxes = [patch for patch in figure.axes[0].patches if isinstance(patch, Rectangle)]
    out = [box for box in boxes if box.get_hatch()]
    assert len(boxes) == (2 + 1) * 4 + (4 + 1) * 6
    assert len(out) == 2 + 1 + 6
    assert {box.get_x() for box in out if box.get_x() < 4} == {1}


def test_times_are_shown_in_milliseconds_by_way() -> None:
    times = {"1 row": {0.9: {"dense": 0.002, "CSR": 0.001}, 0.5: {"dense": 0.002, "CSR": 0.004}}}
    ax = figures.break_even(times).axes[0]
    rows = {line.get_label(): list(np.asarray(line.get_ydata())) for line in ax.lines}
    assert rows == {"dense": pytest.approx([2, 2]), "CSR": pytest.approx([4, 1])}
