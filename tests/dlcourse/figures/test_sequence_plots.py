"""Figures of recurrent networks at work."""

from __future__ import annotations

import numpy as np

from dlcourse.figures.sequence_plots import gate_figure, gradients_by_lag, losses_by_seed


def test_the_curve_of_a_layer_is_the_geometric_mean_of_its_draws() -> None:
    figure = gradients_by_lag({"GRU": [[1.0, 0.01], [1.0, 1.0]]})
    assert np.allclose(np.asarray(figure.axes[0].lines[0].get_ydata()), [1.0, 0.1])


def test_each_network_has_a_panel_with_a_line_for_each_seed_and_each_level() -> None:
    figure = losses_by_seed({"RNN": np.ones((4, 5)), "GRU": np.ones((4, 5))}, 50, (0.1, 0.2))
    for ax, name in zip(figure.axes, ["RNN", "GRU"], strict=False):
        assert ax.get_title(loc="left") == name or ax.get_title() == name
        assert len(ax.lines) == 4 + 2
    assert np.allclose(np.asarray(figure.axes[0].lines[0].get_xdata()), [50, 100, 150, 200, 250])


def test_a_line_goes_through_all_three_panels_at_each_marked_step() -> None:
    marks = np.zeros(6, dtype=bool)
    marks[[1, 4]] = True
    figure = gate_figure(np.linspace(0, 1, 6), marks, np.zeros((6, 5)), np.zeros((6, 5)))
    for ax in figure.axes:
        assert {np.asarray(line.get_xdata())[0] for line in ax.lines[-2:]} == {1, 4}
