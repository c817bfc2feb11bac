"""Start strict isolation under a container's seccomp profile, as its runtime would load it.

Usage: ``python confined.py PROFILE [LEFT OUT ...]``. libseccomp, which runc and crun use as well,
makes a filter of the profile. Prints one line for the whole profile, and one for the profile
without each call that is named: what was found, or ``usable``.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from pathlib import Path
from typing import Any

from autograder.sandbox.isolate import Level
from autograder.workers.launch import SandboxError
from autograder.workers.pool import WorkerPool
from autograder.workers.selftest import probe

ALLOW, ERRNO = 0x7FFF0000, 0x00050000
EQUAL = 4


class _Comparison(ctypes.Structure):
    _fields_ = (
        ("argument", ctypes.c_uint),
        ("operator", ctypes.c_int),
        ("first", ctypes.c_uint64),
        ("second", ctypes.c_uint64),
    )


def load(profile: dict[str, Any], left_out: str) -> None:
    """Confine this process and its children."""
    library = ctypes.CDLL("libseccomp.so.2", use_errno=True)
    library.seccomp_init.restype = ctypes.c_void_p
    filter_ = ctypes.c_void_p(library.seccomp_init(ERRNO | profile["defaultErrnoRet"]))
    for rule in profile["syscalls"]:
        conditions = [_Comparison(a["index"], EQUAL, a["value"], 0) for a in rule.get("args", [])]
        array = (_Comparison * len(conditions))(*conditions)
        for name in rule["names"]:
            number = library.seccomp_syscall_resolve_name(name.encode())
            # A name that this version does not know is passed over, as runtimes do.
            if name != left_out and number != -1:
                library.seccomp_rule_add_array(filter_, ALLOW, number, len(conditions), array)
    if library.seccomp_load(filter_):
        raise OSError(ctypes.get_errno(), "the filter could not be loaded")


def found(left_out: str) -> str:
    """What strict isolation is worth in this process."""
    if not left_out:
        report = probe(Level.STRICT)
        return "usable" if report.usable else report.problem or str(report.probes)
    try:
        WorkerPool(warm=False).close()
    except (SandboxError, OSError) as error:
        return str(error).replace("\n", " ")
    return "usable"


def main() -> None:
    """Try each variant in a process of its own, since no filter can be taken off again."""
    profile = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    started = []
    for left_out in ["", *sys.argv[2:]]:
        started.append(os.fork())
        if not started[-1]:
            load(profile, left_out)
            os.write(1, f"{left_out or 'all'}: {found(left_out)}\n".encode())
            os._exit(0)
    for pid in started:
        os.waitpid(pid, 0)


if __name__ == "__main__":
    main()
