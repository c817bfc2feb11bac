"""Workers for the tests: cold ones for what needs no library, warm ones for what needs them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograder.sandbox.isolate import Level
from autograder.sandbox.outputs import CellRecord, Output
from autograder.workers import selftest
from autograder.workers.pool import Limits, WorkerPool
from autograder.workers.worker import Worker
from tests.waiting import LOST

SMALL = Limits(memory=2**30, processes=100, scratch=32 * 2**20)


@pytest.fixture(scope="session")
def level() -> Level:
    """The strongest level of isolation that this machine allows.

    A level that cannot be started here is passed over; one that starts and breaks a promise is not.
    """
    problems = []
    for level in (Level.STRICT, Level.CONTAINED):
        report = selftest.probe(level)
        if not report.problem:
            assert report.usable, report
            return level
        problems.append(report.problem)
    pytest.skip("; ".join(problems))


@pytest.fixture(scope="session")
def pool(level: Level) -> Iterator[WorkerPool]:
    with WorkerPool(SMALL, level, warm=False) as made:
        yield made


@pytest.fixture(scope="session")
def strict_pool(level: Level) -> Iterator[WorkerPool]:
    if level is not Level.STRICT:
        pytest.skip("this machine does not allow namespaces")
    with WorkerPool(SMALL, Level.STRICT, warm=False) as made:
        yield made


@pytest.fixture(scope="session")
def warm_pool(level: Level) -> Iterator[WorkerPool]:
    with WorkerPool(isolation=level) as made:
        yield made


@pytest.fixture
def worker(pool: WorkerPool) -> Iterator[Worker]:
    with pool.worker() as made:
        yield made


def run(worker: Worker, source: str, seconds: float = LOST) -> CellRecord:
    return worker.run_cell(source, seconds)


def text_of(record: CellRecord, name: str = "stdout") -> str:
    """What a cell wrote to one of its streams."""
    return "".join(o["text"] for o in record.outputs if o.get("name") == name)


def result_of(record: CellRecord) -> str:
    """A cell's last value, as text."""
    assert record.status == "ok", record
    return "".join(
        str(o["data"]["text/plain"]) for o in record.outputs if o["output_type"] == "execute_result"
    )


def errors_of(record: CellRecord) -> list[Output]:
    return [o for o in record.outputs if o["output_type"] == "error"]
