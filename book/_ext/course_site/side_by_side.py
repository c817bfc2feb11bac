"""Execute pages side by side, as many as processors and memory allow, and say how far that is."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

import psutil
from nbformat import NotebookNode

from . import kernel
from .kernel import Problem, Stopped, execute
from .page_cache import Entry, PageCache
from .page_records import record_of
from .pages import Page, page_key

# How many pages are executed at a time, where the machine shall not decide.
JOBS = "COURSE_SITE_JOBS"
MEMORY_OF_A_PAGE = 3 * 1024**3
# After so many seconds without a page that ended, a line says which are being executed.
SILENCE = 30.0
LOCK_INTERVAL = 1.0

# The kernel's own machinery logs where compiled code warns. A message of its event loop, while it
# ends for instance, is not about the page. (What a page logs through Python's logging goes to the
# page itself.)
KERNELS_OWN = re.compile(
    r"compiled code warns while cells run: "
    r"(?:WARNING|ERROR|CRITICAL):(?:asyncio|tornado|traitlets|zmq|IPKernelApp)\b"
)

_EXECUTION = Path(kernel.__file__).read_bytes()

Report = Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    """What came of a page.

    Attributes:
        page: the page.
        entry: its outputs; None where a cell failed or warned.
        problems: errors and warnings.
        notebook: the page after its cells ran, or those before the one that failed.
    """

    page: Page
    entry: Entry | None
    problems: tuple[Problem, ...]
    notebook: NotebookNode


def jobs(pages: int) -> int:
    """How many of so many pages are executed at a time: a core and 3 GiB of memory for each."""
    named = os.environ.get(JOBS)
    if named:
        return max(1, int(named))
    return max(1, min(pages, _cores(), _free_memory() // MEMORY_OF_A_PAGE))


def share_cores(at_a_time: int) -> None:
    """Give each page's linear algebra its share of the cores, for kernels that start from now on.

    OpenBLAS starts a thread for each core, and its threads spin while they wait for each other. On
    a busy machine a page of 40 s of processor time was not done after 900 s. A value that is set
    already stays.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", str(max(1, _cores() // at_a_time)))


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _free_memory() -> int:
    """Free memory in bytes: the machine's, or what a container leaves."""
    free = int(psutil.virtual_memory().available)
    group = Path("/sys/fs/cgroup")
    try:
        limit = int((group / "memory.max").read_text())
        return min(free, limit - int((group / "memory.current").read_text()))
    except (OSError, ValueError):  # no such limit
        return free


def key_of(page: Page, root: Path) -> str:
    """The page's key in the cache. What executes pages and judges their warnings is part of it."""
    return page_key(page, root, _EXECUTION)


def execute_pages(
    pages: Sequence[Page], root: Path, cache: PageCache, report: Report
) -> Iterator[Outcome]:
    """Execute pages and keep those in the cache that neither fail nor warn.

    A page that another build has executed meanwhile is taken from the cache.

    Args:
        pages: what to execute; those whose record says that they take long come first.
        root: the repository.
        cache: where outputs are kept.
        report: gets a line for each page that ended, and one each half minute where none does.

    Yields:
        What came of each page, as soon as it ended.
    """
    if not pages:
        return
    at_a_time = jobs(len(pages))
    report(f"executing {len(pages)} pages, {at_a_time} at a time")
    share_cores(at_a_time)
    _build_font_cache()
    waiting = sorted(pages, key=lambda page: -_expected_seconds(page, root))
    stop = threading.Event()
    running: dict[str, float] = {}

    def run(page: Page) -> Outcome:
        running[page.name] = time.monotonic()
        try:
            return _execute_once(page, root, cache, at_a_time, stop)
        finally:
            running.pop(page.name)

    with ThreadPoolExecutor(at_a_time) as executor:
        futures = {executor.submit(run, page) for page in waiting}
        try:
            for done, outcome in enumerate(_as_they_end(futures, running, report), start=1):
                report(f"{_ending(outcome)} ({done} of {len(pages)})")
                yield outcome
        finally:  # also when somebody interrupts the command: the kernels end with it
            stop.set()
            executor.shutdown(wait=True, cancel_futures=True)


def _build_font_cache() -> None:
    """In a new home, the first import of Matplotlib lists the fonts, and warns if that is slow."""
    command = [sys.executable, "-c", "import matplotlib.font_manager"]
    subprocess.run(command, check=False, capture_output=True)


def _expected_seconds(page: Page, root: Path) -> float:
    record = record_of(root, page.name)
    return float(record["seconds"]) if record else 0.0


def _as_they_end(
    futures: set[Future[Outcome]], running: dict[str, float], report: Report
) -> Iterator[Outcome]:
    """What came of each page; a line a minute while none ends."""
    while futures:
        ended, futures = wait(futures, SILENCE, FIRST_COMPLETED)
        if not ended:
            now = time.monotonic()
            told = ", ".join(f"{n} ({now - since:.0f} s)" for n, since in [*running.items()])
            report(f"still executing {told}")
        for future in ended:
            yield future.result()


def _ending(outcome: Outcome) -> str:
    if outcome.entry is None:
        return f"{outcome.page.name}: {len(outcome.problems)} problems"
    took = outcome.entry.measurement
    memory = f", {took.memory} MiB" if took.memory else ""
    return (
        f"executed {outcome.page.name} in {took.seconds:.0f} s, "
        f"{took.processor_seconds:.0f} s of processor time{memory}"
    )


def _execute_once(
    page: Page, root: Path, cache: PageCache, at_a_time: int, stop: threading.Event
) -> Outcome:
    """Execute a page, unless another build does so at this moment: then wait for that."""
    key = key_of(page, root)
    while not stop.is_set():
        with cache.only_one(key, LOCK_INTERVAL) as held:
            entry = cache.get(key)
            if entry is None and held:
                return _executed(page, root, cache, key, at_a_time, stop)
        if entry is not None:
            return Outcome(page, entry, (), entry.notebook)
    raise Stopped(page.name)


def _executed(
    page: Page, root: Path, cache: PageCache, key: str, at_a_time: int, stop: threading.Event
) -> Outcome:
    executed = execute(page, root, stop)
    problems = about_the_page(executed.problems)
    if _changed(page, root, key):
        last = len(page.notebook.cells) - 1
        problems += (Problem(last, "dlcourse changed while the page was executed; do it again"),)
    if problems or executed.measurement is None:
        return Outcome(page, None, problems, executed.notebook)
    entry = Entry(executed.notebook, executed.measurement, time.time(), at_a_time)
    cache.put(key, entry)
    return Outcome(page, entry, (), entry.notebook)


def about_the_page(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Problems without those of the kernel's own machinery."""
    return tuple(problem for problem in problems if not KERNELS_OWN.match(problem.text))


def _changed(page: Page, root: Path, key: str) -> bool:
    """Whether a file on which the page rests is another now, or gone."""
    try:
        return key_of(page, root) != key
    except FileNotFoundError:
        return True
