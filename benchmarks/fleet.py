"""A class of any size on a fleet of any size, simulated from what was measured.

Discrete events: submissions wait in one queue; nodes with places for several take the next; a node
may be slow for good, and may fail and come back. What a failed node was grading is noticed after
the cluster's health check and goes to the front of the queue. The driver handles one result at a
time: it hands out the next submission and writes the ledger.

    python -m benchmarks.fleet --ledger marks/ledger.sqlite --submissions 100000 --nodes 50

The seconds of a submission come from a ledger, that of last week's class for instance: they are
drawn from those of its rows that ran. Simulate before you rent.
"""

from __future__ import annotations

import argparse
import json
import math
import sqlite3
import sys
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import simpy

from benchmarks import record

Event = Generator[simpy.Event, Any, None]


@dataclass(frozen=True)
class Fleet:
    """What is simulated; times in seconds.

    Attributes:
        submissions: how many are handed in, all before the first is graded.
        nodes: how many machines grade.
        slots: how many submissions a node grades at a time.
        start: from a node's start until it can grade: the imports of its workers.
        driver: what one result costs the driver, which handles them one by one.
        spread: standard deviation of the logarithm of the nodes' speeds; 0: all alike.
        failures: a node's mean time between failures; infinite: none fails.
        repair: how long a failed node is away.
        noticed: how long until the loss of what it was grading is noticed.
    """

    submissions: int
    nodes: int
    slots: int
    start: float = 0.0
    driver: float = 0.0
    spread: float = 0.0
    failures: float = math.inf
    repair: float = 300.0
    noticed: float = 15.0


@dataclass(frozen=True)
class Outcome:
    """What became of a class; times in seconds since the first submission could be graded.

    Attributes:
        last: when the last result was written.
        waits: when half, 90 % and 99 % of the results were written.
        busy: the share of the places' time in which they graded something that counted.
        driver_busy: the share of the time in which the driver was at work.
        repeated: how many times a submission was begun again because its node failed.
        node_hours: what is paid: all nodes from the start to the last result.
    """

    last: float
    waits: tuple[float, float, float]
    busy: float
    driver_busy: float
    repeated: int
    node_hours: float


@dataclass
class _State:
    """What the processes share."""

    env: simpy.Environment
    queue: simpy.PriorityStore
    driver: simpy.Resource
    done: list[float] = field(default_factory=list)
    useful: float = 0.0
    repeated: int = 0
    finished: simpy.Event = field(init=False)

    def __post_init__(self) -> None:
        self.finished = self.env.event()


def simulate(fleet: Fleet, seconds: Sequence[float], seed: int = 0) -> Outcome:
    """Grade a class once.

    Args:
        fleet: the class and the machines.
        seconds: measured times of single submissions, from which each is drawn.
        seed: of the draws.
    """
    rng = np.random.default_rng(seed)
    env = simpy.Environment()
    state = _State(env, simpy.PriorityStore(env), simpy.Resource(env))
    for number, time in enumerate(rng.choice(np.asarray(seconds), fleet.submissions)):
        state.queue.put(simpy.PriorityItem(number, float(time)))
    for speed in np.exp(rng.normal(0, fleet.spread, fleet.nodes)):
        env.process(_node(state, fleet, float(speed), rng))
    env.run(until=state.finished)
    last = state.done[-1]
    half, most, nearly = (float(np.quantile(state.done, q)) for q in (0.5, 0.9, 0.99))
    places = fleet.nodes * fleet.slots * last
    return Outcome(
        last=last,
        waits=(half, most, nearly),
        busy=state.useful / places,
        driver_busy=fleet.submissions * fleet.driver / last,
        repeated=state.repeated,
        node_hours=fleet.nodes * last / 3600,
    )


def _node(state: _State, fleet: Fleet, speed: float, rng: np.random.Generator) -> Event:
    """A machine that starts, grades, fails, is repaired and starts again."""
    while True:
        yield state.env.timeout(fleet.start)
        places = [state.env.process(_place(state, fleet, speed)) for _ in range(fleet.slots)]
        if math.isinf(fleet.failures):
            return
        yield state.env.timeout(float(rng.exponential(fleet.failures)))
        for place in places:
            if place.is_alive:
                place.interrupt()
        yield state.env.timeout(fleet.repair)


def _place(state: _State, fleet: Fleet, speed: float) -> Event:
    """One place of a node: takes a submission, grades it, hands the result to the driver."""
    env = state.env
    while True:
        wanted = state.queue.get()
        held: simpy.PriorityItem | None = None
        try:
            held = yield wanted
            yield env.timeout(held.item * speed)
        except simpy.Interrupt:
            if held is None:
                wanted.cancel()
            else:
                state.repeated += 1
                env.process(_put_back(state, fleet.noticed, held))
            return
        # Once it is with the driver, the node's end does not undo it.
        env.process(_written(state, fleet, held.item * speed))


def _put_back(state: _State, noticed: float, held: simpy.PriorityItem) -> Event:
    yield state.env.timeout(noticed)
    state.queue.put(simpy.PriorityItem(-1, held.item))


def _written(state: _State, fleet: Fleet, useful: float) -> Event:
    with state.driver.request() as turn:
        yield turn
        yield state.env.timeout(fleet.driver)
    state.useful += useful
    state.done.append(state.env.now)
    if len(state.done) == fleet.submissions:
        state.finished.succeed()


def saturating_nodes(fleet: Fleet, seconds: Sequence[float]) -> float:
    """With how many nodes the driver is at work all the time: more nodes then gain nothing."""
    return float(np.mean(seconds)) / (fleet.driver * fleet.slots) if fleet.driver else math.inf


def seconds_of(ledger: Path) -> list[float]:
    """The times of the submissions that a ledger holds and that ran."""
    with closing(sqlite3.connect(ledger)) as connection:
        rows = [json.loads(row) for (row,) in connection.execute("SELECT result FROM graded")]
    return [float(row["seconds"]) for row in rows if row["status"] in ("graded", "stopped")]


def main(argv: Sequence[str] | None = None) -> int:
    """Simulate, print and write."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.fleet",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--ledger", type=Path, required=True, help="where measured times are from")
    parser.add_argument("--submissions", type=int, default=100_000, help="(default: 100000)")
    parser.add_argument("--nodes", type=int, default=50, help="(default: 50)")
    parser.add_argument("--slots", type=int, default=4, help="places a node (default: 4)")
    parser.add_argument("--start", type=float, default=20.0, help="seconds, assumed (default: 20)")
    parser.add_argument(
        "--driver", type=float, default=0.005, help="seconds a result (default: 0.005)"
    )
    parser.add_argument(
        "--spread", type=float, default=0.2, help="of speeds, assumed (default: 0.2)"
    )
    parser.add_argument(
        "--failures", type=float, default=24.0, help="hours between them, assumed (default: 24)"
    )
    parser.add_argument("--price", type=float, help="of a node's hour, in any currency")
    parser.add_argument("--runs", type=int, default=5, help="seeds (default: 5)")
    parser.add_argument("--out", type=Path, help="a file for the figures")
    given = parser.parse_args(argv)
    fleet = Fleet(
        submissions=given.submissions,
        nodes=given.nodes,
        slots=given.slots,
        start=given.start,
        driver=given.driver,
        spread=given.spread,
        failures=given.failures * 3600,
    )
    seconds = seconds_of(given.ledger)
    if not seconds:
        parser.error(f"{given.ledger} holds no submission that ran")
    found = [simulate(fleet, seconds, seed) for seed in range(given.runs)]
    figures = summary(fleet, seconds, found, given.price)
    print(json.dumps(figures, indent=1))
    if given.out:
        record.write(given.out, record.described(figures))
    return 0


def summary(
    fleet: Fleet, seconds: Sequence[float], found: Sequence[Outcome], price: float | None = None
) -> dict[str, Any]:
    """Medians over seeds, with what they rest on."""
    figures: dict[str, Any] = {
        "fleet": {k: v for k, v in asdict(fleet).items() if v != math.inf},
        "measured": {"rows": len(seconds), "mean_seconds": round(float(np.mean(seconds)), 3)},
        "runs": len(found),
        "saturating_nodes": round(saturating_nodes(fleet, seconds), 1),
    }
    for name in ("last", "busy", "driver_busy", "repeated", "node_hours"):
        figures[name] = round(float(np.median([getattr(one, name) for one in found])), 3)
    figures["waits"] = [round(float(w), 1) for w in np.median([o.waits for o in found], axis=0)]
    if price is not None:
        figures["cost"] = round(figures["node_hours"] * price, 2)
    return figures


if __name__ == "__main__":
    sys.exit(main())
