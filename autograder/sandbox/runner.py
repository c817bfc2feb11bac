"""Runs a notebook's cells in this process, as Jupyter would, and records what they show.

An IPython shell does the work: magics, ``!commands``, ``display``, figures in the notebook, rich
results and tracebacks. There is nobody at the keyboard, so ``input()`` is refused; ``exit()`` is an
error of its cell; a cell that runs too long is interrupted and the next one can run.
"""

from __future__ import annotations

import builtins
import getpass
import importlib
import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType, TracebackType
from typing import Any, NoReturn

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from autograder.sandbox import hosted
from autograder.sandbox.outputs import (
    Capture,
    CellRecord,
    OutputLimits,
    RecordedStream,
    Recorder,
)

# How often a cell that catches the interruption is interrupted again, in seconds.
AGAIN = 0.5


class CellTimeout(KeyboardInterrupt):
    """Raised in a cell, or in a call of the learner's code, that ran too long."""


class _Publisher(DisplayPublisher):
    """Sends what ``display`` shows to the recorder."""

    shell: Any

    def publish(
        self,
        data: Any,
        metadata: Any = None,
        source: Any = None,
        *,
        transient: Any = None,
        update: bool = False,
        **kwargs: Any,
    ) -> None:
        display_id = (transient or {}).get("display_id")
        self.shell.drain()
        self.shell.recorder.display(data, metadata, display_id=display_id, update=update)

    def clear_output(self, wait: bool = False) -> None:
        self.shell.drain()
        self.shell.recorder.clear(wait)


class _Hook(DisplayHook):
    """Sends the value of a cell's last expression to the recorder."""

    shell: Any

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        self.shell.drain()
        self.shell.recorder.result(format_dict, md_dict, self.prompt_count)

    def finish_displayhook(self) -> None:
        self._is_active = False


class NotebookShell(InteractiveShell):
    """IPython without a terminal, a kernel or a person."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.recorder = Recorder()
        self.capture: Capture | None = None
        kwargs |= {"display_pub_class": _Publisher, "displayhook_class": _Hook}
        super().__init__(*args, **kwargs)  # type: ignore[no-untyped-call, unused-ignore]

    def drain(self) -> None:
        """Record what has been written to the file descriptors before anything else is."""
        if self.capture is not None:
            self.capture.drain()

    def enable_gui(self, gui: Any = None) -> None:
        """There is no event loop to start: figures are shown in the notebook."""

    def enable_matplotlib(self, gui: Any = None) -> Any:
        """Called by ``%matplotlib``: what needs a window or a browser is drawn inline."""
        if not hosted.can_draw(gui):
            hosted.passed_over(str(gui))
            gui = "inline"
        return super().enable_matplotlib(gui)  # type: ignore[no-untyped-call, unused-ignore]

    def _find_with_lazy_load(self, type_: Any, magic_name: str) -> Any:
        # IPython asks here before it runs a magic; a frame between the two would hide the names
        # that the magic may use.
        found = super()._find_with_lazy_load(type_, magic_name)  # type: ignore[misc, unused-ignore]
        return found or hosted.unknown_magic(self, type_, magic_name)

    def init_history(self) -> None:
        """Keep the history in memory."""
        # A history file costs a thread, and no process with a thread can be forked safely.
        self.config.HistoryManager.enabled = False
        super().init_history()  # type: ignore[no-untyped-call, unused-ignore]

    def ask_exit(self) -> NoReturn:
        """Called by ``exit`` and ``quit``."""
        raise SystemExit

    def system(self, cmd: str) -> None:
        """Run ``!cmd``; its output is captured at the file descriptors."""
        command = self.var_expand(cmd, depth=1)  # type: ignore[no-untyped-call, unused-ignore]
        with subprocess.Popen(
            command, shell=True, stdin=subprocess.DEVNULL, process_group=0
        ) as process:
            try:
                self.user_ns["_exit_code"] = process.wait()
            except BaseException:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                raise

    def _get_exc_info(self, exc_tuple: Any = None) -> Any:
        found = super()._get_exc_info(exc_tuple)  # type: ignore[no-untyped-call, unused-ignore]
        kind, error, trace = found
        _cut_own_frames(trace)
        return kind, error, trace

    def _showtraceback(self, etype: Any, evalue: Any, stb: list[str]) -> None:
        self.drain()
        self.recorder.error(_name_of(etype), _text_of(evalue), [str(line) for line in stb])


def _cut_own_frames(trace: TracebackType | None) -> None:
    """Let a traceback end with the learner's line, not with this file's."""
    last = None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename != __file__:
            last = trace
        trace = trace.tb_next
    if last is not None:
        last.tb_next = None


def _name_of(kind: Any) -> str:
    return str(getattr(kind, "__name__", kind))


def _text_of(error: Any) -> str:
    try:
        return str(error)
    except Exception:  # whatever a learner's exception does when it is printed
        return ""


def _refuse_input(*args: Any, **kwargs: Any) -> NoReturn:
    raise StdinNotImplementedError(
        "input() cannot be used here: your notebook runs with nobody at the keyboard. "
        "Write the value into the cell instead."
    )


class Runner:
    """One notebook's interpreter: a shell, its namespace, its outputs and its clock.

    Create it wherever you like, before a fork for instance; then call :meth:`start` once in the
    process and the main thread that shall run the cells.
    """

    def __init__(self, limits: OutputLimits | None = None) -> None:
        config = Config()
        config.InteractiveShell.colors = "nocolor"
        config.HistoryManager.enabled = False
        self.shell = NotebookShell.instance(config=config)
        if "matplotlib.pyplot" in sys.modules:
            # It was imported when there was no shell that it could have told where figures go.
            self.shell.enable_matplotlib("inline")  # type: ignore[no-untyped-call, unused-ignore]
        self.set_limits(limits or OutputLimits())
        self._fired = self._armed = False
        self._allowed = 0.0

    def set_limits(self, limits: OutputLimits) -> None:
        """Bound the outputs from here on."""
        self.shell.recorder = Recorder(limits)

    @property
    def namespace(self) -> dict[str, Any]:
        """The notebook's global names."""
        namespace: dict[str, Any] = self.shell.user_ns
        return namespace

    def start(self) -> None:
        """Take over the process's streams and its alarm clock."""
        recorder = self.shell.recorder
        hosted.install(self.shell)
        # As Jupyter does: the notebook's folder is where modules are looked for first.
        sys.path.insert(0, "")
        capture = Capture(recorder)
        capture.start()
        self.shell.capture = capture
        sys.stdout = RecordedStream(recorder, capture, "stdout", 1)
        sys.stderr = RecordedStream(recorder, capture, "stderr", 2)
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115
        builtins.input = _refuse_input
        getpass.getpass = _refuse_input
        warnings.filterwarnings("ignore", message="To exit: use")
        signal.signal(signal.SIGALRM, self._interrupt)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if not self._armed:
            return  # it went off while it was being switched off
        self._fired = True
        raise CellTimeout(f"it ran longer than {self._allowed:g} s and was stopped")

    @contextmanager
    def clock(self, seconds: float) -> Iterator[None]:
        """Raise :class:`CellTimeout` inside once ``seconds`` have passed."""
        self._fired, self._allowed, self._armed = False, seconds, True
        signal.signal(signal.SIGALRM, self._interrupt)
        signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
        try:
            yield
        finally:
            self._armed = False
            signal.setitimer(signal.ITIMER_REAL, 0)

    def run_cell(self, source: str, seconds: float) -> CellRecord:
        """Run one cell's source.

        Args:
            source: the cell, magics and all.
            seconds: wall time after which it is interrupted.

        Returns:
            Its record. Nothing that the cell does, short of ending the process, raises here.
        """
        shell: Any = self.shell
        importlib.invalidate_caches()  # the cell before may have written a module
        shell.recorder.begin()
        begun = time.monotonic()
        error: BaseException | None
        try:
            with self.clock(seconds):
                result = shell.run_cell(source, store_history=True)
            error = result.error_before_exec or result.error_in_exec
        except BaseException as raised:
            # The alarm went off in IPython's own code, between two statements of the cell.
            error = raised
        return self._record(error, time.monotonic() - begun)

    def _record(self, error: BaseException | None, seconds: float) -> CellRecord:
        self.shell.drain()
        recorder = self.shell.recorder
        ename, evalue = (_name_of(type(error)), _text_of(error)) if error else ("", "")
        outputs = recorder.end()
        if self._fired and not isinstance(error, CellTimeout):
            ename, evalue = "CellTimeout", f"it ran longer than {self._allowed:g} s"
            error = CellTimeout(evalue)
        if error and not any(o["output_type"] == "error" for o in outputs):
            recorder.error(ename, evalue, [f"{ename}: {evalue}"])
            outputs += recorder.end()
        status = "timeout" if self._fired else "error" if error else "ok"
        count = self.shell.execution_count - 1
        return CellRecord(status, outputs, seconds, count, ename[:200], evalue[:2000])

    @contextmanager
    def quietly(self) -> Iterator[None]:
        """Drop whatever is shown inside, figures included."""
        recorder = self.shell.recorder
        self.shell.drain()
        recorder.muted = True
        try:
            yield
        finally:
            _close_figures()
            self.shell.drain()
            recorder.muted = False


def _close_figures() -> None:
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None and pyplot.get_fignums():
        pyplot.close("all")
