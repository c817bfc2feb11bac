"""Tree search against perfect play."""

from __future__ import annotations

import numpy as np
import pytest

from dlcourse.agents.board_games import START, Board, after, best_moves, minimax, positions
from dlcourse.agents.tree_search import (
    Node,
    legal,
    mirrored,
    network,
    rollouts,
    search,
    self_play,
)


def perfect(board: Board) -> tuple[np.ndarray, float]:
    """Every move alike, and the true value."""
    return legal(np.ones(9), board), float(minimax(board))


def test_with_the_true_values_the_search_plays_best() -> None:
    for board in positions()[::61]:
        assert int(search(board, perfect, 60).argmax()) in best_moves(board)


def test_visits_add_up_to_the_simulations_and_avoid_taken_cells() -> None:
    board = after(START, 4)
    visits = search(board, perfect, 37)
    assert visits.sum() == 37
    assert visits[4] == 0


def test_a_longer_search_by_rollouts_finds_more_of_the_best_moves() -> None:
    some = positions()[::41]
    rng = np.random.default_rng(0)
    found = [
        np.mean([int(search(b, rollouts(rng), n).argmax()) in best_moves(b) for b in some])
        for n in (2, 300)
    ]
    assert found[1] > found[0] + 0.1


def test_a_move_that_was_good_is_taken_again_and_one_without_prior_never() -> None:
    node = Node(np.array([0.5, 0.5, 0, 0, 0, 0, 0, 0, 0]))
    node.visits[:2], node.total[:2] = [5, 5], [4, -4]
    assert node.choose(1.0) == 0
    node.total[2] = 100
    assert node.choose(1.0) == 0


def test_a_game_against_itself_gives_each_position_the_end_as_its_player_sees_it() -> None:
    for seed in range(20):
        examples = list(
            self_play(rollouts(np.random.default_rng(seed)), 5, np.random.default_rng(seed))
        )
        results = [e.result for e in examples]  # from the last position to the first
        assert results[0] in (0.0, 1.0)
        assert results == [results[0] * (-1) ** i for i in range(len(results))]


def test_examples_are_turned_and_mirrored_with_their_moves() -> None:
    (example, *_) = self_play(rollouts(np.random.default_rng(1)), 9, np.random.default_rng(1))
    boards, shares, results = mirrored([example])
    assert boards.shape == shares.shape == (8, 9)
    assert set(results) == {example.result}
    for board, share in zip(boards, shares, strict=True):
        assert not share[board != 0].any()


def test_a_networks_probabilities_add_up_to_one() -> None:
    rng = np.random.default_rng(0)
    shapes = ((18, 8), (8,), (8, 8), (8,), (8, 9), (9,), (8, 1), (1,))
    prior, value = network([rng.normal(size=s) for s in shapes])(np.array(positions()[:5]))
    assert prior.sum(axis=1) == pytest.approx(np.ones(5))
    assert (np.abs(value) <= 1).all()
