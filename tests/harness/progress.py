"""What a run of the suite in several processes is waiting for, told where nothing else is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

SECONDS = 60.0
"""A line is printed where no test has ended for so long."""


class Progress:
    """A plugin that names failures at once, and what is running when no test ended for a minute.

    Args:
        tell: prints a line.
        seconds: how long no test may end before a line is printed.
    """

    def __init__(self, tell: Callable[[str], None], seconds: float = SECONDS) -> None:
        """Nothing runs yet."""
        self._tell = tell
        self._seconds = seconds
        self._running: dict[str, float] = {}
        self._changed = threading.Condition()
        self._ended = False

    def begin(self) -> None:
        """Begin to look."""
        threading.Thread(target=self._look, daemon=True).start()

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """A test begins."""
        with self._changed:
            self._running[nodeid] = time.monotonic()

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """A test has ended."""
        with self._changed:
            self._running.pop(nodeid, None)
            self._changed.notify()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test that fails is named at once and not only at the end."""
        if report.failed:
            self._tell(f"failed: {report.nodeid}")

    def pytest_sessionfinish(self) -> None:
        """Look no longer."""
        with self._changed:
            self._ended = True
            self._changed.notify()

    def _look(self) -> None:
        with self._changed:
            while not self._ended:
                if not self._changed.wait(self._seconds) and self._running:
                    now = time.monotonic()
                    for name, began in self._running.items():
                        self._tell(f"still running after {now - began:.0f} s: {name}")


def watch(config: pytest.Config) -> None:
    """Let a run's own process tell what it waits for, where other processes run the tests."""
    reporter = config.pluginmanager.getplugin("terminalreporter")
    if reporter is None:
        return

    def tell(line: str) -> None:
        reporter.ensure_newline()
        reporter.write_line(line)

    progress = Progress(tell)
    config.pluginmanager.register(progress, "progress")
    progress.begin()
