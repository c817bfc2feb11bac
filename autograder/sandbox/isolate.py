"""What a forked process does to shut itself in before it runs a learner's code.

The order matters: namespaces first (they need nothing), then mounts (they need the new namespace's
capabilities), then limits, then every capability goes, then Landlock, then seccomp. After that no
step can be taken back. Any step that fails ends the process: it never runs a cell half shut in.
"""

from __future__ import annotations

import ctypes
import os
import resource
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from autograder.sandbox import landlock, seccomp

_libc = ctypes.CDLL(None, use_errno=True)

_CLONE_NEWNS = 0x00020000
_NEW_NAMESPACES = _CLONE_NEWNS | 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000
_NEW_NAMESPACES |= 0x20000000 | 0x40000000  # cgroup, uts, ipc, user; pid, net
_MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 2, 4, 8
_MS_BIND, _MS_REC, _MS_PRIVATE = 1 << 12, 1 << 14, 1 << 18
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP = 1, 4, 24
_PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 36, 38
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
_CAPABILITY_VERSION_3 = 0x20080522

FOLDER = "/home/learner"
HOME = "/tmp/home"
OWN_FILES = ("/tmp", "/dev/shm", FOLDER)
"""Where a worker has file systems of its own at strict, kept in memory."""


class Level(StrEnum):
    """How well a worker is shut in, the best first."""

    STRICT = "strict"
    CONTAINED = "contained"
    NONE = "none"


@dataclass(frozen=True)
class SandboxPolicy:
    """What one worker may have.

    Attributes:
        level: which walls there are.
        folder: the notebook's working folder.
        scratch: bytes of each private file system (``/tmp``, ``/dev/shm``, the folder), at strict.
        file_size: bytes of one file.
        address_space: bytes of one process's address space; 0 for no limit.
        processes: processes and threads together.
        open_files: file descriptors of one process.
        readable: what Landlock lets the process read, at contained.
        below_tmp: folders below ``/tmp`` that stay readable there, at strict.
        gpu: whether the GPU's device files may be used.
    """

    level: Level
    folder: str = FOLDER
    scratch: int = 2**30
    file_size: int = 2**30
    address_space: int = 0
    processes: int = 256
    open_files: int = 1024
    readable: tuple[str, ...] = ()
    below_tmp: tuple[str, ...] = ()
    gpu: bool = False


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def prctl(option: int, value: int, what: str) -> None:
    """Call ``prctl(2)``."""
    _check(_libc.prctl(option, value, 0, 0, 0), what)


def undumpable() -> None:
    """Close this process's memory to every other process of the same user."""
    prctl(_PR_SET_DUMPABLE, 0, "PR_SET_DUMPABLE")


def become_subreaper() -> None:
    """Become the parent of every descendant whose own parent ends."""
    prctl(_PR_SET_CHILD_SUBREAPER, 1, "PR_SET_CHILD_SUBREAPER")


def set_parent_death_signal(number: int) -> None:
    """Receive signal ``number`` when the parent ends."""
    prctl(_PR_SET_PDEATHSIG, number, "PR_SET_PDEATHSIG")


def new_namespaces() -> None:
    """Leave for new namespaces of every kind; the next fork is the first process in them."""
    uid, gid = os.getuid(), os.getgid()
    # The id maps can only be written by a process whose /proc files belong to it.
    prctl(_PR_SET_DUMPABLE, 1, "PR_SET_DUMPABLE")
    _check(_libc.unshare(_NEW_NAMESPACES), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    undumpable()


def mount(source: str, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    """Call ``mount(2)``."""
    arguments = [None if a is None else a.encode() for a in (source, target, kind, data)]
    result = _libc.mount(*arguments[:3], ctypes.c_ulong(flags), arguments[3])
    _check(result, f"mount {kind or ''} on {target}")


def mount_proc() -> None:
    """Mount ``/proc`` for the process's own pid namespace."""
    mount("proc", "/proc", "proc", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC)


def mount_private_tmpfs(policy: SandboxPolicy) -> None:
    """Mount private, sized file systems over every place that can be written."""
    mount("none", "/", None, _MS_REC | _MS_PRIVATE)
    kept = {place: os.open(place, os.O_PATH | os.O_DIRECTORY) for place in policy.below_tmp}
    for place in dict.fromkeys((*OWN_FILES, policy.folder)):
        # An inode takes kernel memory too: 64 KiB for each is more than any notebook needs.
        options = f"size={policy.scratch},nr_inodes={max(1024, policy.scratch >> 16)},mode=700"
        mount("tmpfs", place, "tmpfs", _MS_NOSUID | _MS_NODEV, options)
    for place, descriptor in kept.items():
        Path(place).mkdir(parents=True)
        mount(f"/proc/self/fd/{descriptor}", place, None, _MS_BIND)
        os.close(descriptor)
    mount_proc()
    # No further user namespaces, whatever else fails.
    Path("/proc/sys/user/max_user_namespaces").write_text("0")


def set_rlimits(policy: SandboxPolicy) -> None:
    """Set the process's resource limits."""
    limits = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: policy.file_size,
        resource.RLIMIT_NPROC: policy.processes,
        resource.RLIMIT_NOFILE: policy.open_files,
        resource.RLIMIT_MEMLOCK: 2**20,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_RTPRIO: 0,
    }
    if policy.address_space:
        limits[resource.RLIMIT_AS] = policy.address_space
    for which, most in limits.items():
        _, hard = resource.getrlimit(which)
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(which, (allowed, allowed))


class _CapHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


def drop_bounding_set() -> None:
    """Give up the capabilities that a program with file capabilities could bring back."""
    last = int(Path("/proc/sys/kernel/cap_last_cap").read_text())
    for capability in range(last + 1):
        # Without CAP_SETPCAP this fails, and no_new_privs has to do alone, as it can.
        _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)


def drop_capabilities() -> None:
    """Give up every capability and every way to get one back."""
    drop_bounding_set()
    _libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    header = _CapHeader(_CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    _check(_libc.capset(ctypes.byref(header), ctypes.byref(nothing)), "capset")
    prctl(_PR_SET_NO_NEW_PRIVS, 1, "PR_SET_NO_NEW_PRIVS")


def set_user(uid: int, gid: int) -> None:
    """Change from root to another user for good."""
    drop_bounding_set()
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)


def _rules(policy: SandboxPolicy) -> list[tuple[str, int]]:
    devices = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty"]
    writable = [policy.folder]
    if policy.level is Level.STRICT:
        readable = ["/"]
        devices += ["/dev/ptmx", "/dev/pts"]
        writable += ["/tmp", "/dev/shm"]
    else:
        own = f"/proc/{os.getpid()}"
        readable = [*policy.readable, own, "/proc/cpuinfo", "/proc/meminfo", "/proc/stat"]
    if policy.gpu:
        readable += ["/sys", "/proc/driver"]
        devices += [str(p) for p in Path("/dev").glob("nvidia*")]
    return [
        *((p, landlock.READ) for p in readable),
        *((p, landlock.DEVICE) for p in devices),
        *((p, landlock.WRITE) for p in writable),
    ]


def confine(policy: SandboxPolicy) -> None:
    """The last steps, in the process that will run the notebook. They cannot be undone.

    Raises:
        OSError: when a step fails. The caller must not go on.
    """
    set_rlimits(policy)
    if policy.level is Level.NONE:
        return
    drop_capabilities()
    version = landlock.restrict(_rules(policy))
    # Landlock keeps signals in since version 6; at strict the pid namespace does.
    alone = policy.level is not Level.STRICT and version < 6
    seccomp.install(seccomp.program(signals_only_to=os.getpid() if alone else None))
    # The process holds nothing that its own children may not see, and a dumpable process can
    # read its own /proc files, which multiprocessing and TensorFlow do.
    _libc.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)
