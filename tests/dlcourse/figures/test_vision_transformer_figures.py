"""Figures of vision transformers and of images with names show what they are given."""

from __future__ import annotations

import numpy as np

from dlcourse.figures.vision_transformer_figures import (
    accuracy_by_images,
    attention_distances,
    examples_matrix,
    matching_diagram,
    patches,
    position_similarities,
    vit_diagram,
)


def test_the_diagram_names_the_shapes_of_tokens() -> None:
    (ax,) = vit_diagram(tokens=9, patch=4, width=12, blocks=5, classes=3).axes
    shown = [text.get_text() for text in ax.texts]
    assert "9x16" in shown
    assert "9x12" in shown
    assert "block,\n5 times" in shown
    assert "dense 24\nGELU" in shown
    assert "3 logits" in shown


def test_the_diagram_of_pairs_has_a_matrix_with_a_diagonal() -> None:
    (ax,) = matching_diagram(dimension=7).axes
    shown = [text.get_text() for text in ax.texts]
    assert "$s_{44}$" in shown
    assert "$A$: n x 7" in shown


def test_each_patch_is_drawn_with_its_number() -> None:
    figure = patches(np.zeros((6, 6)), np.arange(36.0).reshape(4, 9))
    whole, *rest = figure.axes
    assert len(whole.lines) == 2
    assert [ax.get_xlabel() for ax in rest] == ["1", "2", "3", "4"]
    np.testing.assert_array_equal(rest[1].images[0].get_array(), [[9, 10, 11], [12, 13, 14],
                                                                  [15, 16, 17]])  # fmt: skip


def test_points_stand_at_the_means_of_the_seeds() -> None:
    (ax,) = accuracy_by_images([10, 20], {"a": np.array([[0.5, 0.7], [0.8, 0.8]])}).axes
    np.testing.assert_allclose(np.asarray(ax.lines[0].get_xydata()), [[10, 0.6], [20, 0.8]])


def test_a_position_is_like_itself() -> None:
    figure = position_similarities(np.random.default_rng(0).normal(size=(4, 8)))
    maps = [np.asarray(ax.images[0].get_array()) for ax in figure.axes[:4]]
    np.testing.assert_allclose([found.flat[k] for k, found in enumerate(maps)], 1)


def test_each_head_has_a_point_in_its_block() -> None:
    (ax,) = attention_distances(np.array([[1.0, 2.0], [0.5, 0.6]]), 1.9, np.full((2, 2), 1.8)).axes
    trained = np.asarray(ax.lines[0].get_xydata())
    np.testing.assert_allclose(trained[:, 1], [1.0, 2.0, 0.5, 0.6])
    assert trained[:, 0].round().tolist() == [1, 1, 2, 2]


def test_cosines_stand_in_their_cells() -> None:
    figure = examples_matrix(np.ones((2, 8, 8, 3)), ["cat", "dog"], np.array([[0.9, 0.1], [-1, 0]]))
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert texts == ["0.90", "0.10", "-1.00", "0.00"]
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["cat", "dog"]
