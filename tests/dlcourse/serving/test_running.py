"""A service runs while its block lasts, says why it does not, and goes when it is told."""

from __future__ import annotations

import threading
import time
import urllib.request
from pathlib import Path

import pytest

from dlcourse.serving.running import Service, ServiceFailed, running

READY = """
import asyncio, os, signal
async def answer(send, status, body):
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    if scope["path"] == "/slow":
        await asyncio.sleep(1.0)
    if scope["path"] == "/deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    status = 503 if scope["path"] == "/never" else 200
    await answer(send, status, os.environ.get("GREETING", "").encode())
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "service.py"
    path.write_text(READY)
    return path


def asked(service: Service, path: str) -> str:
    with urllib.request.urlopen(service.address + path, timeout=10) as answer:
        return str(answer.read().decode())


def test_a_service_answers_in_the_block_and_is_gone_after_it(file: Path) -> None:
    with running(file, environment={"GREETING": "hello"}) as service:
        assert asked(service, "/") == "hello"
        assert "Uvicorn running" in service.output()
    assert service.process.poll() is not None
    with pytest.raises(OSError, match="refused"):
        asked(service, "/")


def test_a_stop_lets_requests_in_flight_finish(file: Path) -> None:
    answers = []
    with running(file, environment={"GREETING": "late"}) as service:
        asking = threading.Thread(target=lambda: answers.append(asked(service, "/slow")))
        asking.start()
        time.sleep(0.3)
        assert service.stop()
        assert service.stop()
        asking.join()
    assert answers == ["late"]


def test_a_service_that_does_not_stop_is_killed(file: Path) -> None:
    with running(file, grace=0.1) as service:
        asked(service, "/deaf")
        assert not service.stop()
    assert service.process.poll() == -9


def test_an_error_in_the_block_stops_the_service(file: Path) -> None:
    with pytest.raises(ZeroDivisionError), running(file) as service:
        raise ZeroDivisionError
    assert service.process.poll() is not None


def test_a_service_that_ends_at_its_start_says_why(file: Path) -> None:
    file.write_text("raise RuntimeError('no model here')")
    with pytest.raises(ServiceFailed, match="no model here"), running(file):
        pass


def test_a_service_that_is_never_ready_is_given_up(file: Path) -> None:
    with pytest.raises(ServiceFailed, match="not ready at /never"):  # noqa: SIM117
        with running(file, ready="/never", patience=3):
            pass


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nothing\.py"), running(tmp_path / "nothing.py"):
        pass
