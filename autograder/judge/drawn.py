"""Hidden data, drawn once for all submissions.

A check gets a fresh generator that begins in the same state for every submission, so what a
function of the hidden set-up draws with it is the same each time too; to distort a few hundred
images takes longer than all else that the judge does for a submission. So a thread's checks keep
what such a function returned, and hand out copies of it.
"""

from __future__ import annotations

import copy
import inspect
import pickle
from collections.abc import Callable, Mapping
from functools import wraps
from types import FunctionType
from typing import Any

import numpy as np

MOST_BYTES = 64 * 2**20
"""Of all that one function's results take, pickled."""

_PLAIN = (bool, int, float, str, bytes, type(None))


def draw_once(scope: dict[str, Any], before: Mapping[str, object]) -> None:
    """Have the functions that a hidden set-up defined keep what they draw.

    Args:
        scope: the names after the set-up ran; functions in it are replaced.
        before: the names before it ran.
    """
    for name, found in list(scope.items()):
        new = name not in before or before[name] is not found
        if new and isinstance(found, FunctionType) and "rng" in inspect.signature(found).parameters:
            scope[name] = _drawn_once(found)


def _drawn_once(draw: Callable[..., Any]) -> Callable[..., Any]:
    """The same function; where all it gets is a generator and plain values, it runs once for them.

    What it returns the next time is a copy, and the generator is left as it was left then.
    """
    signature = inspect.signature(draw)
    kept: dict[bytes, tuple[Any, Any]] = {}
    size = 0

    @wraps(draw)
    def drawn(*arguments: Any, **options: Any) -> Any:
        nonlocal size
        rng, key = _key(signature, arguments, options)
        if key is None:
            return draw(*arguments, **options)
        if key not in kept:
            result = draw(*arguments, **options)
            length = _length(result)
            if length is None or size + length > MOST_BYTES:
                return result
            size += length
            kept[key] = copy.deepcopy(result), copy.deepcopy(rng.bit_generator.state)
            return result
        result, state = kept[key]
        rng.bit_generator.state = copy.deepcopy(state)
        return copy.deepcopy(result)

    return drawn


def _key(
    signature: inspect.Signature, arguments: tuple[Any, ...], options: dict[str, Any]
) -> tuple[Any, bytes | None]:
    """The generator, and what decides the result; None where something else may decide it."""
    try:
        given = dict(signature.bind(*arguments, **options).arguments)
    except TypeError:
        return None, None  # the call will say what is wrong
    rng = given.pop("rng", None)
    if type(rng) is not np.random.Generator:
        return None, None
    values = [v for value in given.values() for v in _values(value)]
    if not all(type(v) in _PLAIN for v in values):
        return None, None
    return rng, pickle.dumps((rng.bit_generator.state, given))


def _values(value: Any) -> list[Any]:
    return list(value) if type(value) in (tuple, list) else [value]


def _length(result: Any) -> int | None:
    """Bytes of a result; None where it holds more than data, and a copy might not be the same."""
    parts = list(result) if type(result) in (tuple, list) else [result]
    if all((type(p) is np.ndarray and p.dtype != object) or type(p) in _PLAIN for p in parts):
        return sum(p.nbytes if isinstance(p, np.ndarray) else 64 for p in parts)
    return None
