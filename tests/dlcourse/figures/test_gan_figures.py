"""Figures of GANs show what they were given."""

from __future__ import annotations

import numpy as np
import pytest

from dlcourse.figures import gan_figures


def test_the_game_shows_both_networks_and_what_trains_them() -> None:
    texts = [text.get_text() for text in gan_figures.game_diagram().axes[0].texts]
    for wanted in ("generator $G$", "discriminator $D$", "trains $D$", "trains $G$, through $D$"):
        assert wanted in texts


def test_the_networks_shapes_follow_the_images() -> None:
    figure = gan_figures.dcgan_diagram(side=32, channels=3, width=16, latent=10)
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert texts.count("32x32x3") == 2
    assert texts.count("16x16x16") == 2
    assert texts.count("8x8x32") == 2
    assert "10" in texts


def test_each_setting_has_a_row_and_each_game_a_column() -> None:
    samples = {"one": np.zeros((5, 7, 2)), "two": np.ones((5, 7, 2))}
    figure = gan_figures.ring_samples(samples, np.zeros((8, 2)), games=3)
    assert len(figure.axes) == 6
    assert [ax.get_ylabel() for ax in figure.axes[::3]] == ["one", "two"]


def test_lines_through_distances_meet_the_axis_at_the_limit() -> None:
    sizes = np.array([100, 200, 400])
    distances = (3 + 500 / sizes)[:, np.newaxis]
    ax = gan_figures.bias_of_sample_size(sizes, {"images": distances}).axes[0]
    line = ax.lines[1]
    assert float(np.asarray(line.get_xdata())[0]) == 0.0
    assert float(np.asarray(line.get_ydata())[0]) == pytest.approx(3.0)


def test_curves_are_drawn_for_each_loss() -> None:
    x = np.arange(1.0, 5.0)
    ax = gan_figures.generator_gradients(x, {"a": x, "b": 2 * x}).axes[0]
    assert [line.get_label() for line in ax.lines] == ["a", "b"]
    ax = gan_figures.gradient_norms(x, {"a": np.ones((4, 3))}).axes[0]
    assert len(ax.lines) == 1
