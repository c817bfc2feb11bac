"""The processes of a running ``autograder grade``, seen from outside."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from autograder.sandbox import forkserver
from autograder.workers.memory import exact

# What the command line of a zygote holds: the module that it runs.
_ZYGOTE = forkserver.__name__.rpartition(".")[2].encode()


@dataclass(frozen=True)
class Tree:
    """The command's processes by what they do.

    Attributes:
        driver: the command itself, where the judge is.
        wrapper: bubblewrap, that holds the zygote.
        zygote: the warm process.
        supervisors: forks of the zygote that each wait for one notebook.
        notebooks: the processes that run learners' code.
    """

    driver: int
    wrapper: tuple[int, ...]
    zygote: tuple[int, ...]
    supervisors: tuple[int, ...]
    notebooks: tuple[int, ...]

    @property
    def others(self) -> tuple[int, ...]:
        """All but the driver."""
        return (*self.wrapper, *self.zygote, *self.supervisors, *self.notebooks)


def read_tree(driver: int) -> Tree:
    """Find the processes of a command by its process number."""
    wrapper, zygote = [], []
    waiting = children(driver)
    while waiting:
        pid = waiting.pop()
        if _name(pid) == "bwrap":
            wrapper.append(pid)
            waiting += children(pid)
        elif _runs_zygote(pid):
            zygote.append(pid)
    supervisors = [c for z in zygote for c in children(z)]
    notebooks = [c for s in supervisors for c in children(s)]
    return Tree(driver, *map(tuple, (wrapper, zygote, supervisors, notebooks)))


def children(pid: int) -> list[int]:
    """The processes that a process has started and that still are."""
    found: list[int] = []
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):
                found += map(int, (task / "children").read_text().split())
    return found


def _name(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text().strip()
    return ""


def _runs_zygote(pid: int) -> bool:
    with suppress(OSError):
        return _ZYGOTE in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def is_running(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def proportional(pid: int) -> int:
    """Bytes of a process and its descendants; shared pages are divided among their users."""
    return exact(pid) or 0


def open_files(pid: int) -> int:
    """How many file descriptors a process has."""
    with suppress(OSError):
        return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    return 0
