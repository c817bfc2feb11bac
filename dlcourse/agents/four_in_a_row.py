"""Four in a row on a small board: the rules, players of three strengths, and matches of many games.

All functions take many boards at once. A board is (5, 6), the top row first, as one player sees it:
1 own stones, -1 the other's, 0 empty. A stone falls to the lowest empty cell of its column. Four
own stones in a row, a column or a diagonal win.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

__all__ = [
    "COLUMNS", "ROWS", "Boards", "Player", "Value", "after_moves", "four", "free", "guided",
    "match", "move_values", "openings", "planes", "played", "random_player", "searching", "start",
]  # fmt: skip

ROWS, COLUMNS = 5, 6

Boards = npt.NDArray[np.int8]
"""(n, 5, 6), as the player sees them that is asked."""
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Bits = npt.NDArray[np.int64]

Player = Callable[[Boards, np.random.Generator], npt.NDArray[np.int64]]
"""Takes boards in which it is to move, (n, 5, 6), and a generator; says n columns."""
Value = Callable[[Boards], npt.NDArray[np.float64]]
"""Of boards (n, 5, 6) as those see them that have just moved: values (n,) for them."""

WIN = 1.0
LATER = 0.9
"""What a win counts that comes one move later."""


def start(count: int) -> Boards:
    """Empty boards: (count, 5, 6)."""
    return np.zeros((count, ROWS, COLUMNS), np.int8)


def free(boards: Boards) -> Bools:
    """In which columns there is room: (n, 6)."""
    return np.asarray(boards[:, 0] == 0)


def played(boards: Boards, columns: npt.ArrayLike) -> Boards:
    """The boards after an own stone was dropped into a column of each, seen by the same player.

    Raises:
        ValueError: when a column is full or there is no such column.
    """
    chosen = np.asarray(columns)
    if np.any((chosen < 0) | (chosen >= COLUMNS)):
        raise ValueError(f"columns go from 0 to {COLUMNS - 1}")
    each = np.arange(len(boards))
    rows = (boards[each, :, chosen] == 0).sum(axis=1) - 1
    if np.any(rows < 0):
        raise ValueError("a column is full")
    following = boards.copy()
    following[each, rows, chosen] = 1
    return following


def after_moves(boards: Boards) -> tuple[Boards, Bools]:
    """The boards after each own move, (n, 6, 5, 6), and which moves there are, (n, 6).

    Where there is no such move the board is as before.
    """
    room = free(boards)
    rows = np.maximum((boards == 0).sum(axis=1) - 1, 0)
    following = np.repeat(boards[:, None], COLUMNS, axis=1)
    n, c = np.nonzero(room)
    following[n, c, rows[n, c], c] = 1
    return following, room


def four(boards: Boards) -> Bools:
    """Whether the own stones have four in a row: (n,)."""
    return _four_bits(_bits(boards == 1))


def planes(boards: Boards) -> npt.NDArray[np.float32]:
    """Boards as a network's input, (n, 5, 6, 2): which cells are own, which the other's."""
    return np.stack([boards == 1, boards == -1], axis=-1).astype(np.float32)


def random_player(boards: Boards, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Any column in which there is room, each with the same chance."""
    return _largest(np.zeros((len(boards), COLUMNS)), free(boards), rng)


def _largest(values: Floats, allowed: Bools, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """The column with the largest value among those allowed; of equal ones any."""
    shown = np.where(allowed, values, -np.inf)
    best = shown >= shown.max(axis=1, keepdims=True) - 1e-9
    drawn = np.where(best & allowed, rng.random(values.shape), -1.0)
    return np.asarray(drawn.argmax(axis=1), np.int64)


def searching(depth: int) -> Player:
    """A player that tries all continuations of so many moves and knows nothing beyond them.

    A win counts the more, the sooner it comes, and what is not decided counts 0. Among equally
    good moves it draws. With depth 1 it wins where it can, with depth 2 it also blocks.
    """

    def player(boards: Boards, rng: np.random.Generator) -> npt.NDArray[np.int64]:
        own, taken = _bits(boards == 1), _bits(boards != 0)
        return _largest(_searched(own, taken, depth), free(boards), rng)

    return player


# A board as a whole number: six bits for each column, the lowest cell first, the sixth always 0.
_HEIGHT = ROWS + 1


def _bits(cells: Bools) -> Bits:
    """Cells (n, 5, 6) as whole numbers (n,)."""
    places = np.arange(COLUMNS)[None] * _HEIGHT + np.arange(ROWS)[::-1, None]
    return np.asarray(np.where(cells, np.int64(1) << places, 0).sum(axis=(1, 2)))


def _four_bits(own: Bits) -> Bools:
    """Whether there are four in a row: up, to the side, and along both diagonals."""
    found = np.zeros(own.shape, bool)
    for step in (1, _HEIGHT, _HEIGHT - 1, _HEIGHT + 1):
        pairs = own & (own >> step)
        found |= (pairs & (pairs >> 2 * step)) != 0
    return found


def _searched(own: Bits, taken: Bits, depth: int) -> Floats:
    """What each move is worth by a search, (n, 6); -inf where there is no such move."""
    columns = np.arange(COLUMNS)
    following = taken[:, None] | (taken[:, None] + (np.int64(1) << columns * _HEIGHT))
    room = (taken[:, None] >> (columns * _HEIGHT + ROWS - 1)) & 1 == 0
    ours = own[:, None] | (following & ~taken[:, None])
    won = _four_bits(ours)
    values = np.where(room, won * WIN, -np.inf)
    go_on = room & ~won & (following != _FULL)
    if depth > 1 and go_on.any():
        replies = _searched((following & ~ours)[go_on], following[go_on], depth - 1)
        values[go_on] = -LATER * replies.max(axis=1)
    return values


_FULL = sum(((1 << ROWS) - 1) << column * _HEIGHT for column in range(COLUMNS))


def guided(value: Value) -> Player:
    """A player that looks one move ahead: it moves to where the value is largest.

    Args:
        value: of boards as those see them that have just moved; see `move_values`.
    """

    def player(boards: Boards, rng: np.random.Generator) -> npt.NDArray[np.int64]:
        return _largest(*move_values(boards, value), rng)

    return player


def move_values(boards: Boards, value: Value) -> tuple[Floats, Bools]:
    """What each move is worth for the one who makes it, and which moves there are: (n, 6) both.

    The rules say what a finished game is worth: 1 a win, 0 a full board. The value is asked for all
    others. Where there is no move its worth is 0 and means nothing.
    """
    following, room = after_moves(boards)
    flat = following.reshape(-1, ROWS, COLUMNS)
    won = four(flat)
    values = np.where(won, WIN, 0.0)
    open_ = room.ravel() & ~won & free(flat).any(axis=1)
    if open_.any():
        values[open_] = np.asarray(value(flat[open_]), float).reshape(-1)
    return values.reshape(room.shape), room


def openings(count: int, rng: np.random.Generator, stones: int = 4) -> Boards:
    """Boards after so many random moves in which nobody has won or wins at once: (count, 5, 6)."""
    found = start(0)
    while len(found) < count:
        boards = start(2 * count)
        for _ in range(stones):
            boards = -played(boards, random_player(boards, rng))
        quiet = ~four(boards) & ~four(-boards)
        for side in (boards, -boards):
            following, _ = after_moves(side)
            won = four(following.reshape(-1, ROWS, COLUMNS)).reshape(-1, COLUMNS)
            quiet &= ~won.any(axis=1)
        found = np.concatenate([found, boards[quiet]])
    return found[:count]


def match(player: Player, opponent: Player, boards: Boards, rng: np.random.Generator) -> Floats:
    """Two games from each board, once with the player to move and once with the opponent.

    Args:
        player: whose scores are counted.
        opponent: of it.
        boards: (n, 5, 6), as the one sees them who moves first.
        rng: of both players' draws.

    Returns:
        Scores (n, 2): 1 for a win, 0.5 for a draw, 0 for a loss; first those games in which the
        player moved first.
    """
    count = len(boards)
    now = np.concatenate([boards, boards])
    ours = np.repeat([True, False], count)
    scores = np.full(2 * count, np.nan)
    running = np.ones(2 * count, bool)
    while running.any():
        for mover, turn in ((player, True), (opponent, False)):
            some = np.flatnonzero(running & (ours == turn))
            if len(some) == 0:
                continue
            now[some] = played(now[some], mover(now[some], rng))
            won = four(now[some])
            full = ~free(now[some]).any(axis=1)
            scores[some[won]] = 1.0 if turn else 0.0
            scores[some[full & ~won]] = 0.5
            running[some[won | full]] = False
            now[some] = -now[some]
            ours[some] = not turn
    return scores.reshape(2, count).T
