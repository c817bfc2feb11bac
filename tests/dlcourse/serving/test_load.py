"""Loads ask a service of this machine: each request once, in time, and no further than allowed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

import numpy as np
import pytest

from dlcourse.serving.load import Answers, closed_loop, get, open_loop, post

Reply = Callable[[str, bytes], Awaitable[tuple[int, bytes]]]


def loaded(reply: Reply, load: Callable[[int], Awaitable[Answers]]) -> Answers:
    """Serve a reply to path and body on a free port, and load it."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode():
                size = head.partition("Content-Length: ")[2].partition("\r\n")[0]
                body = await reader.readexactly(int(size or 0))
                status, answer = await reply(head.split()[1], body)
                if status == 0:
                    break
                writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(answer)}\r\n\r\n"
                             .encode() + answer)  # fmt: skip
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        writer.close()

    async def both() -> Answers:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        try:
            return await load(server.sockets[0].getsockname()[1])
        finally:
            server.close()

    return asyncio.run(both())


async def echo(path: str, body: bytes) -> tuple[int, bytes]:
    return 200, body or path.encode()


def test_every_request_gets_its_own_answer() -> None:
    requests = [post("/", {"n": n}) for n in range(50)]
    answers = loaded(echo, lambda port: closed_loop(port, requests, clients=4))
    assert [json.loads(body)["n"] for body in answers.bodies] == list(range(50))
    assert (answers.status == 200).all()
    assert answers.rate > 0


def test_a_closed_loop_has_no_more_in_flight_than_clients() -> None:
    going, most = 0, 0

    async def reply(path: str, body: bytes) -> tuple[int, bytes]:
        nonlocal going, most
        going, most = going + 1, max(most, going + 1)
        await asyncio.sleep(0.01)
        going -= 1
        return 200, b""

    loaded(reply, lambda port: closed_loop(port, [get("/")] * 20, clients=3))
    assert most == 3


def test_an_open_loop_sends_while_earlier_requests_wait() -> None:
    everybody = asyncio.Event()
    came = 0

    async def reply(path: str, body: bytes) -> tuple[int, bytes]:
        nonlocal came
        came += 1
        if came == 5:
            everybody.set()
        await everybody.wait()
        return 200, b""

    due = np.arange(5) * 0.02
    answers = loaded(reply, lambda port: open_loop(port, [get("/")] * 5, due))
    np.testing.assert_array_equal(answers.due, due)
    assert (answers.status == 200).all()
    assert answers.latency[0] >= 0.08
    assert (answers.sent >= due).all()


def test_a_wait_for_a_connection_counts_from_when_the_request_was_due() -> None:
    async def reply(path: str, body: bytes) -> tuple[int, bytes]:
        await asyncio.sleep(0.2)
        return 200, b""

    answers = loaded(reply, lambda port: open_loop(port, [get("/")] * 2, [0.0, 0.0], connections=1))
    assert sorted(answers.latency)[1] >= 0.4
    assert answers.since_sent.max() < sorted(answers.latency)[1] - 0.1


def test_what_is_not_answered_in_time_is_given_up() -> None:
    async def reply(path: str, body: bytes) -> tuple[int, bytes]:
        await asyncio.sleep(0 if path == "/quick" else 30)
        return 200, b"x"

    requests = [get("/quick"), get("/never"), get("/quick")]
    answers = loaded(reply, lambda port: closed_loop(port, requests, clients=1, seconds=0.5))
    assert answers.status.tolist() == [200, 0, 0]
    assert answers.bodies == (b"x", b"", b"")
    assert np.isnan(answers.done[1])
    assert np.isnan(answers.sent[2])
    assert len(answers.latency) == 1


def test_a_broken_connection_is_no_answer_and_the_next_request_has_a_new_one() -> None:
    async def reply(path: str, body: bytes) -> tuple[int, bytes]:
        return (0, b"") if path == "/break" else (503, b"")

    requests = [get("/"), get("/break"), get("/")]
    answers = loaded(reply, lambda port: closed_loop(port, requests, clients=1))
    assert answers.status.tolist() == [503, 0, 503]
    assert answers.rate == 0


def test_nobody_listens() -> None:
    async def load() -> Answers:
        server = await asyncio.start_server(lambda r, w: None, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        server.close()
        await server.wait_closed()
        return await closed_loop(port, [get("/")] * 3, clients=1)

    assert asyncio.run(load()).status.tolist() == [0, 0, 0]


def test_requests_in_flight_are_counted_at_given_times() -> None:
    due, done = np.array([0.0, 1.0, 2.0]), np.array([5.0, 1.5, np.nan])
    answers = Answers(due, due, done, np.array([200, 503, 0]), (b"",) * 3)
    assert answers.in_flight([0.5, 1.2, 3.0, 6.0]).tolist() == [1, 2, 1, 0]


def test_bounds_are_kept() -> None:
    with pytest.raises(ValueError, match="at most 20000 requests"):
        asyncio.run(closed_loop(1, [b""] * 20_001))
    with pytest.raises(ValueError, match="120 s, got 1 and 1000"):
        asyncio.run(open_loop(1, [b""], [0.0], seconds=1000))
    with pytest.raises(ValueError, match="one client"):
        asyncio.run(closed_loop(1, [], clients=0))
    with pytest.raises(ValueError, match="one connection"):
        asyncio.run(open_loop(1, [], [], connections=0))
    with pytest.raises(ValueError, match="increasing"):
        asyncio.run(open_loop(1, [b"", b""], [1.0, 0.5]))
