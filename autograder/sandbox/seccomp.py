"""A seccomp filter: the system calls that a notebook never needs are refused.

What it is for: a learner's process has no capability and sees almost no file, so what is left to
attack is the kernel itself. The filter takes away the parts where its faults have mostly been
found (namespaces, mounts, BPF, io_uring, keyrings, ptrace), memory that no limit counts (memfd,
System V), every socket but Unix ones, whatever two workers could talk by over shared files (locks
that one can see of the other, leases, notices), and every system call that is newer than this list.
The numbers are those of Linux's ``unistd.h``; see ``seccomp(2)`` for the program's form.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from dataclasses import dataclass

_libc = ctypes.CDLL(None, use_errno=True)

# name: (number on x86_64, number on aarch64); -1 where the architecture has no such call.
REFUSED = {
    # other processes
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    # namespaces and mounts
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "fanotify_init": (300, 262),
    "lookup_dcookie": (212, 18),
    "ustat": (136, -1),
    "sysfs": (139, -1),
    # parts of the kernel with a long record of faults
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "modify_ldt": (154, -1),
    "personality": (135, 92),
    "uselib": (134, -1),
    # ways to tell another worker something over files that both may read
    "inotify_init": (253, -1),
    "inotify_init1": (294, 26),
    "inotify_add_watch": (254, 27),
    # limits that a notebook would set for itself, to be ended by the kernel in its name
    "setrlimit": (160, 164),
    # a session has a share of the processor of its own; a worker is one
    "setsid": (112, 157),
    # memory and queues that no limit of ours counts
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    # the machine
    "acct": (163, 89),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
    "clock_settime": (227, 112),
    "delete_module": (176, 106),
    "finit_module": (313, 273),
    "init_module": (175, 105),
    "ioperm": (173, -1),
    "iopl": (172, -1),
    "kexec_file_load": (320, 294),
    "kexec_load": (246, 104),
    "nfsservctl": (180, 42),
    "reboot": (169, 142),
    "setdomainname": (171, 162),
    "sethostname": (170, 161),
    "settimeofday": (164, 170),
    "swapoff": (168, 225),
    "swapon": (167, 224),
    "syslog": (103, 116),
    "vhangup": (153, 58),
}
# Linux 5.18 ends here (set_mempolicy_home_node); what is newer does not exist for a notebook.
NEWEST = 450


@dataclass(frozen=True)
class _Architecture:
    index: int
    audit: int
    socket: int
    socketpair: int
    clone: int
    clone3: int
    ioctl: int
    prlimit64: int
    kill: int
    tkill: int
    tgkill: int
    pidfd_send_signal: int
    flock: int
    fcntl: int
    setsockopt: int


_ARCHITECTURES = {
    "x86_64": _Architecture(0, 0xC000003E, 41, 53, 56, 435, 16, 302, 62, 200, 234, 424, 73, 72, 54),
    "aarch64": _Architecture(
        1, 0xC00000B7, 198, 199, 220, 435, 29, 261, 129, 130, 131, 424, 32, 25, 208
    ),
}
_LOAD, _EQUAL, _GREATER, _ANY_BIT, _RETURN = 0x20, 0x15, 0x25, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_NEW_NAMESPACES = 0x7E020000  # every CLONE_NEW* flag that clone(2) takes
_TERMINAL_INPUT = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX
_AF_UNIX = 1
# Of fcntl's commands: who holds a lock, leases, notices on folders, the size of a pipe. Locks of
# one's own stay: SQLite needs them, and nobody can see them who may not write the file.
_FILE_COMMANDS = {
    "F_GETLK": 5,
    "F_OFD_GETLK": 36,
    "F_SETLEASE": 1024,
    "F_GETLEASE": 1025,
    "F_NOTIFY": 1026,
    "F_SETPIPE_SZ": 1031,
}
_BUFFER_SIZES = {"SO_SNDBUF": 7, "SO_RCVBUF": 8}
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2


class SeccompError(OSError):
    """The filter could not be installed."""


def program(*, signals_only_to: int | None = None, machine: str | None = None) -> bytes:
    """The filter as an array of ``struct sock_filter``.

    Args:
        signals_only_to: the one process (and its group) that may be sent signals, where nothing
            else keeps a process from signalling others of the same user.
        machine: the architecture as ``uname -m`` says it; this machine's by default.

    Raises:
        SeccompError: for an architecture that has no list here.
    """
    machine = machine or platform.machine()
    if machine not in _ARCHITECTURES:
        raise SeccompError(errno.ENOSYS, f"no list of system calls for {machine}")
    arch = _ARCHITECTURES[machine]
    refuse = (_RETURN, 0, 0, _ERRNO | errno.EPERM)
    missing = (_RETURN, 0, 0, _ERRNO | errno.ENOSYS)
    code = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, arch.audit),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_GREATER, 0, 1, NEWEST),  # the x32 calls of x86_64 are up there too
        missing,
        # glibc takes ENOSYS for "use clone", whose flags can be looked at.
        (_EQUAL, 0, 1, arch.clone3),
        missing,
        # HDF5 goes on without a lock where the file system has none.
        (_EQUAL, 0, 1, arch.flock),
        missing,
    ]
    for numbers in REFUSED.values():
        if numbers[arch.index] >= 0:
            code += [(_EQUAL, 0, 1, numbers[arch.index]), refuse]
    for call in (arch.socket, arch.socketpair):
        code += _unless_argument(call, 0, _EQUAL, _AF_UNIX, errno.EACCES)
    code += _if_argument(arch.clone, 0, _ANY_BIT, _NEW_NAMESPACES)
    for request in _TERMINAL_INPUT:
        code += _if_argument(arch.ioctl, 1, _EQUAL, request)
    for command in _FILE_COMMANDS.values():
        code += _if_argument(arch.fcntl, 1, _EQUAL, command)
    for option in _BUFFER_SIZES.values():
        code += _if_argument(arch.setsockopt, 2, _EQUAL, option)
    # The limits of another process of the same user could be set to nothing otherwise; one's own
    # can be read, which is to pass no new ones.
    code += _unless_argument(arch.prlimit64, 0, _EQUAL, 0, errno.EPERM)
    code += _unless_nothing(arch.prlimit64, 2)
    if signals_only_to is not None:
        code += _signals(arch, signals_only_to)
    code.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in code)


_Instructions = list[tuple[int, int, int, int]]


def _if_argument(call: int, argument: int, test: int, value: int) -> _Instructions:
    """Refuse ``call`` when its argument passes the test, by its low 32 bits."""
    return [
        (_EQUAL, 0, 4, call),
        (_LOAD, 0, 0, _ARGUMENT + 8 * argument),
        (test, 0, 1, value),
        (_RETURN, 0, 0, _ERRNO | errno.EPERM),
        (_LOAD, 0, 0, _NUMBER),
    ]


def _unless_argument(call: int, argument: int, test: int, value: int, error: int) -> _Instructions:
    """Refuse ``call`` when its argument fails the test, by its low 32 bits."""
    return [
        (_EQUAL, 0, 4, call),
        (_LOAD, 0, 0, _ARGUMENT + 8 * argument),
        (test, 1, 0, value),
        (_RETURN, 0, 0, _ERRNO | error),
        (_LOAD, 0, 0, _NUMBER),
    ]


def _unless_nothing(call: int, argument: int) -> _Instructions:
    """Refuse ``call`` when a pointer among its arguments points anywhere."""
    low = _ARGUMENT + 8 * argument
    return [
        (_EQUAL, 0, 6, call),
        (_LOAD, 0, 0, low),
        (_EQUAL, 0, 2, 0),
        (_LOAD, 0, 0, low + 4),
        (_EQUAL, 1, 0, 0),
        (_RETURN, 0, 0, _ERRNO | errno.EPERM),
        (_LOAD, 0, 0, _NUMBER),
    ]


def _signals(arch: _Architecture, process: int) -> _Instructions:
    """Refuse signals to any process but this one, its threads and its group."""
    refuse = (_RETURN, 0, 0, _ERRNO | errno.EPERM)
    code = [(_EQUAL, 0, 1, arch.pidfd_send_signal), refuse, (_EQUAL, 0, 1, arch.tkill), refuse]
    code += _unless_argument(arch.tgkill, 0, _EQUAL, process, errno.EPERM)
    return [
        *code,
        (_EQUAL, 0, 6, arch.kill),
        (_LOAD, 0, 0, _ARGUMENT),
        (_EQUAL, 3, 0, 0),
        (_EQUAL, 2, 0, process),
        (_EQUAL, 1, 0, -process & 0xFFFFFFFF),
        refuse,
        (_LOAD, 0, 0, _NUMBER),
    ]


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def install(code: bytes) -> None:
    """Put this process, and all that it starts, under the filter for good.

    Raises:
        SeccompError: when the kernel refuses.
    """
    buffer = ctypes.create_string_buffer(code, len(code))
    argument = _Program(len(code) // 8, ctypes.addressof(buffer))
    if _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or _libc.prctl(
        _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(argument), 0, 0
    ):
        number = ctypes.get_errno()
        raise SeccompError(number, f"seccomp: {os.strerror(number)}")
