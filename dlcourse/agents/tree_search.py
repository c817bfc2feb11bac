"""Monte Carlo tree search with a network's advice, and the network's training by playing itself.

D. Silver et al. (2017), "Mastering the game of Go without human knowledge", and (2018), "A general
reinforcement learning algorithm that masters chess, shogi, and Go through self-play".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from dlcourse.agents.board_games import (
    START,
    Board,
    after,
    moves,
    outcome,
    planes,
    symmetries,
)

Evaluate = Callable[[Board], tuple[np.ndarray, float]]
"""Of a board: probabilities of the nine moves, and the value for the player to move."""


@dataclass
class Node:
    """What a search knows of one position: for each of the nine moves.

    Attributes:
        prior: probability that the evaluation gives to a move, 0 where it is none, shape (9,).
        visits: how often the search took it, shape (9,).
        total: the sum of the values that came of it, for the player to move here, shape (9,).
    """

    prior: np.ndarray
    visits: np.ndarray = field(default_factory=lambda: np.zeros(9))
    total: np.ndarray = field(default_factory=lambda: np.zeros(9))

    def choose(self, exploration: float) -> int:
        """The move with the largest sum of mean value and bonus."""
        value = self.total / np.maximum(self.visits, 1)
        bonus = self.prior * np.sqrt(self.visits.sum() + 1) / (1 + self.visits)
        return int(np.where(self.prior > 0, value + exploration * bonus, -np.inf).argmax())


def legal(prior: np.ndarray, board: Board) -> np.ndarray:
    """Probabilities of the moves that there are, adding up to one."""
    allowed = np.isin(np.arange(9), moves(board))
    kept = np.where(allowed, prior + 1e-6, 0.0)
    return np.asarray(kept / kept.sum())


def search(
    board: Board,
    evaluate: Evaluate,
    simulations: int,
    *,
    exploration: float = 1.5,
    noise: np.ndarray | None = None,
) -> np.ndarray:
    """How often each of the nine moves was taken from a position, shape (9,).

    Args:
        board: the position, in which there is a move.
        evaluate: prior and value of a position that the search meets for the first time.
        simulations: how often it walks down from the position.
        exploration: the factor of the bonus.
        noise: probabilities (9,) of which the root's prior takes a quarter, for self-play.
    """
    tree: dict[Board, Node] = {}
    root = _expand(tree, board, evaluate)[0]
    if noise is not None:
        root.prior = legal(0.75 * root.prior + 0.25 * noise, board)
    for _ in range(simulations):
        _simulate(tree, board, evaluate, exploration)
    return root.visits


def _expand(tree: dict[Board, Node], board: Board, evaluate: Evaluate) -> tuple[Node, float]:
    prior, value = evaluate(board)
    tree[board] = Node(legal(prior, board))
    return tree[board], value


def _simulate(
    tree: dict[Board, Node], board: Board, evaluate: Evaluate, exploration: float
) -> None:
    path: list[tuple[Node, int]] = []
    value: float | None = None
    while value is None:
        node = tree.get(board)
        if node is None:
            value = _expand(tree, board, evaluate)[1]
            break
        move = node.choose(exploration)
        path.append((node, move))
        board = after(board, move)
        value = outcome(board)
    for node, move in reversed(path):
        value = -value  # what is good for one is bad for the other
        node.visits[move] += 1
        node.total[move] += value


def rollouts(rng: np.random.Generator) -> Evaluate:
    """No advice: every move alike, and the value of one game played to its end at random."""

    def evaluate(board: Board) -> tuple[np.ndarray, float]:
        sign = 1.0
        start = board
        while (ended := outcome(board)) is None:
            board, sign = after(board, int(rng.choice(moves(board)))), -sign
        return legal(np.ones(9), start), sign * ended

    return evaluate


Weights = Sequence[np.ndarray]
"""W1 (18, h), b1, W2 (h, h), b2, policy (h, 9), b, value (h, 1), b."""


def network(weights: Weights) -> Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Two hidden layers in NumPy: boards (n, 9) to probabilities (n, 9) and values (n,)."""
    w1, b1, w2, b2, wp, bp, wv, bv = weights

    def forward(boards: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        hidden = np.maximum(np.maximum(planes(boards) @ w1 + b1, 0) @ w2 + b2, 0)
        scores = hidden @ wp + bp
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        return odds / odds.sum(axis=1, keepdims=True), np.tanh(hidden @ wv + bv)[:, 0]

    return forward


def advice(weights: Weights) -> Evaluate:
    """A network's prior and value of one board; each board is computed once."""
    forward = network(weights)
    known: dict[Board, tuple[np.ndarray, float]] = {}

    def evaluate(board: Board) -> tuple[np.ndarray, float]:
        if board not in known:
            prior, value = forward(np.array([board]))
            known[board] = prior[0], float(value[0])
        return known[board]

    return evaluate


@dataclass(frozen=True)
class Example:
    """What a game of self-play says of one of its positions."""

    board: Board
    visits: np.ndarray
    result: float


def self_play(
    evaluate: Evaluate, simulations: int, rng: np.random.Generator, *, random_moves: int = 4
) -> Iterator[Example]:
    """One game against itself; the first moves are drawn by the visits, the later ones are best."""
    board, seen = START, []
    while (ended := outcome(board)) is None:
        visits = search(board, evaluate, simulations, noise=rng.dirichlet(np.ones(9)))
        share = visits / visits.sum()
        seen.append((board, share))
        move = rng.choice(9, p=share) if len(seen) <= random_moves else share.argmax()
        board = after(board, int(move))
    for i, (position, share) in enumerate(reversed(seen)):
        # The one who would move at the end has lost or drawn, the one before has won or drawn.
        yield Example(position, share, float(ended if i % 2 else -ended))


def mirrored(examples: Sequence[Example]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Boards (8 n, 9), shares of visits (8 n, 9) and results (8 n,) in all turns and mirrors."""
    orders = symmetries()
    boards = np.array([e.board for e in examples])[:, orders]
    shares = np.array([e.visits for e in examples])[:, orders]
    results = np.repeat([e.result for e in examples], len(orders))
    return boards.reshape(-1, 9), shares.reshape(-1, 9), results
