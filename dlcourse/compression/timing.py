"""How long a call takes: repeated after a warm-up, in turn with what it is compared to."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

__all__ = ["call_times", "multiplies_int8", "times_in_turn"]

Seconds = npt.NDArray[np.float64]


def call_times(function: Callable[[], object], calls: int = 100, warm_up: int = 10) -> Seconds:
    """The seconds that each of a number of calls took, (calls,), after calls that do not count.

    Args:
        function: takes no argument; it must wait for its result.
        calls: how often it is timed.
        warm_up: how often it is called before: the first calls compile, allocate and fill caches.

    Raises:
        ValueError: if `calls` is less than 1 or `warm_up` less than 0.
    """
    return times_in_turn({"": function}, calls, warm_up)[""]


def times_in_turn(
    functions: Mapping[str, Callable[[], object]], calls: int = 100, warm_up: int = 10
) -> dict[str, Seconds]:
    """The seconds that calls of several functions took, by name, (calls,) each.

    The functions are called in turn, so that whatever else the machine does in the meantime slows
    all of them: compare the k-th times of two functions, or their medians.

    Args:
        functions: by name; none takes an argument.
        calls: how often each is timed.
        warm_up: how often each is called before.

    Raises:
        ValueError: if `calls` is less than 1 or `warm_up` less than 0.
    """
    if calls < 1 or warm_up < 0:
        raise ValueError(
            f"times_in_turn needs one call or more and no negative warm-up, got calls={calls} and "
            f"warm_up={warm_up}."
        )
    seconds = {name: np.empty(calls) for name in functions}
    for call in range(-warm_up, calls):
        for name, function in functions.items():
            start = time.perf_counter()
            function()
            if call >= 0:
                seconds[name][call] = time.perf_counter() - start
    return seconds


def multiplies_int8(described: Path = Path("/proc/cpuinfo")) -> bool | None:
    """Whether the processor has instructions that add up products of int8: VNNI, or Arm's.

    Args:
        described: where Linux says what the processor can; None is returned where it is missing.
    """
    if not described.exists():
        return None
    text = described.read_text(encoding="utf-8", errors="replace")
    return any(word in text for word in ("avx512_vnni", "avx_vnni", "asimddp"))
