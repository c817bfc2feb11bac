"""Executed pages, kept in the user's cache folder and shared by all builds on the machine.

A page that was executed without an error or a warning is one file, named by the page's key (see
:mod:`pages`). A file is written beside its place and then moved there, so a reader sees all of it
or nothing. Who executes a page holds a lock on its key; who needs the same page waits for that.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import nbformat
from filelock import FileLock, Timeout
from nbformat import NotebookNode

from .kernel import Measurement

FOLDER = "dlcourse/executed-pages"

# Beyond this the files that were used the longest ago are removed. A page takes about a megabyte.
LARGEST = 1024**3


@dataclass(frozen=True)
class Entry:
    """An executed page.

    Attributes:
        notebook: with outputs.
        measurement: what executing it took.
        executed: when, in seconds since 1970.
        at_a_time: how many pages were executed side by side.
    """

    notebook: NotebookNode
    measurement: Measurement
    executed: float
    at_a_time: int


def user_cache() -> Path:
    """The user's cache folder: ``XDG_CACHE_HOME``, or ``.cache`` in the home folder.

    Without a home folder it is the system's folder for temporary files.
    """
    named = os.environ.get("XDG_CACHE_HOME", "")
    if named and Path(named).is_absolute():
        return Path(named)
    try:
        return Path.home() / ".cache"
    except RuntimeError:
        return Path(tempfile.gettempdir())


class PageCache:
    """The executed pages in a folder.

    Raises:
        OSError: where the folder cannot be made.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or user_cache() / FOLDER
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OSError(
                f"{self.folder}: executed pages cannot be kept there ({error.strerror}). Name "
                "another folder by the environment variable XDG_CACHE_HOME"
            ) from error

    def get(self, key: str) -> Entry | None:
        """The executed page of this key; None where there is none, or its file is damaged."""
        path = self._path(key)
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            notebook = nbformat.from_dict(content.pop("notebook"))
            measurement = Measurement(**content.pop("measurement"))
            entry = Entry(notebook, measurement, **content)
        except FileNotFoundError:
            return None
        except (ValueError, TypeError, KeyError, AttributeError):
            path.unlink(missing_ok=True)
            return None
        with suppress(OSError):
            os.utime(path)  # used now, so not among the next to be removed
        return entry

    def put(self, key: str, entry: Entry) -> None:
        """Keep an executed page.

        Raises:
            OSError: where the file cannot be written.
        """
        content = {
            "notebook": entry.notebook,
            "measurement": asdict(entry.measurement),
            "executed": entry.executed,
            "at_a_time": entry.at_a_time,
        }
        handle, name = tempfile.mkstemp(dir=self.folder, suffix=".tmp")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                json.dump(content, stream)
            Path(name).replace(self._path(key))
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    @contextmanager
    def only_one(self, key: str, patience: float) -> Iterator[bool]:
        """Hold the lock on a key, and say whether it was had within ``patience`` seconds."""
        lock = FileLock(self.folder / f"{key}.lock")
        try:
            lock.acquire(timeout=patience)
        except Timeout:
            yield False
            return
        try:
            yield True
        finally:
            lock.release()

    def prune(self, largest: int = LARGEST) -> None:
        """Remove the files used the longest ago until the rest is small enough."""
        used = []
        for path in self.folder.iterdir():
            with suppress(FileNotFoundError):  # another build removed it
                state = path.stat()
                used.append((state.st_mtime, state.st_size, path))
        total = 0
        hour_ago = time.time() - 3600
        for changed, size, path in sorted(used, reverse=True):
            total += size
            abandoned = path.suffix != ".json" and changed < hour_ago and size == 0
            if (path.suffix == ".json" and total > largest) or abandoned:
                path.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.json"
