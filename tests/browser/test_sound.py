"""A sound of a page is one that a browser can play, and has a name for those who do not see it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dlcourse.figures.sound import players

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DURATION = """async element => {
  if (element.readyState < 1) await new Promise(done => element.onloadedmetadata = done);
  return element.duration;
}"""
PLAYED = """async element => {
  element.muted = true;
  await element.play();
  await new Promise(done => element.onended = done);
  return element.currentTime;
}"""


@pytest.fixture
def page(browser: Any) -> Any:
    """A page with two sounds, of 0.1 and 0.25 s."""
    page = browser.new_page()
    tones = {f"{n} samples": np.sin(np.arange(n) / 3.0) for n in (800, 2000)}
    page.set_content("<!doctype html>" + players(tones, 8000)._repr_html_())
    yield page
    page.close()


def test_each_sound_is_loaded_whole(page: Any) -> None:
    durations = [sound.evaluate(DURATION) for sound in page.locator("audio").all()]
    assert durations == pytest.approx([0.1, 0.25])


def test_a_sound_plays_to_its_end(page: Any) -> None:
    sound = page.locator("audio").first
    assert sound.evaluate(PLAYED) == pytest.approx(0.1, abs=0.01)


def test_a_sound_has_its_name(page: Any) -> None:
    assert page.locator("audio").first.get_attribute("aria-label") == "800 samples"
    assert page.get_by_text("800 samples").is_visible()
