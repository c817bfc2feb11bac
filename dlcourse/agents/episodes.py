"""Play episodes of many environments at once with a policy that is asked for all of them together.

Whoever plays keeps the environments: the policy sees observations and returns actions, and nothing
else of it counts. A grader can so play with the policy of a process that it does not trust, and
asks once per step and not once per episode.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import gymnasium
import numpy as np

from dlcourse.check.answer import AnswerError

Policy = Callable[[np.ndarray], Any]
"""Takes observations (n, ...), returns n actions."""


@dataclass(frozen=True)
class Episodes:
    """What became of n episodes.

    Attributes:
        returns: sums of rewards, shape (n,); of a lost episode what it is worth.
        lengths: steps taken, shape (n,).
        finished: whether the environment ended it before the steps were used up, shape (n,).
        lost: why an episode was lost, by its number.
    """

    returns: np.ndarray
    lengths: np.ndarray
    finished: np.ndarray
    lost: dict[int, str] = field(default_factory=dict)

    def explain_losses(self) -> str:
        """One sentence about the episodes that were lost; empty where none was."""
        if not self.lost:
            return ""
        first = next(iter(self.lost.values()))
        return f"{len(self.lost)} of {len(self.returns)} episodes were lost: {first}"


def play(
    policy: Policy,
    environments: Sequence[gymnasium.Env[Any, Any]],
    *,
    seeds: Sequence[int],
    steps: int,
    lost_return: float = 0.0,
) -> Episodes:
    """Play one episode in each of n environments.

    The policy is asked at most ``steps`` times, always with n rows: an episode that is over keeps
    its last observation, and its action is not used. So a compiled policy sees one shape.

    Args:
        policy: from observations (n, ...) to n actions.
        environments: n of one kind.
        seeds: n of them, with which they are reset.
        steps: after which an episode is cut.
        lost_return: what an episode counts whose action the environment does not have, or that was
            going on when the policy raised or was too late.

    Raises:
        ValueError: when there are not as many seeds as environments.
    """
    starts = zip(environments, seeds, strict=True)
    observations = np.stack([env.reset(seed=int(seed))[0] for env, seed in starts])
    count = len(environments)
    returns, lengths = np.zeros(count), np.zeros(count, int)
    finished, running = np.zeros(count, bool), np.ones(count, bool)
    lost: dict[int, str] = {}
    for _ in range(steps):
        try:
            actions = _rows(policy(observations.copy()), count)
        except (AnswerError, _Unusable) as error:
            lost.update(dict.fromkeys(np.flatnonzero(running).tolist(), str(error)))
            break
        for i in np.flatnonzero(running).tolist():
            try:
                action = _as_action(environments[i].action_space, actions[i])
            except _Unusable as error:
                lost[i], running[i] = str(error), False
                continue
            observations[i], reward, over, cut, _ = environments[i].step(action)
            returns[i] += float(reward)
            lengths[i] += 1
            finished[i], running[i] = over, not (over or cut)
        if not running.any():
            break
    returns[list(lost)] = lost_return
    return Episodes(returns, lengths, finished, lost)


class _Unusable(Exception):
    """What a policy returned is no action."""


def _rows(actions: Any, count: int) -> np.ndarray:
    try:
        rows = np.asarray(actions)
    except ValueError:
        raise _Unusable("the policy's actions do not have one shape") from None
    if rows.dtype.kind not in "biuf":
        raise _Unusable(f"the policy returned {type(actions).__name__}, not an array of numbers")
    if rows.ndim == 0 or len(rows) != count:
        raise _Unusable(f"for {count} observations the policy returned shape {rows.shape}")
    return rows


def _as_action(space: gymnasium.Space[Any], action: np.ndarray) -> Any:
    """An action that the space has, from one row of numbers.

    A whole number in floating point is an action of a discrete space; a number beyond the bounds
    of a box is moved to the bound, as robots do.
    """
    if isinstance(space, gymnasium.spaces.Discrete):
        if action.shape not in ((), (1,)):
            raise _Unusable(f"an action has shape {action.shape}, not one number")
        number = action.reshape(())
        if not np.isfinite(number) or number != np.round(number):
            raise _Unusable(f"the action {number} is no whole number")
        if not space.contains(chosen := int(number)):
            last = int(space.start + space.n) - 1
            raise _Unusable(f"there is no action {chosen}: they go from {space.start} to {last}")
        return chosen
    if isinstance(space, gymnasium.spaces.Box):
        if action.size != np.prod(space.shape) or not np.isfinite(action).all():
            raise _Unusable(
                f"an action has shape {action.shape}, not {space.shape}, or is not finite"
            )
        return np.clip(action.reshape(space.shape), space.low, space.high).astype(space.dtype)
    raise TypeError(f"episodes are not played in {type(space).__name__} of actions")
