"""Tic-tac-toe against what is known of it."""

from __future__ import annotations

import numpy as np
import pytest

from dlcourse.agents.board_games import (
    START,
    after,
    best_moves,
    minimax,
    moves,
    outcome,
    planes,
    positions,
    symmetries,
)


def test_the_game_has_as_many_positions_as_is_known() -> None:
    # 5,478 legal positions, of which 958 are over (626 wins of the first, 316 of the second
    # player, 16 draws).
    assert len(positions()) == 5478 - 958


def test_perfect_play_is_a_draw_from_the_start() -> None:
    assert minimax(START) == 0
    assert len(best_moves(START)) == 9


def test_a_corner_must_be_answered_in_the_middle() -> None:
    assert best_moves(after(START, 0)) == [4]


def test_a_line_loses_for_whoever_moves_next() -> None:
    board = START
    for move in (0, 3, 1, 4, 2):
        board = after(board, move)
    assert outcome(board) == -1
    assert moves(board) == []


def test_a_taken_cell_is_refused() -> None:
    with pytest.raises(ValueError, match="cell 4 is taken"):
        after(after(START, 4), 4)


def test_the_value_of_a_position_is_that_of_its_mirrors() -> None:
    some = positions()[::97]
    for board in some:
        turned = {minimax(tuple(np.array(board)[order].tolist())) for order in symmetries()}
        assert turned == {minimax(board)}


def test_a_network_sees_own_and_the_others_cells_apart() -> None:
    seen = planes(np.array([after(START, 4)]))
    assert seen.shape == (1, 18)
    assert seen[0].tolist() == [0.0] * 13 + [1.0] + [0.0] * 4
