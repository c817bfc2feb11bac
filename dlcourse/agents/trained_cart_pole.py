"""A DQN that was trained on CartPole once, by dlcourse/data/datasets/train_cart_pole.py.

A training takes the same course on one machine only: what a page says of this agent must hold on
every machine, so that its weights are shipped.
"""

from __future__ import annotations

import numpy as np

from dlcourse.agents.dqn import QFunction
from dlcourse.data import files, manifest

__all__ = ["trained_cart_pole"]


def trained_cart_pole() -> tuple[QFunction, QFunction]:
    """The snapshot that was best in its evaluation, and the network at the end of the training.

    Raises:
        DataError: if the file is not the known one.
    """
    with np.load(files.locate(manifest.CART_POLE_DQN), allow_pickle=False) as stored:
        best, last = (
            QFunction(tuple(stored[f"{name}_{place}"] for place in range(6)))
            for name in ("best", "last")
        )
    return best, last
