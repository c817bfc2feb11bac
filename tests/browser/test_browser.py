"""The browser that the tests of this folder share, one for each file."""

from __future__ import annotations

import asyncio

from .conftest import headless_chromium


def test_a_browser_leaves_no_event_loop_running() -> None:
    with headless_chromium() as chromium:
        assert chromium.new_page().evaluate("1 + 1") == 2

    async def number() -> int:
        return 1

    assert asyncio.run(number()) == 1
