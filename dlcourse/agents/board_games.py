"""Tic-tac-toe, as a tree search and a network see it, and its perfect play by minimax."""

from __future__ import annotations

from functools import cache

import numpy as np

Board = tuple[int, ...]
"""Nine cells, row by row, as the player to move sees them: 1 own, -1 the other's, 0 empty."""

START: Board = (0,) * 9
LINES = (
    (0, 1, 2), (3, 4, 5), (6, 7, 8), (0, 3, 6), (1, 4, 7), (2, 5, 8), (0, 4, 8), (2, 4, 6),
)  # fmt: skip


def moves(board: Board) -> list[int]:
    """The cells that are empty; none where the game is over."""
    return [] if outcome(board) is not None else [i for i, cell in enumerate(board) if not cell]


def after(board: Board, move: int) -> Board:
    """The board after a move, as the other player sees it.

    Raises:
        ValueError: when the cell is taken.
    """
    if board[move]:
        raise ValueError(f"cell {move} is taken: {board}")
    return tuple(-(1 if i == move else cell) for i, cell in enumerate(board))


def outcome(board: Board) -> int | None:
    """-1 where the player to move has lost, 0 for a draw, None while the game goes on.

    Nobody can have won on their own turn: whoever made three in a row has just moved.
    """
    if any(board[a] + board[b] + board[c] == -3 for a, b, c in LINES):
        return -1
    return None if 0 in board else 0


@cache
def minimax(board: Board) -> int:
    """What perfect play of both gives the player to move: 1 a win, 0 a draw, -1 a loss."""
    ended = outcome(board)
    return ended if ended is not None else max(-minimax(after(board, m)) for m in moves(board))


def best_moves(board: Board) -> list[int]:
    """The moves that keep what perfect play gives."""
    return [m for m in moves(board) if -minimax(after(board, m)) == minimax(board)]


@cache
def positions() -> tuple[Board, ...]:
    """All positions that a game can reach in which there is a move, the start first."""
    seen: dict[Board, None] = {START: None}
    open_ = [START]
    while open_:
        board = open_.pop()
        for move in moves(board):
            following = after(board, move)
            if following not in seen:
                seen[following] = None
                open_.append(following)
    return tuple(board for board in seen if moves(board))


def planes(boards: np.ndarray) -> np.ndarray:
    """Boards (n, 9) as a network's input (n, 18): which cells are own, which the other's."""
    return np.concatenate([boards == 1, boards == -1], axis=1).astype("float32")


def symmetries() -> np.ndarray:
    """The eight orders (8, 9) of the cells under turns and mirrors of the board."""
    grid = np.arange(9).reshape(3, 3)
    turned = [np.rot90(grid, k) for k in range(4)]
    return np.array([g.ravel() for t in turned for g in (t, t.T)])
