"""Graders run in threads: what they share must bear it."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from autograder.assignment.source import defined_names

NESTED = "value = " + "[" * 40 + "1" + "]" * 40


@pytest.fixture
def switching() -> Iterator[None]:
    """Let another thread go on whenever the garbage collector looks, and let it look often."""

    def give_way(*_: object) -> None:
        time.sleep(0)

    before = gc.get_threshold()
    gc.callbacks.append(give_way)
    gc.set_threshold(5)
    yield
    gc.set_threshold(*before)
    gc.callbacks.remove(give_way)


def test_cells_are_read_in_several_threads_at_once(switching: None) -> None:
    with ThreadPoolExecutor(4) as executor:
        found = list(executor.map(defined_names, [NESTED] * 100))
    assert found == [("value",)] * 100
