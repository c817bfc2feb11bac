"""How much a process and everything that it has started use together."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
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


def estimate(process: int, shared: int) -> Estimate:
    """Estimate what a process and its descendants use; 0.02 ms for a process.

    Args:
        process: the number of the first process.
        shared: bytes that each process may have in common with the zygote.
    """
    used = []
    for pid in descendants(process):
        with suppress(OSError, ValueError):
            text = Path(f"/proc/{pid}/status").read_text()
            used.append((_field(text, "RssAnon"), _field(text, "RssShmem")))
    alone = [max(0, own - shared) + mapped for own, mapped in used]
    return Estimate(max(alone, default=0), sum(alone), sum(map(sum, used)))


def exact(process: int) -> int | None:
    """Bytes that a process and its descendants use, each shared page divided among its users.

    Takes about 4 ms for a process of TensorFlow's size.

    Returns:
        The sum of the proportional set sizes, or None where the kernel does not show them.
    """
    total = 0
    for pid in descendants(process):
        try:
            total += _field(Path(f"/proc/{pid}/smaps_rollup").read_text(), "Pss")
        except (FileNotFoundError, ProcessLookupError):
            continue
        except OSError:
            return None
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
