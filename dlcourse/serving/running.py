"""A service in a process of its own: started on a free port of this machine, stopped again.

The service is a Python file that holds an ASGI application, as FastAPI's are; uvicorn runs it. It
listens on 127.0.0.1 only, so that no other machine can reach it.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["HOST", "Service", "ServiceFailed", "running"]

HOST = "127.0.0.1"
_PAUSE = 0.05  # seconds between two questions whether the service is ready
_LINES = 20  # of output that an error shows


class ServiceFailed(RuntimeError):
    """A service ended at its start, or was not ready in time; the message has its last output."""


@dataclass(frozen=True)
class Service:
    """A process that serves, and where it does.

    Attributes:
        port: where it listens on 127.0.0.1.
        process: the process.
        log: the file that takes what it prints.
        grace: seconds that a stop leaves for requests in flight.
    """

    port: int
    process: subprocess.Popen[bytes]
    log: Path
    grace: float
    _stopping: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def address(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://{HOST}:{self.port}"

    def output(self) -> str:
        """What it has printed so far, errors included."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def stop(self) -> bool:
        """Ask it to stop (SIGTERM) and wait; kill it if it does not within its grace and 2 s.

        Returns:
            Whether it stopped when it was asked to. A second call says the same again.
        """
        with self._stopping:
            if self.process.poll() is None:
                self.process.terminate()
                try:
                    self.process.wait(self.grace + 2)
                except subprocess.TimeoutExpired:
                    self.process.kill()
                    self.process.wait()
            return self.process.returncode in (0, -signal.SIGTERM)


@contextmanager
def running(
    file: str | Path,
    *,
    app: str = "app",
    environment: Mapping[str, str] | None = None,
    ready: str = "/v2/health/ready",
    patience: float = 60.0,
    grace: float = 5.0,
) -> Iterator[Service]:
    """Run a service while a `with` block lasts; the block begins when the service is ready.

    Args:
        file: a Python file; modules beside it can be imported in it.
        app: the name of the ASGI application in it.
        environment: variables for the process, besides those of this one.
        ready: the path that answers 200 when the service is ready.
        patience: seconds until it has to be ready.
        grace: seconds for requests in flight when it stops.

    Yields:
        The running service. It is stopped at the end of the block, also after an error.

    Raises:
        FileNotFoundError: if there is no such file.
        ServiceFailed: if it ends at its start or is not ready in time.
    """
    file = Path(file).resolve()
    if not file.is_file():
        raise FileNotFoundError(f"there is no service to run at {file}.")
    port = _free_port()
    command = [
        sys.executable, "-m", "uvicorn", f"{file.stem}:{app}", "--app-dir", str(file.parent),
        "--host", HOST, "--port", str(port), "--no-access-log",
        "--timeout-graceful-shutdown", f"{max(1, round(grace))}",
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "output.txt"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})},
            )  # fmt: skip
        service = Service(port, process, log, grace)
        try:
            _wait_until_ready(service, ready, patience)
            yield service
        finally:
            service.stop()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])


def _wait_until_ready(service: Service, path: str, patience: float) -> None:
    end = time.monotonic() + patience
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never by a proxy
    while time.monotonic() < end:
        status = service.process.poll()
        if status is not None:
            raise ServiceFailed(_explained(service, f"ended with status {status} at its start"))
        try:
            with opener.open(service.address + path, timeout=1):
                return
        except OSError:  # refused, or an answer that is no success
            time.sleep(_PAUSE)
    raise ServiceFailed(_explained(service, f"was not ready at {path} after {patience:g} s"))


def _explained(service: Service, what: str) -> str:
    last = "\n".join(service.output().splitlines()[-_LINES:]) or "(it printed nothing)"
    return f"the service {what}. Its last lines:\n{last}"
