"""Figures of tokens and word vectors."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from dlcourse.figures.token_figures import merge_tree, skip_gram_diagram, word_map

MERGES = [("e", "a"), ("s", "ea"), ("x", "y"), ("sea", "t"), ("a", "s")]


def texts(figure: Figure) -> list[str]:
    written = [text.get_text() for text in figure.axes[0].texts]
    plt.close(figure)
    return written


def test_a_tree_has_a_box_for_each_merge_that_changes_the_word() -> None:
    assert texts(merge_tree("seats", MERGES)) == [
        *"seats",
        *("ea", "merge 1"),
        *("sea", "merge 2"),
        *("seat", "merge 4"),
    ]


def test_a_merge_is_drawn_wherever_it_stands() -> None:
    assert texts(merge_tree("seasea", MERGES[:1])).count("ea") == 2


def test_of_three_equal_characters_the_first_two_are_merged() -> None:
    found = texts(merge_tree("aaa", [("a", "a"), ("aa", "a")]))
    assert found == [*"aaa", "aa", "merge 1", "aaa", "merge 2"]


def test_a_tree_needs_a_word() -> None:
    with pytest.raises(ValueError, match="at least one character"):
        merge_tree("", MERGES)


def test_skip_gram_has_one_positive_word_and_the_others_drawn() -> None:
    written = texts(skip_gram_diagram("sea", "storm", ["the", "gold"]))
    assert {"sea", "storm", "the", "gold"} <= set(written)
    assert [written.count(text) for text in ("target 1", "target 0")] == [1, 2]


def test_a_map_names_the_words_of_each_group_and_no_other() -> None:
    groups = {"titles": ["king", "duke"], "colours": ["red"]}
    figure = word_map(np.eye(4, 5), ["king", "red", "of", "duke"], groups)
    assert [text.get_text() for text in figure.axes[0].texts] == ["king", "duke", "red"]
    legend = figure.axes[0].get_legend()
    assert legend is not None
    labels = [text.get_text() for text in legend.get_texts()]
    plt.close(figure)
    assert labels == ["titles", "colours"]


def test_a_map_looks_at_directions_and_not_at_lengths() -> None:
    vectors = np.array([[1.0, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 9]])
    figure = word_map(vectors, "abcd", {"all": "abcd"})
    places = np.array(figure.axes[0].lines[0].get_xydata())
    plt.close(figure)
    assert np.allclose(places[2], places[3])
    assert not np.allclose(places[0], places[1])
