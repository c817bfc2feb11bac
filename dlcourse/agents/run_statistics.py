"""What may be said about an agent from a number of runs, or of episodes.

Scores are given as runs of one task, shape (runs,), or as several tasks, one row of runs each;
rows may differ in length. Intervals resample runs within each task, never across tasks. The
statistics are those of Agarwal and others, "Deep reinforcement learning at the edge of the
statistical precipice" (NeurIPS 2021); the work is done by scipy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

__all__ = [
    "bootstrap_interval",
    "interquartile_mean",
    "mean_lower_bound",
    "performance_profile",
    "probability_of_improvement",
]

Scores = npt.ArrayLike | Sequence[npt.ArrayLike]
"""(runs,), or one row of runs for each task."""

Statistic = Callable[..., Any]
"""From an array and `axis=`, such as `np.mean`, `np.median`, `interquartile_mean`."""


def interquartile_mean(scores: npt.ArrayLike, axis: int | None = None) -> Any:
    """The mean of the middle half: the lowest and the highest quarter of the scores are left out.

    Of n scores, the `n // 4` lowest and as many of the highest are left out.

    Args:
        scores: any shape.
        axis: along which; by default over all scores.
    """
    return stats.trim_mean(np.asarray(scores, float), 0.25, axis=axis)


def bootstrap_interval(
    scores: Scores,
    statistic: Statistic = np.mean,
    *,
    confidence: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> tuple[float, float]:
    """Two-sided percentile bootstrap interval of a statistic of all scores.

    Runs are drawn with replacement within each task (stratified), the tasks are kept. With few
    runs the interval is too short: with five it holds the truth less often than it says.

    Args:
        scores: runs of one task, or one row of runs for each task.
        statistic: of all scores together; has the argument `axis`.
        confidence: that the interval should have.
        resamples: how often the runs are drawn.
        seed: of the draws.

    Raises:
        ValueError: when a task has fewer than two runs, or a score is not finite.
    """
    tasks = _tasks(scores, least=2)

    def pooled(*drawn: np.ndarray, axis: int = -1) -> Any:
        return statistic(np.concatenate(drawn, axis=axis), axis=axis)

    found = stats.bootstrap(
        tasks, pooled, confidence_level=confidence, n_resamples=resamples,
        method="percentile", vectorized=True, rng=np.random.default_rng(seed),
    ).confidence_interval  # fmt: skip
    return float(found.low), float(found.high)


def probability_of_improvement(scores: Scores, baseline: Scores) -> float:
    """How often a run drawn at random is better than a run of the baseline, a tie counting half.

    For one task it is the Mann-Whitney U statistic divided by the number of pairs; for several,
    the mean over tasks.

    Args:
        scores: runs of one task, or one row of runs for each task.
        baseline: runs of the same tasks; their number may differ.

    Raises:
        ValueError: when the two do not have the same number of tasks, or a task has no run.
    """
    ours, theirs = _tasks(scores, least=1), _tasks(baseline, least=1)
    if len(ours) != len(theirs):
        raise ValueError(
            f"the scores are of {len(ours)} tasks and the baseline's of {len(theirs)}: compare "
            "the same tasks, one row of runs for each"
        )
    return float(np.mean([_wins(x, y) for x, y in zip(ours, theirs, strict=True)]))


def performance_profile(scores: Scores, levels: npt.ArrayLike) -> np.ndarray:
    """The share of runs whose score is above each level, averaged over tasks.

    Args:
        scores: runs of one task, or one row of runs for each task, on one scale.
        levels: shape (n,).

    Returns:
        shape (n,), falling from 1 to 0.
    """
    at = np.asarray(levels, float)
    shares = [np.mean(task[:, None] > at, axis=0) for task in _tasks(scores, least=1)]
    return np.asarray(np.mean(shares, axis=0))


def mean_lower_bound(returns: npt.ArrayLike, confidence: float = 0.95) -> float:
    """A one-sided lower confidence bound of the mean return: mean minus t standard errors.

    Student's t, exact for normal returns and independent episodes. Returns with a long tail below
    (nearly always the maximum, seldom a failure) make it too high. Of 100 episodes that give 500,
    or a number drawn between 0 and 500 when they fail, the bound of 95 % was below the mean in
    92 % of 4,000 simulations with one failure in five, in 85 % with one in twenty, and in 74 % with
    one in fifty. No bound from episodes alone excludes a failure that none of them showed.

    Args:
        returns: of n independent episodes of one fixed policy, or of n training runs; shape (n,).
        confidence: the chance, before the episodes are played, that the bound will be below the
            true mean.

    Raises:
        ValueError: for fewer than two returns, returns that are not finite, or a confidence
            outside of (0, 1).
    """
    values = _tasks(np.ravel(np.asarray(returns, float)), least=2)[0]
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}: it must lie between 0 and 1")
    standard_error = values.std(ddof=1) / np.sqrt(len(values))
    return float(values.mean() - stats.t.ppf(confidence, len(values) - 1) * standard_error)


def _wins(x: np.ndarray, y: np.ndarray) -> float:
    return float((np.sign(x[:, None] - y).mean() + 1) / 2)


def _tasks(scores: Scores, least: int) -> list[np.ndarray]:
    """One array of runs for each task, or an error that says what is wrong."""
    rows: list[Any] = list(scores)  # type: ignore[arg-type]
    if not rows or np.ndim(rows[0]) == 0:
        rows = [rows]
    tasks = [np.asarray(row, float) for row in rows]
    for number, task in enumerate(tasks):
        if task.ndim != 1:
            raise ValueError(
                f"the runs of task {number} have shape {task.shape}: give one row of numbers "
                "for each task"
            )
        if len(task) < least:
            raise ValueError(f"task {number} has {len(task)} runs: at least {least} are needed")
        if not np.isfinite(task).all():
            raise ValueError(f"task {number} has scores that are not finite: {task.tolist()}")
    return tasks
