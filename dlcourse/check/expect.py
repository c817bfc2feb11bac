"""Expectations that name the misconception: what checks assert with."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]


class Mismatch(AssertionError):
    """An expectation that did not hold.

    ``message`` is for every learner; ``detail`` quotes values, and is shown for public checks only.
    """

    def __init__(self, message: str, detail: str = "") -> None:
        self.message = message
        self.detail = detail
        super().__init__(f"{message} {detail}".strip())


def expect_array(
    value: object, shape: tuple[int | None, ...] | None = None, *, name: str = "Your result"
) -> Array:
    """Demand an array of numbers.

    Args:
        value: what the learner's code returned.
        shape: the shape it must have; ``None`` in a place allows any length there.
        name: how the message calls the value, for instance ``"softmax(z)"``.

    Returns:
        The value as an array.

    Raises:
        Mismatch: when it is not an array of numbers, or has another shape.
    """
    if value is None:
        raise Mismatch(f"{name} is None.", "Does the function end with a return?")
    if isinstance(value, bool | int | float | list | tuple):
        value = _from_numbers(value, name)
    if not isinstance(value, np.ndarray):
        raise Mismatch(f"{name} is not an array of numbers.", _kind(value))
    if shape is not None and not _fits(value.shape, shape):
        raise Mismatch(f"{name} has the wrong shape.", f"It is {value.shape}, not {_text(shape)}.")
    return value


def _kind(value: object) -> str:
    """What a learner's value is; a handle stands for the learner's object."""
    name = getattr(value, "_type", type(value).__name__)
    if name == "ndarray":
        return "It is an array whose dtype is object: NumPy cannot compute with its elements."
    return f"It is of the type {name}."


def _from_numbers(value: object, name: str) -> Array:
    try:
        array = np.asarray(value)
    except ValueError:
        raise Mismatch(f"{name} is a ragged list; an array has rows of one length.") from None
    if array.dtype.kind not in "biufc":
        raise Mismatch(f"{name} is not an array of numbers.", f"It is {value!r:.80}.")
    return array


def _fits(actual: tuple[int, ...], wanted: tuple[int | None, ...]) -> bool:
    return len(actual) == len(wanted) and all(
        w is None or a == w for a, w in zip(actual, wanted, strict=True)
    )


def _text(shape: tuple[int | None, ...]) -> str:
    inside = ", ".join("any" if n is None else str(n) for n in shape)
    return f"({inside},)" if len(shape) == 1 else f"({inside})"


def expect_close(
    actual: object,
    desired: ArrayLike,
    message: str,
    *,
    rtol: float = 1e-5,
    atol: float = 1e-7,
    name: str = "Your result",
) -> None:
    """Demand numbers equal to ``desired`` within ``atol + rtol * abs(desired)``, and no NaN.

    Raises:
        Mismatch: with ``message`` when a value differs; with a message about the kind or the
            shape of ``actual`` when those are wrong.
    """
    wanted = np.asarray(desired)
    got = expect_array(actual, wanted.shape, name=name)
    if np.isnan(got).any() and not np.isnan(wanted).any():
        raise Mismatch(f"{name} contains nan (not a number).", message)
    if not np.allclose(got, wanted, rtol=rtol, atol=atol, equal_nan=True):
        raise Mismatch(message, f"Expected {_short(wanted)}, got {_short(got)}.")


def _short(array: Array) -> str:
    text = np.array2string(array, precision=6, threshold=12, edgeitems=2, separator=", ")
    return " ".join(text.split()).removesuffix(".")  # a number alone; a full stop follows
