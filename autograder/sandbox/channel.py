"""The wire between the judge and a worker: plain values and numeric arrays, nothing that runs.

One message is one frame::

    u32, big-endian: length of the header | header, JSON | the arrays' bytes, one after another

The header is ``{"value": tree, "arrays": [[dtype, shape], ...]}``. In the tree None, bool, int,
float (nan and infinities too), str and list are JSON's own; the rest is an object of one key:
``{"tuple": [...]}``, ``{"dict": [[key, value], ...]}``, ``{"complex": [real, imaginary]}``,
``{"array": index}`` and ``{"handle": id, "type": name}``.

The judge reads frames that an adversary wrote. So every size is bounded before memory is taken for
it, an array's bytes are read against its declared dtype and shape (there is no ``.npy`` header and
no pickle), the whole frame has one deadline, and whatever is wrong is a :class:`ChannelError`.
"""

from __future__ import annotations

import json
import math
import re
import socket
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

DTYPES: Final = {
    name: np.dtype(name).newbyteorder("<")
    for name in (
        "bool",
        *("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
        *("float16", "float32", "float64", "complex64", "complex128"),
    )
}
_LENGTH: Final = struct.Struct(">I")
_STRINGS: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)


# Seconds that a read must end after its time was up to say that this process stood still itself,
# and seconds that it then has to read what has come meanwhile.
STOOD_STILL = 0.5
CATCH_UP = 5.0


class ChannelError(Exception):
    """What arrived is no message, or what was to be sent cannot be one."""


class ChannelClosed(ChannelError):
    """The other side has closed the channel."""


class ChannelTimeout(ChannelError):
    """The whole message did not pass before its deadline."""


@dataclass(frozen=True)
class FrameLimits:
    """How large one message may be.

    Attributes:
        header: bytes of JSON.
        frame: bytes of all arrays together.
        items: values in the tree, at any depth.
        depth: levels of nesting.
        arrays: number of arrays.
        dimensions: dimensions of one array.
    """

    header: int = 8 * 2**20
    frame: int = 256 * 2**20
    items: int = 1_000_000
    depth: int = 32
    arrays: int = 10_000
    dimensions: int = 32


@dataclass(frozen=True)
class Handle:
    """An object that stays with the worker: here are its number and its type's name only."""

    id: int
    type: str = ""


def encode(value: object, limits: FrameLimits | None = None) -> list[bytes | memoryview]:
    """Write ``value`` as one frame: the header, then each array's bytes.

    Raises:
        ChannelError: when a value is of another kind than those of the module's text, or the
            frame would be larger than ``limits``.
    """
    limits = limits or FrameLimits()
    writer = _Writer(limits)
    tree = writer.tree(value, 0)
    described = [[array.dtype.name, list(array.shape)] for array in writer.arrays]
    try:
        message = {"value": tree, "arrays": described}
        text = json.dumps(message, separators=(",", ":"), ensure_ascii=False)
    except (ValueError, RecursionError) as error:  # an integer of more than 4,300 digits
        raise ChannelError(f"the message cannot be written as JSON: {error}") from None
    header = text.encode("utf-8", "surrogatepass")
    _check_header(len(header), limits)
    if _structure(header) > _most_structure(limits):
        raise ChannelError(f"the message holds more than {limits.items:,} values")
    return [_LENGTH.pack(len(header)), header, *map(_bytes_of, writer.arrays)]


def decode(frame: bytes, limits: FrameLimits | None = None) -> Any:
    """Read one whole frame; its arrays are fresh and writable.

    Raises:
        ChannelError: when it is not one frame and nothing else.
    """
    limits = limits or FrameLimits()
    rest = memoryview(frame)

    def take(count: int) -> memoryview:
        nonlocal rest
        if count > len(rest):
            raise ChannelError("the frame is cut short")
        taken, rest = rest[:count], rest[count:]
        return taken

    (length,) = _LENGTH.unpack(take(_LENGTH.size))
    _check_header(length, limits)
    tree, declared = _read_header(bytes(take(length)), limits)
    arrays = [_as_array(header, np.array(take(header.nbytes), np.uint8)) for header in declared]
    if rest:
        raise ChannelError("the frame is followed by something else")
    return _value_of(tree, arrays, limits)


def _as_array(header: _ArrayHeader, content: npt.NDArray[np.uint8]) -> Array:
    try:
        if header.dtype == "bool":  # any other byte than 0 and 1 is no valid numpy bool
            content = content != 0
        array: Array = content.view(DTYPES[header.dtype])
        return array.reshape(header.shape)
    except ValueError:
        raise ChannelError("an array has an impossible shape") from None


def _value_of(tree: Any, arrays: list[Array], limits: FrameLimits) -> Any:
    reader = _Reader(arrays, limits)
    value = reader.value(tree, 0)
    if reader.used != len(arrays):
        raise ChannelError("the message holds an array that no value names")
    return value


class _Writer:
    """Turns a value into the header's tree and collects the arrays on the way."""

    def __init__(self, limits: FrameLimits) -> None:
        self.limits = limits
        self.arrays: list[Array] = []
        self.items = 0
        self.size = 0

    def tree(self, value: Any, depth: int) -> Any:
        self.items += 1
        if self.items > self.limits.items:
            raise ChannelError(f"the message holds more than {self.limits.items:,} values")
        if depth > self.limits.depth:
            raise ChannelError(f"the message nests deeper than {self.limits.depth} levels")
        if value is None or type(value) in (bool, int, float, str):
            return value
        if isinstance(value, np.generic):
            return self.tree(value.item(), depth + 1)
        return self._tagged(value, depth)

    def _tagged(self, value: Any, depth: int) -> Any:
        kind = type(value)
        if kind is list:
            return [self.tree(v, depth + 1) for v in value]
        if kind is tuple:
            return {"tuple": [self.tree(v, depth + 1) for v in value]}
        if kind is dict:
            pairs = [[self._key(k, depth), self.tree(v, depth + 1)] for k, v in value.items()]
            return {"dict": pairs}
        if kind is complex:
            return {"complex": [value.real, value.imag]}
        if kind is Handle:
            return {"handle": value.id, "type": value.type}
        if kind is np.ndarray:
            return {"array": self._array(value)}
        raise ChannelError(f"a value of type {kind.__name__} cannot be sent")

    def _key(self, key: Any, depth: int) -> Any:
        if not _is_key(key):
            raise ChannelError(f"a key of type {type(key).__name__} cannot be sent")
        return self.tree(key, depth + 1)

    def _array(self, array: Array) -> int:
        if array.dtype.name not in DTYPES:
            raise ChannelError(f"an array of dtype {array.dtype} cannot be sent")
        if array.ndim > self.limits.dimensions:
            raise ChannelError(f"an array of {array.ndim} dimensions cannot be sent")
        self.size += array.nbytes
        _check_size(self.size, self.limits)
        if len(self.arrays) >= self.limits.arrays:
            raise ChannelError(f"the message holds more than {self.limits.arrays:,} arrays")
        self.arrays.append(np.asarray(array, dtype=DTYPES[array.dtype.name], order="C"))
        return len(self.arrays) - 1


def _bytes_of(array: Array) -> memoryview:
    return array.reshape(-1).view(np.uint8).data


def _is_key(key: object) -> bool:
    if type(key) is tuple:
        return all(_is_key(k) for k in key)
    return key is None or type(key) in (bool, int, float, complex, str)


def _structure(header: bytes) -> int:
    """How many brackets and commas a JSON text has outside its strings, or more.

    Counting them first bounds what ``json.loads`` can allocate: 8 MiB of ``[],`` would be 180 MB.
    """
    count = sum(map(header.count, (b",", b"[", b"{")))
    if count <= 100_000:
        return count
    return sum(map(_STRINGS.sub(b"", header).count, (b",", b"[", b"{")))


def _most_structure(limits: FrameLimits) -> int:
    return 2 * limits.items + 1_000


def _check_header(length: int, limits: FrameLimits) -> None:
    if length > limits.header:
        raise ChannelError(
            f"the message's header has {length:,} bytes; {limits.header:,} are allowed"
        )


def _check_size(size: int, limits: FrameLimits) -> None:
    if size > limits.frame:
        raise ChannelError(
            f"the message's arrays have {size:,} bytes; {limits.frame:,} are allowed"
        )


@dataclass(frozen=True)
class _ArrayHeader:
    dtype: str
    shape: tuple[int, ...]

    @property
    def nbytes(self) -> int:
        return DTYPES[self.dtype].itemsize * math.prod(self.shape)


def _read_header(header: bytes, limits: FrameLimits) -> tuple[Any, list[_ArrayHeader]]:
    """Parse and check the JSON header, all but the tree of values."""
    if _structure(header) > _most_structure(limits):
        raise ChannelError(f"the message holds more than {limits.items:,} values")
    try:
        parsed = json.loads(header.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise ChannelError(f"the message's header is not JSON: {str(error)[:200]}") from None
    if not isinstance(parsed, dict) or parsed.keys() != {"value", "arrays"}:
        raise ChannelError("the message's header is not an object of value and arrays")
    declared = parsed["arrays"]
    if not isinstance(declared, list) or len(declared) > limits.arrays:
        raise ChannelError(f"the message's arrays are no list of at most {limits.arrays:,}")
    arrays = [_array_header(d, limits) for d in declared]
    _check_size(sum(a.nbytes for a in arrays), limits)
    return parsed["value"], arrays


def _array_header(declared: Any, limits: FrameLimits) -> _ArrayHeader:
    if not (isinstance(declared, list) and len(declared) == 2):
        raise ChannelError("an array is declared by something else than a dtype and a shape")
    dtype, shape = declared
    if not isinstance(dtype, str) or dtype not in DTYPES:
        raise ChannelError(f"an array is declared with dtype {str(dtype)[:50]!r}")
    if not isinstance(shape, list) or len(shape) > limits.dimensions:
        raise ChannelError(f"an array's shape is no list of at most {limits.dimensions} numbers")
    if not all(type(n) is int and 0 <= n <= 2**40 for n in shape):
        raise ChannelError("an array's shape holds something else than sizes")
    return _ArrayHeader(dtype, tuple(shape))


class _Reader:
    """Turns the header's tree and the arrays back into a value."""

    def __init__(self, arrays: list[Array], limits: FrameLimits) -> None:
        self.arrays = arrays
        self.limits = limits
        self.items = 0
        self.used = 0

    def value(self, tree: Any, depth: int) -> Any:
        self.items += 1
        if self.items > self.limits.items:
            raise ChannelError(f"the message holds more than {self.limits.items:,} values")
        if depth > self.limits.depth:
            raise ChannelError(f"the message nests deeper than {self.limits.depth} levels")
        if isinstance(tree, list):
            return [self.value(t, depth + 1) for t in tree]
        if isinstance(tree, dict):
            return self._tagged(tree, depth)
        return tree

    def _tagged(self, tree: dict[str, Any], depth: int) -> Any:
        match tree:
            case {"tuple": list(members)} if len(tree) == 1:
                return tuple(self.value(t, depth + 1) for t in members)
            case {"dict": list(pairs)} if len(tree) == 1:
                return dict(self._pair(p, depth) for p in pairs)
            case {"complex": [int() | float() as real, int() | float() as imaginary]}:
                return _complex(real, imaginary)
            case {"array": int(index)} if len(tree) == 1:
                return self._array(index)
            case {"handle": int(number), "type": str(name)} if len(tree) == 2:
                return Handle(number, name[:200])
        raise ChannelError(f"the message holds an unknown kind of value: {str(list(tree))[:100]}")

    def _pair(self, pair: Any, depth: int) -> tuple[Any, Any]:
        if not (isinstance(pair, list) and len(pair) == 2):
            raise ChannelError("a dict holds something else than pairs of key and value")
        key = self.value(pair[0], depth + 1)
        if not _is_key(key):
            raise ChannelError("a dict has a key that is not plain")
        return key, self.value(pair[1], depth + 1)

    def _array(self, index: int) -> Array:
        if index != self.used or index >= len(self.arrays):
            raise ChannelError("the message names an array that it does not hold")
        self.used += 1
        return self.arrays[index]


def _complex(real: float, imaginary: float) -> complex:
    try:
        return complex(real, imaginary)
    except OverflowError:
        raise ChannelError("the message holds a complex number out of range") from None


class Channel:
    """Messages over one connected stream socket. Not for several threads at once."""

    def __init__(self, connection: socket.socket, limits: FrameLimits | None = None) -> None:
        self.connection = connection
        self.limits = limits or FrameLimits()

    def fileno(self) -> int:
        """The socket's file descriptor."""
        return self.connection.fileno()

    def close(self) -> None:
        """Close the socket."""
        self.connection.close()

    def send(self, value: object, deadline: float | None = None) -> None:
        """Send one message.

        Args:
            value: a tree of plain values, numeric arrays and handles.
            deadline: the moment of :func:`time.monotonic` by which all of it must have left.

        Raises:
            ChannelError: see :func:`encode`; nothing has been sent then.
            ChannelClosed: the other side is gone.
            ChannelTimeout: the other side did not take it in time. The channel is of no more use.
        """
        until = _Deadline(deadline)
        for part in encode(value, self.limits):
            self.connection.settimeout(until.left())
            try:
                self.connection.sendall(part)
            except TimeoutError:
                raise ChannelTimeout("the other side did not read its message in time") from None
            except OSError as error:
                raise ChannelClosed(f"the other side is gone: {error}") from None

    def receive(self, deadline: float | None = None) -> Any:
        """Wait for one message and return its value; its arrays are fresh and writable.

        Raises:
            ChannelError: what came is malformed or too large. The channel is of no more use.
            ChannelClosed: the other side is gone.
            ChannelTimeout: the message was not complete at the deadline.
        """
        until = _Deadline(deadline)
        (length,) = _LENGTH.unpack(self._exactly(bytearray(_LENGTH.size), until))
        _check_header(length, self.limits)
        header = bytes(self._exactly(bytearray(length), until))
        tree, declared = _read_header(header, self.limits)
        return _value_of(tree, list(self._arrays(declared, until)), self.limits)

    def _arrays(self, declared: list[_ArrayHeader], deadline: _Deadline) -> Iterator[Array]:
        for header in declared:
            content = np.empty(header.nbytes, np.uint8)
            self._exactly(content.data, deadline)
            yield _as_array(header, content)

    def _exactly(
        self, buffer: bytearray | memoryview, deadline: _Deadline
    ) -> bytearray | memoryview:
        """Fill ``buffer`` from the socket."""
        view = memoryview(buffer)
        while view:
            self.connection.settimeout(deadline.left())
            try:
                count = self.connection.recv_into(view)
            except TimeoutError:
                raise ChannelTimeout("the other side did not send its message in time") from None
            except OSError as error:
                raise ChannelClosed(f"the other side is gone: {error}") from None
            if not count:
                raise ChannelClosed("the other side has closed the channel")
            deadline.note_read()
            view = view[count:]
        return buffer


class _Deadline:
    """The moment by which a message must have passed; None for no such moment."""

    def __init__(self, at: float | None) -> None:
        self._at = at

    def left(self) -> float | None:
        """Seconds that are left.

        Raises:
            ChannelTimeout: when none are.
        """
        if self._at is None:
            return None
        left = self._at - time.monotonic()
        if left <= 0:
            raise ChannelTimeout("the message was not complete in time")
        return left

    def note_read(self) -> None:
        """Something was read. It had come in time, for no read waits longer; if it is much later
        now, this process did not run meanwhile, which is not the other side's fault."""
        now = time.monotonic()
        if self._at is not None and now > self._at + STOOD_STILL:
            self._at = now + CATCH_UP
