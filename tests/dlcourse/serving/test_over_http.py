"""A conversation with a service: what is asked and answered, and what the network saw of it."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from dlcourse.serving import over_http
from dlcourse.serving.over_http import converse

NETWORK = {"kernel": np.array([[1.0, 0.0], [0.0, 2.0]]), "bias": np.array([0.0, 1.0])}
ROW = {"path": "/predict", "body": "[[1, 2]]"}
LIVE = {"path": "/live"}

App = Callable[..., Any]


async def reply(send: App, status: int, body: bytes, **headers: str) -> None:
    fields = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": fields})
    await send({"type": "http.response.body", "body": body})


async def body_of(receive: App) -> bytes:
    body = b""
    while True:
        message: dict[str, Any] = await receive()
        body += bytes(message.get("body", b""))
        if not message.get("more_body"):
            return body


def rows_at_once(predict: App, settings: SimpleNamespace) -> App:
    """Predicts each request by itself in a thread; /live answers what `settings` say."""

    async def app(scope: dict[str, Any], receive: App, send: App) -> None:
        assert scope["type"] == "http"
        if scope["path"] == "/live":
            await reply(send, 200, json.dumps(vars(settings)).encode(), fine="yes")
        elif scope["path"] == "/echo":
            headers = {k.decode(): v.decode() for k, v in scope["headers"]}
            told = [scope["method"], headers.get("kind", ""), "content-length" in headers]
            await reply(send, 418, json.dumps([*told, list(await body_of(receive))]).encode())
        else:
            rows = json.loads(await body_of(receive))
            found = await asyncio.to_thread(predict, rows)
            await reply(send, 200, json.dumps(found.tolist()).encode())

    return app


def told(
    plan: Sequence[Mapping[str, Any]], make_app: App = rows_at_once, **settings: Any
) -> dict[str, Any]:
    return converse(make_app, NETWORK, settings, plan, patience=60)


def test_a_service_is_asked_over_http_and_answers() -> None:
    result = told([{"send": [LIVE, ROW]}], greeting="hello")
    live, row = result["answers"][0]
    assert (live["status"], json.loads(live["body"])) == (200, {"greeting": "hello"})
    assert live["headers"]["fine"] == "yes"
    assert json.loads(row["body"]) == [[1.0, 5.0]]
    assert (result["fault"], result["calls"], result["stopped"]) == ("", [1], True)


def test_a_request_is_what_the_plan_says() -> None:
    text = {"path": "/echo", "method": "PUT", "headers": {"kind": "a"}, "body": "é"}
    values = {"path": "/echo", "body": [255, 0], "chunked": True}
    answers = told([{"send": [text, values]}])["answers"][0]
    assert json.loads(answers[0]["body"]) == ["PUT", "a", True, list("é".encode())]
    assert json.loads(answers[1]["body"]) == ["POST", "", False, [255, 0]]
    assert answers[0]["status"] == 418


def test_nothing_is_answered_while_the_network_is_held() -> None:
    plan: list[dict[str, Any]] = [
        {"hold": True},
        {"send": [ROW, ROW, ROW], "wait": False},
        {"busy": 3},
        {"send": [LIVE]},
        {"hold": False},
        {"gather": True},
    ]
    result = told(plan)
    assert [a["status"] for a in result["answers"][1]] == [200] * 3
    assert result["answers"][3][0]["status"] == 200
    assert (result["calls"], result["at_once"], result["in_loop"]) == ([1] * 3, 3, 0)


def test_a_call_in_the_event_loop_is_counted_and_not_held() -> None:
    def blocking(predict: App, settings: SimpleNamespace) -> App:
        async def app(scope: dict[str, Any], receive: App, send: App) -> None:
            assert scope["type"] == "http"
            predict(np.ones((3, 2)))
            await reply(send, 200, b"")

        return app

    result = told([{"hold": True}, {"send": [LIVE]}, {"busy": 1}, {"hold": False}], blocking)
    assert (result["in_loop"], result["calls"]) == (1, [3])


def test_calls_fail_as_often_as_the_plan_says() -> None:
    result = told([{"fail": 1}, {"send": [ROW]}, {"send": [ROW]}])
    assert [result["answers"][i][0]["status"] for i in (1, 2)] == [500, 200]
    assert result["raised"] == ["RuntimeError: the network failed"]


def test_requests_in_flight_are_answered_after_the_stop() -> None:
    plan: list[dict[str, Any]] = [
        {"hold": True},
        {"send": [ROW, ROW], "wait": False},
        {"stop": True},
        {"send": [LIVE]},
        {"hold": False},
        {"gather": True},
    ]
    result = told(plan)
    assert [a["status"] for a in result["answers"][1]] == [200, 200]
    assert result["answers"][3][0]["status"] == 0  # nobody is let in any more
    assert result["stopped"]


def test_a_client_that_leaves_gets_no_answer_and_others_do() -> None:
    plan: list[dict[str, Any]] = [
        {"hold": True},
        {"send": [ROW | {"leaves": True}, ROW], "wait": False},
        {"leave": True},
        {"hold": False},
    ]
    result = told(plan)
    assert [a["status"] for a in result["answers"][1]] == [0, 200]


def test_a_service_is_asked_until_it_is_ready() -> None:
    def slow(predict: App, settings: SimpleNamespace) -> App:
        asked = []

        async def app(scope: dict[str, Any], receive: App, send: App) -> None:
            assert scope["type"] == "http"
            asked.append(1)
            await reply(send, 200 if len(asked) > 3 else 503, str(len(asked)).encode())

        return app

    assert told([{"until": LIVE}], slow)["answers"][0][0]["body"] == "4"


def test_requests_that_do_not_wait_arrive_in_their_order() -> None:
    arrived: list[int] = []

    def noting(predict: App, settings: SimpleNamespace) -> App:
        async def app(scope: dict[str, Any], receive: App, send: App) -> None:
            assert scope["type"] == "http"
            arrived.append(int(await body_of(receive)))
            await reply(send, 200, b"")

        return app

    told([{"send": [{"path": "/", "body": str(i)} for i in range(20)], "wait": False}], noting)
    assert arrived == list(range(20))


def raising(predict: App, settings: SimpleNamespace) -> App:
    raise KeyError("rows")


async def fails_to_start(scope: dict[str, Any], receive: App, send: App) -> None:
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "no model here"})


@pytest.mark.parametrize(
    ("make_app", "why"),
    [
        (raising, "did not start: KeyError: 'rows'"),
        (lambda predict, settings: None, "returned NoneType and no application"),
        (lambda predict: None, "did not start: TypeError"),
        (lambda predict, settings: fails_to_start, "did not start: no model here"),
    ],
)
def test_a_service_that_does_not_start_says_why(make_app: App, why: str) -> None:
    result = told([{"send": [LIVE]}], make_app)
    assert why in result["fault"]
    assert result["answers"] == [[{"status": 0, "headers": {}, "body": ""}]]
    assert not result["stopped"]


async def never_starts(scope: dict[str, Any], receive: App, send: App) -> None:
    await asyncio.sleep(1000)


async def never_answers(scope: dict[str, Any], receive: App, send: App) -> None:
    assert scope["type"] == "http"
    await asyncio.sleep(1000)


async def never_turns(scope: dict[str, Any], receive: App, send: App) -> None:
    assert scope["type"] == "http"
    while True:
        pass


@pytest.mark.parametrize(
    ("app", "patience", "why"),
    [
        (never_starts, 0.5, "did not start within"),
        # The patience is the start's, too, which takes far less on a loaded machine as well.
        (never_answers, 5.0, "step 1 of the plan, send /live, was not done"),
        (never_turns, 5.0, "step 1 of the plan, send /live, was not done"),
    ],
)
def test_a_service_that_never_answers_is_given_up_and_ended(
    app: App, patience: float, why: str
) -> None:
    plan = [{"send": [LIVE]}]
    result = converse(lambda predict, settings: app, NETWORK, {}, plan, patience=patience)
    assert why in result["fault"]
    assert not result["stopped"]
    services = [thread for thread in threading.enumerate() if thread.name == "service"]
    for thread in services:
        thread.join(60)
    assert not any(thread.is_alive() for thread in services)


def test_an_answer_that_is_too_long_is_none() -> None:
    def talkative(predict: App, settings: SimpleNamespace) -> App:
        async def app(scope: dict[str, Any], receive: App, send: App) -> None:
            assert scope["type"] == "http"
            await reply(send, 200, b"x" * (over_http.MOST_ANSWER + 1))

        return app

    assert told([{"send": [LIVE]}], talkative)["answers"][0][0]["status"] == 0


def test_an_error_of_a_task_beside_the_requests_is_told() -> None:
    def forgetful(predict: App, settings: SimpleNamespace) -> App:
        async def broken() -> None:
            raise ZeroDivisionError("in the background")

        async def app(scope: dict[str, Any], receive: App, send: App) -> None:
            assert scope["type"] == "http"
            task = asyncio.create_task(broken())
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            del task
            await reply(send, 200, b"")

        return app

    assert told([{"send": [LIVE]}], forgetful)["raised"] == ["ZeroDivisionError: in the background"]


@pytest.mark.parametrize("ends", [True, False])
def test_tasks_that_outlive_the_service_are_counted(ends: bool) -> None:
    def working(predict: App, settings: SimpleNamespace) -> App:
        async def app(scope: dict[str, Any], receive: App, send: App) -> None:
            if scope["type"] == "http":
                await reply(send, 200, b"")
                return
            task = asyncio.create_task(asyncio.sleep(1000))
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            if ends:
                task.cancel()
            await send({"type": "lifespan.shutdown.complete"})

        return app

    result = told([{"send": [LIVE]}], working)
    assert (result["stopped"], result["left"]) == (True, 0 if ends else 1)


def test_a_conversation_works_where_an_event_loop_runs() -> None:
    async def notebook() -> dict[str, Any]:
        return told([{"send": [ROW]}])

    # In a thread of its own: browser tests leave a loop running in theirs.
    assert asyncio.run(notebook())["answers"][0][0]["status"] == 200


def test_without_unix_sockets_it_listens_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(over_http, "_UNIX_SOCKETS", False)
    assert told([{"send": [ROW]}])["answers"][0][0]["status"] == 200


@pytest.mark.parametrize(
    ("plan", "why"),
    [
        ([{"sing": True}], "a step has one of"),
        ([{"send": [], "hold": True}], "a step has one of"),
        ([{"send": [LIVE] * 65}], "go out together"),
        ([{"send": [LIVE] * 60}] * 17, "at most 1000 requests"),
        ([{"send": [{"path": "/", "body": "x" * 2**23}] * 3}], "bytes"),
    ],
)
def test_a_plan_is_bounded(plan: list[dict[str, Any]], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        told(plan)
