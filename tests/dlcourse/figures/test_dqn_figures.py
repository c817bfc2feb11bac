"""Figures of deep Q-networks show what they were given."""

from __future__ import annotations

import numpy as np

from dlcourse.figures import dqn_figures


def test_the_diagram_has_both_networks_and_the_replay() -> None:
    texts = [text.get_text() for text in dqn_figures.draw_dqn().axes[0].texts]
    assert any("replay" in text for text in texts)
    for wanted in (r"$Q(s, \cdot\,;\theta)$", r"$Q(s', \cdot\,;\theta^-)$", "Huber loss"):
        assert wanted in texts


def test_heads_carry_the_number_of_actions() -> None:
    texts = [text.get_text() for text in dqn_figures.draw_heads(7).axes[0].texts]
    assert texts.count("7") == 3


def test_shapes_stand_between_the_layers() -> None:
    figure = dqn_figures.draw_breakout_network(["a", "b", "c", "d"])
    assert [text.get_text() for text in figure.axes[0].texts][-4:] == ["a", "b", "c", "d"]


def test_each_variant_has_a_panel_with_the_first_behind_it() -> None:
    rng, steps = np.random.default_rng(0), np.arange(4) * 1000.0
    given = {name: rng.uniform(0, 500, (5, 4)) for name in ("base", "one", "two")}
    axes = dqn_figures.draw_ablation(steps, given).axes
    for ax, name in zip(axes, ("one", "two"), strict=True):
        assert [line.get_label() for line in ax.lines] == ["base", name]
        drawn = np.asarray(ax.lines[1].get_ydata(), float)
        np.testing.assert_allclose(drawn, given[name].mean(axis=0))


def test_predictions_stand_beside_the_limit() -> None:
    steps, lines = np.arange(3.0), np.ones((4, 3))
    given = {f"{n} x 2 actions, {t}": n * lines for n in (1, 4) for t in ("double", "not double")}
    axes = dqn_figures.draw_overestimation(steps, given, 2.5).axes
    assert [ax.get_title() for ax in axes] == ["double", "not double"]
    for ax in axes:
        heights = [float(np.asarray(line.get_ydata())[0]) for line in ax.lines]
        assert heights == [1.0, 4.0, 2.5]


def test_divergence_is_on_a_logarithmic_axis() -> None:
    ax = dqn_figures.draw_divergence({"all": np.geomspace(1, 1e9, 20)}).axes[0]
    assert ax.get_yscale() == "log"


def test_learning_curves_begin_at_zero() -> None:
    ax = dqn_figures.draw_learning(np.array([1000.0, 2000]), {"a": np.array([5.0, 9])}, "r").axes[0]
    np.testing.assert_allclose(np.asarray(ax.lines[0].get_xdata(), float), [1, 2])
    assert ax.get_ylim()[0] == 0
