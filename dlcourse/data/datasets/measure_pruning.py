"""Train pruned networks with three seeds each; write pruning_runs.json.

    TF_NUM_INTRAOP_THREADS=1 python dlcourse/data/datasets/measure_pruning.py [SEED ...]

Run once, the result is shipped. Needs no accelerator. What is stored already is not trained again.
Which weights go is the chapter's own code: its cells that define the functions below are run here.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np

from dlcourse.compression import reference
from dlcourse.compression.masked_training import MaskedTraining, Plan
from dlcourse.compression.pruning_runs import PruningRun, keep, read

SEEDS = range(3)
SPARSITIES = (0.9, 0.95, 0.98, 0.99)
EXTREMES = (0.9, 0.98)
TICKETS = (0.95, 0.98, 0.99)
SHARES = (0.5, 0.25)
PAGE = Path(__file__).parents[3] / "book/week11/02_pruning.md"
DEFINED = ("use_style()", "def accuracy_of", "def global_masks", "def layer_masks", "def cubic",
           "def fine_tuned", "def starts", "def kept_by_norm")  # fmt: skip

Job = tuple[str, str, float, Callable[[], float]]


def chapter() -> dict[str, Any]:
    """What the chapter's cells define that are needed here."""
    names: dict[str, Any] = {}
    for part in PAGE.read_text().split("```{code-cell} ipython3\n")[1:]:
        code = part.split("\n```")[0]
        if code.startswith("---\n"):
            code = code.split("\n---\n", 1)[1]
        if any(definition in code for definition in DEFINED) and "@practice" not in code:
            exec(code, names)
    return names


def fine_tuning(page: dict[str, Any], seed: int) -> Iterator[Job]:
    """The dense network trained on, and pruned networks trained on for as many steps."""
    accuracy_of, train, tuned = page["accuracy_of"], page["train"], page["fine_tuned"]

    def dense() -> float:
        return float(accuracy_of(train(page["weights"], page["plan"], seed=seed)))

    def pruned(masks_of: Any, sparsity: float, gradual: bool) -> float:
        return float(accuracy_of(tuned(masks_of, sparsity, seed, gradual)))

    def random(kernels: Any, sparsity: float) -> Any:
        return page["random_masks"](kernels, sparsity, seed)

    yield "fine-tuning", "dense", 0.0, dense
    for name, masks_of, gradual, levels in (
        ("one shot, global", page["global_masks"], False, SPARSITIES),
        ("gradual, global", page["global_masks"], True, SPARSITIES),
        ("one shot, per layer", page["layer_masks"], False, EXTREMES),
        ("one shot, random", random, False, EXTREMES),
    ):
        for sparsity in levels:
            yield "fine-tuning", name, sparsity, partial(pruned, masks_of, sparsity, gradual)


def lottery(page: dict[str, Any], seed: int) -> Iterator[Job]:
    """A dense network from its initial weights, and four trainings with masks taken from it."""
    train, plan = page["train"], page["plan"]

    def trained(start: Any, masks: Any) -> float:
        return float(page["accuracy_of"](train(start, plan, seed=seed, masks=masks)))

    keras.utils.set_random_seed(seed)
    initial = reference.network().get_weights()
    dense = train(initial, plan, seed=seed)
    yield "lottery", "dense", 0.0, partial(page["accuracy_of"], dense)
    for sparsity in TICKETS:
        for name, (start, masks) in page["starts"](dense, initial, sparsity, seed).items():
            yield "lottery", name, sparsity, partial(trained, start, masks)


def channels(page: dict[str, Any], seed: int) -> Iterator[Job]:
    """Smaller networks: channels of large norms or random ones, trained on; new ones."""
    weights, plan = page["weights"], page["plan"]

    def trained(train: Any, network: Any, start: Any, used: Plan) -> float:
        return float(page["accuracy_of"](train(start, used, seed=seed), network))

    for share in SHARES:
        by_norm = page["kept_by_norm"](weights, share)
        rng = np.random.default_rng(seed)
        random = [
            np.sort(rng.permutation(bias.size)[: len(kept)])
            for bias, kept in zip(weights[1:6:2], by_norm, strict=True)
        ]
        keras.utils.set_random_seed(seed)
        small = reference.network((len(by_norm[0]), len(by_norm[1])), len(by_norm[2]))
        new, train = small.get_weights(), MaskedTraining(small, page["images"], page["labels"])
        for name, start, used in (
            ("by norm", page["smaller"](weights, by_norm), plan),
            ("random", page["smaller"](weights, random), plan),
            ("from scratch", new, replace(plan, epochs=18)),
        ):
            yield "channels", name, share, partial(trained, train, small, start, used)


def main(seeds: list[int]) -> None:
    """Train what is not stored yet, and store each run at once."""
    path, page = Path(__file__).with_name("pruning_runs.json"), chapter()
    done = {(run.experiment, run.method, run.level, run.seed) for run in read(path)}
    for seed in seeds:
        for group in (fine_tuning, lottery, channels):
            for experiment, method, level, job in group(page, seed):
                if (experiment, method, level, seed) not in done:
                    run = PruningRun(experiment, method, level, seed, round(float(job()), 4))
                    print(run, flush=True)
                    keep(run, path)


if __name__ == "__main__":
    main([int(seed) for seed in sys.argv[1:]] or list(SEEDS))
