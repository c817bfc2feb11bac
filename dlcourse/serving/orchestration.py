"""What an orchestrator does to replicas, second by second: updates, restarts, scaling.

The simulations know capacity and time and nothing else; a pod is what Kubernetes calls one replica
of a service. They follow its rules for Deployments, liveness probes and horizontal autoscaling.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Restarts", "Rollout", "Scaling", "autoscaled", "rolled_out", "under_load"]

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Rollout:
    """Pods during an update, for each second, (seconds,) each.

    Attributes:
        total: pods that exist.
        believed: those that their readiness probe calls ready; requests are sent to them.
        serving: those that can in fact answer.
        new: ready pods of the new version, by the probe.
    """

    total: Counts
    believed: Counts
    serving: Counts
    new: Counts


def rolled_out(
    replicas: int,
    *,
    max_unavailable: int,
    max_surge: int,
    loads: float,
    ready: float | None,
    seconds: int = 240,
) -> Rollout:
    """Replace all pods by new ones, as a Deployment with RollingUpdate does.

    In each second old pods are taken away while more than `replicas - max_unavailable` are ready,
    and new ones are made while there are fewer than `replicas + max_surge` pods.

    Args:
        replicas: pods before and after.
        max_unavailable: how many fewer than that may be ready meanwhile.
        max_surge: how many more than that may exist meanwhile.
        loads: seconds after its start from which a new pod can answer.
        ready: seconds after its start from which its probe says so; None for never.
        seconds: how long it is watched.

    Raises:
        ValueError: if neither more nor fewer pods are allowed, as Kubernetes refuses it.
    """
    if max_unavailable <= 0 and max_surge <= 0:
        raise ValueError("an update needs max_unavailable or max_surge above 0, or nothing moves.")
    old, born = replicas, list[int]()
    rows = []
    for now in range(seconds):
        believed = sum(ready is not None and now - start >= ready for start in born)
        while old and old + believed > replicas - max_unavailable:
            old -= 1
        while len(born) < replicas and old + len(born) < replicas + max_surge:
            born.append(now)
        answering = sum(now - start >= loads for start in born)
        rows.append((old + len(born), old + believed, old + answering, believed))
    return Rollout(*np.array(rows, dtype=np.int64).T)


@dataclass(frozen=True)
class Restarts:
    """Replicas under load, for each second, (seconds,) each, and all restarts.

    Attributes:
        offered: requests that came.
        answered: requests that were answered.
        up: replicas that were up.
        restarts: how often a probe had one killed.
    """

    offered: Floats
    answered: Floats
    up: Counts
    restarts: int


@dataclass
class _Pod:
    """A replica: requests that wait in it, failed probes in a row, the second it is up again."""

    waiting: float = 0.0
    failures: int = 0
    up_again: int = 0


def under_load(
    offered: npt.ArrayLike,
    *,
    replicas: int,
    rate: float,
    queue: float,
    queued_probe: bool,
    period: int = 10,
    timeout: float = 1.0,
    failures: int = 3,
    start: int = 30,
) -> Restarts:
    """Load replicas whose liveness probe kills them when it is not answered in time.

    Requests are spread over the replicas that are up. A killed one loses what waits in it.

    Args:
        offered: requests that come in each second, (seconds,).
        replicas: how many there are.
        rate: requests per second that one answers.
        queue: requests that wait in one at most; more are refused.
        queued_probe: whether the probe waits behind requests; else it is answered at once.
        period: seconds between two probes of a replica.
        timeout: seconds that a probe may take.
        failures: so many in a row, and the replica is killed.
        start: seconds until a killed replica is up again.
    """
    load = np.asarray(offered, dtype=np.float64)
    pods, rows, killed = [_Pod() for _ in range(replicas)], [], 0
    for now, came in enumerate(load):
        up = [pod for pod in pods if pod.up_again <= now]
        done = 0.0
        for pod in up:
            pod.waiting += came / len(up)
            served = min(pod.waiting, rate)
            done += served
            pod.waiting = min(pod.waiting - served, queue)
        for place, pod in enumerate(pods):
            if pod.up_again > now or (now + place * period // replicas) % period:
                continue
            late = queued_probe and pod.waiting / rate > timeout
            pod.failures = pod.failures + 1 if late else 0
            if pod.failures == failures:
                pod.waiting, pod.failures, pod.up_again = 0.0, 0, now + start
                killed += 1
        rows.append((done, len(up)))
    answered, alive = np.array(rows).T
    return Restarts(load, answered, alive.astype(np.int64), killed)


@dataclass(frozen=True)
class Scaling:
    """An autoscaled service, for each second, (seconds,) each.

    Attributes:
        load: requests that came.
        wanted: replicas that were ordered.
        ready: replicas that could answer.
        overloaded: whether more came than they can answer.
        changes: how often the number ordered changed.
    """

    load: Floats
    wanted: Counts
    ready: Counts
    overloaded: npt.NDArray[np.bool_]
    changes: int


def autoscaled(
    load: npt.ArrayLike,
    rule: Callable[[int, float, float], int],
    *,
    rate: float,
    target: float,
    first: int,
    bounds: tuple[int, int] = (1, 50),
    period: int = 15,
    start: int = 60,
    window: int = 0,
) -> Scaling:
    """Let a rule order replicas every few seconds, by how busy those are that are ready.

    Args:
        load: requests per second, (seconds,).
        rule: takes the ready replicas, their mean utilization over the last period, and the
            target, and returns how many there should be.
        rate: requests per second that one replica answers.
        target: utilization that is wanted.
        first: replicas at the start, ready.
        bounds: fewest and most replicas.
        period: seconds between two decisions.
        start: seconds from an order until a replica is ready.
        window: seconds of stabilization: the largest answer of the rule in them is taken, so that
            replicas are taken away only if none of it asked for them. 0 for none.
    """
    series = np.asarray(load, dtype=np.float64)
    ready_at = [0] * first
    rows, answers, changes = [], list[tuple[int, int]](), 0
    for now in range(len(series)):
        ready = sum(at <= now for at in ready_at)
        if now and now % period == 0:
            asked = float(series[now - period : now].mean()) / (rate * ready)
            answer = int(np.clip(rule(ready, asked, target), *bounds))
            answers.append((now, answer))
            wanted = max(n for at, n in answers if at >= now - window)
            changes += wanted != len(ready_at)
            ready_at = _ordered(ready_at, wanted, now + start)
            ready = sum(at <= now for at in ready_at)
        rows.append((len(ready_at), ready))
    wanted_row, ready_row = np.array(rows, dtype=np.int64).T
    return Scaling(series, wanted_row, ready_row, series > rate * ready_row, changes)


def _ordered(ready_at: Sequence[int], wanted: int, when: int) -> list[int]:
    """So many replicas: new ones are ready later, and those that are ready last go first."""
    kept = sorted(ready_at)[:wanted]
    return kept + [when] * (wanted - len(kept))
