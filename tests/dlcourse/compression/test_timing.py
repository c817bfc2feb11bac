"""Calls are timed after a warm-up and in turn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dlcourse.compression.timing import call_times, multiplies_int8, times_in_turn


def test_calls_of_the_warm_up_are_made_and_not_counted() -> None:
    calls = []
    seconds = call_times(lambda: calls.append(0), calls=7, warm_up=3)
    assert len(calls) == 10
    assert seconds.shape == (7,)
    assert np.all(seconds >= 0)


def test_functions_are_called_in_turn() -> None:
    order: list[str] = []
    found = times_in_turn({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, 2, 1)
    assert order == ["a", "b"] * 3
    assert set(found) == {"a", "b"}


@pytest.mark.parametrize(("calls", "warm_up"), [(0, 1), (3, -1)])
def test_numbers_of_calls_that_make_no_sense_are_refused(calls: int, warm_up: int) -> None:
    with pytest.raises(ValueError, match=f"got calls={calls} and warm_up={warm_up}"):
        call_times(lambda: None, calls, warm_up)


@pytest.mark.parametrize(
    ("flags", "found"), [("sse2 avx512_vnni", True), ("asimd asimddp", True), ("sse2 avx2", False)]
)
def test_instructions_for_int8_are_read_from_the_processors_flags(
    tmp_path: Path, flags: str, found: bool
) -> None:
    (tmp_path / "cpuinfo").write_text(f"flags : {flags}\n")
    assert multiplies_int8(tmp_path / "cpuinfo") is found


def test_where_the_system_does_not_say_nothing_is_known(tmp_path: Path) -> None:
    assert multiplies_int8(tmp_path / "missing") is None
