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


def tree(process: int, limit: int, shared: int) -> int:
    """Bytes that a process and its descendants use.

    Cheap as long as they are far from ``limit``: the sum of what each has, less what each has in
    common with the zygote, may count a page twice. Near the limit the exact sum is taken
    (proportional set sizes, 4 ms for a process), where the kernel shows it.

    Args:
        process: the number of the first process.
        limit: the number of bytes that matters.
        shared: bytes that a fork of the zygote starts with.
    """
    processes = descendants(process)
    most = least = 0
    for pid in processes:
        with suppress(OSError, ValueError):
            text = Path(f"/proc/{pid}/status").read_text()
            own, mapped = _field(text, "RssAnon"), _field(text, "RssShmem")
            most += own + mapped
            least += max(0, own - shared) + mapped
    if most <= limit:
        return least
    exact = 0
    for pid in processes:
        try:
            exact += _field(Path(f"/proc/{pid}/smaps_rollup").read_text(), "Pss")
        except FileNotFoundError:
            continue
        except OSError:
            return least
    return exact
