"""Figures of serving show what they were given."""

from __future__ import annotations

import numpy as np

from dlcourse.figures import serving_figures as figures


def test_the_service_has_a_queue_between_its_handlers_and_the_network() -> None:
    shown = [text.get_text() for text in figures.service_diagram().axes[0].texts]
    assert {"clients", "handlers:\ncheck, wait", "queue of\n64 rows", "network"} <= set(shown)
    assert "full: 503 at once" in shown


def test_requests_of_a_batch_run_at_the_same_time() -> None:
    figure = figures.batch_timeline([0, 1, 9], [([0, 1], 4), ([2], 14)], busy=10)
    runs = [line for line in figure.axes[0].lines if line.get_linewidth() > 5]
    ends = [tuple(np.asarray(line.get_xdata(), dtype=float)) for line in runs]
    assert ends == [(4, 14), (4, 14), (14, 24)]


def test_a_panel_for_each_load() -> None:
    figure = figures.stalls({"a": ([0, 1], [0.5, 0.1]), "b": ([0], [0.2])})
    assert [ax.get_title() for ax in figure.axes] == ["a", "b"]
    np.testing.assert_array_equal(figure.axes[0].lines[0].get_ydata(), [0.5, 0.1])


def test_formula_simulation_and_percentile_are_drawn_for_each_queue() -> None:
    figure = figures.utilization_curves({"M/M/1": {0.5: (2.0, 2.1, 9.2), 0.9: (10.0, 9.8, 46.0)}})
    drawn = [list(np.asarray(line.get_ydata())) for line in figure.axes[0].lines]
    assert drawn == [[2.0, 10.0], [2.1, 9.8], [9.2, 46.0]]
