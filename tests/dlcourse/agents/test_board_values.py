"""A value network in NumPy computes what its layers say, and learns."""

from __future__ import annotations

import numpy as np

from dlcourse.agents import four_in_a_row as game
from dlcourse.agents.board_values import CELLS, ValueNetwork, values_of


def test_relu_stands_between_the_layers_and_tanh_behind() -> None:
    board = game.played(game.start(1), [0])
    first = np.zeros((CELLS, 2), np.float32)
    first[:, 0], first[:, 1] = 3.0, -5.0
    layers = [first, np.array([1.0, 0.0]), np.array([[0.5], [9.0]]), np.array([-1.0])]
    assert np.allclose(values_of(layers, board), np.tanh(0.5 * (3 + 1) - 1))


def test_a_network_sees_who_owns_a_stone() -> None:
    board = game.played(game.start(1), [2])
    network = ValueNetwork((8,), seed=1)
    assert network(board)[0] != network(-board)[0]


def test_the_seed_decides_the_first_weights() -> None:
    one, two, other = (ValueNetwork((8, 4), seed) for seed in (1, 1, 2))
    assert [layer.shape for layer in one.layers] == [(60, 8), (8,), (8, 4), (4,), (4, 1), (1,)]
    assert all(np.array_equal(a, b) for a, b in zip(one.layers, two.layers, strict=True))
    assert not np.array_equal(one.layers[0], other.layers[0])


def test_a_step_goes_down_the_slope_of_the_squared_error() -> None:
    boards, rng = game.openings(6, np.random.default_rng(0)), np.random.default_rng(1)
    targets = rng.uniform(-1, 1, 6)
    network = ValueNetwork((5, 3), seed=2)
    # Biases of 0 would lie on the bend of a ReLU, wherever a layer below is silent.
    for layer in network.layers:
        layer += 0.1 * rng.normal(size=layer.shape).astype(np.float32)
    network.layers = [layer.astype(float) for layer in network.layers]
    before = [layer.copy() for layer in network.layers]

    def error(layers: list[np.ndarray]) -> float:
        return float(np.mean((values_of(layers, boards) - targets) ** 2))

    found = network.step(boards, targets, rate=1e-3)
    assert np.isclose(found, error(before), atol=1e-6)
    for i, layer in enumerate(before):
        for place in list(np.ndindex(layer.shape))[-40:]:
            up, down = ([x.copy() for x in before] for _ in range(2))
            up[i][place] += 1e-5
            down[i][place] -= 1e-5
            slope = (error(up) - error(down)) / 2e-5
            moved = network.layers[i][place] - layer[place]
            # Adam's first step has the size of the rate, against the sign of the slope.
            if abs(slope) > 1e-5:
                assert np.isclose(moved, -1e-3 * np.sign(slope), rtol=0.02)


def test_it_learns_who_has_more_stones_in_the_middle() -> None:
    boards = game.openings(400, np.random.default_rng(0), stones=6)
    targets = np.clip(boards[:, :, 2:4].sum(axis=(1, 2)) / 3, -1, 1)
    network = ValueNetwork((16,), seed=0)
    for _ in range(200):
        last = network.step(boards, targets, 1e-2)
    assert last < 0.2 * np.var(targets)
