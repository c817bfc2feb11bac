"""What passes between a pool and its zygote, and what a zygote looks at before it forks."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

import pytest

from autograder.sandbox import forkserver as zygote
from autograder.workers import memory


def test_a_packet_carries_descriptors(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("content")
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs, (tmp_path / "x").open() as file:
        zygote.send_packet(ours, {"a": [1]}, [file.fileno(), file.fileno()])
        packet, descriptors = zygote.receive_packet(theirs) or ({}, [])
    assert packet == {"a": [1]}
    assert [os.pread(d, 100, 0) for d in descriptors] == [b"content", b"content"]
    assert not any(os.get_inheritable(d) for d in descriptors)
    for descriptor in descriptors:
        os.close(descriptor)


def test_a_closed_socket_is_the_end() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.close()
    with theirs:
        assert zygote.receive_packet(theirs) is None


def test_a_packet_that_is_no_object_is_an_error() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        ours.send(b"[]")
        with pytest.raises(ValueError, match="not a JSON object"):
            zygote.receive_packet(theirs)


def test_a_loaded_library_is_seen_and_none_is_loaded_by_asking() -> None:
    assert zygote._is_loaded("libc.so.6")
    assert not zygote._is_loaded("libcuda.so.1")
    assert not zygote._is_loaded("libpanelw.so.6")
    assert "libpanelw" not in Path("/proc/self/maps").read_text()


def test_descendants_are_found_through_every_generation() -> None:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        inner = os.fork()
        if inner == 0:
            os.write(writing, b"x")
            signal.pause()
        os.waitpid(inner, 0)
        os._exit(0)
    os.read(reading, 1)
    try:
        found = memory.descendants(pid)
        assert found[0] == pid
        assert len(found) == 2
    finally:
        for one in reversed(found):
            os.kill(one, 9)
        os.waitpid(pid, 0)
        os.close(reading)
        os.close(writing)


def test_this_process_uses_what_the_kernel_says() -> None:
    guess = memory.estimate(os.getpid(), shared=0)
    exact = memory.exact(os.getpid())
    assert exact is not None
    assert 2**20 < guess.least <= guess.likely <= guess.most
    assert guess.most < 2 * exact
    assert memory.tasks_of_user(os.getuid()) >= 1
