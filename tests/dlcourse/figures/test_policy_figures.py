"""Figures of policy gradients show what they are given."""

from __future__ import annotations

import numpy as np
import pytest

from dlcourse.agents.policy_gradient import Training
from dlcourse.agents.river import BUMPS, Snapshot
from dlcourse.figures import policy_figures as figures


def test_the_two_corridor_cells_have_one_colour_and_no_other_cell_has_it() -> None:
    (ax,) = figures.draw_corridor().axes
    boxes = [patch for patch in ax.patches if hasattr(patch, "get_boxstyle")][:5]
    fills = [tuple(patch.get_facecolor()) for patch in boxes]
    assert fills[1] == fills[3]
    assert fills.count(fills[1]) == 2


def test_the_best_probability_is_marked() -> None:
    chances = np.linspace(0, 1, 11)
    (ax,) = figures.draw_objective(chances, -((chances - 0.3) ** 2)).axes
    best = next(line for line in ax.lines if line.get_label() == "best")
    assert np.allclose(np.asarray(best.get_xdata()), 0.3)


def test_reinforce_is_drawn_with_its_gradient() -> None:
    (ax,) = figures.draw_reinforce().axes
    shown = [text.get_text() for text in ax.texts]
    assert {"environment", "minus baseline", "gradient", "dense\n2"} <= set(shown)


def test_the_horizon_has_a_line_for_each_estimator() -> None:
    (ax,) = figures.draw_horizon([1, 4], {"a": [1.0, 2.0], "b": [1.0, 0.5]}).axes
    assert [line.get_label() for line in ax.lines] == ["a", "b"]
    assert ax.get_yscale() == "log"


def test_a_learning_curve_is_the_mean_of_its_runs_in_a_band() -> None:
    runs = np.array([[10.0, 20.0], [30.0, 60.0], [20.0, 10.0]])
    (ax,) = figures.draw_learning_curves([1000, 2000], {"a": runs}).axes
    assert np.allclose(np.asarray(ax.lines[0].get_ydata()), [20, 30])
    low, high = ax.collections[0].get_datalim(ax.transData).get_points()[:, 1]
    assert 10 <= low < 20 < 30 < high <= 60


def test_return_and_loss_stand_side_by_side() -> None:
    training = Training(np.array([100, 200]), np.array([20.0, 40.0]), np.array([0.1, -0.3]))
    left, right = figures.draw_return_and_loss(training).axes
    assert np.allclose(np.asarray(left.lines[0].get_ydata()), [20, 40])
    assert np.allclose(np.asarray(right.lines[0].get_ydata()), [0.1, -0.3])


def test_a_field_has_a_panel_for_each_snapshot_with_arrows_cut_to_the_bounds() -> None:
    snapshot = Snapshot(np.full((BUMPS, 2), 3.0), np.ones(2), np.full(BUMPS, -7.0), -9.0)
    figure = figures.draw_field({"first": snapshot, "last": snapshot})
    assert [ax.get_title() for ax in figure.axes[:2]] == ["first", "last"]
    arrows = figure.axes[0].collections[0]
    np.testing.assert_allclose([arrows.U, arrows.V], 1)  # type: ignore[attr-defined]
    assert np.allclose(np.asarray(figure.axes[0].images[0].get_array()), 7)


@pytest.mark.parametrize("policy", [np.full(3, 1 / 3), np.array([0.9, 0.07, 0.03])])
def test_a_ring_of_equal_divergence_has_that_divergence(policy: np.ndarray) -> None:
    left, right = figures.draw_equal_steps([policy], length=1.0, divergence=0.05).axes
    corners = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, 3**0.5 / 2]])
    barycentric = np.linalg.inv(np.column_stack([corners, np.ones(3)]))
    rings = [
        np.column_stack([np.asarray(ax.lines[1].get_xydata()), np.ones(121)]) @ barycentric
        for ax in (left, right)
    ]
    divergences = [(policy * np.log(policy / ring)).sum(axis=1) for ring in rings]
    np.testing.assert_allclose(divergences[1], 0.05, rtol=1e-6)
    logits = np.log(rings[0] / policy)
    np.testing.assert_allclose(
        np.linalg.norm(logits - logits.mean(axis=1, keepdims=True), axis=1), 1, rtol=1e-6
    )
