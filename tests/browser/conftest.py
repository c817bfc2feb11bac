"""The real site, served for a headless browser.

Nothing here is skipped silently: without Chromium the browser tests say so; a site that cannot be
built fails them.
"""

from __future__ import annotations

import functools
import http.server
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
# A browser that has just been started would otherwise call its maker, look for updates and so on.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serves files without a line for each request."""

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def served(handler: Callable[..., http.server.BaseHTTPRequestHandler]) -> Iterator[str]:
    """An address on this machine at which a handler answers, without a slash at its end."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """Where the site is served: an address on this machine that ends in a slash."""
    with served(functools.partial(QuietHandler, directory=str(site))) as host:
        yield f"{host}/"


@contextmanager
def headless_chromium() -> Iterator[Any]:
    """A Chromium that shows no window; afterwards its driver is gone, and no event loop runs."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    executable = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if executable is None:
        pytest.skip(f"no browser: none of {', '.join(BROWSERS)} is on the PATH")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Headless Chromium, a new one for each file.

    One for the whole run would lie idle for half an hour between the figures and the site, with
    its event loop marked as running: what ends it there fails every later test.
    """
    with headless_chromium() as chromium:
        yield chromium


def add_figure(page: Any, name: str, width: int = 900) -> None:
    """Fill a page with an interactive figure, so many pixels wide, and nothing else."""
    place = f'<div data-interactive="{name}" style="width: {width}px">what it shows</div>'
    page.set_content(f"<!doctype html>{place}")
    static = ROOT / "book" / "_static"
    page.add_style_tag(path=str(static / "course.css"))
    for script in (static / "figure_parts.js", static / "interactive" / f"{name}.js"):
        page.add_script_tag(path=str(script))


@pytest.fixture
def page(browser: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A page that holds nothing but the interactive figure that the module names as FIGURE."""
    page = browser.new_page()
    add_figure(page, request.module.FIGURE)
    yield page
    page.close()


def pages() -> list[str]:
    """The addresses of all pages of the book, relative to the site's."""
    sources = sorted((ROOT / "book").rglob("*.md"))
    names = [path.relative_to(ROOT).with_suffix(".html").as_posix() for path in sources]
    return [name for name in names if not name.startswith("book/_")]
