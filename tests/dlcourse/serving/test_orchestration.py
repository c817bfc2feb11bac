"""Updates keep their bounds, probes kill what they should, and scaling follows its rule."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dlcourse.serving.orchestration import autoscaled, rolled_out, under_load


@pytest.mark.parametrize(("unavailable", "surge"), [(0, 1), (1, 0), (1, 2), (4, 4)])
def test_an_update_ends_with_new_pods_alone_and_keeps_its_bounds(
    unavailable: int, surge: int
) -> None:
    run = rolled_out(4, max_unavailable=unavailable, max_surge=surge, loads=20, ready=20)
    assert run.total.max() <= 4 + surge
    assert run.believed.min() >= 4 - unavailable
    assert run.total[-1] == run.new[-1] == 4


def test_one_pod_at_a_time_takes_as_long_as_their_starts() -> None:
    run = rolled_out(4, max_unavailable=0, max_surge=1, loads=20, ready=20)
    assert int(np.argmax(run.new == 4)) == 80


def test_a_probe_that_speaks_too_early_leaves_nobody_to_answer() -> None:
    run = rolled_out(4, max_unavailable=0, max_surge=1, loads=20, ready=1)
    assert run.believed.min() == 4
    assert run.serving.min() == 0


def test_an_update_to_a_version_that_is_never_ready_stops() -> None:
    run = rolled_out(4, max_unavailable=0, max_surge=1, loads=1e9, ready=None)
    assert (run.serving == 4).all()
    assert run.total[-1] == 5


def test_an_update_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing moves"):
        rolled_out(4, max_unavailable=0, max_surge=0, loads=1, ready=1)


def burst(queued_probe: bool, peak: float = 600.0) -> tuple[float, int]:
    load = np.full(600, 200.0)
    load[60:180] = peak
    run = under_load(load, replicas=4, rate=100, queue=500, queued_probe=queued_probe)
    return float(run.answered.sum() / run.offered.sum()), run.restarts


def test_a_probe_that_waits_behind_requests_kills_under_load() -> None:
    patient, none = burst(False)
    killing, some = burst(True)
    assert none == 0 < some
    assert killing < patient


def test_without_overload_no_probe_fails() -> None:
    assert burst(True, peak=300.0) == (1.0, 0)


def test_what_is_answered_is_bounded_by_what_is_up() -> None:
    run = under_load(np.full(100, 1e4), replicas=3, rate=10, queue=100, queued_probe=True)
    assert (run.answered <= 10 * run.up).all()
    assert run.up.min() < 3


def by_hand(ready: int, metric: float, target: float) -> int:
    return math.ceil(ready * metric / target)


def test_the_rule_is_asked_with_the_ready_replicas_and_their_utilization() -> None:
    asked: list[tuple[int, float, float]] = []

    def rule(ready: int, metric: float, target: float) -> int:
        asked.append((ready, metric, target))
        return 5

    run = autoscaled(np.full(120, 180.0), rule, rate=100, target=0.6, first=2, start=40)
    assert asked[0] == (2, 0.9, 0.6)
    assert (run.wanted[14], run.wanted[15]) == (2, 5)
    assert (run.ready[54], run.ready[55]) == (2, 5)
    assert asked[-1][0] == 5
    assert asked[-1][1] == pytest.approx(0.36)
    assert run.changes == 1


def test_bounds_hold() -> None:
    run = autoscaled(np.full(60, 1e6), by_hand, rate=1, target=0.5, first=1, bounds=(1, 7))
    assert run.wanted.max() == 7
    assert run.overloaded.all()


def test_a_window_keeps_what_was_asked_for_in_it() -> None:
    load = np.where(np.arange(400) < 60, 240.0, 60.0)
    run = autoscaled(load, by_hand, rate=100, target=0.6, first=4, window=120)
    assert (run.wanted[:180] == 4).all()
    assert run.wanted[200] == 1
    assert autoscaled(load, by_hand, rate=100, target=0.6, first=4).wanted[80] == 1
