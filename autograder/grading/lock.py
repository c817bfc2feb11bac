"""One command at a time writes a folder of marks."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "grading.lock"


@contextmanager
def only_writer(folder: Path, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold a folder for this process; another that wants it waits until this one is done.

    The kernel releases the lock when the process ends, however it ends.

    Args:
        folder: made where it is missing.
        waiting: called once when another process holds the folder.

    Raises:
        OSError: when the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / NAME).open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
