"""The latent plane of week 7: its images are the decoders', and keyboard and mouse move it."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from scipy.special import expit

from dlcourse.data.datasets.derive_latent_plane import grid, logits_of, planes
from dlcourse.models.digit_vae import digit_autoencoder, digit_vae

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FIGURE = "latent_plane"


def status(page: Any) -> str:
    return str(page.get_by_role("status").inner_text())


def place(page: Any) -> list[float]:
    found = re.search(r"z = \((-?\d+\.\d+), (-?\d+\.\d+)\)", status(page))
    assert found is not None, status(page)
    return [float(number) for number in found.groups()]


def images(page: Any, name: str, places: np.ndarray) -> np.ndarray:
    found = page.evaluate(
        "([name, places]) => places.map((z) => latentPlane.imageAt(name, z))",
        [name, places.tolist()],
    )
    return np.array(found)


@pytest.mark.parametrize("name", ["vae", "autoencoder"])
def test_images_are_those_of_the_decoder(page: Any, name: str) -> None:
    stored = page.evaluate(f"latentPlane.PLANES.{name}")
    low, high = np.array(stored["low"]), np.array(stored["high"])
    _, decoder = digit_vae(2) if name == "vae" else digit_autoencoder(2)
    between = np.random.default_rng(0).uniform(low, high, (60, 2))
    for places, tolerance in ((grid(low, high)[::13], 0.02), (between, 0.04)):
        off = np.abs(images(page, name, places) - expit(logits_of(decoder, places)))
        assert off.mean() < tolerance


def test_the_stored_codes_are_the_encoders(page: Any) -> None:
    for name, plane in planes().items():
        stored = page.evaluate(f"latentPlane.PLANES.{name}")
        np.testing.assert_allclose(stored["dots"], plane["dots"], atol=0.02)
        np.testing.assert_allclose(stored["low"], plane["low"], atol=0.01)


def test_the_arrow_keys_walk_the_plane(page: Any) -> None:
    before = place(page)
    page.get_by_label("z₁").press("ArrowRight")
    assert place(page)[0] > before[0]
    assert place(page)[1] == before[1]
    page.get_by_label("z₂").press("ArrowLeft")
    assert place(page)[1] < before[1]


def test_a_press_on_the_plane_chooses_the_place(page: Any) -> None:
    box = page.locator("svg").bounding_box()
    page.mouse.click(box["x"] + 0.75 * box["width"], box["y"] + 0.25 * box["height"])
    np.testing.assert_allclose(place(page), [2.0, 2.0], atol=0.05)


def test_the_walk_leads_from_one_digit_to_the_other(page: Any) -> None:
    page.get_by_label("walk from").select_option("0")
    page.get_by_label("to", exact=True).select_option("1")
    assert "Nearest code: a 0, 0.0 %" in status(page)
    page.get_by_label("share").fill("40")
    assert "Nearest code: a 1, 0.0 %" in status(page)


def test_the_picture_is_painted_anew_at_another_place(page: Any) -> None:
    painted = "document.querySelector('.decoded').toDataURL()"
    before = page.evaluate(painted)
    page.get_by_label("z₁").fill("10")
    assert page.evaluate(painted) != before


def test_the_other_network_has_its_own_plane(page: Any) -> None:
    assert "draws from N(0, I)" in status(page)
    page.get_by_label("network").select_option("autoencoder")
    assert "draws from N(0, I)" not in status(page)
    assert page.locator(".codes text").count() == 200
