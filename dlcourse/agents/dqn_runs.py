"""Trainings of DQN on CartPole with one part switched at a time, measured once for ten seeds each.

Training them all takes minutes, so that the chapter reads what
dlcourse/data/datasets/measure_dqn_variants.py stored, and repeats a few of them.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import gymnasium
import numpy as np
import numpy.typing as npt
from gymnasium.spaces import Discrete

from dlcourse.agents.dqn import (
    Environments,
    QFunction,
    Run,
    Settings,
    cart_poles,
    evaluate,
    train,
)  # fmt: skip
from dlcourse.data import files, manifest

__all__ = [
    "OVERESTIMATION", "VARIANTS", "DqnRun", "copied_actions", "curves", "dqn_runs", "keep",
    "measure", "read",
]  # fmt: skip

VARIANTS = {
    "recipe": Settings(),
    "no target network": Settings(copy_every=1),
    "no replay": Settings(buffer=Settings.round_steps),
    "not double": Settings(double=False),
    "dueling": Settings(dueling=True),
    "prioritized": Settings(prioritized=True),
}
"""The recipe, and what differs from it in one setting."""

OVERESTIMATION = {
    f"{copies} x 2 actions, {name}": Settings(
        double=name == "double", discount=0.95, copy_every=64, steps=12_500
    )
    for copies in (1, 16)
    for name in ("double", "not double")
}
"""Each action so many times, which changes nothing but the number of values that a maximum is taken
over. No discounted return from here can exceed 1 / (1 - 0.95) = 20."""

FRESH = 100
"""Episodes that measure the best snapshot and the last network, after all selection."""


class _CopiedActions(gymnasium.vector.VectorWrapper[Any, Any, Any]):
    def __init__(self, environments: Environments, copies: int) -> None:
        super().__init__(environments)
        self._actions = int(cast(Discrete, environments.single_action_space).n)
        self.single_action_space = Discrete(self._actions * copies)

    def step(self, actions: npt.NDArray[np.integer[Any]]) -> Any:
        return self.env.step(actions % self._actions)


def copied_actions(copies: int, count: int) -> Environments:
    """CartPole, `count` of them; each action has `copies` numbers: a and a + 2 are the same."""
    return _CopiedActions(cart_poles(count), copies) if copies > 1 else cart_poles(count)


@dataclass(frozen=True)
class DqnRun:
    """One training; the lists have a number for each evaluation."""

    variant: str
    seed: int
    steps: list[int]
    returns: list[float]
    """Mean of the greedy episodes of an evaluation."""
    predicted: list[float]
    """Mean of the largest Q-value in the first states."""
    discounted: list[float]
    """Mean of the discounted returns from there."""
    played: list[float]
    """Mean return of the training episodes, with exploration, that ended since the evaluation
    before; that of the whole training where none did."""
    best: float
    """Mean of `FRESH` new episodes of the snapshot that was best in its evaluation."""
    last: float
    """The same of the network at the end."""


def measure(variant: str, seed: int) -> DqnRun:
    """Train and evaluate one variant with one seed."""
    settings = (VARIANTS | OVERESTIMATION)[variant]
    copies = int(variant.split()[0]) if variant in OVERESTIMATION else 1
    make = functools.partial(copied_actions, copies)
    run = train(make, settings, seed=seed)
    best, last = (
        evaluate(q, make, episodes=FRESH, seed=20_000 + seed, settings=settings).returns.mean()
        for q in (run.best, run.last)
    )
    return DqnRun(
        variant, seed, run.steps.tolist(), np.round(run.curve, 2).tolist(),
        [round(float(one.predicted.mean()), 2) for one in run.evaluations],
        [round(float(one.discounted.mean()), 2) for one in run.evaluations],
        [round(value, 2) for value in _played(run)],
        round(float(best), 2), round(float(last), 2),
    )  # fmt: skip


def _played(run: Run[QFunction]) -> list[float]:
    interval = np.searchsorted(run.steps, run.ends)
    return [
        float(run.played[interval == place].mean() if (interval == place).any() else
              run.played.mean())
        for place in range(len(run.steps))
    ]  # fmt: skip


def dqn_runs() -> tuple[DqnRun, ...]:
    """All stored runs, by variant and seed.

    Raises:
        DataError: if the file is not the known one.
    """
    return read(files.locate(manifest.DQN_RUNS))


def curves(runs: Iterable[DqnRun], variant: str, field: str = "returns") -> npt.NDArray[np.float64]:
    """One of the lists of all runs of a variant, (seeds, evaluations)."""
    return np.array([getattr(run, field) for run in runs if run.variant == variant])


def keep(runs: Iterable[DqnRun], path: Path) -> None:
    """Write runs to a file, in order, in the place of older ones of the same variant and seed."""
    by_kind = {(run.variant, run.seed): run for run in (*read(path), *runs)}
    lines = ",\n".join(json.dumps(asdict(by_kind[kind])) for kind in sorted(by_kind))
    path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def read(path: Path) -> tuple[DqnRun, ...]:
    """The runs in a file, none if it does not exist."""
    if not path.exists():
        return ()
    return tuple(DqnRun(**row) for row in json.loads(path.read_text(encoding="utf-8")))
