"""What a page costs a visitor who comes with an empty cache: bytes, requests, shifts, times.

The site is served as hosts serve it: what is text is compressed.
"""

from __future__ import annotations

import functools
import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .conftest import QuietHandler, served

PHONE = {"width": 390, "height": 844}
TEXT = (".html", ".css", ".js", ".json", ".svg", ".xml", ".ttf")
# A middle phone on 4G, as Lighthouse has them: 150 ms there and back, 1.6 Mbit/s, and a processor
# that takes four times as long as this one.
SLOWER = 4
NETWORK = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1.6e6 / 8,
    "uploadThroughput": 0.75e6 / 8,
}
# Before the page's own scripts run, so that nothing is missed.
OBSERVE = """() => {
    window.shifts = [];
    window.largest = null;
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries())
            if (!entry.hadRecentInput)
                window.shifts.push([entry.value, entry.sources.map((source) => {
                    const node = source.node;
                    return node?.className || node?.nodeName || '?';
                }).join(', ')]);
    }).observe({ type: 'layout-shift', buffered: true });
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries())
            window.largest = [entry.startTime, entry.element?.nodeName || '?'];
    }).observe({ type: 'largest-contentful-paint', buffered: true });
}"""
BLOCKING = """() => performance.getEntriesByType('resource')
    .filter((entry) => entry.renderBlockingStatus === 'blocking')
    .map((entry) => new URL(entry.name).pathname)"""
# Frames in which what the last script moved is drawn.
DRAWN = """() => new Promise((done) => requestAnimationFrame(
    () => requestAnimationFrame(() => setTimeout(done, 400))
))"""


class CompressingHandler(QuietHandler):
    """Serves files, compressed where they are text."""

    def do_GET(self) -> None:  # noqa: N802 the name that the library calls
        """Answer with one file."""
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            self.send_error(404)
            return
        body, packed = packed_file(path)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@functools.cache
def packed_file(path: Path) -> tuple[bytes, bool]:
    """A file as it is sent, and whether it is compressed."""
    content = path.read_bytes()
    if path.suffix in TEXT:
        return gzip.compress(content, 6, mtime=0), True
    return content, False


@contextmanager
def served_compressed(site: Path) -> Iterator[str]:
    """The address of a site, with a slash at its end."""
    with served(functools.partial(CompressingHandler, directory=str(site))) as host:
        yield f"{host}/"


@dataclass
class Weight:
    """What one page cost.

    Attributes:
        page: its address, relative to the site's.
        kilobytes: by kind of file (``document``, ``stylesheet``, ``script``, ``font``, ``image``,
            ``other``), as they were sent, in units of 1,000 bytes.
        requests: how many files were asked for.
        blocking: the files without which the browser draws nothing.
        shift: the sum of layout shifts, as Cumulative Layout Shift counts them but without windows.
        moved: the largest shifts, and what moved.
        paint: milliseconds until the largest thing in the window was drawn.
        largest: what that was.
    """

    page: str
    kilobytes: dict[str, float] = field(default_factory=dict)
    requests: int = 0
    blocking: list[str] = field(default_factory=list)
    shift: float = 0.0
    moved: list[tuple[float, str]] = field(default_factory=list)
    paint: float = 0.0
    largest: str = ""

    @property
    def total(self) -> float:
        """All kinds together, in kB."""
        return sum(self.kilobytes.values())


KINDS = ("document", "stylesheet", "script", "font", "image", "media")


def weigh(browser: Any, site: str, name: str, slow: bool = False) -> Weight:
    """Load a page of a site on a phone with an empty cache, without scrolling.

    ``slow`` adds the phone's network and processor.
    """
    context = browser.new_context(viewport=PHONE, device_scale_factor=2, is_mobile=True)
    page = context.new_page()
    finished: list[Any] = []
    page.on("requestfinished", lambda request: finished.append(request))
    page.add_init_script(f"({OBSERVE})()")
    if slow:
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", NETWORK)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(site + name, wait_until="networkidle")
    page.evaluate("window.MathJax?.startup?.promise")
    page.evaluate(DRAWN)
    try:
        return _weight(name, page, finished)
    finally:
        context.close()


def _weight(name: str, page: Any, finished: list[Any]) -> Weight:
    weight = Weight(name, requests=len(finished), blocking=page.evaluate(BLOCKING))
    for request in finished:
        kind = request.resource_type if request.resource_type in KINDS else "other"
        sent = request.sizes()["responseBodySize"] / 1000
        weight.kilobytes[kind] = weight.kilobytes.get(kind, 0.0) + sent
    shifts = page.evaluate("window.shifts")
    weight.shift = sum(value for value, _ in shifts)
    weight.moved = sorted(((value, what) for value, what in shifts), reverse=True)[:3]
    weight.paint, weight.largest = page.evaluate("window.largest") or (0.0, "")
    return weight
