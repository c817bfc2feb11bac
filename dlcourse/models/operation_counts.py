"""Counting what NumPy computes: multiply-adds of matrix products, and bytes of memory.

Counts do not depend on the machine, as times do.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Count", "peak_bytes"]


@dataclass
class Count:
    """What was computed from arrays that `watch` returned, and from all that came of them.

    Attributes:
        multiply_adds: of matrix products; a product of (n, m) and (m, k) has nmk.
        products: the number of calls of a matrix product.
        largest: bytes of the largest array that came out of an operation.
    """

    multiply_adds: int = 0
    products: int = 0
    largest: int = 0

    def watch(self, array: npt.ArrayLike) -> Any:
        """The same array, which passes the count on to whatever is computed from it."""
        watched = np.asarray(array).view(_Watched)
        watched.count = self
        return watched

    def product(self, left: npt.NDArray[Any], out: npt.NDArray[Any]) -> None:
        """Count one matrix product, of which `left` is the left factor."""
        self.products += 1
        self.multiply_adds += out.size * left.shape[-1]


class _Watched(np.ndarray[Any, np.dtype[Any]]):
    """An array that tells its `Count` of every operation."""

    count: Count

    def __array_finalize__(self, source: object) -> None:
        if isinstance(source, _Watched):
            self.count = source.count

    def __array_ufunc__(self, ufunc: np.ufunc, method: Any, *inputs: Any, **named: Any) -> Any:
        # A number stays one: as an array it would turn float32 into float64.
        plain = [np.asarray(each) if isinstance(each, np.ndarray) else each for each in inputs]
        if "out" in named:
            named["out"] = tuple(np.asarray(array) for array in named["out"])
        out = getattr(ufunc, method)(*plain, **named)
        found = np.asarray(out)
        if ufunc is np.matmul:
            self.count.product(plain[0], found)
        self.count.largest = max(self.count.largest, found.nbytes)
        return self.count.watch(found)


def peak_bytes(function: Callable[[], Any]) -> int:
    """The most memory that NumPy and Python held at one time in a call, beyond what they held
    before, in bytes. The result of the call is counted as well."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        function()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return peak - before
