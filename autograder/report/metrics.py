"""What a running command tells a monitor: Prometheus' text format on a port of this machine.

Only what the grader alone knows stands here. Processors, disks and GPUs have exporters of their
own, which the guide for operators names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, runtime_checkable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client import start_http_server as start_server

from autograder.errors import CommandError
from autograder.grading.batch import Progress
from autograder.grading.results import Status

ADDRESS = "127.0.0.1"
# Seconds: a notebook with weights takes about one, one that trains up to its limit of minutes.
BUCKETS = (0.25, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1200)


@runtime_checkable
class PoolState(Protocol):
    """What is asked of a pool of workers."""

    @property
    def peak_memory(self) -> int:
        """The largest that any worker grew, in bytes."""

    @property
    def respawned(self) -> int:
        """How many times the process from which workers are forked was replaced."""


class Metrics:
    """The state of one running command, for one assignment in one tier."""

    def __init__(self, assignment: str, tier: str) -> None:
        """All counts are 0."""
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        labels = {"assignment": assignment, "tier": tier}
        self._labels = labels
        self._results = Counter(
            "autograder_submissions",
            "Submissions with a result, by status and by where the result came from.",
            [*labels, "status", "source"],
            registry=self.registry,
        )
        for status in Status:  # an alarm on a rate needs the zero before the first
            self._results.labels(**labels, status=status.value, source="run")
        self._seconds = Histogram(
            "autograder_submission_seconds",
            "Wall-clock time of grading one submission that ran.",
            [*labels],
            buckets=BUCKETS,
            registry=self.registry,
        ).labels(**labels)
        self._starved = self._counter("starved", "Results that ran out of time on a busy machine.")
        self._no_gpu_memory = self._counter(
            "gpu_out_of_memory", "Results for which a GPU had no memory left."
        )
        self._waiting = self._gauge("waiting", "Submissions found that have no result yet.")
        self._last = self._gauge("last_result_timestamp_seconds", "When the last result came.")

    def _counter(self, name: str, text: str) -> Counter:
        made = Counter(f"autograder_{name}", text, [*self._labels], registry=self.registry)
        return made.labels(**self._labels)

    def _gauge(self, name: str, text: str) -> Gauge:
        made = Gauge(f"autograder_{name}", text, [*self._labels], registry=self.registry)
        return made.labels(**self._labels)

    def of_pool(self, pool: PoolState) -> None:
        """Tell of a pool as well: asked anew at each scrape."""
        peak = self._gauge("worker_peak_memory_bytes", "The most memory that one worker used.")
        peak.set_function(lambda: pool.peak_memory)
        replaced = self._gauge("zygotes_replaced", "Processes that fork workers, started again.")
        replaced.set_function(lambda: pool.respawned)

    def waiting(self, count: int | Callable[[], int]) -> None:
        """How many submissions have no result yet: a number, or what is asked at each scrape."""
        if callable(count):
            self._waiting.set_function(count)
        else:
            self._waiting.set(count)

    def count(self, step: Progress) -> None:
        """Count a result."""
        one = step.graded
        ran = not step.resumed and step.changes is None
        source = "run" if ran else "ledger" if step.resumed else "recorded answers"
        self._results.labels(**self._labels, status=one.status.value, source=source).inc()
        self._last.set_to_current_time()
        if ran:
            self._seconds.observe(one.seconds)
            self._starved.inc(one.starved)
            self._no_gpu_memory.inc(one.gpu_out_of_memory)


@contextmanager
def served(metrics: Metrics, port: int) -> Iterator[int]:
    """Serve metrics at ``http://127.0.0.1:PORT/metrics`` meanwhile; gives the port.

    Args:
        metrics: what is served.
        port: 0 takes a free one.

    Raises:
        CommandError: when the port cannot be had.
    """
    try:
        server, thread = start_server(port, addr=ADDRESS, registry=metrics.registry)
    except (OSError, OverflowError) as error:
        raise CommandError(
            f"port {port} of {ADDRESS} cannot be had for metrics ({error}); name another with "
            "--metrics, or 0 for a free one"
        ) from None
    try:
        yield int(server.server_port)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
