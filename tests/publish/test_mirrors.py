"""Addresses of data sets are tried one by one, here on a server of this machine."""

from __future__ import annotations

import functools
import hashlib
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.publish.mirrors import examine_mirrors
from dlcourse.data.files import DataSet, Edition
from tests.browser.conftest import QuietHandler

CONTENT = b"twelve weeks of data"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "right").write_bytes(CONTENT)
    (tmp_path / "changed").write_bytes(CONTENT.upper())
    (tmp_path / "short").write_bytes(CONTENT[:5])
    (tmp_path / "long").write_bytes(CONTENT + b"!")
    handler = functools.partial(QuietHandler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}/"
        running.shutdown()


def served_at(*urls: str) -> DataSet:
    edition = Edition(hashlib.sha256(CONTENT).hexdigest(), len(CONTENT))
    return DataSet("sample", "gpu", "A sample", "sample.bin", (edition,), "CC0", "-", urls=urls)


def test_an_address_that_serves_the_file_is_reported_and_no_problem(server: str) -> None:
    told: list[str] = []
    assert examine_mirrors([served_at(server + "right")], told.append) == []
    assert told == [f"sample: {server}right serves 20 bytes, right"]


@pytest.mark.parametrize(
    ("name", "trouble"),
    [
        ("changed", "another file is served"),
        ("long", "another file is served"),
        ("short", "5 bytes were served of 20"),
        ("absent", "nothing was served"),
    ],
)
def test_an_address_that_serves_something_else_is_named(
    server: str, name: str, trouble: str
) -> None:
    good_and_bad = served_at(server + "right", server + name)
    (problem,) = examine_mirrors([good_and_bad], lambda line: None)
    assert problem.startswith(f"sample: {server}{name}: {trouble}")
