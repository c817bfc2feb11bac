"""Waiting for what must come, however slow the machine is."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

# Seconds after which what has not come is taken for lost. A stalled machine may need many of them,
# a test that passes needs none.
LOST = 120.0
# The same for what imports or trains: seconds of a busy machine whose processors many share.
LONG = 600.0


def wait_until(condition: Callable[[], object], what: str, seconds: float = LOST) -> None:
    """Wait for a condition; fail the test, saying what did not come, where it never holds."""
    last = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > last:
            pytest.fail(f"not within {seconds:g} s: {what}")
        time.sleep(0.01)
