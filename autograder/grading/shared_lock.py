"""Who runs beside whom: many together, or one alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class SharedLock:
    """A lock that many hold together, or one alone. Who wants it alone goes before newcomers."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._running = 0
        self._alone = 0  # who waits to be alone, or is

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Run beside others."""
        with self._changed:
            self._changed.wait_for(lambda: not self._alone)
            self._running += 1
        try:
            yield
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify_all()

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Wait until nobody else runs, and run with nobody beside."""
        with self._changed:
            self._alone += 1
            try:
                self._changed.wait_for(lambda: not self._running)
            except BaseException:
                self._alone -= 1
                raise
            self._running += 1
        try:
            yield
        finally:
            with self._changed:
                self._alone -= 1
                self._running -= 1
                self._changed.notify_all()
