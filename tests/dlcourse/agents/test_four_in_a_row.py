"""The rules of four in a row, its players, and matches that both sides begin."""

from __future__ import annotations

import numpy as np
import pytest

from dlcourse.agents import four_in_a_row as game


def board_of(*rows: str) -> game.Boards:
    """One board from its lowest rows: X own, O the other's, . empty."""
    signs = {"X": 1, "O": -1, ".": 0}
    board = game.start(1)
    for row, text in enumerate(rows, start=game.ROWS - len(rows)):
        board[0, row] = [signs[sign] for sign in text]
    return board


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_a_stone_falls_to_the_lowest_empty_cell() -> None:
    boards = np.concatenate([game.start(1), board_of("...O..")])
    after = game.played(boards, [3, 3])
    assert np.array_equal(after[0], board_of("...X..")[0])
    assert np.array_equal(after[1], board_of("...X..", "...O..")[0])
    assert not boards[0].any()


def test_a_full_column_and_a_column_that_is_none_are_refused() -> None:
    full = board_of(*["X....."[:6], "O.....", "X.....", "O.....", "X....."])
    assert game.free(full)[0].tolist() == [False] + [True] * 5
    with pytest.raises(ValueError, match="full"):
        game.played(full, [0])
    with pytest.raises(ValueError, match="columns go from 0 to 5"):
        game.played(full, [6])


@pytest.mark.parametrize(
    "rows",
    [
        ("..XXXX",),
        (".X....", ".X....", ".X....", ".X...."),
        ("...X..", "..XO..", ".XOO..", "XOOO.."),
        ("X.....", "OX....", "OOX...", "OOOX.."),
    ],
)
def test_four_own_stones_win_in_every_direction(rows: tuple[str, ...]) -> None:
    board = board_of(*rows)
    assert game.four(board)[0]
    assert game.four(board[:, :, ::-1])[0]
    assert not game.four(-board)[0]


def test_three_or_a_line_around_the_edge_do_not_win() -> None:
    assert not game.four(board_of("XXX.XX"))[0]
    assert not game.four(board_of("X.....", "...XXX"))[0]


def test_all_moves_are_those_played_one_by_one() -> None:
    boards = game.openings(20, rng())
    following, room = game.after_moves(boards)
    for column in range(game.COLUMNS):
        some = room[:, column]
        single = game.played(boards[some], np.full(some.sum(), column))
        assert np.array_equal(following[some, column], single)


def test_the_rules_say_what_finished_games_are_worth() -> None:
    boards = board_of("OOO...", "XXX...")
    values, room = game.move_values(boards, lambda some: np.full(len(some), 0.25))
    assert room.all()
    assert values[0].tolist() == [0.25, 0.25, 0.25, 1.0, 0.25, 0.25]


def test_a_guided_player_takes_the_largest_value() -> None:
    def value(boards: game.Boards) -> np.ndarray:
        return np.asarray((boards[:, -1, 4] == 1) - 0.5)

    assert game.guided(value)(game.start(5), rng()).tolist() == [4] * 5


def test_a_search_wins_blocks_and_sees_a_fork_coming() -> None:
    win, block = board_of("OOO...", "XXX..."), board_of("OOO.X.")
    fork = board_of("......", ".OO...")  # the other's move to column 3 would make two threats
    assert game.searching(1)(win, rng()).tolist() == [3]
    assert game.searching(2)(block, rng()).tolist() == [3]
    assert {int(game.searching(2)(fork, rng(seed))[0]) for seed in range(40)} == set(range(6))
    assert {int(game.searching(4)(fork, rng(seed))[0]) for seed in range(40)} <= {0, 3, 4}


def test_a_search_agrees_with_one_that_knows_only_the_rules() -> None:
    def worth(board: game.Boards, depth: int) -> np.ndarray:
        def value(boards: game.Boards) -> np.ndarray:
            return np.array([-0.9 * worth(-b[None], depth - 1).max() for b in boards])

        def nothing(boards: game.Boards) -> np.ndarray:
            return np.zeros(len(boards))

        values, room = game.move_values(board, value if depth > 1 else nothing)
        return np.asarray(np.where(room, values, -np.inf)[0])

    for board in game.openings(4, rng(3), stones=8):
        best = worth(board[None], 3)
        chosen = {int(game.searching(3)(board[None], rng(seed))[0]) for seed in range(60)}
        assert chosen == set(np.flatnonzero(best >= best.max() - 1e-9).tolist())


def test_nobody_wins_at_once_from_an_opening() -> None:
    boards = game.openings(100, rng())
    assert (np.abs(boards).sum(axis=(1, 2)) == 4).all()
    assert (boards.sum(axis=(1, 2)) == 0).all()
    for side in (boards, -boards):
        following, _ = game.after_moves(side)
        assert not game.four(following.reshape(-1, game.ROWS, game.COLUMNS)).any()


def test_a_match_plays_both_sides_of_each_board() -> None:
    boards = game.openings(150, rng())
    scores = game.match(game.searching(2), game.random_player, boards, rng(1))
    assert scores.shape == (150, 2)
    assert set(np.unique(scores)) <= {0.0, 0.5, 1.0}
    assert (scores.mean(axis=0) > 0.7).all()
    turned = game.match(game.random_player, game.searching(2), boards, rng(1))
    assert (turned.mean(axis=0) < 0.3).all()


def test_a_match_counts_the_one_who_is_to_move_first() -> None:
    boards = board_of("OOO...", "XXX...")
    scores = game.match(game.searching(1), game.searching(1), boards, rng())
    assert scores.tolist() == [[1.0, 0.0]]
