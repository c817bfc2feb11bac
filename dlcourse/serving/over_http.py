"""Talks to a service over HTTP, as plain data: what is asked, what came back, what the network saw.

The service is an ASGI application of this process, run by uvicorn in a thread with an event loop of
its own, so that it also works in a notebook, where an event loop runs already. It listens on a Unix
socket in a temporary folder (on Windows, which has none for Python, on 127.0.0.1): real HTTP
without a network, two conversations never meet at a port, and the sandbox of a grader, which has no
other sockets, lets it pass. The client is a second thread. All is bounded in number, size and time.

A conversation tests concurrency without a clock. The network can be *held*: it is called and does
not return before the plan says so. Meanwhile the client knows when the service has received its
requests, since each body that is handed over to the application is noted, and then lets its event
loop turn many times. So the requests that wait when the network returns are the same in each run.

What a grader can believe: the answers, where the network and the requests are the grader's own and
hidden. Whoever returns the right logits, statuses and sums for them has computed them. How often
the network was called, with how many rows and from where, is counted in the process of the service.
Code that is out to deceive could change these counts; they say what an honest service does.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import http.client
import io
import logging
import socket
import tempfile
import threading
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["converse"]

PATIENCE = 10.0
"""Seconds that a start, a step or a stop may take."""
MOST_REQUESTS = 1_000
"""Requests of a plan."""
MOST_AT_ONCE = 64
"""Requests that are open at the same time."""
MOST_ANSWER = 2**18
"""Bytes of one answer."""
MOST_ANSWERS = 2**22  # bytes of all answers
MOST_BODIES = 2**24  # bytes of all requests
STEPS = ("send", "until", "hold", "fail", "busy", "leave", "gather", "stop")

_UNIX_SOCKETS = hasattr(socket, "AF_UNIX")
_NUMBER = b"x-request-number"
_TURNS = 100  # of the service's event loop, after which it has put a request where it waits
_FORCED = 2.0  # seconds that a service has to stop after the plan broke off
_PAUSE = 0.05  # seconds in which threads of the service's own do so
_TOLD = 5  # errors of the application that are told, and the characters of each
_CHARACTERS = 300

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]


def converse(
    make_app: Callable[[Callable[[Any], npt.NDArray[np.float32]], SimpleNamespace], Any],
    network: Mapping[str, Any],
    settings: Mapping[str, Any],
    plan: Sequence[Mapping[str, Any]],
    *,
    patience: float = PATIENCE,
) -> dict[str, Any]:
    """Run a service, go through a plan, and stop the service.

    Args:
        make_app: called once, as `make_app(predict, settings)`, in the thread of the service and
            before its event loop runs; returns an ASGI application. `predict` takes rows (n, d) of
            numbers and returns logits (n, k), float32.
        network: `kernel`, (d, k), and `bias`, (k,), of the layer that `predict` computes.
        settings: what the service is told, by name.
        plan: steps, each a dict with one of these keys. The service starts at the first step that
            is no `hold`.

            - `send`: a list of requests that go out together, each over a connection of its own.
              All are answered before the next step; with `"wait": False` beside it, the next step
              begins as soon as the application has received them.
            - `until`: one request, asked again until its status is the one given by `status`, 200
              unless said.
            - `hold`: True, and `predict` does not return from now on; False, and it does again.
            - `fail`: so many of the next calls of `predict` raise a RuntimeError.
            - `busy`: the next step begins when so many calls of `predict` are under way.
            - `leave`: True; the requests of earlier steps that are not answered yet close their
              connections if they have `"leaves": True`.
            - `gather`: True; all requests are answered before the next step.
            - `stop`: True; the service is asked to stop, as by SIGTERM, and the next step begins
              when it takes no new connections.

            A request is a dict with `path` and, where needed, `method` (GET without a body, POST
            with one), `headers`, `body` (text or the values of bytes) and `chunked` (True: the
            body comes in pieces, without a Content-Length).
        patience: seconds that the start, each step and the stop may take.

    Returns:
        A dict of plain data:

        - `fault`: what ended the plan early, in words; empty where nothing did.
        - `answers`: for each step a list, for each of its requests a dict with `status` (0: no
          answer), `headers` (names in lower case) and `body` (text). Empty for steps that ask
          nothing.
        - `calls`: the rows of each call of `predict`, in order.
        - `at_once`: most calls of `predict` that were under way at the same time.
        - `in_loop`: how many were made in the thread of the event loop, which then cannot do
          anything else. These are not held.
        - `raised`: what the application raised, its first few errors.
        - `stopped`: whether the service ended by itself when it was asked to.
        - `left`: how many tasks of its event loop had not ended then.

    Raises:
        ValueError: if the plan has unknown steps, or more requests or bytes than it may.
        ModuleNotFoundError: if uvicorn is not installed.
    """
    _check(plan)
    _uvicorn()  # here, where its absence is told at once and its import is no part of a start
    predict = _Network(network["kernel"], network["bias"], patience)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        service = _Service(make_app, predict, SimpleNamespace(**settings), Path(folder))
        client = _Client(service, predict, plan, patience)
        thread = threading.Thread(target=client.run, name="client", daemon=True)
        try:
            thread.start()
            thread.join()
        finally:
            predict.open()
            stopped = service.end(_FORCED if client.fault else patience)
    return {
        "fault": client.fault,
        "answers": client.answers,
        "calls": list(predict.calls),
        "at_once": predict.at_once,
        "in_loop": predict.in_loop,
        "raised": list(service.raised),
        "stopped": stopped,
        "left": service.left,
    }


def _check(plan: Sequence[Mapping[str, Any]]) -> None:
    requests = [r for step in plan for r in _requests_of(step)]
    for step in plan:
        if len([key for key in STEPS if key in step]) != 1:
            raise ValueError(f"a step has one of {', '.join(STEPS)}, got {', '.join(step)}.")
        if len(_requests_of(step)) > MOST_AT_ONCE:
            raise ValueError(f"at most {MOST_AT_ONCE} requests go out together.")
    if len(requests) > MOST_REQUESTS:
        raise ValueError(f"a plan has at most {MOST_REQUESTS} requests, got {len(requests)}.")
    if sum(len(_bytes_of(r.get("body", ""))) for r in requests) > MOST_BODIES:
        raise ValueError(f"the requests of a plan have at most {MOST_BODIES} bytes.")


def _requests_of(step: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    if "send" in step:
        requests: Sequence[Mapping[str, Any]] = step["send"]
        return requests
    return [step["until"]] if "until" in step else []


def _bytes_of(body: Any) -> bytes:
    if isinstance(body, str):
        return body.encode()
    return bytes(np.asarray(body, np.uint8))


class _Network:
    """One dense layer that counts its calls, and that can be held or made to fail."""

    def __init__(self, kernel: Any, bias: Any, patience: float) -> None:
        self.kernel = np.array(kernel, np.float32)
        self.bias = np.array(bias, np.float32)
        self.calls: list[int] = []
        self.at_once = self.in_loop = self.failures = 0
        self.loop_thread: int | None = None
        # Longer than the client waits for any step: who comes first says what went wrong.
        self._patience = 3 * patience
        self._inside = 0
        self._lock = threading.Lock()
        self._gate = threading.Event()
        self._gate.set()

    def hold(self) -> None:
        self._gate.clear()

    def open(self) -> None:
        self._gate.set()

    def is_busy(self, calls: int) -> bool:
        """Whether so many calls are under way. Those in the event loop end too soon to be seen."""
        return self._inside >= calls or self.in_loop > 0

    def __call__(self, rows: Any) -> npt.NDArray[np.float32]:
        """Logits (n, k) of rows (n, d).

        Raises:
            ValueError: if the rows have another shape.
        """
        batch = np.asarray(rows, np.float32)
        if batch.ndim != 2 or batch.shape[1] != len(self.kernel):
            raise ValueError(f"predict needs rows of shape (n, {len(self.kernel)}), {batch.shape}")
        own = threading.get_ident() == self.loop_thread
        with self._lock:
            self.calls.append(len(batch))
            self._inside += 1
            self.in_loop += own
            self.at_once = max(self.at_once, self._inside)
            fails, self.failures = self.failures > 0, max(0, self.failures - 1)
        try:
            if not own:
                self._gate.wait(self._patience)
            if fails:
                raise RuntimeError("the network failed")
            return batch @ self.kernel + self.bias
        finally:
            with self._lock:
                self._inside -= 1


class _Service:
    """An application that uvicorn serves in a thread."""

    def __init__(
        self,
        make_app: Callable[..., Any],
        predict: _Network,
        settings: SimpleNamespace,
        folder: Path,
    ) -> None:
        self.raised: list[str] = []
        self.received: set[int] = set()
        self.left = 0
        self.failure = ""
        self.loop: asyncio.AbstractEventLoop | None = None
        self._make: Callable[[], Any] = partial(make_app, predict, settings)
        self._predict = predict
        self._server: Any = None
        self._socket, self.address = _listening(folder)
        self._thread = threading.Thread(target=self._run, name="service", daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    @property
    def started(self) -> bool:
        return self._server is not None and bool(self._server.started)

    def stop(self) -> None:
        """Ask it to stop: requests in flight are answered."""
        if self._server is not None:
            self._server.should_exit = True

    def end(self, patience: float) -> bool:
        """Stop it, after so many seconds by force; whether it stopped by itself."""
        self.stop()
        if self._thread.ident is None:
            self._socket.close()
            return False
        self._thread.join(patience)
        if not self.alive:
            return self.started
        if self._server is not None:
            self._server.force_exit = True
        if self.loop is not None:
            with contextlib.suppress(RuntimeError):  # it was closed meanwhile
                self.loop.call_soon_threadsafe(self._cancel)
        self._thread.join(1)
        if self.alive:  # a loop that never gives up its turn
            thread = ctypes.c_ulong(self._thread.ident)
            ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, ctypes.py_object(SystemExit))
            self._thread.join(1)
        return False

    def _cancel(self) -> None:
        for task in asyncio.all_tasks():
            task.cancel()

    def _run(self) -> None:
        try:
            app = self._make()
            if not callable(app):
                self.failure = f"make_app returned {type(app).__name__} and no application"
                return
            asyncio.run(self._serve(app))
        except SystemExit:  # uvicorn's word for a start that failed
            self.failure = self.failure or (self.raised or ["its start-up failed"])[-1]
        except asyncio.CancelledError:
            pass
        except BaseException as error:
            self.failure = _told(error)
        finally:
            self._socket.close()

    async def _serve(self, app: Application) -> None:
        uvicorn = _uvicorn()
        self.loop = asyncio.get_running_loop()
        self.loop.set_exception_handler(self._note)
        self._predict.loop_thread = threading.get_ident()
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        config = uvicorn.Config(
            self._watched(app), log_config=None, log_level=logging.CRITICAL, access_log=False,
            date_header=False, server_header=False, loop="asyncio", http="h11", ws="none",
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        await self._server.serve(sockets=[self._socket])
        for _ in range(_TURNS):  # what was cancelled ends
            await asyncio.sleep(0)
        self.left = len(asyncio.all_tasks()) - 1  # without this one

    def _note(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """An error that nobody awaited, of a task that runs beside the requests, say."""
        error = context.get("exception")
        self._tell(_told(error) if error else str(context.get("message", "")))

    def _tell(self, text: str) -> None:
        if len(self.raised) < _TOLD and text[:_CHARACTERS] not in self.raised:
            self.raised.append(text[:_CHARACTERS])

    def _watched(self, app: Application) -> Application:
        """The same application; what it raises is told, and which bodies it has received."""

        async def watched(scope: Message, receive: Receive, send: Send) -> None:
            numbers = [int(v) for k, v in scope.get("headers", ()) if k == _NUMBER]

            async def receiving() -> Message:
                message = await receive()
                if message["type"] == "http.request" and not message.get("more_body", False):
                    self.received.update(numbers)
                return message

            async def sending(message: Message) -> None:
                if message["type"] in ("lifespan.startup.failed", "lifespan.shutdown.failed"):
                    lines = str(message.get("message", "")).strip().splitlines()
                    self._tell(lines[-1] if lines else "its start or stop failed")
                await send(message)

            try:
                await app(scope, receiving, sending)
            except Exception as error:
                if scope["type"] != "lifespan":  # one without a lifespan raises there
                    self._tell(_told(error))
                raise
            finally:
                self.received.update(numbers)

        return watched


def _uvicorn() -> Any:
    try:
        import uvicorn
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            "this serves with uvicorn, which is not installed: pip install uvicorn"
        ) from None
    return uvicorn


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:_CHARACTERS]


def _listening(folder: Path) -> tuple[socket.socket, str | int]:
    """A socket to listen on, and its path or port."""
    if _UNIX_SOCKETS:
        path = str(folder / "service")
        found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        found.bind(path)
        return found, path
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    found.bind(("127.0.0.1", 0))
    return found, int(found.getsockname()[1])


class _GaveUp(Exception):
    """The plan cannot go on; the message says why."""


class _Client:
    """Goes through a plan and keeps the answers."""

    def __init__(
        self,
        service: _Service,
        predict: _Network,
        plan: Sequence[Mapping[str, Any]],
        patience: float,
    ) -> None:
        self.service, self.predict, self.plan, self.patience = service, predict, plan, patience
        self.fault = ""
        self.answers: list[list[dict[str, Any]]] = [
            [_answer() for _ in _requests_of(step)] for step in plan
        ]
        self._open: dict[asyncio.Task[None], Mapping[str, Any]] = {}
        self._sent = self._bytes = 0
        self._begun = False

    def run(self) -> None:
        try:
            asyncio.run(self._go())
        except _GaveUp as why:
            self.fault = str(why)
        except Exception as error:
            self.fault = f"the conversation broke off: {_told(error)}"

    async def _go(self) -> None:
        try:
            for number, step in enumerate(self.plan):
                if not self._begun and "hold" not in step:
                    await self._start()
                what = f"step {number + 1} of the plan, {_named(step)},"
                await self._in_time(self._step(number, step), what)
            await self._in_time(self._gather(), "what was asked")
        finally:
            for task in list(self._open):
                task.cancel()
            await asyncio.gather(*self._open, return_exceptions=True)

    async def _in_time(self, work: Awaitable[None], what: str) -> None:
        try:
            async with asyncio.timeout(self.patience):
                await work
        except TimeoutError:
            raise _GaveUp(f"{what} was not done after {self.patience:g} s") from None

    async def _start(self) -> None:
        self._begun = True
        self.service.start()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.patience):
                while self.service.alive and not self.service.started:
                    await asyncio.sleep(0.005)
        if self.service.failure:
            raise _GaveUp(f"the service did not start: {self.service.failure}")
        if not self.service.started:
            raise _GaveUp(f"the service did not start within {self.patience:g} s")

    async def _step(self, number: int, step: Mapping[str, Any]) -> None:
        if "send" in step:
            await self._send(number, step["send"], wait=step.get("wait", True))
        elif "until" in step:
            await self._until(number, step["until"], step.get("status", 200))
        elif "hold" in step:
            (self.predict.hold if step["hold"] else self.predict.open)()
        elif "fail" in step:
            self.predict.failures = int(step["fail"])
        elif "busy" in step:
            while not self.predict.is_busy(step["busy"]):
                await asyncio.sleep(0.002)
        elif "leave" in step:
            await self._leave()
        elif "stop" in step:
            self.service.stop()
            await self._until_closed()
        else:
            await self._gather()

    async def _send(
        self, number: int, requests: Sequence[Mapping[str, Any]], *, wait: bool
    ) -> None:
        answers, tasks = self.answers[number], []
        for place, request in enumerate(requests):
            self._sent += 1
            task = asyncio.create_task(self._ask(self._sent, request, answers, place))
            self._open[task] = request
            task.add_done_callback(lambda done: self._open.pop(done, None))
            tasks.append(task)
            if not wait:  # one after the other, so that they arrive in this order
                await self._received(self._sent, task)
                await self._turns()
        if wait:
            await asyncio.gather(*tasks)
        else:
            await asyncio.sleep(_PAUSE)

    async def _received(self, number: int, task: asyncio.Task[None]) -> None:
        while not (number in self.service.received or task.done()):
            await asyncio.sleep(0.001)

    async def _turns(self) -> None:
        """Let the event loop of the service turn until what it has received is where it waits."""
        loop, here = self.service.loop, asyncio.get_running_loop()
        done = asyncio.Event()

        def turn(left: int) -> None:
            if left:
                asyncio.get_running_loop().call_soon(turn, left - 1)
            else:
                here.call_soon_threadsafe(done.set)

        if loop is not None:
            with contextlib.suppress(RuntimeError):  # it is closed: nothing waits there
                loop.call_soon_threadsafe(turn, _TURNS)
                await done.wait()

    async def _until(self, number: int, request: Mapping[str, Any], status: int) -> None:
        while self.answers[number][0]["status"] != status:
            self._sent += 1
            await self._ask(self._sent, request, self.answers[number], 0)
            await asyncio.sleep(0.005)

    async def _until_closed(self) -> None:
        while True:
            try:
                _, writer = await _connected(self.service.address)
            except OSError:
                return
            writer.close()
            await asyncio.sleep(0.02)

    async def _leave(self) -> None:
        leaving = [task for task, request in self._open.items() if request.get("leaves")]
        for task in leaving:
            task.cancel()
        await asyncio.gather(*leaving, return_exceptions=True)
        await self._turns()
        await asyncio.sleep(_PAUSE)

    async def _gather(self) -> None:
        await asyncio.gather(*self._open)

    async def _ask(
        self, number: int, request: Mapping[str, Any], answers: list[dict[str, Any]], place: int
    ) -> None:
        """Ask one request; an answer that does not come leaves status 0."""
        with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
            content = await _exchanged(self.service.address, _written(request, number))
            self._bytes += len(content)
            if self._bytes > MOST_ANSWERS:
                return
            method = request.get("method", "GET")
            answers[place] = _read(content, method)


def _named(step: Mapping[str, Any]) -> str:
    """What a step does, in words for the one who reads why it was not done."""
    key = next(key for key in STEPS if key in step)
    paths = ", ".join(dict.fromkeys(str(request["path"]) for request in _requests_of(step)))
    return f"{key} {paths}".strip()


def _answer() -> dict[str, Any]:
    return {"status": 0, "headers": {}, "body": ""}


def _written(request: Mapping[str, Any], number: int) -> bytes:
    """The bytes of a request."""
    body = _bytes_of(request["body"]) if "body" in request else None
    method = request.get("method", "GET" if body is None else "POST")
    lines = [f"{method} {request['path']} HTTP/1.1", "Host: service", "Connection: close"]
    lines += [f"{_NUMBER.decode()}: {number}"]
    lines += [f"{name}: {value}" for name, value in request.get("headers", {}).items()]
    if body is not None:
        chunked = request.get("chunked", False)
        lines += ["Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(body)}"]
        body = _in_chunks(body) if chunked else body
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + (body or b"")


def _in_chunks(body: bytes, size: int = 1000) -> bytes:
    parts = [body[i : i + size] for i in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


async def _connected(address: str | int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if isinstance(address, str):
        return await asyncio.open_unix_connection(address)
    return await asyncio.open_connection("127.0.0.1", address)


async def _exchanged(address: str | int, request: bytes) -> bytes:
    """Send a request and read what comes back until the connection is closed.

    Raises:
        OSError: if there is no connection, or it breaks.
        ValueError: if it is more than it may be.
    """
    reader, writer = await _connected(address)
    try:
        writer.write(request)
        content = b""
        while part := await reader.read(2**16):
            content += part
            if len(content) > MOST_ANSWER:
                raise ValueError(f"the answer has more than {MOST_ANSWER} bytes")
        return content
    finally:
        writer.close()


class _Bytes:
    """What http.client takes for a socket."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def makefile(self, *_: Any, **__: Any) -> io.BytesIO:
        return io.BytesIO(self._content)


def _read(content: bytes, method: str) -> dict[str, Any]:
    """Status, headers and body of an answer.

    Raises:
        http.client.HTTPException: if it is none.
    """
    answer = http.client.HTTPResponse(_Bytes(content), method=method)  # type: ignore[arg-type]
    answer.begin()
    body = answer.read()
    headers = {name.lower(): value for name, value in answer.getheaders()}
    return {"status": answer.status, "headers": headers, "body": body.decode(errors="replace")}
