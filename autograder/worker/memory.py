"""How much memory a process and everything that it has started use together."""

from __future__ import annotations

from contextlib import suppress
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


def bounds(process: int, shared: int) -> tuple[int, int]:
    """The least and the most that a process and its descendants can be using, in bytes.

    Cheap (0.02 ms for a process). A forked process has its parent's pages until it writes to them,
    and the kernel's counters say for each process what it has, not with whom it shares it.

    Args:
        process: the number of the first process.
        shared: bytes that each process may have in common with the zygote.
    """
    least = most = 0
    for pid in descendants(process):
        with suppress(OSError, ValueError):
            text = Path(f"/proc/{pid}/status").read_text()
            own, mapped = _field(text, "RssAnon"), _field(text, "RssShmem")
            least += max(0, own - shared) + mapped
            most += own + mapped
    return least, most


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
