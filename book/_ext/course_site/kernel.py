"""Execute a page's cells in a kernel of its own, measure that, and say what it complained of."""

from __future__ import annotations

import ast
import asyncio
import copy
import os
import re
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from jupyter_client.utils import ensure_async
from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal, DeadKernelError
from nbformat import NotebookNode

from .pages import PACKAGE, Page

# What Python and its libraries write to stderr lands in the page. What C++ code writes there goes
# to a file of its own, where it is read (see MACHINE), so that nothing of it is published.
KERNEL_CONFIGURATION = (
    "c = get_config()\nc.IPKernelApp.capture_fd_output = False\nc.IPKernelApp.log_level = 40\n"
)
# The small data everywhere, so that a machine with a GPU builds the same site.
KERNEL_ENVIRONMENT = {
    "DLCOURSE_TIER": "cpu",
    "KERAS_BACKEND": "tensorflow",
    "TF_CPP_MIN_LOG_LEVEL": "1",
}

# A line by which a library warns, whichever stream it goes to. TensorFlow's logger writes to
# stdout in a notebook.
WARNING_LINE = re.compile(
    r"""
    ^(?:
      (?:WARNING|ERROR|CRITICAL|FATAL)\b[^:\n]{0,80}:  # logging, absl: "WARNING:tensorflow:5 out"
    | [WEF]\d{4}\ [\d:.]+                              # absl in C++: "W0000 00:00:1733000000.1"
    | \d{4}-\d\d-\d\d\ [\d:.,]+:\ [WEF]\               # TensorFlow in C++: "2026-11-29 ...: W tsl"
    | \[[WEF]\ [\d:., -]+\]                            # optuna: "[W 2026-11-29 10:00:00,123]"
    | (?:\S+:\d+:\ )?[A-Z]?\w*Warning:\                # warnings: "x.py:3: UserWarning: old"
    )
    """,
    re.MULTILINE | re.VERBOSE,
)

# What TensorFlow's C++ code notes about the machine: a GPU or its libraries that are not there, the
# features of the processor. It is true and says nothing about the page.
MACHINE = re.compile(
    r"InitializeLog|cuda|cudnn|cublas|cufft|CUDA|GPU|TensorRT|TF-TRT|cpu_feature_guard|oneDNN|XLA"
    r"|computation_placer|port\.cc|NUMA|exceeds \d+% of free system memory",
)

SECONDS, PROCESSOR, MEMORY, MODULES = "seconds", "processor", "memory", "modules"
_MEASURES = {
    SECONDS: "__import__('time').monotonic()",
    PROCESSOR: "sum(__import__('os').times()[:4])",
    MEMORY: "__import__('resource').getrusage(0).ru_maxrss",
    MODULES: f"sorted(n for n in __import__('sys').modules if n.split('.')[0] == {PACKAGE!r})",
}


@dataclass(frozen=True)
class Problem:
    """Something in a page that must not be published.

    Attributes:
        cell: the cell's index in the page's notebook.
        text: what is wrong.
    """

    cell: int
    text: str


@dataclass(frozen=True)
class Measurement:
    """What executing a page took.

    Attributes:
        seconds: from the first cell to the last.
        processor_seconds: of all threads and of all processes that the cells waited for.
        memory: the most that the kernel's process held, in MiB; None where it cannot be told.
    """

    seconds: float
    processor_seconds: float
    memory: int | None


@dataclass(frozen=True)
class Executed:
    """A page after its cells ran, or those before the one that failed.

    Attributes:
        notebook: with outputs.
        measurement: None where a cell failed.
        problems: errors and warnings; empty when all went well.
    """

    notebook: NotebookNode
    measurement: Measurement | None
    problems: tuple[Problem, ...]


class Stopped(Exception):
    """The execution was given up because somebody asked for that."""


def execute(page: Page, root: Path, stop: threading.Event | None = None) -> Executed:
    """Execute a page's cells in an empty folder, with the ``dlcourse`` that stands in ``root``.

    May be called from several threads at a time, and not from a thread whose event loop runs.

    Raises:
        Stopped: when ``stop`` was set meanwhile.
    """
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_execute(page, root, Path(folder), stop or threading.Event()))


async def _execute(page: Page, root: Path, folder: Path, stop: threading.Event) -> Executed:
    work = asyncio.ensure_future(_run(page, root, folder))
    while not work.done():
        await asyncio.wait({work}, timeout=0.2)
        if stop.is_set() and not work.done():
            work.cancel()
            with suppress(asyncio.CancelledError):
                await work
            raise Stopped(page.name)
    return work.result()


async def _run(page: Page, root: Path, folder: Path) -> Executed:
    """Start a kernel, execute the cells, and end it."""
    notebook = copy.deepcopy(page.notebook)
    for name in ("work", "ipython/profile_default"):
        (folder / name).mkdir(parents=True)
    configuration = folder / "ipython" / "profile_default" / "ipython_kernel_config.py"
    configuration.write_text(KERNEL_CONFIGURATION)
    client = NotebookClient(
        notebook,
        timeout=page.timeout,
        record_timing=False,  # it would become part of the cells, and differ each time
        kernel_name=notebook.metadata.get("kernelspec", {}).get("name", "python3"),
        resources={"metadata": {"path": str(folder / "work")}},
    )
    log_path = folder / "kernel.log"
    with log_path.open("w+b") as log:
        executed = await _run_cells(client, log, _environment(root, folder))
    kernel_log = log_path.read_text(encoding="utf-8", errors="replace")
    measurement, problems, modules = executed
    problems += _complaints(notebook, kernel_log)
    problems += _unknown_modules(page, modules)
    return Executed(notebook, measurement, tuple(problems))


def _environment(root: Path, folder: Path) -> dict[str, str]:
    """The kernel's environment: the book's settings, the repository's own ``dlcourse``."""
    path = os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")]))
    own = {**KERNEL_ENVIRONMENT, "IPYTHONDIR": str(folder / "ipython"), "PYTHONPATH": path}
    inherited = {k: v for k, v in os.environ.items() if k not in {"MPLBACKEND", "JPY_SESSION_NAME"}}
    return {**inherited, **own}


async def _run_cells(
    client: NotebookClient, log: IO[bytes], environment: dict[str, str]
) -> tuple[Measurement | None, list[Problem], set[str]]:
    """Execute cell after cell until one fails; the modules of ``dlcourse`` that were imported."""
    at = 0
    try:
        async with client.async_setup_kernel(env=environment, stderr=log):
            info = await client.async_wait_for_reply(await ensure_async(client.kc.kernel_info()))
            client.nb.metadata["language_info"] = info["content"]["language_info"]
            before = await _measure(client)
            for at, cell in enumerate(client.nb.cells):
                await client.async_execute_cell(
                    cell, at, execution_count=client.code_cells_executed + 1
                )
            client.set_widgets_metadata()
            after = await _measure(client)
    except (CellControlSignal, DeadKernelError) as error:
        return None, [Problem(at, _failure(error))], set()
    memory = after[MEMORY] // (1024 if sys.platform != "darwin" else 1024**2)
    measurement = Measurement(
        round(after[SECONDS] - before[SECONDS], 2),
        round(after[PROCESSOR] - before[PROCESSOR], 2),
        memory or None,
    )
    return measurement, [], set(after[MODULES])


async def _measure(client: NotebookClient) -> dict[str, Any]:
    """Ask the kernel for its clock, processor time, memory and modules; no cell sees this."""
    message = client.kc.execute("", silent=True, user_expressions=_MEASURES)
    reply = await client.async_wait_for_reply(await ensure_async(message))
    answers = reply["content"]["user_expressions"] if reply else {}
    return {name: _value(answers.get(name)) for name in _MEASURES}


def _value(answer: Any) -> Any:
    """A measured value, 0 where the kernel could not tell it."""
    if not answer or answer["status"] != "ok":
        return 0
    return ast.literal_eval(answer["data"]["text/plain"])


def _failure(error: Exception) -> str:
    """Why a cell failed, with the end of its traceback."""
    if isinstance(error, DeadKernelError):
        return "the kernel died: out of memory, or a crash in compiled code"
    text = re.sub(r"\x1b\[[0-9;]*m", "", str(error)).strip()
    lines = text.splitlines()
    return f"the cell failed: {lines[-1] if lines else type(error).__name__}\n{text}"


def _complaints(notebook: NotebookNode, kernel_log: str) -> list[Problem]:
    """Warnings that the cells printed, on either stream, and those of compiled code."""
    problems = [
        Problem(index, f"the cell warns on {stream}: {line}")
        for index, cell in enumerate(notebook.cells)
        for stream, line in _warnings_of(cell)
    ]
    last = len(notebook.cells) - 1
    told = [line for line in warning_lines(kernel_log) if not MACHINE.search(line)]
    problems += [Problem(last, f"compiled code warns while cells run: {line}") for line in told]
    return problems


def _warnings_of(cell: NotebookNode) -> Iterator[tuple[str, str]]:
    """Streams on which a cell warns, each with the first line of that."""
    for output in cell.get("outputs", []):
        if output.output_type != "stream":
            continue
        lines = [*warning_lines(output.text)]
        if output.name == "stderr":
            lines = lines or [output.text.strip() or "an empty line"]
        if lines:
            yield output.name, lines[0].splitlines()[0]


def warning_lines(text: str) -> list[str]:
    """The lines of a text by which a library warns."""
    return [line for line in text.splitlines() if WARNING_LINE.match(line)]


def _unknown_modules(page: Page, modules: set[str]) -> list[Problem]:
    """Modules of ``dlcourse`` that ran though no import statement names them."""
    unknown = modules.difference(page.modules)
    if not unknown:
        return []
    return [
        Problem(
            len(page.notebook.cells) - 1,
            f"{', '.join(sorted(unknown))} ran, and no import statement names it: a change of it "
            "would not execute this page again. Import it by a statement",
        )
    ]
