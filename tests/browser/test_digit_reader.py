"""The first page's figure: its network is Keras', and it is drawn on, moved and cleared."""

from __future__ import annotations

import base64
import re
from typing import Any

import numpy as np
import pytest

from dlcourse.data.datasets import train_digit_reader as source

from .conftest import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FIGURE = "digit_reader"
SCRIPT = ROOT / "book" / "_static" / "interactive" / "digit_reader.js"
READ = "image => digitReaderFunctions.read(image, digitReaderFunctions.unpacked())"


@pytest.fixture
def page(page: Any) -> Any:
    """The figure with the sheet of the first page, on which it stands."""
    page.add_style_tag(path=str(ROOT / "book" / "_static" / "front_page.css"))
    return page


@pytest.fixture(scope="module")
def constants() -> dict[str, str]:
    return source.stored(SCRIPT.read_text(encoding="utf-8"))


def status(page: Any) -> str:
    return str(page.get_by_role("status").inner_text())


def draw(page: Any, *points: tuple[float, float]) -> None:
    """Draw a line through points, given in shares of the drawing area's side."""
    box = page.locator(".board").bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=8)
    page.mouse.up()


def test_it_says_how_many_test_images_its_weights_read_rightly(
    page: Any, constants: dict[str, str]
) -> None:
    described = source.described(source.unpacked(constants["WEIGHTS"]))
    assert described.items() <= constants.items()
    counted = described["READ_RIGHTLY"]
    legend = page.locator(".legend").inner_text()
    assert f"It reads {counted} of 1,000 test images rightly." in legend


def test_the_test_images_are_the_first_of_each_class(constants: dict[str, str]) -> None:
    stored = np.frombuffer(base64.b64decode(constants["SAMPLES"]), np.uint8)
    np.testing.assert_array_equal(stored.reshape(10, 28, 28), source.samples())


def test_probabilities_and_maps_are_those_of_keras(page: Any, constants: dict[str, str]) -> None:
    import keras

    network = source.network(source.unpacked(constants["WEIGHTS"]))
    both = keras.Model(network.inputs, [network.layers[1].output, network.outputs[0]])
    noise = np.random.default_rng(0).random((2, 28, 28))
    images = np.concatenate([source.samples() / 255, noise]).astype(np.float32)
    maps, wanted = both.predict(images[..., None], verbose=0)
    for image, its_maps, its_probabilities in zip(images, maps, wanted, strict=True):
        found = page.evaluate(READ, image.ravel().tolist())
        np.testing.assert_allclose(found["probabilities"], its_probabilities, atol=1e-5)
        np.testing.assert_allclose(found["maps"], its_maps.ravel(), atol=1e-5)


def test_a_line_that_is_drawn_is_read_as_a_one(page: Any) -> None:
    draw(page, (0.52, 0.2), (0.48, 0.8))
    assert status(page).startswith("The network reads a 1,")


def test_a_stroke_on_a_test_image_begins_a_new_drawing_and_a_second_adds(page: Any) -> None:
    ink = "() => digitReaderFunctions.shown().reduce((sum, value) => sum + value, 0)"
    before = page.evaluate(ink)
    draw(page, (0.3, 0.2), (0.7, 0.2))
    one = page.evaluate(ink)
    assert one < before
    draw(page, (0.7, 0.2), (0.45, 0.85))
    assert page.evaluate(ink) > one
    assert status(page).startswith("The network reads a 7,")


def test_an_empty_area_asks_for_a_digit(page: Any) -> None:
    page.get_by_role("button", name="Clear").press("Enter")
    assert status(page) == "Draw a digit."
    assert set(page.locator(".bars .value").all_inner_texts()) == {"0 %"}


def test_the_button_goes_through_the_test_images(page: Any) -> None:
    read = []
    for _ in range(10):
        page.get_by_role("button", name="Next test image").press("Enter")
        found = re.match(r"The network reads a (\d),", status(page))
        assert found is not None
        read.append(int(found[1]))
    assert read == [4, 5, 6, 7, 8, 9, 0, 1, 2, 3]


def test_a_misread_image_is_shown_with_what_it_is(page: Any, constants: dict[str, str]) -> None:
    for label in constants["MISREAD_LABELS"]:
        page.get_by_role("button", name="One that it misreads").press("Enter")
        assert status(page).endswith(f"It is a {label}.")
        assert not status(page).startswith(f"The network reads a {label},")


def test_the_arrow_keys_move_the_image(page: Any) -> None:
    mean = """() => {
        const image = digitReaderFunctions.shown();
        const sum = image.reduce((total, value) => total + value, 0);
        return [(place) => place % 28, (place) => Math.floor(place / 28)].map(
            (of) => image.reduce((total, value, place) => total + value * of(place), 0) / sum);
    }"""
    column, row = page.evaluate(mean)
    for key in ("ArrowRight", "ArrowDown", "ArrowDown"):
        page.locator(".board").press(key)
    assert page.evaluate(mean) == pytest.approx([column + 1, row + 2])


def test_the_longest_bar_is_that_of_the_answer(page: Any) -> None:
    best = page.locator(".bars .best")
    assert best.count() == 1
    assert status(page).startswith(f"The network reads a {best.locator('.digit').inner_text()},")
