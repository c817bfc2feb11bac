"""What TensorFlow's profiler recorded, without TensorBoard."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

__all__ = ["Event", "traced_call"]

Event = tuple[str, float, float]
"""Name, start and duration of what ran, in microseconds."""


def traced_call(function: Callable[[], object], calls: int = 10) -> list[Event]:
    """Profile some calls and return what ran in the middle one, on all threads.

    The profiler writes an XSpace, a protocol buffer of planes (devices) with lines (threads) of
    events. Starts are counted from the beginning of the call.

    Args:
        function: takes no argument. Call it once before: a first call traces and compiles.
        calls: how many are profiled.

    Raises:
        ValueError: if `calls` is less than 1.
    """
    import tensorflow as tf
    from tensorflow.tsl.profiler.protobuf import xplane_pb2

    if calls < 1:
        raise ValueError(f"traced_call profiles one call or more, got calls={calls}.")
    with tempfile.TemporaryDirectory() as folder:
        with tf.profiler.experimental.Profile(folder):
            for step in range(calls):
                with tf.profiler.experimental.Trace(_CALL, step_num=step, _r=1):
                    function()
        written = next(Path(folder).rglob("*.xplane.pb")).read_bytes()
    plane = next(p for p in xplane_pb2.XSpace.FromString(written).planes if p.name == "/host:CPU")
    first = min(line.timestamp_ns for line in plane.lines)
    events = [
        (
            plane.event_metadata[event.metadata_id].name,
            (line.timestamp_ns - first) / 1e3 + event.offset_ps / 1e6,
            event.duration_ps / 1e6,
        )
        for line in plane.lines
        for event in line.events
    ]
    found = sorted((start, length) for name, start, length in events if name == _CALL)
    begin, length = found[len(found) // 2]
    return [
        (name, start - begin, duration)
        for name, start, duration in events
        if begin <= start and start + duration <= begin + length
    ]


_CALL = "call"
