"""A trace of TensorFlow holds what ran within a call."""

from __future__ import annotations

import pytest

from dlcourse.compression.traces import traced_call


def test_the_operations_of_one_call_are_there() -> None:
    import tensorflow as tf

    matrix = tf.ones((64, 64))
    compiled = tf.function(lambda a: a @ a)
    compiled(matrix)
    events = traced_call(lambda: compiled(matrix), calls=3)
    names = [name for name, _, _ in events]
    assert names.count("call") == 1
    assert any("MatMul" in name for name in names)
    _, begin, length = events[names.index("call")]
    assert begin == 0
    assert all(start >= 0 and start + each <= length + 1e-3 for _, start, each in events)


def test_it_needs_a_call() -> None:
    with pytest.raises(ValueError, match="one call or more"):
        traced_call(lambda: None, calls=0)
