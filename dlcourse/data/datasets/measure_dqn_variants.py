"""Train DQN on CartPole with one part switched at a time; write dqn_runs.json.

    TF_NUM_INTRAOP_THREADS=1 python dlcourse/data/datasets/measure_dqn_variants.py [VARIANT ...]

Run once, the result is shipped. Needs no accelerator: about 90 seconds of one free CPU core for the
ten seeds of a variant, a third of that where overestimation is measured. What is stored already is
not trained again.
"""

from __future__ import annotations

import sys
from pathlib import Path

from dlcourse.agents.dqn_runs import OVERESTIMATION, VARIANTS, keep, measure, read

SEEDS = range(10)


def main(variants: list[str]) -> None:
    """Train what is not stored yet, and store each run at once."""
    path = Path(__file__).with_name("dqn_runs.json")
    done = {(run.variant, run.seed) for run in read(path)}
    for variant in variants:
        for seed in SEEDS:
            if (variant, seed) not in done:
                run = measure(variant, seed)
                print(variant, seed, run.returns, run.best, run.last, flush=True)
                keep([run], path)


if __name__ == "__main__":
    main(sys.argv[1:] or [*VARIANTS, *OVERESTIMATION])
