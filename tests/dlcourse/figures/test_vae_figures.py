"""Figures of variational autoencoders show what they are given."""

from __future__ import annotations

import numpy as np

from dlcourse.figures.vae_figures import (
    bound_curves,
    gradient_paths,
    image_rows,
    latent_codes,
    rate_by_latent,
    rate_distortion,
    vae_diagram,
)


def test_the_diagram_names_the_sizes() -> None:
    (ax,) = vae_diagram(pixels=100, units=30, latents=5).axes
    shown = [text.get_text() for text in ax.texts]
    assert "dense\n30" in shown
    assert "dense 30\ndense 100" in shown
    assert shown.count("5") == 3


def test_both_ways_to_a_gradient_are_drawn() -> None:
    (ax,) = gradient_paths().axes
    shown = [text.get_text() for text in ax.texts]
    assert "score function" in shown
    assert "reparameterization" in shown


def test_the_bound_has_a_line_for_each_width_and_the_level() -> None:
    means = np.linspace(-1, 1, 5)
    (ax,) = bound_curves(means, {"a": -(means**2), "b": -(means**2) - 1}, 0.5).axes
    assert len(ax.lines) == 3
    assert np.asarray(ax.lines[2].get_ydata())[0] == 0.5


def test_each_row_of_images_stands_beside_its_name() -> None:
    (ax,) = image_rows({"one": np.zeros((4, 8, 8)), "two": np.ones((4, 8, 8))}).axes
    assert [text.get_text() for text in ax.texts] == ["one", "two"]
    assert len(ax.images) == 8


def test_the_curve_goes_through_the_means_of_the_seeds() -> None:
    (ax,) = rate_distortion({"a": [(1, 10), (3, 12)], "b": [(5, 6), (5, 8)]}).axes
    np.testing.assert_allclose(np.asarray(ax.lines[0].get_xydata()), [[2, 11], [5, 7]])


def test_latents_are_ordered_by_their_rate() -> None:
    (ax,) = rate_by_latent({"a": [0.1, 2.0, 1.0]}).axes
    tops = [bar.get_extents().transformed(ax.transData.inverted()).y1 for bar in ax.patches]
    np.testing.assert_allclose(tops, [2.0, 1.0, 0.1])


def test_each_network_has_a_panel_of_codes() -> None:
    codes = np.random.default_rng(0).normal(size=(30, 2)).astype(np.float32)
    figure = latent_codes({"a": codes, "b": 2 * codes}, np.arange(30) % 10)
    assert [ax.get_title() for ax in figure.axes] == ["a", "b"]
    assert len(figure.axes[0].collections) == 10
