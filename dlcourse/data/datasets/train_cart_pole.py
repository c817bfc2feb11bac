"""Train a DQN on CartPole with the recipe of chapter 3 of week 9; write cart_pole_dqn.npz.

    TF_NUM_INTRAOP_THREADS=1 python dlcourse/data/datasets/train_cart_pole.py

Run once, the result is shipped. Needs no accelerator: about 15 seconds of one CPU core.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from dlcourse.agents.dqn import evaluate, train

SEED = 0


def main() -> None:
    """Train, store the best snapshot and the last network, and print what both reach."""
    run = train(seed=SEED)
    arrays: dict[str, Any] = {
        f"{name}_{place}": array
        for name, q in (("best", run.best), ("last", run.last))
        for place, array in enumerate(q.weights)
    }
    np.savez_compressed(Path(__file__).with_name("cart_pole_dqn.npz"), **arrays)
    for name, q in (("best", run.best), ("last", run.last)):
        print(name, evaluate(q, episodes=100, seed=20_000).returns.mean())


if __name__ == "__main__":
    main()
