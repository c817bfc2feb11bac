"""The diagram of learning."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from dlcourse.figures.learning_diagrams import folds, learning_diagram, main_directions


def test_the_same_rule_is_drawn_in_learning_and_in_use_and_only_learning_has_labels() -> None:
    figure = learning_diagram()
    shown = [text.get_text() for text in figure.axes[0].texts]
    plt.close(figure)
    assert shown.count("rule") == 2
    assert shown.count("labels") == shown.count("its numbers") == 1


def test_the_first_direction_is_the_one_in_which_the_features_vary_most() -> None:
    draw = np.random.default_rng(0)
    features = draw.normal(size=(60, 5)) * [1, 1, 9, 1, 3]
    figure = main_directions({"five": features}, np.repeat([4, 7, 9], 20))
    spread = np.concatenate([c.get_offsets() for c in figure.axes[0].collections]).std(axis=0)
    plt.close(figure)
    np.testing.assert_allclose(spread, features.std(axis=0)[[2, 4]], rtol=0.05)


def test_a_panel_shows_as_many_folds_as_its_title_says() -> None:
    x = np.linspace(0, 1, 9)
    figure = folds(x, lambda v: np.minimum(2 * v, 2 - 2 * v), [1, 2])
    drawn = [ax.lines[0].get_ydata() for ax in figure.axes]
    plt.close(figure)
    np.testing.assert_allclose(np.asarray(drawn[1], float), [0.0, 0.5, 1, 0.5, 0, 0.5, 1, 0.5, 0])
