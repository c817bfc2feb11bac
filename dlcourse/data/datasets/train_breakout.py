"""Train a DQN with a small convolutional network on MinAtar's Breakout; write breakout_dqn.npz.

    TF_NUM_INTRAOP_THREADS=1 python dlcourse/data/datasets/train_breakout.py

Run once, the result is shipped. Needs no accelerator: under four minutes of one free CPU core. The
snapshot that was best in its evaluation is kept, in float16.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np

from dlcourse.agents.dqn import evaluate, train_learner
from dlcourse.agents.minatar_games import BREAKOUT, Breakout, ConvolutionalQ, breakout_learner


def main() -> None:
    """Train, write the file, and say what it holds."""
    begin = time.process_time()
    run = train_learner(breakout_learner(), ConvolutionalQ, Breakout, BREAKOUT)
    print(f"{time.process_time() - begin:.0f} s of the processor; means {run.curve.round(1)}")
    weights: dict[str, Any] = {
        f"weights_{n}": w.astype(np.float16) for n, w in enumerate(run.best.weights)
    }
    returns = np.stack([one.returns for one in run.evaluations]).astype(np.int16)
    path = Path(__file__).with_name("breakout_dqn.npz")
    np.savez_compressed(path, steps=run.steps, returns=returns, **weights)
    stored = ConvolutionalQ([w for _, w in sorted(weights.items())])
    fresh = evaluate(stored, Breakout, seed=20_000, settings=BREAKOUT).returns
    print(f"{path.stat().st_size} bytes; 100 new games: {fresh.mean():.1f}")


if __name__ == "__main__":
    main()
