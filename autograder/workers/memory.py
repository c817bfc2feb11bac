"""How much memory and processor a process and everything that it has started use together."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path


def descendants(process: int) -> list[int]:
    """A process and all its descendants, by the kernel's lists of children."""
    found, waiting = [], [process]
    while waiting:
        current = waiting.pop()
        found.append(current)
        with suppress(OSError):
            for task in Path(f"/proc/{current}/task").iterdir():
                with suppress(OSError):
                    waiting += map(int, (task / "children").read_text().split())
    return found


def _field(text: str, name: str) -> int:
    """A field of ``/proc/PID/status``, given there in KiB, in bytes."""
    _, _, rest = text.partition(f"\n{name}:")
    return int(rest.split(None, 1)[0]) * 1024 if rest else 0


@dataclass(frozen=True)
class Estimate:
    """What a tree of processes may be using, in bytes.

    A forked process has its parent's pages until it writes to them, and the kernel's cheap counters
    say what each process has, not with whom it shares it.

    Attributes:
        least: if all processes share all that they can: what the largest has for itself.
        likely: if they share only what they have from the zygote.
        most: if they share nothing.
    """

    least: int
    likely: int
    most: int


def estimate(process: int, shared: int, places: Iterable[str] = ()) -> Estimate:
    """Estimate what a process and its descendants use; 0.02 ms for a process.

    Args:
        process: the number of the first process.
        shared: bytes that each process may have in common with the zygote.
        places: its own file systems that are kept in memory, by their paths there.
    """
    used, open_files = [], 0
    for pid in descendants(process):
        with suppress(OSError, ValueError):
            text = Path(f"/proc/{pid}/status").read_text()
            tables = _field(text, "VmPTE")  # what is only read may take nothing else
            used.append((_field(text, "RssAnon"), _field(text, "RssShmem") + tables))
            open_files += _field(text, "FDSize") // 1024  # a number, and no KiB
    alone = [max(0, own - shared) + mapped for own, mapped in used]
    files = in_files(process, places)
    most = sum(map(sum, used)) + open_files * _socket_buffer()
    return Estimate(max(alone, default=0) + files, sum(alone) + files, most + files)


def in_files(process: int, places: Iterable[str]) -> int:
    """Bytes that lie in file systems of a process's own, those of deleted files among them."""
    total = 0
    for place in places:
        with suppress(OSError):
            about = os.statvfs(f"/proc/{process}/root{place}")
            total += (about.f_blocks - about.f_bfree) * about.f_frsize
    return total


@cache
def _socket_buffer() -> int:
    """Bytes that may wait in one socket, with what the kernel needs to keep them."""
    return int(Path("/proc/sys/net/core/wmem_default").read_text())


def _open(process: int) -> set[str]:
    """What a process has open, by the names that the kernel gives it."""
    found = set()
    for descriptor in os.listdir(f"/proc/{process}/fd"):  # noqa: PTH208
        with suppress(OSError):
            found.add(os.readlink(f"/proc/{process}/fd/{descriptor}"))  # noqa: PTH115
    return found


def _waiting(opened: Iterable[str]) -> int:
    """Bytes that may wait in sockets and pipes."""
    sockets = sum(name.startswith("socket:") for name in opened)
    pipes = sum(name.startswith("pipe:") for name in opened)
    return sockets * _socket_buffer() + pipes * _PIPE


def exact(process: int, places: Iterable[str] = ()) -> int | None:
    """Bytes that a process and its descendants use, each shared page divided among its users.

    What lies in their files in memory counts, mapped or not, and for each socket and pipe as much
    as may wait in it. Takes about 4 ms for a process of TensorFlow's size.

    Returns:
        The sum of the proportional set sizes, files and buffers, or None where the kernel does not
        show them.
    """
    total = in_files(process, places)
    opened: set[str] = set()
    for pid in descendants(process):
        try:
            total += _field(Path(f"/proc/{pid}/smaps_rollup").read_text(), "Pss")
            total += _field(Path(f"/proc/{pid}/status").read_text(), "VmPTE")
            opened |= _open(pid)
        except (FileNotFoundError, ProcessLookupError):
            continue
        except OSError:
            return None
    return total + max(0, _waiting(opened) - _USUAL)


_PIPE = 2**16
# What every worker has open is as good as empty.
_USUAL = 2**20


def processor(process: int) -> tuple[float, float]:
    """Seconds that the living threads of a process and its descendants ran, and that they waited
    for a processor while they could have run."""
    ran = waited = 0
    for pid in descendants(process):
        with suppress(OSError):
            for task in Path(f"/proc/{pid}/task").iterdir():
                with suppress(OSError, ValueError, IndexError):
                    times = (task / "schedstat").read_text().split()
                    ran += int(times[0])
                    waited += int(times[1])
    return ran / 1e9, waited / 1e9


def of_machine() -> int:
    """Bytes of memory that this machine has, or its control group where that has fewer."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for name in ("memory.max", "memory/memory.limit_in_bytes"):  # version 2, version 1
        with suppress(OSError, ValueError):
            total = min(total, int(Path("/sys/fs/cgroup", name).read_text()))
    return total


def tasks_of_user(user: int) -> int:
    """How many processes and threads of one user run on this machine."""
    count = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        with suppress(OSError, IndexError, ValueError):
            text = status.read_text()
            if int(text.split("\nUid:")[1].split()[0]) == user:
                count += int(text.split("\nThreads:")[1].split()[0])
    return count
