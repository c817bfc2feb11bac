"""Landlock: what a process may open, write and connect to, given up by the process itself.

See ``landlock(7)`` and the kernel's ``Documentation/userspace-api/landlock.rst``. The rules are
written for the newest version known here and cut down to what the running kernel handles.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable

_libc = ctypes.CDLL(None, use_errno=True)
# The three system calls have the same numbers on every architecture.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG, _PATH_BENEATH, _PR_SET_NO_NEW_PRIVS = 1, 1, 38

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_IOCTL_DEV = 1 << 15
_ALL_OF_VERSION_1 = (1 << 13) - 1
_ADDED = {2: 1 << 13, 3: 1 << 14, 5: _IOCTL_DEV}  # refer, truncate, ioctl on devices
_FOR_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | 1 << 14 | _IOCTL_DEV
_TCP_BIND_AND_CONNECT = 3
_SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS = 3

READ = _EXECUTE | _READ_FILE | _READ_DIR
DEVICE = _READ_FILE | _WRITE_FILE | _READ_DIR | _IOCTL_DEV
WRITE = (_ALL_OF_VERSION_1 & ~(1 << 6 | 1 << 11)) | 1 << 13 | 1 << 14 | _IOCTL_DEV  # no new devices


class LandlockError(OSError):
    """The rules could not be put in force."""


def _syscall(*arguments: object) -> int:
    result = int(_libc.syscall(*arguments))
    if result < 0:
        number = ctypes.get_errno()
        raise LandlockError(number, f"landlock: {os.strerror(number)}")
    return result


def version() -> int:
    """The kernel's Landlock version; 0 when it has none."""
    try:
        return _syscall(ctypes.c_long(_CREATE_RULESET), None, ctypes.c_size_t(0), _VERSION_FLAG)
    except LandlockError:
        return 0


def restrict(rules: Iterable[tuple[str, int]]) -> int:
    """Allow this process, and all that it starts, only what ``rules`` say; no TCP at all.

    Args:
        rules: paths and what is allowed on them and beneath them: :data:`READ`, :data:`WRITE` or
            :data:`DEVICE`. A path that does not exist is left out.

    Returns:
        The Landlock version that is in force.

    Raises:
        LandlockError: when the kernel has no Landlock or refuses.
    """
    known = version()
    if known < 1:
        raise LandlockError(38, "landlock: this kernel has none")
    handled = _ALL_OF_VERSION_1
    for since, right in _ADDED.items():
        handled |= right if known >= since else 0
    net = _TCP_BIND_AND_CONNECT if known >= 4 else 0
    scope = _SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS if known >= 6 else 0
    attributes = struct.pack("=QQQ", handled, net, scope)[
        : 8 if known < 4 else 16 if known < 6 else 24
    ]
    ruleset = _syscall(
        ctypes.c_long(_CREATE_RULESET), attributes, ctypes.c_size_t(len(attributes)), 0
    )
    try:
        for path, allowed in rules:
            _allow(ruleset, path, allowed & handled)
        if _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
            raise LandlockError(ctypes.get_errno(), "landlock: no_new_privs could not be set")
        _syscall(ctypes.c_long(_RESTRICT_SELF), ruleset, 0)
    finally:
        os.close(ruleset)
    return known


def _allow(ruleset: int, path: str, allowed: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not os.path.isdir(path):  # noqa: PTH112
            allowed &= _FOR_FILES
        rule = struct.pack("=Qi", allowed, descriptor)
        _syscall(ctypes.c_long(_ADD_RULE), ruleset, _PATH_BENEATH, rule, 0)
    finally:
        os.close(descriptor)
