"""The spectrogram of week 5: its numbers are NumPy's, and it is used by keyboard."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FIGURE = "spectrogram"
RATE = 8000


def status(page: Any) -> str:
    return str(page.get_by_role("status").inner_text())


def dips(page: Any) -> list[float]:
    """Between the clicks and between the tones, in decibels."""
    return [float(n.replace("\u2212", "-")) for n in re.findall(r"dip (.+?) dB", status(page))]


def signal() -> np.ndarray:
    """The two tones and two clicks, by the numbers in the figure's text."""
    i = np.arange(RATE // 4)
    samples = sum(np.sin(2 * np.pi * tone * i / RATE) for tone in (1000, 1050))
    samples *= 0.05 * np.minimum(1, np.minimum(i, i[::-1]) / 80)
    samples[[1000, 1080]] += 1
    return np.asarray(samples)


def powers(centre: int, length: int, window: np.ndarray) -> np.ndarray:
    padded = np.pad(signal(), length)
    piece = padded[length + centre - length // 2 :][:length] * window
    return np.asarray(np.abs(np.fft.rfft(piece, 1024)) ** 2)


def dip(first: float, between: float, second: float) -> float:
    return float(10 * np.log10(min(first, second) / between))


def expected(length: int, window: np.ndarray) -> list[float]:
    clicks = [powers(centre, length, window)[256:].sum() for centre in (1000, 1040, 1080)]
    last = 1000 - length / 2 - 1
    centres = np.floor(np.linspace(min(80 + length / 2, last), last, 20) + 0.5).astype(int)
    tones = np.mean([powers(centre, length, window) for centre in centres], axis=0)
    return [dip(*clicks), dip(*tones[[128, 131, 134]])]


@pytest.mark.parametrize("shape", ["hann", "rectangle"])
@pytest.mark.parametrize("index", range(6))
def test_the_dips_are_those_that_numpy_finds(page: Any, index: int, shape: str) -> None:
    length = 32 * 2**index
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)
    if shape == "rectangle":
        window = np.ones(length)
    page.get_by_label("shape").select_option(shape)
    page.get_by_role("slider").fill(str(index))
    assert dips(page) == pytest.approx(expected(length, window), abs=0.06)


def test_no_window_tells_both_apart(page: Any) -> None:
    found = []
    for index in range(6):
        page.get_by_role("slider").fill(str(index))
        found.append([fall >= 3 for fall in dips(page)])
    assert [True, False] in found
    assert [False, True] in found
    assert [True, True] not in found


def test_the_arrow_keys_change_the_window(page: Any) -> None:
    slider = page.get_by_role("slider")
    slider.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == "512 samples, 64 ms"
    slider.press("ArrowLeft")
    slider.press("ArrowLeft")
    assert status(page).startswith("16 ms:")


def test_the_word_is_drawn_by_choice(page: Any) -> None:
    before = page.locator("svg image").get_attribute("href")
    page.get_by_label("sound").select_option("word")
    assert page.locator("svg image").get_attribute("href") != before
    assert "Middle window" in status(page)
    assert "six" in page.locator("svg").get_attribute("aria-label")


def test_the_picture_is_brightest_at_the_tones(page: Any) -> None:
    page.get_by_role("slider").fill("5")
    rows = page.evaluate(
        """async () => {
          const image = new Image();
          image.src = document.querySelector("svg image").getAttribute("href");
          await image.decode();
          const canvas = document.createElement("canvas");
          [canvas.width, canvas.height] = [image.width, image.height];
          const context = canvas.getContext("2d");
          context.drawImage(image, 0, 0);
          return Array.from({ length: image.height }, (_, y) =>
            context.getImageData(30, y, 1, 1).data[0]);
        }"""
    )
    frequencies = (511 - np.argsort(rows)[::-1][:4]) * RATE / 1024
    assert np.all(np.abs(frequencies - 1025) < 60)
