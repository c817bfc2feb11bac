"""Train PPO and variants of it on CartPole with ten seeds each; write ppo_runs.npz.

    TF_NUM_INTRAOP_THREADS=1 python dlcourse/data/datasets/measure_ppo.py [VARIANT ...]

Run once, the result is shipped. Needs no accelerator: about half a minute of one free CPU core for
each variant. Named variants replace those of the same name in the file. Another processor rounds
differently, and single runs with it; what is said of ten of them should stay.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from dlcourse.agents.cart_poles import CartPoles, returns_on_cart_poles
from dlcourse.agents.ppo import Run, clipped_loss, gae, train
from dlcourse.agents.ppo_runs import CURVES, EVALUATION_SEED, SEEDS, VARIANTS


def ratio_of_one(log_p: Any, old_log_p: Any, *rest: Any) -> Any:
    """The loss with old log-probabilities computed by the network that is being trained."""
    import tensorflow as tf

    return clipped_loss(log_p, tf.stop_gradient(log_p), *rest)


def across_ends(rewards: Any, values: Any, _: Any, terminated: Any, ended: Any, *rest: Any) -> Any:
    """Advantages that take the first value of the next episode for what follows the last step."""
    following = np.concatenate([values[1:], values[-1:]])
    never = np.zeros_like(ended)
    return gae(rewards, values, following, never, never, *rest)


def cut_is_terminal(
    rewards: Any, values: Any, following: Any, terminated: Any, ended: Any, *rest: Any
) -> Any:
    """Advantages that add no value after the step at which the time limit cut an episode."""
    return gae(rewards, values, following, ended, ended, *rest)


OWN: dict[str, dict[str, Any]] = {
    "bug: ratio of 1": {"loss": ratio_of_one},
    "bug: across ends": {"advantages": across_ends},
    "bug: cut is terminal": {"advantages": cut_is_terminal},
}


def curve(run: Run, name: str, updates: int) -> np.ndarray:
    """One number for each `updates` updates: the mean of those that are there."""
    rows = run.curves[name]
    parts = rows[: len(rows) // updates * updates].reshape(-1, updates)
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", RuntimeWarning
        )  # the mean of no number is NaN, as it should
        return np.asarray(np.nanmean(parts, axis=1), np.float16)


def measured(name: str) -> dict[str, np.ndarray]:
    """The arrays of one variant, by their names in the file."""
    environments = CartPoles(8)
    settings = VARIANTS[name]
    rows: dict[str, list[np.ndarray]] = {key: [] for key in (*CURVES, "final")}
    for seed in SEEDS:
        run = train(environments, settings, seed=seed, **OWN.get(name, {}))
        for key in CURVES:
            rows[key].append(curve(run, key, _USUAL_ROLLOUT // settings.rollout))
        played = returns_on_cart_poles(run.agent.act, seed=EVALUATION_SEED)
        rows["final"].append(played.astype(np.float16))
        print(name, seed, played.mean(), flush=True)
    return {f"{name} {key}": np.stack(found) for key, found in rows.items()}


_USUAL_ROLLOUT = VARIANTS["PPO"].rollout


def main() -> None:
    """Measure the variants named in the command, or all."""
    path = Path(__file__).with_name("ppo_runs.npz")
    for name in sys.argv[1:] or VARIANTS:
        found = measured(name)
        before = dict(np.load(path)) if path.exists() else {}
        np.savez_compressed(path, **(before | found))


if __name__ == "__main__":
    main()
