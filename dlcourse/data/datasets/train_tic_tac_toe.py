"""Train the network of the figure "tic_tac_toe" of week 10 and write it into the figure.

    TF_NUM_INTRAOP_THREADS=1 python dlcourse/data/datasets/train_tic_tac_toe.py \
        book/_static/interactive/tic_tac_toe.js

Takes about half a minute. The network plays against itself by tree search, as on the page "Games
and robotics"; it never sees what minimax says. It prints how many positions it plays best.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import keras
import numpy as np

from dlcourse.agents.board_games import best_moves, planes, positions
from dlcourse.agents.tree_search import Example, advice, mirrored, network, self_play

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
SEED, HIDDEN, ROUNDS, GAMES, KEPT, SIMULATIONS = 0, 32, 20, 60, 5, 40


def policy_and_value() -> keras.Model:
    """18 inputs to nine logits and a value from -1 to 1."""
    board = keras.Input((18,))
    x = keras.layers.Dense(HIDDEN, activation="relu")(board)
    x = keras.layers.Dense(HIDDEN, activation="relu")(x)
    outputs = [keras.layers.Dense(9)(x), keras.layers.Dense(1, activation="tanh")(x)]
    model = keras.Model(board, outputs)
    losses = [keras.losses.CategoricalCrossentropy(from_logits=True), "mean_squared_error"]
    model.compile(keras.optimizers.Adam(3e-3), losses)
    return model


def trained() -> list[np.ndarray]:
    """The weights after some rounds of games against itself."""
    keras.utils.set_random_seed(SEED)
    rng, model = np.random.default_rng(SEED), policy_and_value()
    rounds: list[list[Example]] = []
    for _ in range(ROUNDS):
        evaluate = advice(model.get_weights())
        rounds.append([e for _ in range(GAMES) for e in self_play(evaluate, SIMULATIONS, rng)])
        boards, shares, results = mirrored([e for some in rounds[-KEPT:] for e in some])
        model.fit(planes(boards), [shares, results], batch_size=256, epochs=5, verbose=0)
    return [np.asarray(w) for w in model.get_weights()]


def best_share(weights: list[np.ndarray]) -> float:
    """The share of the positions with a worse move in which the network alone takes a best one."""
    asked = [b for b in positions() if len(best_moves(b)) < b.count(0)]
    prior = network(weights)(np.array(asked))[0] * (np.array(asked) == 0)
    return float(
        np.mean([int(p.argmax()) in best_moves(b) for p, b in zip(prior, asked, strict=True)])
    )


def written(weights: list[np.ndarray]) -> str:
    """All weights, one after another, as two characters each: 4,096 levels from -4 to 4."""
    flat = np.concatenate([w.ravel() for w in weights])
    if np.abs(flat).max() >= 4:
        raise ValueError(f"a weight is {flat[np.abs(flat).argmax()]:.2f}: it does not fit -4 to 4")
    levels = np.rint((flat + 4) / 8 * 4095).astype(int)
    return "".join(ALPHABET[n // 64] + ALPHABET[n % 64] for n in levels.tolist())


if __name__ == "__main__":
    weights = trained()
    print(f"network alone: {best_share(weights):.1%}")
    figure = Path(sys.argv[1])
    old = figure.read_text(encoding="utf-8")
    new, count = re.subn(r'const WEIGHTS = ".*";', f'const WEIGHTS = "{written(weights)}";', old)
    if count != 1:
        raise SystemExit(f"{figure} has no line 'const WEIGHTS = \"...\";': nothing written")
    figure.write_text(new, encoding="utf-8")
