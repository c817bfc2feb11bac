"""The channel takes plain values through unchanged, and nothing else gets past it."""

from __future__ import annotations

import json
import math
import socket
import struct
import threading
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from autograder.sandbox import channel
from autograder.sandbox.channel import (
    DTYPES,
    Channel,
    ChannelClosed,
    ChannelError,
    ChannelTimeout,
    FrameLimits,
    Handle,
    encode,
)
from tests.waiting import LOST

Pair = tuple[Channel, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield Channel(ours), theirs


def frame(header: object, payload: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack(">I", len(text)) + text + payload


def received(data: bytes, limits: FrameLimits | None = None) -> Any:
    """What the judge's side makes of these bytes, followed by the end of the stream."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        thread = threading.Thread(target=_feed, args=(theirs, data))
        thread.start()
        try:
            return Channel(ours, limits).receive(time.monotonic() + LOST)
        finally:
            ours.close()
            thread.join()


def _feed(connection: socket.socket, data: bytes) -> None:
    with suppress(OSError):  # the reader may have given up by then
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)


def through(value: object) -> Any:
    return received(b"".join(bytes(part) for part in encode(value)))


def same(a: Any, b: Any) -> Any:
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, float):
        return struct.pack("d", a) == struct.pack("d", b) or (math.isnan(a) and math.isnan(b))
    if isinstance(a, complex):
        return same(a.real, b.real) and same(a.imag, b.imag)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return len(a) == len(b) and all(map(same, a.items(), b.items()))
    return a == b


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.complex_numbers()
    | st.text(st.characters(), max_size=20)
    | st.builds(Handle, st.integers(0), st.text(max_size=20))
)
arrays = st_numpy.arrays(
    st.sampled_from(list(DTYPES.values())),
    st_numpy.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
)
keys = st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.tuples(st.integers())
values = st.recursive(
    scalars | arrays,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(keys, inner, max_size=4)
    ),
    max_leaves=20,
)


@given(values)
def test_every_plain_value_arrives_unchanged(value: object) -> None:
    assert same(value, through(value))


def test_special_floats_arrive() -> None:
    assert same(through([math.nan, math.inf, -math.inf, -0.0, 5e-324]), [
        math.nan, math.inf, -math.inf, -0.0, 5e-324,
    ])  # fmt: skip


def test_big_endian_and_strided_arrays_arrive_by_value() -> None:
    sent = np.arange(12, dtype=">i4").reshape(3, 4)[::2, ::-1]
    got = through(sent)
    assert got.dtype == np.dtype("<i4")
    np.testing.assert_array_equal(got, sent)


def test_an_array_that_arrives_can_be_written() -> None:
    sent = np.zeros(3)
    got = through(sent)
    got[0] = 1
    assert sent[0] == 0
    assert type(got) is np.ndarray


def test_an_invalid_bool_becomes_true() -> None:
    got = received(frame({"value": {"array": 0}, "arrays": [["bool", [3]]]}, b"\x00\x02\xff"))
    assert got.tobytes() == b"\x00\x01\x01"


def test_numpy_scalars_become_pythons() -> None:
    assert same(through([np.float32(0.5), np.int64(3), np.bool_(True)]), [0.5, 3, True])


class Sneaky(np.ndarray[Any, Any]):
    pass


@pytest.mark.parametrize(
    "value",
    [
        object(),
        {1, 2},
        b"bytes",
        np.array([None]),
        np.array(["text"]),
        np.array([1], "datetime64[s]"),
        np.zeros(2).view(Sneaky),
        {frozenset(): 1},
        10**5000,
        lambda: 0,
    ],
    ids=lambda v: type(v).__name__,
)
def test_anything_else_is_refused_at_the_sender(value: object) -> None:
    with pytest.raises(ChannelError):
        encode(value)


def test_a_cycle_is_refused_at_the_sender() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(ChannelError, match="deeper than 32"):
        encode(value)


@pytest.mark.parametrize(
    ("limits", "value"),
    [
        (FrameLimits(header=100), "x" * 200),
        (FrameLimits(frame=100), np.zeros(100)),
        (FrameLimits(items=10), [0] * 20),
        (FrameLimits(arrays=2), [np.zeros(1)] * 3),
        (FrameLimits(dimensions=2), np.zeros((1, 1, 1))),
    ],
)
def test_limits_hold_at_the_sender(limits: FrameLimits, value: object) -> None:
    with pytest.raises(ChannelError):
        encode(value, limits)


def array_frame(dtype: object, shape: object, payload: bytes = b"") -> bytes:
    return frame({"value": {"array": 0}, "arrays": [[dtype, shape]]}, payload)


FORGED = {
    "object dtype": array_frame("object", [1], b"\0" * 8),
    "structured dtype": array_frame("i4,i4", [1], b"\0" * 8),
    "void dtype": array_frame("V8", [1], b"\0" * 8),
    "dtype not a string": array_frame(["float64"], [1]),
    "10^8 by 10^8": array_frame("float64", [10**8, 10**8]),
    "10 GB declared": array_frame("float64", [10 * 2**30 // 8]),
    "negative size": array_frame("float64", [-1]),
    "two negative sizes": array_frame("float64", [-2, -2], b"\0" * 32),
    "fractional size": array_frame("float64", [1.0], b"\0" * 8),
    "boolean size": array_frame("float64", [True], b"\0" * 8),
    "no bytes times very many": array_frame("float64", [0, 2**40, 2**40]),
    "no bytes times more than an index": array_frame("float64", [0, 2**63]),
    "65 dimensions": array_frame("float64", [1] * 65, b"\0" * 8),
    "shape not a list": array_frame("float64", 1, b"\0" * 8),
    "array out of range": frame({"value": {"array": 1}, "arrays": [["int8", [1]]]}, b"\0"),
    "array before the first": frame({"value": {"array": -1}, "arrays": [["int8", [1]]]}, b"\0"),
    "array used twice": frame(
        {"value": [{"array": 0}, {"array": 0}], "arrays": [["int8", [1]]]}, b"\0"
    ),
    "array not used": frame({"value": 0, "arrays": [["int8", [1]]]}, b"\0"),
    "fewer bytes than declared": array_frame("float64", [2], b"\0" * 8),
    "4 GB header": struct.pack(">I", 2**32 - 1) + b"{}",
    "header longer than the stream": struct.pack(">I", 1000) + b"{}",
    "half a length": b"\0\0",
    "nothing": b"",
    "invalid UTF-8": frame(b'{"value": "\xff\xfe", "arrays": []}'),
    "not JSON": frame(b"\x80\x04\x95pickle"),
    "4,000 levels": frame(b'{"value": ' + b"[" * 4000 + b"]" * 4000 + b', "arrays": []}'),
    "a million levels": frame(b"[" * 1_000_000),
    "40 levels": frame(b'{"value": ' + b"[" * 40 + b"]" * 40 + b', "arrays": []}'),
    "very many values": frame(b'{"value": [' + b"[]," * 2_700_000 + b'[]], "arrays": []}'),
    "very many arrays": frame({"value": 0, "arrays": [["int8", [0]]] * 20_000}),
    "integer of 10,000 digits": frame(b'{"value": ' + b"9" * 10_000 + b', "arrays": []}'),
    "header is a list": frame([1]),
    "key missing": frame({"value": 1}),
    "key too many": frame({"value": 1, "arrays": [], "verdict": "pass"}),
    "unknown tag": frame({"value": {"pickle": "gASV"}, "arrays": []}),
    "two tags": frame({"value": {"tuple": [], "dict": []}, "arrays": []}),
    "dict of triples": frame({"value": {"dict": [[1, 2, 3]]}, "arrays": []}),
    "list as a key": frame({"value": {"dict": [[[], 1]]}, "arrays": []}),
    "handle without a number": frame({"value": {"handle": "1", "type": "f"}, "arrays": []}),
    "complex of strings": frame({"value": {"complex": ["1", "2"]}, "arrays": []}),
    "complex out of range": frame({"value": {"complex": [10**400, 0]}, "arrays": []}),
}


@pytest.mark.parametrize("data", FORGED.values(), ids=FORGED.keys())
def test_a_forged_frame_is_a_channel_error(data: bytes) -> None:
    with pytest.raises(ChannelError):
        received(data)


@pytest.mark.parametrize("name", ["10 GB declared", "10^8 by 10^8", "4 GB header"])
def test_a_forged_size_takes_no_memory(name: str) -> None:
    tracemalloc.start()
    with pytest.raises(ChannelError):
        received(FORGED[name])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**20


def test_many_commas_in_a_string_are_only_text() -> None:
    text = '[,{\\"' * 400_000
    assert through([text]) == [text]


@given(st.binary(max_size=200))
@settings(max_examples=300)
def test_random_bytes_are_a_channel_error(data: bytes) -> None:
    with pytest.raises(ChannelError):
        received(data)


json_trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda t: st.lists(t, max_size=3) | st.dictionaries(
        st.sampled_from(["array", "tuple", "dict", "handle", "type", "complex", "x"]), t, max_size=2
    ),
    max_leaves=10,
)  # fmt: skip


@given(json_trees, st.lists(st.lists(st.sampled_from([*DTYPES, 1, -1, [2], [0, 9]]))), st.binary())
@settings(max_examples=500)
def test_random_headers_give_a_value_or_a_channel_error(
    tree: object, declared: object, payload: bytes
) -> None:
    with suppress(ChannelError):
        received(frame({"value": tree, "arrays": declared}, payload))


def test_a_slow_sender_meets_the_deadline(pair: Pair) -> None:
    channel, theirs = pair
    data = frame({"value": "x" * 1000, "arrays": []})
    stop = threading.Event()

    def drip() -> None:
        for byte in data:
            if stop.wait(0.01):
                return
            theirs.send(bytes([byte]))

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        # If each byte bought the sender more time, all of them would arrive.
        with pytest.raises(ChannelTimeout):
            channel.receive(time.monotonic() + 0.2)
    finally:
        stop.set()
    thread.join()


def test_a_reader_that_never_reads_meets_the_deadline(pair: Pair) -> None:
    channel, _ = pair
    with pytest.raises(ChannelTimeout):
        channel.send(np.zeros(2**22), time.monotonic() + 0.2)


def test_a_closed_channel_says_so(pair: Pair) -> None:
    channel, theirs = pair
    theirs.close()
    with pytest.raises(ChannelClosed):
        channel.receive()
    with pytest.raises(ChannelClosed):
        channel.send(1)


def test_messages_follow_one_another(pair: Pair) -> None:
    channel, theirs = pair
    other = Channel(theirs)
    for i in range(3):
        other.send([i, np.full(4, i)])
    assert [int(channel.receive()[1][0]) for _ in range(3)] == [0, 1, 2]


class _StandingStill:
    """A connection whose first read ends long after its time was up, though data had come."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.now = 100.0
        self.reads = 0

    def monotonic(self) -> float:
        return self.now

    def settimeout(self, seconds: float | None) -> None:
        pass

    def recv_into(self, view: memoryview) -> int:
        self.reads += 1
        if self.reads == 1:
            self.now += 60.0
        count = min(len(view), len(self.data), 3)
        view[:count], self.data = self.data[:count], self.data[count:]
        return count


def test_a_reader_that_stood_still_itself_reads_what_came_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = b"".join(bytes(part) for part in channel.encode([1, 2, 3]))
    still = _StandingStill(data)
    monkeypatch.setattr(channel, "time", still)
    receiving = Channel(still)  # type: ignore[arg-type]
    assert receiving.receive(deadline=110.0) == [1, 2, 3]
