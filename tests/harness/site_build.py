"""One build of the real site for a whole run of the suite, in however many processes it runs."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

SECONDS = 1800
"""After so long a build hangs."""
_LOOK_SECONDS = 0.5
_WAIT_LINE_SECONDS = 60


class SiteBuild:
    """A build of the site in processes of its own, which all processes of a run share.

    Whoever calls :meth:`start` first starts it; its log and its exit status are files of a folder
    that the run's name leads to.

    Args:
        root: the repository; the site is built in ``_build/html``.
        run: a name that all processes of this run of the suite have in common, and no other run.
    """

    def __init__(self, root: Path, run: str) -> None:
        """Nothing is started yet."""
        self.root = root
        self.site = root / "_build" / "html"
        self.folder = Path(tempfile.gettempdir()) / f"course-site-build-{run}"

    def start(self, execute: Callable[[], str | None]) -> None:
        """Start the build, unless another process of the run did.

        Args:
            execute: tells which pages to execute, with commas, of those that the user's cache of
                executed pages lacks; the others are shown without outputs. All, where it gives
                None. Asked only where the build is started, since it takes a second to know.
        """
        try:
            self.folder.mkdir()
        except FileExistsError:
            return
        shutil.rmtree(self.site, ignore_errors=True)  # no page of an earlier build
        pages = execute()
        builder = Path(sys.executable).with_name("jupyter-book")
        build = '"$0" build . --all -W --keep-going -n > "$1" 2>&1'
        command = f'{build}; echo $? > "$2.part"; mv "$2.part" "$2"'
        process = subprocess.Popen(
            ["nice", "-n", "5", "sh", "-c", command, str(builder), str(self._log), str(self._code)],
            cwd=self.root,
            env={**os.environ, **({} if pages is None else {"COURSE_SITE_EXECUTE": pages})},
            start_new_session=True,
        )
        self._group.write_text(str(process.pid), encoding="utf-8")

    def wait(self, tell: Callable[[str], None]) -> str:
        """Wait for its end; what it complained of, nothing where it succeeded.

        ``tell`` gets a line a minute.
        """
        began = told = time.monotonic()
        while not self._code.exists():
            now = time.monotonic()
            if now - began > SECONDS:
                return f"no end after {SECONDS} s:\n" + "\n".join(self.lines()[-20:])
            if now - told > _WAIT_LINE_SECONDS:
                tell(f"waiting for the site's build: {[*self.lines(), ''][-1]}")
                told = now
            time.sleep(_LOOK_SECONDS)
        if self._code.read_text(encoding="utf-8").strip() == "0":
            return ""
        complaints = [line for line in self.lines() if "WARNING" in line or "rror" in line]
        return "\n".join(complaints or self.lines()[-20:])

    def lines(self) -> list[str]:
        """What it has printed."""
        if not self._log.exists():
            return []
        text = self._log.read_text(encoding="utf-8", errors="replace")
        return [line for line in re.split(r"[\r\n]+", text) if line.strip()]

    def end(self) -> None:
        """End the build, where it still runs, and leave nothing of it behind but the site."""
        with suppress(OSError, ValueError):
            if not self._code.exists():
                os.killpg(int(self._group.read_text(encoding="utf-8")), signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    @property
    def _code(self) -> Path:
        return self.folder / "exit-status"

    @property
    def _group(self) -> Path:
        return self.folder / "process-group"
