"""Figures of the project on four in a row show what its page says that they show."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcourse.figures.four_figures import (
    board_strip,
    lengths_of_training,
    project_diagram,
    scores_by_approach,
)


def test_each_board_has_its_title_and_its_stones() -> None:
    boards = np.zeros((3, 5, 6), int)
    boards[1, 4, :3] = [1, -1, 1]
    axes: Any = board_strip(boards, ["a", "b", "c"], columns=2).axes
    assert [ax.get_title() for ax in axes] == ["a", "b", "c", ""]
    markers = [line.get_marker() for line in axes[1].lines if line.get_color() != "white"]
    assert sorted(m for m in markers if m in ("o", "s")) == ["o", "o", "s"]


def test_values_stand_below_the_columns_where_there_are_any() -> None:
    values = np.array([[0.25, np.nan, -1.0, 0.0, 1.0, np.nan]])
    ax: Any = board_strip(np.zeros((1, 5, 6)), ["a"], values=values, columns=1).axes[0]
    assert [text.get_text() for text in ax.texts] == ["+0.2", "-1.0", "+0.0", "+1.0"]


def test_the_diagram_names_what_is_learned_and_what_is_measured() -> None:
    texts = " ".join(text.get_text() for text in project_diagram().axes[0].texts)
    for word in ("network", "games against", "targets", "openings", "opponents", "both sides"):
        assert word in texts


def test_every_opponent_has_a_panel_and_every_approach_its_mean() -> None:
    scores = {"one": np.array([[0.2, 0.4], [0.4, 0.6]]), "two": np.array([[0.8, 0.7]])}
    axes: Any = scores_by_approach(scores, ("weak", "strong")).axes
    assert [ax.get_title() for ax in axes] == ["weak", "strong"]
    means = [collection.get_segments()[0][0, 0] for collection in axes[1].collections]
    assert np.allclose(means, [0.5, 0.7])


def test_curves_have_standard_errors_over_runs() -> None:
    scores = np.array([[[0.2, 0.3], [0.4, 0.5]], [[0.4, 0.3], [0.6, 0.5]]])
    ax: Any = lengths_of_training([10, 20], scores, ("a", "b")).axes[0]
    assert np.allclose(ax.containers[0].lines[0].get_ydata(), [0.3, 0.5])
    bar = ax.containers[0].lines[2][0].get_segments()[0]
    assert np.allclose(bar[:, 1], [0.2, 0.4])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a", "b"]
