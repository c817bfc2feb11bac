"""Figures of actor-critic methods show what they were given."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from dlcourse.figures import actor_critic_figures as figures


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def heights(line: Line2D) -> list[float]:
    return [float(y) for y in np.asarray(line.get_ydata())]


def test_actor_and_critic_are_parameters_of_one_loop() -> None:
    shown = texts(figures.actor_critic_diagram())
    assert {r"actor $\theta$", r"critic $\phi$", "environments", "$A_t$"} <= set(shown)


def test_each_advantage_is_drawn_with_its_td_error() -> None:
    shown = texts(figures.advantage_diagram(steps=4))
    assert sum(r"\delta" in text for text in shown) == 4
    assert sum(r"\hat{A}" in text for text in shown) == 4
    assert shown.count(r"$\gamma\lambda$") == 3


def test_the_deviation_is_that_of_a_mean_and_errors_add_in_squares() -> None:
    figure = figures.bias_and_variance({"critic": {0.0: (0.3, 0.0), 1.0: (0.0, 4.0)}}, count=100)
    lines = {line.get_label(): heights(line) for line in figure.axes[0].lines}
    assert lines["deviation"] == pytest.approx([0, 0.4])
    assert lines["error"] == pytest.approx([0.3, 0.4])


def test_a_curve_carries_on_where_no_episode_ended() -> None:
    rows = np.array([[1.0, 3, np.nan, np.nan, 5, 5], [1, 3, np.nan, np.nan, 5, 7]])
    figure = figures.learning_bands(np.arange(6), {"one": rows}, groups=[["one"]], window=2)
    assert heights(figure.axes[0].lines[0]) == pytest.approx([2, 2, 5.5])


def test_a_panel_for_each_quantity() -> None:
    steps, names = np.arange(3), {"kl": "KL", "entropy": "entropy", "clip_fraction": "clips"}
    runs = {name: dict.fromkeys(names, steps) for name in ("a", "b")}
    figure = figures.monitors(steps, runs, names)
    assert [ax.get_ylabel() for ax in figure.axes][:3] == list(names.values())
    assert all(len(ax.lines) == 2 for ax in figure.axes[:3])


def test_a_row_of_frames_ends_with_the_episode() -> None:
    long, short = np.zeros((50, 4)), np.zeros((6, 4))
    figure = figures.pendulum_strip({"long": long, "short": short}, every=4, frames=9)
    assert [len(ax.texts) for ax in figure.axes] == [9, 2]


def test_a_pole_is_drawn_at_its_enlarged_angle() -> None:
    figure = figures.pendulum_strip({"one": np.array([[0.0, 0.1, 0, 0]])}, enlarged=5.0)
    pole = figure.axes[0].lines[2]
    angle = np.arctan2(np.asarray(pole.get_xdata())[1], heights(pole)[1])
    assert angle == pytest.approx(0.5)
