"""Load on a service of this machine: closed loop and open loop, bounded in number and time.

A closed loop has a number of clients, each of which waits for its answer before it asks again. In
an open loop requests come when they are due, however many are not answered yet, as from a crowd of
people who do not know of each other. Requests go out as bytes over connections that are kept, since
a full HTTP client costs more than many a service. The port is one of 127.0.0.1: nobody else is
loaded.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dlcourse.serving.running import HOST

__all__ = ["MOST_REQUESTS", "MOST_SECONDS", "Answers", "closed_loop", "get", "open_loop", "post"]

MOST_REQUESTS = 20_000
MOST_SECONDS = 120.0

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Answers:
    """What became of n requests, in the order in which they were given; times in seconds.

    Attributes:
        due: when each should have gone out, from the start, (n,). In a closed loop, when it did.
        sent: when it went out, (n,); NaN where it did not.
        done: when its answer was there, (n,); NaN where none came.
        status: the status of HTTP, (n,); 0 where no answer came.
        bodies: what the answers hold; empty where none came.
    """

    due: Floats
    sent: Floats
    done: Floats
    status: npt.NDArray[np.int64]
    bodies: tuple[bytes, ...]

    @property
    def latency(self) -> Floats:
        """Seconds from when an answered request was due to its answer, (answered,)."""
        return (self.done - self.due)[self.status > 0]

    @property
    def since_sent(self) -> Floats:
        """Seconds from when an answered request went out to its answer, (answered,)."""
        return (self.done - self.sent)[self.status > 0]

    @property
    def rate(self) -> float:
        """Answers of status 200 per second, from the first request that went out."""
        good = self.status == 200
        if not good.any():
            return 0.0
        return float(good.sum() / (self.done[good].max() - np.nanmin(self.sent)))

    def in_flight(self, times: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """How many answered requests were due and not done at times (m,): (m,)."""
        answered = self.status > 0
        came, went = np.sort(self.due[answered]), np.sort(self.done[answered])
        at = np.asarray(times, dtype=np.float64)
        found = np.searchsorted(came, at, "right") - np.searchsorted(went, at, "right")
        return found.astype(np.int64)


def get(path: str) -> bytes:
    """The bytes of a GET request."""
    return f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()


def post(path: str, content: object) -> bytes:
    """The bytes of a POST request; the content is sent as JSON, without spaces."""
    body = json.dumps(content, separators=(",", ":")).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\n"
    return head.encode() + f"Content-Length: {len(body)}\r\n\r\n".encode() + body


async def closed_loop(
    port: int, requests: Sequence[bytes], *, clients: int = 8, seconds: float = 30.0
) -> Answers:
    """Send requests in their order from a number of clients, each of which waits for its answer.

    Args:
        port: of a service on 127.0.0.1.
        requests: as `get` and `post` make them.
        clients: how many ask at the same time, each over a connection of its own.
        seconds: after them, what is not answered is given up.

    Raises:
        ValueError: if there are more requests than `MOST_REQUESTS`, more seconds than
            `MOST_SECONDS`, or no clients.
    """
    _check(requests, seconds)
    if clients < 1:
        raise ValueError(f"a closed loop needs one client or more, got {clients}.")
    book = _Book(requests, np.full(len(requests), np.nan))
    numbers = iter(range(len(requests)))

    async def client() -> None:
        connection = _Connection(port)
        for i in numbers:
            book.due[i] = book.now()
            await book.ask(i, connection)
        connection.close()

    return await book.finish([client() for _ in range(clients)], seconds)


async def open_loop(
    port: int,
    requests: Sequence[bytes],
    due: npt.ArrayLike,
    *,
    connections: int = 256,
    seconds: float = 30.0,
) -> Answers:
    """Send each request when it is due, whether earlier ones are answered or not.

    Args:
        port: of a service on 127.0.0.1.
        requests: as `get` and `post` make them.
        due: seconds from the start at which each goes out, (n,), in increasing order.
        connections: how many requests can be in flight. One that is due when that many are waits
            on this side, and the wait counts in its latency.
        seconds: after them, what is not answered is given up.

    Raises:
        ValueError: as for `closed_loop`; also if `due` is not one increasing time for each request,
            or there are no connections.
    """
    _check(requests, seconds)
    times = np.array(due, dtype=np.float64)
    if times.shape != (len(requests),) or np.any(np.diff(times, prepend=0.0) < 0):
        raise ValueError("an open loop needs one time for each request, from 0 on and increasing.")
    if connections < 1:
        raise ValueError(f"an open loop needs one connection or more, got {connections}.")
    book = _Book(requests, times)
    free: asyncio.LifoQueue[_Connection] = asyncio.LifoQueue()  # those that are open go first
    for _ in range(connections):
        free.put_nowait(_Connection(port))

    async def one(i: int) -> None:
        await asyncio.sleep(times[i] - book.now())
        connection = await free.get()
        await book.ask(i, connection)
        free.put_nowait(connection)

    answers = await book.finish([one(i) for i in range(len(requests))], seconds)
    while not free.empty():
        free.get_nowait().close()
    return answers


def _check(requests: Sequence[bytes], seconds: float) -> None:
    if len(requests) > MOST_REQUESTS or not 0 < seconds <= MOST_SECONDS:
        raise ValueError(
            f"a load has at most {MOST_REQUESTS} requests and {MOST_SECONDS:g} s, got "
            f"{len(requests)} and {seconds:g}."
        )


class _Connection:
    """A connection that is opened when it is first needed and kept for the next request."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes, on_sending: Callable[[], None]) -> tuple[int, bytes]:
        """Send a request and wait for status and body.

        Raises:
            OSError: if there is no connection, or it breaks.
        """
        if self._streams is None:
            self._streams = await asyncio.open_connection(HOST, self.port)
        reader, writer = self._streams
        on_sending()
        writer.write(request)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            lines = head.decode("latin-1").lower().split("\r\n")
            fields = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
            body = await reader.readexactly(int(fields.get("content-length", "0")))
        except asyncio.IncompleteReadError as error:
            raise ConnectionError("the service closed the connection.") from error
        if fields.get("connection") == "close":
            self.close()
        return int(lines[0].split()[1]), body

    def close(self) -> None:
        """Close it, if it is open; the next request opens it anew."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


class _Book:
    """When requests were due, sent and answered."""

    def __init__(self, requests: Sequence[bytes], due: Floats) -> None:
        self.requests, self.due = requests, due
        self.sent, self.done = (np.full(len(requests), np.nan) for _ in range(2))
        self.status = np.zeros(len(requests), np.int64)
        self.bodies = [b""] * len(requests)
        self._start = time.perf_counter()

    def now(self) -> float:
        return time.perf_counter() - self._start

    async def ask(self, i: int, connection: _Connection) -> None:
        """Ask request i; an answer that does not come leaves status 0."""

        def sending() -> None:
            self.sent[i] = self.now()

        try:
            status, body = await connection.ask(self.requests[i], sending)
        except OSError:
            connection.close()
            return
        except asyncio.CancelledError:
            connection.close()
            raise
        self.done[i], self.status[i], self.bodies[i] = self.now(), status, body

    async def finish(self, parts: Sequence[Coroutine[None, None, None]], seconds: float) -> Answers:
        """Run the parts until they end or their time does."""
        tasks = [asyncio.create_task(part) for part in parts]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=seconds)
            for task in late:
                task.cancel()
            for outcome in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(outcome, Exception):
                    raise outcome
        return Answers(self.due, self.sent, self.done, self.status, tuple(self.bodies))
