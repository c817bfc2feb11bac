"""Runs Python as other users than the one that runs the tests.

The tests may run as root with the interpreter in root's closed home folder, where no other user
can start it. bubblewrap then builds a view of the machine in which the way to it is open.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.workers import launch as sandbox

USER = 1000


def python_as(user: int, code: str) -> str:
    """What ``code`` prints when ``user`` runs it; skips the test where that cannot be."""
    command = [*_view(), *_change_to(user), sys.executable, "-c", code]
    environment = {**os.environ, "PYTHONPATH": str(sandbox.package_root())}
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment)
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout


def _change_to(user: int) -> list[str]:
    if user == os.getuid():
        return []
    if os.getuid() != 0:
        pytest.skip("only root can run a process of another user")
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]


def _view() -> list[str]:
    """A command's beginning that opens the closed folders on the way to the interpreter."""
    closed = _closed_folders()
    if not closed:
        return []
    program = sandbox.bwrap()
    if os.getuid() != 0 or program is None:
        pytest.skip(f"other users cannot enter {closed[0]}")
    command = [program, "--dev-bind", "/", "/", "--cap-add", "ALL"]
    for folder in closed:
        command += ["--perms", "0755", "--tmpfs", str(folder)]
    for folder in _needed():
        if any(folder.is_relative_to(c) for c in closed):
            command += ["--dir", str(folder.parent), "--ro-bind", str(folder), str(folder)]
    if subprocess.run([*command, "--", "true"], capture_output=True).returncode != 0:
        pytest.skip(f"other users cannot enter {closed[0]}, and bubblewrap does not work here")
    return [*command, "--"]


def _needed() -> list[Path]:
    return [*sandbox.python_folders(), sandbox.package_root()]


def _closed_folders() -> list[Path]:
    ways = {part for folder in _needed() for part in (folder, *folder.parents)}
    closed = sorted(p for p in ways if not p.stat().st_mode & 0o001)
    return [c for c in closed if not any(c.is_relative_to(o) and c != o for o in closed)]
